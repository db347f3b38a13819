import Foundation
import SessionModel
import Synchronization

/// A program the demo starts, whose output it reads line by line.
final class DemoProcess: Sendable {
  private let process = Process()
  private let output = Pipe()
  private let unread = Mutex(Data())
  private let name: String

  init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: String,
    log: FileHandle
  ) throws(RelayFailure) {
    name = (executable as NSString).lastPathComponent
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = log
    do {
      try process.run()
    } catch {
      throw RelayFailure(.unavailable, "\(executable) could not be started: \(error.localizedDescription)")
    }
  }

  /// The next line that is a JSON object with `"event": event`; other lines are passed over.
  func event(_ event: String) throws(RelayFailure) -> JSONValue {
    while let line = nextLine() {
      if let value = try? JSONValue(parsing: line), value["event"]?.string == event { return value }
    }
    throw RelayFailure(.unavailable, "\(name) ended before it said \"\(event)\"; its words are in the log.")
  }

  /// Ends the program and waits for it.
  func stop() {
    guard process.isRunning else { return }
    process.terminate()
    process.waitUntilExit()
  }

  /// Waits until it ends by itself.
  func wait() { process.waitUntilExit() }

  private func nextLine() -> String? {
    while true {
      let line: String? = unread.withLock { unread in
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { unread = unread[unread.index(after: end)...] }
        return String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
      }
      if let line { return line }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      unread.withLock { $0 += more }
    }
  }

  /// Runs a program to its end and returns what it printed.
  static func run(
    _ executable: String, _ arguments: [String], input: String = "", directory: String, log: FileHandle
  ) throws(RelayFailure) -> (status: Int32, output: String) {
    let process = Process()
    let (stdin, stdout) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = log
    do {
      try process.run()
      try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
      try stdin.fileHandleForWriting.close()
      let data = try stdout.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    } catch {
      throw RelayFailure(.unavailable, "\(executable) could not be run: \(error.localizedDescription)")
    }
  }
}
