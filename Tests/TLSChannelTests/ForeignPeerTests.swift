import Foundation
import NIOCore
import SessionModel
import TLSChannel
import TestSupport
import Testing

/// The `openssl` command at the other end.
@Suite(.timeLimit(.minutes(2))) struct ForeignPeerTests {
  /// Runs `openssl s_client` against our server.
  /// - Returns: what it printed, and what our side saw until the end.
  private func client(_ options: String, input: String = "hello") async throws -> (String, [Report]) {
    let atServer = Events<Report>()
    let listener = try await Loopback.listen(Shared.server()) { Endpoint(atServer, isEcho: true) }
    let port = try #require(listener.localAddress?.port)
    let command = """
      (echo '\(input)'; sleep 1) | timeout 30 openssl s_client -connect 127.0.0.1:\(port) -no_ign_eof \(options)
      """
    let printed = try SocketTests.shell(command)
    let reports = await atServer.wait { $0.last == .seen(.inactive) }
    try await listener.close()
    return (printed, reports)
  }

  private func agentFiles() throws -> String {
    let directory = try Shared.scratch()
    try TestCertificates.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "a.key", "-out", "a.crt", "-subj", "/CN=a", "-days",
        "1",
      ], in: directory)
    return "-cert \(directory)/a.crt -key \(directory)/a.key"
  }

  @Test func opensslAsAnAgentIsUnderstood() async throws {
    let (printed, reports) = try await client("-alpn fixline/1 \(agentFiles())")
    #expect(printed.contains("ALPN protocol: fixline/1"))
    #expect(printed.contains("New, TLSv1.3, Cipher is TLS_AES"))
    #expect(printed.contains("\nhello\n"))
    #expect(!printed.contains("New Session Ticket"))
    #expect(reports.contains(.seen(.closedByPeer)))
    #expect(reports.contains(.received(6)))
    #expect(Loopback.errors(reports).isEmpty)
  }

  @Test(arguments: [
    ("-tls1_2 -alpn fixline/1", TLSError.notTLS13, "alert protocol version"),
    ("-tls1_2", TLSError.notTLS13, "alert protocol version"),
    ("", TLSError.wrongProtocol, "no application protocol"),
    ("-alpn http/1.1,h2", TLSError.wrongProtocol, "no application protocol"),
    ("-alpn fixline/1", TLSError.noCertificate, "alert certificate required"),
  ]) func opensslIsTurnedAway(options: String, error: TLSError, alert: String) async throws {
    let (printed, reports) = try await client(options)
    #expect(printed.contains(alert), "\(printed)")
    #expect(Loopback.errors(reports) == [error])
    #expect(reports.last == .seen(.inactive))
  }

  /// Runs `openssl s_server`, connects to it, and lets `talk` go on from there.
  private func server(
    _ options: String, _ talk: (any Channel, Events<Report>, FileHandle, Events<String>) async throws -> Void
  ) async throws {
    let files = try TestCertificates.make(names: ["127.0.0.1"])
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments =
      ["s_server", "-accept", "127.0.0.1:0", "-cert", "tls.crt", "-key", "tls.key", "-naccept", "1"]
      + options.split(separator: " ").map(String.init)
    process.currentDirectoryURL = URL(fileURLWithPath: files.directory)
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = output
    let printed = Events<String>()
    output.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if !data.isEmpty { printed.add(String(decoding: data, as: UTF8.self)) }
    }
    try process.run()
    defer {
      if process.isRunning { process.terminate() }
      process.waitUntilExit()
      output.fileHandleForReading.readabilityHandler = nil
    }
    let start = await printed.wait { $0.joined().firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)\n/) != nil }
    let port = try #require(start.joined().firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)\n/).flatMap { Int($0.1) })
    let atClient = Events<Report>()
    let configuration = try TLSConfiguration.client(
      identity: Shared.agent.get(), verification: .systemTrust(name: "127.0.0.1"), serverName: "127.0.0.1",
      authorities: .file(files.authority))
    let channel = try await Loopback.dial(port, configuration) { Endpoint(atClient) }
    try await talk(channel, atClient, input.fileHandleForWriting, printed)
    channel.close(promise: nil)
  }

  @Test func opensslAsARelayIsUnderstoodIncludingTicketsAndKeyUpdates() async throws {
    try await server("-alpn fixline/1 -Verify 1 -tls1_3") { channel, atClient, input, printed in
      await atClient.wait { !$0.isEmpty }
      try await channel.writeAndFlush(ByteBuffer(string: "before\n"))
      await printed.wait { $0.joined().contains("before\n") }
      for command in ["k", "K"] {
        // The server obeys a command only when it reads it alone: hence a round trip before the next words.
        try input.write(contentsOf: Data("\(command)\n".utf8))
        try await channel.writeAndFlush(ByteBuffer(string: "after \(command)\n"))
        await printed.wait { $0.joined().contains("after \(command)\n") }
        let count = atClient.all.count
        try input.write(contentsOf: Data("answer \(command)\n".utf8))
        await atClient.wait { $0.count > count }
      }
      try input.write(contentsOf: Data("Q\n".utf8))
      await atClient.wait { $0.last == .seen(.inactive) }
      // On Q it goes without close_notify, which s_client, too, calls an unexpected end.
      #expect(Loopback.errors(atClient.all) == [.truncated])
    }
  }

  @Test func aRelayThatRefusesTheCertificateIsNamedSoAfterTheHandshake() async throws {
    try await server("-alpn fixline/1 -Verify 1 -verify_return_error -tls1_3") { _, atClient, _, _ in
      let reports = await atClient.wait { $0.last == .seen(.inactive) }
      guard case .seen(.handshake) = reports.first else {
        Issue.record("\(reports)")
        return
      }
      #expect(Loopback.errors(reports) == [.peerRefusedCertificate])
    }
  }

  @Test(arguments: [("-tls1_2 -alpn fixline/1", TLSError.notTLS13), ("-tls1_3", TLSError.wrongProtocol)])
  func aServerThatIsNoRelayIsRefused(options: String, error: TLSError) async throws {
    try await server(options) { _, atClient, _, _ in
      let reports = await atClient.wait { $0.last == .seen(.inactive) }
      #expect(Loopback.errors(reports) == [error])
    }
  }
}
