import Foundation

/// The ledger in a process of its own, above a disk that fails on command; see Tests/FaultLibrary.
final class FaultyLedger {
  struct Trouble: Error, CustomStringConvertible { let description: String }

  /// A process that says nothing for so long is ended, and the test fails, in seconds.
  static let patienceSeconds = 60

  /// The library, compiled once; nil where there is no C compiler.
  static let library: String? = {
    let built = NSTemporaryDirectory() + "fixline-faults-\(getpid()).so"
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "FaultLibrary/faults.c").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", built, source, "-ldl"]
    guard (try? process.run()) != nil else { return nil }
    process.waitUntilExit()
    return process.terminationStatus == 0 ? built : nil
  }()

  private static var program: String {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return own.deletingLastPathComponent().appendingPathComponent("ledger-probe").path
  }

  let scratch: Scratch
  /// What the disk would hold after a power loss.
  let disk: Scratch
  private var process = Process()
  private var input = Pipe()
  private var output = Pipe()
  private var unread: [UInt8] = []
  private var command: String { scratch.directory + "/command" }

  init() throws {
    scratch = try Scratch()
    disk = try Scratch()
    try start()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func start() throws {
    (process, input, output, unread) = (Process(), Pipe(), Pipe(), [])
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "LD_PRELOAD=\(Self.library ?? "")", "FIXLINE_FAULT_FILES=\(scratch.ledger)", "FIXLINE_FAULT_COMMAND=\(command)",
      "FIXLINE_FAULT_DISK=\(disk.directory)", Self.program, scratch.ledger,
    ]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let said = try line()
    guard said == "open" else { throw Trouble(description: said) }
  }

  /// Ends the process wherever it is, the disk staying as the kernel has it.
  func killProcess() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Says something and returns the answer.
  func ask(_ line: String) throws -> String {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    return try self.line()
  }

  /// Makes the disk fail from now on, or, with nil, work again. See Tests/FaultLibrary for what can be said.
  func fault(_ command: String?) throws {
    try Data((command ?? "none").utf8).write(to: URL(fileURLWithPath: self.command), options: .atomic)
  }

  private func line() throws -> String {
    let descriptor = output.fileHandleForReading.fileDescriptor
    while true {
      if let end = unread.firstIndex(of: 10) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      var bytes = [UInt8](repeating: 0, count: 4096)
      guard unsafe poll(&waiting, 1, Int32(Self.patienceSeconds * 1000)) == 1 else {
        throw Trouble(description: "it says nothing")
      }
      let count = unsafe read(descriptor, &bytes, bytes.count)
      guard count > 0 else { throw Trouble(description: "it has gone") }
      unread += bytes.prefix(count)
    }
  }
}
