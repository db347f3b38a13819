import NIOCore
import NIOEmbedded
import SessionModel
import TLSChannel
import TestSupport
import Testing

/// A wire that cuts, changes and invents bytes.
@Suite struct HostileWireTests {
  /// A recorded conversation cannot be replayed to a server, whose keys differ each time; so the faults are put into a
  /// live one, at a byte position chosen beforehand.
  private func converse(
    faultAt position: Int, random: inout SeededGenerator, _ fault: @escaping (inout ByteBuffer, Int) -> Bool
  ) throws -> (EmbeddedPair, sent: ByteBuffer) {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    var passed = 0
    var isCut = false
    pair.cut = { bytes in
      if isCut { return [] }
      var bytes = bytes
      let here = position - passed
      passed += bytes.readableBytes
      if here >= 0 && here < bytes.readableBytes { isCut = fault(&bytes, here) }
      return [bytes]
    }
    var sent = ByteBuffer()
    try pair.connect()
    try pair.pump()
    for _ in 0..<5 {
      let bytes = ByteBuffer(bytes: random.bytes(300))
      sent.writeImmutableBuffer(bytes)
      for channel in [pair.client, pair.server] where channel.isActive {
        channel.writeAndFlush(bytes, promise: nil)
      }
      try pair.pump()
    }
    return (pair, sent)
  }

  private func isPrefix(_ received: ByteBuffer, of sent: ByteBuffer) -> Bool {
    sent.readableBytesView.starts(with: received.readableBytesView)
  }

  @Test(arguments: 0..<60) func aConnectionCutAnywhereIsNeverTakenForClosed(round: UInt64) throws {
    var random = SeededGenerator(seed: Seed.current &+ round)
    let position = Int.random(in: 0..<5_000, using: &random)
    let (pair, sent) = try converse(faultAt: position, random: &random) { bytes, here in
      bytes.moveWriterIndex(to: bytes.readerIndex + here)
      return true
    }
    for (channel, seen) in [(pair.client, pair.clientSeen), (pair.server, pair.serverSeen)] {
      let comment: Comment = "seed \(Seed.current) position \(position)"
      channel.close(mode: .input, promise: nil)
      #expect(isPrefix(seen.received, of: sent), comment)
      #expect(seen.seen.last == .inactive, comment)
      #expect(!seen.seen.contains(.closedByPeer), comment)
      #expect(seen.errors == [seen.isConnected ? .truncated : .closedDuringHandshake], comment)
    }
  }

  @Test(arguments: 0..<120) func aChangedByteNeverGetsThrough(round: UInt64) throws {
    var random = SeededGenerator(seed: Seed.current &+ 1_000 &+ round)
    let position = Int.random(in: 0..<5_000, using: &random)
    let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
    let (pair, sent) = try converse(faultAt: position, random: &random) { bytes, here in
      let index = bytes.readerIndex + here
      bytes.setInteger((bytes.getInteger(at: index) ?? UInt8(0)) ^ bit, at: index)
      return false
    }
    for (channel, seen) in [(pair.client, pair.clientSeen), (pair.server, pair.serverSeen)] {
      let comment: Comment = "seed \(Seed.current) position \(position) bit \(bit): \(seen.seen)"
      #expect(isPrefix(seen.received, of: sent), comment)
      #expect(seen.errors.count <= 1, comment)
      #expect(!seen.seen.contains(.closedByPeer), comment)
      if channel.isActive { channel.close(mode: .input, promise: nil) }
    }
    // A version field in a record header may be anything (RFC 8446 section 5.1); everything else is noticed.
    if pair.clientSeen.received != sent || pair.serverSeen.received != sent {
      #expect(!pair.clientSeen.errors.isEmpty || !pair.serverSeen.errors.isEmpty)
    }
  }

  @Test(arguments: 0..<100) func garbageEndsAConnectionOnceAndWithoutData(round: UInt64) throws {
    var random = SeededGenerator(seed: Seed.current &+ 2_000 &+ round)
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    let start: [UInt8] = round.isMultiple(of: 3) ? [] : [22, 3, 1]
    for channel in [pair.client, pair.server] {
      for index in 0..<40 where channel.isActive {
        let bytes = (index == 0 ? start : []) + random.bytes(Int.random(in: 1...3_000, using: &random))
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        channel.pipeline.fireChannelReadComplete()
      }
    }
    for (channel, seen) in [(pair.client, pair.clientSeen), (pair.server, pair.serverSeen)] {
      if channel.isActive { channel.close(mode: .input, promise: nil) }
      #expect(seen.errors.count == 1, "seed \(Seed.current) round \(round): \(seen.seen)")
      #expect(seen.received.readableBytes == 0)
      #expect(!seen.isConnected)
    }
  }

  @Test func plainTextIsToldWhatThePortIsFor() throws {
    for (request, answer) in [
      ("GET / HTTP/1.1\r\nHost: relay\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"),
      ("SSH-2.0-OpenSSH_9.2\r\n", "This port"),
      ("hello\n", "This port"),
    ] {
      let pair = try EmbeddedPair(Shared.client(), Shared.server())
      try pair.connect()
      pair.server.pipeline.fireChannelRead(ByteBuffer(string: request))
      pair.server.pipeline.fireChannelReadComplete()
      #expect(pair.serverSeen.errors == [.notTLS])
      let reply = try #require(try pair.server.readOutbound(as: ByteBuffer.self))
      #expect(String(buffer: reply).hasPrefix(answer))
      #expect(String(buffer: reply).contains("Fixline over TLS 1.3"))
      pair.server.close(mode: .input, promise: nil)
      #expect(pair.serverSeen.seen.last == .inactive)
    }
  }

  @Test func aServerThatSpeaksNoTLSIsNamedSo() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    pair.client.pipeline.fireChannelRead(ByteBuffer(string: "SSH-2.0-OpenSSH_9.2\r\n"))
    #expect(pair.clientSeen.errors == [.notTLS])
    #expect(TLSError.notTLS.description.contains("check the port"))
  }
}
