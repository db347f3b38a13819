import SessionModel
import Glibc
import PTY

/// What a command left behind.
struct Finished {
  var output: [UInt8] = []
  var error: [UInt8] = []
  var cause: ProcessExit.Cause?

  var text: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: error, as: UTF8.self) }
}

/// A session with a mark of its own in every process's environment, and the events it reported.
final class ProbeSession {
  let keeper: SessionKeeper
  let mark: String
  private(set) var exits: [ProcessExit] = []
  private(set) var ended: EndedProcesses?
  private(set) var isLost = false
  private var kept: [Int32: [UInt8]] = [:]

  init(_ guardian: Guardian) throws {
    keeper = try guardian.openSession()
    mark = "\(getpid())-\(UInt64.random(in: .min ... .max))"
  }

  var environment: [String] {
    ["PATH=\(LoginShell.fallbackSearchPath)", "HOME=/", "TERM=xterm-256color", "LANG=C.UTF-8", "FIXLINE_MARK=\(mark)"]
  }

  func request(
    _ arguments: [String], terminal: TerminalSize? = nil, directory: String = "/"
  ) -> SpawnRequest {
    SpawnRequest(
      executable: arguments[0], argumentVector: arguments.map { Array($0.utf8) }, environment: environment,
      workingDirectory: directory, terminal: terminal)
  }

  func spawn(shell script: String, terminal: TerminalSize? = nil) throws -> SpawnedProcess {
    try keeper.spawn(request(["/bin/bash", "-c", script], terminal: terminal))
  }

  /// Runs to the end with empty input: everything it wrote, and how it ended.
  func run(shell script: String, terminal: TerminalSize? = nil) throws -> Finished {
    try run(request(["/bin/bash", "-c", script], terminal: terminal))
  }

  func run(_ request: SpawnRequest) throws -> Finished {
    let process = try keeper.spawn(request)
    if process.terminal == nil { close(process.input) }
    let finished = finish(process)
    close(process.output)
    if let error = process.error { close(error) }
    return finished
  }

  /// Reads until the process has exited and all it wrote was read. The descriptors stay open.
  func finish(_ process: SpawnedProcess, limit: Int64 = Probe.patienceMilliseconds) -> Finished {
    var finished = Finished()
    finished.output = kept.removeValue(forKey: process.pid) ?? []
    var open: Set<CInt> = [process.output]
    if let error = process.error { open.insert(error) }
    let deadline = Probe.now() + limit
    while Probe.now() < deadline {
      takeEvents()
      finished.cause = cause(process.pid)
      for descriptor in open {
        reading: while true {
          switch Probe.readSome(descriptor) {
          case .bytes(let more):
            if descriptor == process.output { finished.output += more } else { finished.error += more }
          case .nothingYet:
            if finished.cause != nil && process.terminal != nil { return finished }
            break reading
          case .ended:
            open.remove(descriptor)
            break reading
          }
        }
      }
      if finished.cause != nil && open.isEmpty { return finished }
      let watched = finished.cause == nil ? [keeper.descriptor] : []
      Probe.waitReadable(Array(open) + watched, 1_000)
    }
    return finished
  }

  func takeEvents() {
    while let event = keeper.nextEvent() {
      switch event {
      case .exited(let exit): exits.append(exit)
      case .ended(let list):
        Probe.check(ended == nil && !isLost, "the end is reported once")
        ended = list
      case .lost:
        Probe.check(ended == nil && !isLost, "the loss of a keeper is reported once, and not after the end")
        isLost = true
      }
    }
  }

  func cause(_ pid: Int32) -> ProcessExit.Cause? { exits.last { $0.pid == pid }?.cause }

  func waitForExit(_ pid: Int32) -> ProcessExit.Cause? {
    _ = Probe.wait {
      takeEvents()
      return cause(pid) != nil || isLost
    }
    return cause(pid)
  }

  /// Reads until the text has come; what came behind it is kept for the next time.
  func read(_ process: SpawnedProcess, until text: String, line: Int = #line) -> String {
    var bytes = kept.removeValue(forKey: process.pid) ?? []
    let wanted = Array(text.utf8)
    var end: Int?
    let came = Probe.wait {
      end = bytes.indices.first { bytes[$0...].starts(with: wanted) }.map { $0 + wanted.count }
      if end == nil, case .bytes(let more) = Probe.readSome(process.output) { bytes += more }
      return end != nil
    }
    Probe.check(came, "\(text) never came, but \(String(decoding: bytes, as: UTF8.self))", line: line)
    kept[process.pid] = Array(bytes[(end ?? bytes.count)...])
    return String(decoding: bytes[..<(end ?? bytes.count)], as: UTF8.self)
  }

  func write(_ process: SpawnedProcess, _ text: String) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(process.input, $0.baseAddress, $0.count) }
  }

  /// Ends everything; how long that took, in milliseconds.
  @discardableResult
  func end() -> Int64 {
    let began = Probe.now()
    keeper.endEverything()
    let reported = Probe.wait {
      takeEvents()
      return ended != nil || isLost
    }
    Probe.check(reported, "a session's end is reported")
    return Probe.now() - began
  }

  var left: [(pid: Int32, name: String)] { Processes.marked(mark) }

  /// Waits until as many marked processes exist.
  func waitForProcesses(named names: [String]) {
    let all = Probe.wait { Set(left.map(\.name)).isSuperset(of: names) }
    Probe.check(all, "\(names) run; there are \(left.map(\.name))")
  }

  /// Waits until every one of ``Hardship/quiet`` runs twice: three of them are a sleep in the end.
  func waitForHardships() {
    waitForProcesses(named: ["sleep", "python3", "bash"])
    let all = Probe.wait { left.filter { $0.name == "sleep" }.count >= 6 }
    Probe.check(all, "everything runs: \(left)")
  }

  var keeperPID: Int32 {
    // The keeper is the parent of a process just started by it.
    guard let process = try? spawn(shell: "cat"), let parent = Processes.parent(process.pid) else { return -1 }
    close(process.input)
    close(process.output)
    if let error = process.error { close(error) }
    _ = waitForExit(process.pid)
    return parent
  }
}
