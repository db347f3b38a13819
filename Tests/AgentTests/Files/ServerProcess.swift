import Foundation
import NIOCore

/// An sftp server as a child, spoken to over pipes.
final class ServerProcess {
  /// A server that says nothing for so long is ended, and the test fails.
  static let patienceSeconds = 20
  static let reference = "/usr/lib/openssh/sftp-server"

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// The agent's server, built beside the tests.
  static var probe: String {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return own.deletingLastPathComponent().appendingPathComponent("sftp-probe").path
  }

  init(_ command: [String], directory: String, environment: [String: String] = [:]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["timeout", "--kill-after=1", "\(Self.patienceSeconds)"] + command
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  func send(_ bytes: ByteBuffer) throws {
    try input.fileHandleForWriting.write(contentsOf: Data(bytes.readableBytesView))
  }

  /// The next packet with its length, or nil when the server has gone.
  func receive() throws -> [UInt8]? {
    guard let head = try read(4) else { return nil }
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard let body = try read(length) else { return nil }
    return head + body
  }

  private func read(_ count: Int) throws -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let more = try output.fileHandleForReading.read(upToCount: count - bytes.count), !more.isEmpty else {
        return nil
      }
      bytes += more
    }
    return bytes
  }

  /// No more input; what the server still sends, and exits with.
  func finish() -> (rest: Int, status: Int32) {
    try? input.fileHandleForWriting.close()
    var rest = 0
    while let more = try? output.fileHandleForReading.read(upToCount: 65536), !more.isEmpty { rest += more.count }
    process.waitUntilExit()
    return (rest, process.terminationStatus)
  }
}

/// Runs a script; throws what it printed when it fails.
enum Shell {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  @discardableResult static func run(_ script: String, directory: String = "/") throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-e", "-c", script]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(description: "\(script.prefix(200)): \(text)") }
    return text
  }
}
