import ArgumentParser
import Foundation
import NIOCore

/// `fixline-bench pass-on`: a line in a process of its own, for ``Crowd``. The bench itself starts programs, and Foundation's
/// `Process` does not survive that with more than some 1,300 open files.
struct PassOnCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass-on", abstract: "Passes connections on to a port of 127.0.0.1, until it is ended.",
    shouldDisplay: false)

  @Option(help: "The port they go to.")
  var to: Int
  @Option(help: "The address they come from.")
  var from: String

  func run() async throws {
    let proxy = try await DelayProxy.start(to: to, roundTrip: .zero, from: from)
    try FileHandle.standardOutput.write(contentsOf: Data("\(proxy.port)\n".utf8))
    try await proxy.closed()
  }

  /// Starts one; where it listens.
  static func start(to port: Int, from address: String, in directory: String, _ workplace: Workplace) async throws
    -> Int
  {
    let own = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().path
    let line = try await workplace.start(
      "pass-on", [own, "pass-on", "--to", "\(port)", "--from", address], directory: directory)
    return try await line.firstLine(\.output, "its port") { Int($0) }
  }
}
