import Foundation
import NIOCore
import NIOPosix
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing

/// TLS over real sockets.
@Suite(.timeLimit(.minutes(2))) struct SocketTests {
  private func port(_ channel: any Channel) throws -> Int { try #require(channel.localAddress?.port) }

  @Test func sixtyFourMebibytesPassBothWaysUnchanged() async throws {
    let size = 64 * 1024 * 1024
    let atServer = Events<Report>()
    let atClient = Events<Report>()
    let listener = try await Loopback.listen(Shared.server()) { Endpoint(atServer, expecting: size, sending: size) }
    let client = try await Loopback.dial(port(listener), Shared.client()) {
      Endpoint(atClient, expecting: size, sending: size)
    }
    let isComplete: @Sendable ([Report]) -> Bool = { events in
      events.contains { if case .complete = $0 { true } else { false } }
    }
    let serverReports = await atServer.wait(until: isComplete)
    let clientReports = await atClient.wait(until: isComplete)
    // Both send the same seeded bytes.
    #expect(serverReports.last == clientReports.last)
    #expect(Loopback.errors(serverReports + clientReports).isEmpty)
    try await client.close()
    await atServer.wait { $0.last == .seen(.inactive) }
    #expect(atServer.all.contains(.seen(.closedByPeer)))
    try await listener.close()
  }

  @Test func aReaderThatStopsHoldsTheWriterBackAndLosesNothing() async throws {
    let size = 16 * 1024 * 1024
    let atServer = Events<Report>()
    let atClient = Events<Report>()
    let accepted = Events<any Channel>()
    let listener = try await Loopback.listen(Shared.server(), socketBuffer: 64 * 1024, accepted: accepted) {
      Endpoint(atServer, expecting: size, isPaused: true)
    }
    let client = try await Loopback.dial(port(listener), Shared.client(), socketBuffer: 64 * 1024) {
      Endpoint(atClient, sending: size)
    }
    await atServer.wait { !$0.isEmpty }
    await atClient.wait { !$0.isEmpty }
    // The writer stands still when as much is unsent at ten looks in a row.
    var looks: [Int] = []
    while looks.count < 10 || Set(looks.suffix(10)).count > 1 {
      let look = client.eventLoop.scheduleTask(in: .milliseconds(20)) {
        try client.pipeline.syncOperations.handler(type: Endpoint.self).unsent
      }
      looks.append(try await look.futureResult.get())
    }
    let sent = size - (looks.last ?? 0)
    #expect(sent < 1024 * 1024, "\(sent) bytes went to a reader that does not read")
    #expect(atServer.all.count == 1)

    let server = try #require(accepted.all.first)
    try await server.eventLoop.submit { try server.pipeline.syncOperations.handler(type: Endpoint.self).resume() }.get()
    let reports = await atServer.wait { $0.count > 1 }
    guard case .complete = reports.last else {
      Issue.record("\(reports)")
      return
    }
    try await client.close()
    try await listener.close()
  }

  @Test func aConnectionThatBreaksIsToldFromOneThatIsClosed() async throws {
    let atServer = Events<Report>()
    let listener = try await Loopback.listen(Shared.server()) { Endpoint(atServer) }
    let client = try await Loopback.dial(port(listener), Shared.client()) { Endpoint(Events()) }
    await atServer.wait { !$0.isEmpty }
    try await client.eventLoop.submit { try client.pipeline.syncOperations.handler(type: TLSHandler.self).abort() }
      .get()
    await atServer.wait { $0.last == .seen(.inactive) }
    #expect(Loopback.errors(atServer.all) == [.truncated])
    try await listener.close()
  }

  @Test func aRefusedAgentHearsWhyAlthoughItSpokeFirst() async throws {
    // The client sends at once, as agents do; the relay refuses its certificate and must not reset the connection
    // before the alert is read.
    let files = try TestCertificates.make(names: ["agent"])
    let client = try TLSConfiguration.client(
      identity: files.identity(), verification: .pin(Shared.relay.get().spki), serverName: nil)
    for _ in 0..<20 {
      let atServer = Events<Report>()
      let atClient = Events<Report>()
      let listener = try await Loopback.listen(Shared.server()) { Endpoint(atServer) }
      _ = try await Loopback.dial(port(listener), client) { Endpoint(atClient, sending: 300_000) }
      await atClient.wait { $0.last == .seen(.inactive) }
      await atServer.wait { $0.last == .seen(.inactive) }
      #expect(Loopback.errors(atClient.all) == [.peerRefusedCertificate])
      #expect(Loopback.errors(atServer.all).count == 1)
      try await listener.close()
    }
  }

  @Test func plainTextIsAnsweredAndClosed() async throws {
    let atServer = Events<Report>()
    let listener = try await Loopback.listen(Shared.server()) { Endpoint(atServer) }
    let talk = "exec 3<>/dev/tcp/127.0.0.1/\(try port(listener)); cat >&3; cat <&3"
    let received = try Self.shell("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 20 bash -c '\(talk)'")
    #expect(received.contains("HTTP/1.1 400 Bad Request"))
    await atServer.wait { $0.last == .seen(.inactive) }
    #expect(Loopback.errors(atServer.all) == [.notTLS])
    try await listener.close()
  }

  /// What a shell command prints on both streams.
  static func shell(_ command: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: said, as: UTF8.self)
  }
}
