import Foundation
import SessionModel

/// Many machines with a technician at work on each: one relay, and for every session an agent and an `ssh` of its own that
/// follows a file they all share. What is appended to it passes through every session.
struct Crowd: Sendable {
  /// Sessions that are begun together. A relay lets 50 technicians at once be on their way in.
  static let batch = 20
  /// Sessions of one address: a relay takes 64 connections from each.
  static let perAddress = 60
  /// How long a batch may take to be at work.
  static let patience = Duration.seconds(60)
  /// Memory that a session's processes take together, in bytes: agent, guardian, shell, `tail`, two of `ssh`.
  static let sessionBytes = 8 << 20

  let relay: FixlineRelay
  let count: Int
  private let directory: String
  private let workplace: Workplace

  private init(relay: FixlineRelay, count: Int, directory: String, workplace: Workplace) {
    self.relay = relay
    self.count = count
    self.directory = directory
    self.workplace = workplace
  }

  private var followed: String { "\(directory)/followed" }

  /// Starts `count` sessions, batch by batch; each is active when this returns.
  static func gather(
    _ count: Int, _ programs: FixlinePrograms, _ workplace: Workplace, name: String, _ tell: @Sendable (String) -> Void
  ) async throws -> Crowd {
    try checkRoom(count)
    let directory = "\(workplace.path)/\(name)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    _ = try await workplace.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/key"])
    let relay = try await FixlineRelay.start(
      programs, in: directory, workplace, configuration: "ssh_connections: \(count + batch)\n")
    var configuration = ClientConfiguration(directory: directory, pinned: false)
    configuration.hosts.append(.init(alias: "relay", port: relay.sshPort, user: "nobody"))
    try configuration.text.write(toFile: "\(directory)/ssh_config", atomically: false, encoding: .utf8)
    let crowd = Crowd(relay: relay, count: count, directory: directory, workplace: workplace)
    try Data().write(to: URL(filePath: crowd.followed))
    var port = 0
    for first in stride(from: 0, to: count, by: batch) {
      let address = "127.1.0.\(1 + first / perAddress)"
      if first % perAddress == 0 {
        port = try await PassOnCommand.start(to: relay.tlsPort, from: address, in: directory, workplace)
      }
      try await crowd.begin(first..<min(first + batch, count), programs, port: port, from: address)
      if (first + batch) % 200 < batch { tell("\(name): \(min(first + batch, count)) of \(count) at work") }
    }
    return crowd
  }

  /// Appends a line to what every session follows.
  func speak() throws {
    let file = try FileHandle(forWritingTo: URL(filePath: followed))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: Data("one more line\n".utf8))
  }

  /// How often agents were told where their session stands so far: with each checkpoint once.
  func told() -> Int { (0..<count).reduce(0) { $0 + events(of: $1).count } }

  /// Bytes of the ledger's file and of its log.
  func ledgerBytes() -> (file: Int, log: Int) {
    func size(_ path: String) -> Int {
      (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.intValue ?? 0
    }
    let path = "\(relay.state)/ledger.sqlite"
    return (size(path), size(path + "-wal"))
  }

  /// Sessions that are active by the relay's own record.
  func active(_ programs: FixlinePrograms) async throws -> Int {
    let list = "\(directory)/sessions.json"
    _ = try await workplace.run(
      [programs.relay, "sessions", "--json", "--state", relay.state], output: .file(list))
    let text = FileManager.default.contents(atPath: list).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return (try? JSONValue(parsing: text))?.array?.count { $0["state"]?.string == "active" } ?? 0
  }

  // MARK: Beginning

  private static func checkRoom(_ count: Int) throws(BenchFailure) {
    // At the relay: one for the agent, and two descriptors for the technician.
    let descriptors = 3 * count + 256
    if let limit = MachineFacts.openFilesLimit(), limit < descriptors {
      throw BenchFailure(
        "\(count) sessions need \(descriptors) open files: raise the limit with ulimit -n \(descriptors)")
    }
    if let available = MachineFacts.availableBytes(), available < count * sessionBytes {
      throw BenchFailure(
        "\(count) sessions need \(count * sessionBytes >> 20) MiB of memory, and \(available >> 20) are free: take fewer --sessions"
      )
    }
  }

  /// Agents first; when all have their codes, the technicians.
  private func begin(
    _ members: Range<Int>, _ programs: FixlinePrograms, port: Int, from address: String
  ) async throws {
    let agents = """
      for i in $(seq \(members.lowerBound) \(members.upperBound - 1)); do
        "$1" --relay 127.0.0.1:\(port) --pin \(relay.pin) --consent yes --json </dev/null >agent-$i.out 2>>agents.err &
      done
      wait
      """
    _ = try await workplace.start("agents", ["sh", "-c", agents, "sh", programs.agent], directory: directory)
    var codes: [String] = []
    for member in members {
      codes.append(
        try await wait("agent \(member) showed no code", errors: "agents.err") {
          lines(of: member).lazy.compactMap { (try? JSONValue(parsing: $0))?["code"]?.string }.first
        })
    }
    let technicians = """
      for code in \(codes.joined(separator: " ")); do
        ssh -F ssh_config -b \(address) -l $code relay 'exec tail -n 0 -f "\(followed)"' </dev/null >>heard 2>>ssh.err &
      done
      wait
      """
    _ = try await workplace.start("technicians", ["sh", "-c", technicians], directory: directory)
    for member in members {
      try await wait("session \(member) did not become active", errors: "ssh.err") {
        events(of: member).contains { $0.contains("\"active\"") } ? () : nil
      }
    }
  }

  private func wait<Value>(_ otherwise: String, errors: String, _ look: () -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now.advanced(by: Self.patience)
    while true {
      try Task.checkCancellation()
      if let found = look() { return found }
      guard ContinuousClock.now < deadline else {
        let said = FileManager.default.contents(atPath: "\(directory)/\(errors)") ?? Data()
        throw BenchFailure(
          "\(otherwise) within \(Self.patience): \(Complaint.line(String(decoding: said, as: UTF8.self)))")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  private func lines(of member: Int) -> [String] {
    let bytes = FileManager.default.contents(atPath: "\(directory)/agent-\(member).out") ?? Data()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func events(of member: Int) -> [String] { lines(of: member).filter { $0.contains("\"event\":\"session\"") } }
}
