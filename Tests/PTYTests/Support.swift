import Foundation
import Glibc

/// Runs guardian-probe, which is built beside the tests.
enum Helper {
  struct Result {
    let status: Int32
    let output: String
  }

  static let path: String = {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return own.deletingLastPathComponent().appendingPathComponent("guardian-probe").path
  }()

  /// Runs one scenario to its end.
  static func run(_ scenario: String) throws -> Result {
    let helper = try start(scenario)
    let bytes = helper.output.readDataToEndOfFile()
    helper.process.waitUntilExit()
    return Result(status: helper.process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
  }

  struct Running {
    let process: Process
    let input: FileHandle
    let output: FileHandle
  }

  static func start(_ scenario: String) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [scenario]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    return Running(process: process, input: input.fileHandleForWriting, output: output.fileHandleForReading)
  }
}

/// Looks at processes from outside.
enum Outside {
  /// Names of processes whose environment carries the mark.
  static func marked(_ mark: String) -> [String] {
    let wanted = Data("FIXLINE_MARK=\(mark)\0".utf8)
    return entries().compactMap { pid in
      guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
        environment.range(of: wanted) != nil
      else { return nil }
      return name(pid)
    }
  }

  static func entries() -> [Int32] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
  }

  static func name(_ pid: Int32) -> String {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/comm") else { return "" }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func parent(_ pid: Int32) -> Int32? {
    let fields = fields(pid)
    return fields.count > 1 ? Int32(fields[1]) : nil
  }

  /// It exists under this name, and not as a zombie that waits for its parent.
  static func isAlive(_ pid: Int32, _ wanted: String) -> Bool {
    name(pid) == wanted && fields(pid).first != "Z"
  }

  /// Fields of /proc/PID/stat after the name: state, parent, …
  private static func fields(_ pid: Int32) -> [Substring] {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
  }

  /// Asks again and again until it is so; false when it never was within 60 s.
  static func wait(until holds: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !holds() {
      if ContinuousClock.now > deadline { return false }
      _ = poll(nil, 0, 5)
    }
    return true
  }
}
