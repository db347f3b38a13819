import Foundation
import Glibc

/// The other programs of OpenSSH, and those that go through them.
extension Technician {
  private var variables: [String: String] { Programs.variables(home: directory, ["FIXLINE_PURPOSE": "A test"]) }

  /// Runs any program as this technician.
  func run(_ arguments: [String], input: Child.Input = .nothing, within limit: Duration = .seconds(60)) throws
    -> Finished
  {
    try Finished.run(arguments, environment: variables, directory: directory, input: input, within: limit)
  }

  /// Starts any program as this technician.
  func launch(_ arguments: [String], input: Child.Input = .nothing) throws -> Child {
    try Child.start(arguments, environment: variables, directory: directory, input: input)
  }

  /// A path of the machine as scp and rsync write it.
  func path(_ path: String, of user: String) -> String { "\(user)@relay:\(path)" }

  /// The command line of an sftp that does what `batch` says, line by line; it ends at the first line that fails unless the
  /// line begins with "-".
  func sftpLine(_ user: String, _ batch: String, options: [String] = []) throws -> [String] {
    let file = "\(directory)/batch\(UInt32.random(in: 0 ... .max))"
    try batch.write(toFile: file, atomically: false, encoding: .utf8)
    return ["sftp", "-F", configuration, "-b", file] + options + ["\(user)@relay"]
  }

  /// Runs sftp to its end.
  func sftp(_ user: String, _ batch: String, options: [String] = [], within limit: Duration = .seconds(60)) throws
    -> Finished
  {
    try run(sftpLine(user, batch, options: options), within: limit)
  }

  /// Runs scp to its end.
  func scp(_ arguments: [String], within limit: Duration = .seconds(60)) throws -> Finished {
    try run(["scp", "-q", "-F", configuration] + arguments, within: limit)
  }

  /// Runs rsync over ssh to its end.
  func rsync(_ arguments: [String], within limit: Duration = .seconds(60)) throws -> Finished {
    try run(["rsync", "-e", "ssh -F \(configuration)"] + arguments, within: limit)
  }
}

extension Finished {
  /// Its output's lines.
  var lines: [String] { output.split(separator: "\n").map(String.init) }
}

extension JSON {
  /// Whether it is `true` or `false`, when it is either.
  var flag: Bool? { if case .bool(let value) = self { value } else { nil } }
}

extension Programs {
  /// Whether the programs under test are the release ones: Tests/run names those by variables. Limits in seconds hold for them.
  static let areRelease = ProcessInfo.processInfo.environment["FIXLINE_AGENT"] != nil
}

extension Processes {
  /// How many descriptors a process has open.
  static func descriptors(of pid: pid_t) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
  }

  /// How far a process has read its standard input, a file, in bytes.
  static func inputPosition(of pid: pid_t) throws -> Int {
    let text = try String(contentsOfFile: "/proc/\(pid)/fdinfo/0", encoding: .utf8)
    return try unwrap(
      text.split(separator: "\n").first.flatMap { $0.split(separator: "\t").last }.flatMap { Int($0) }, "pos in \(text)"
    )
  }
}

/// Waits until `value` has stayed the same for `duration`, and returns it.
func waitUntilStill(
  _ what: String, for duration: Duration, within limit: Duration = .seconds(30), _ value: () throws -> Int
) throws -> Int {
  var last = try value()
  var since = ContinuousClock.now
  try waitUntil("\(what) to stay the same", within: limit, seen: { "\(last)" }) {
    let current = try value()
    if current != last { (last, since) = (current, ContinuousClock.now) }
    return ContinuousClock.now - since > duration
  }
  return last
}

/// Sends a signal to a child and all its own, as a terminal does.
func killGroup(_ child: Child, _ signal: CInt) { kill(-child.pid, signal) }
