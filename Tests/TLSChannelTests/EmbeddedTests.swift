import NIOCore
import NIOEmbedded
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing

/// TLS between two handlers in one thread, with the wire in the test's hands.
@Suite struct EmbeddedTests {
  @Test func bothSidesLearnWhoTheOtherIs() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    let agent = try Shared.agent.get()
    #expect(
      pair.serverSeen.seen == [
        .handshake(TLSPeer(spki: agent.spki, ed25519PublicKey: try #require(agent.signingKey).publicKey.rawBytes))
      ])
    #expect(pair.clientSeen.seen == [.handshake(TLSPeer(spki: try Shared.relay.get().spki, ed25519PublicKey: nil))])
  }

  @Test func theExporterIsTheSameOnBothSidesAndBoundToLabelContextAndConnection() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    let label = "EXPORTER-fixline-test"
    #expect(throws: TLSError.notConnected) {
      try pair.clientTLS.exportKeyingMaterial(label: label, context: [], length: 32)
    }
    try pair.connect()
    try pair.pump()
    let own = try pair.clientTLS.exportKeyingMaterial(label: label, context: [], length: 32)
    #expect(own.count == 32)
    #expect(own == (try pair.serverTLS.exportKeyingMaterial(label: label, context: [], length: 32)))
    #expect(own != (try pair.serverTLS.exportKeyingMaterial(label: label + "2", context: [], length: 32)))
    #expect(own != (try pair.serverTLS.exportKeyingMaterial(label: label, context: [1], length: 32)))
    let other = try EmbeddedPair(Shared.client(), Shared.server())
    try other.connect()
    try other.pump()
    #expect(own != (try other.clientTLS.exportKeyingMaterial(label: label, context: [], length: 32)))
  }

  @Test(arguments: 0..<12) func bytesArriveWholeHoweverTheWireCutsThem(round: UInt64) throws {
    var random = SeededGenerator(seed: Seed.current &+ round)
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    pair.cut = { bytes in
      var rest = bytes
      var pieces: [ByteBuffer] = []
      while rest.readableBytes > 0,
        let piece = rest.readSlice(
          length: min(rest.readableBytes, Int.random(in: 1...(round.isMultiple(of: 2) ? 40 : 20_000), using: &random)))
      {
        pieces.append(piece)
      }
      return pieces
    }
    try pair.connect()
    try pair.pump()
    var sent = ByteBuffer()
    for _ in 0..<20 {
      let bytes = ByteBuffer(bytes: random.bytes(Int.random(in: 0...40_000, using: &random)))
      sent.writeImmutableBuffer(bytes)
      pair.client.write(bytes, promise: nil)
      pair.server.write(bytes, promise: nil)
      if Bool.random(using: &random) {
        pair.client.flush()
        pair.server.flush()
        try pair.pump()
      }
    }
    pair.client.flush()
    pair.server.flush()
    try pair.pump()
    #expect(pair.serverSeen.received == sent, "seed \(Seed.current)")
    #expect(pair.clientSeen.received == sent, "seed \(Seed.current)")
    #expect(pair.clientSeen.errors.isEmpty && pair.serverSeen.errors.isEmpty)
  }

  @Test func smallWritesLeaveAsFullRecordsInOneBuffer() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    let piece = ByteBuffer(repeating: 7, count: 100)
    let promises = (0..<1_000).map { _ in pair.loop.makePromise(of: Void.self) }
    for promise in promises { pair.client.write(piece, promise: promise) }
    #expect(try pair.client.readOutbound(as: ByteBuffer.self) == nil)
    pair.client.flush()
    let wire = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
    #expect(try pair.client.readOutbound(as: ByteBuffer.self) == nil)
    let records = (100_000 + TLSLimits.recordBytes - 1) / TLSLimits.recordBytes
    #expect(wire.readableBytes == 100_000 + records * TLSLimits.recordOverheadBytes)
    for promise in promises { try promise.futureResult.wait() }
    pair.deliver(wire, to: pair.server)
    #expect(pair.serverSeen.received.readableBytes == 100_000)
  }

  @Test func whatIsWrittenBeforeTheHandshakeIsSentAfterIt() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    pair.client.writeAndFlush(ByteBuffer(string: "early"), promise: nil)
    try pair.connect()
    let tooMuch = pair.loop.makePromise(of: Void.self)
    pair.client.write(ByteBuffer(repeating: 0, count: TLSLimits.earlyWriteBytes), promise: tooMuch)
    #expect(throws: TLSError.notConnected) { try tooMuch.futureResult.wait() }
    try pair.pump()
    #expect(pair.serverSeen.text == "early")
  }

  @Test func closeSendsCloseNotifyAndBothChannelsEndWithoutError() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    pair.client.writeAndFlush(ByteBuffer(string: "last words"), promise: nil)
    let closed = pair.loop.makePromise(of: Void.self)
    pair.client.close(mode: .all, promise: closed)
    #expect(pair.client.isActive)
    try pair.pump()
    #expect(pair.serverSeen.text == "last words")
    #expect(pair.serverSeen.seen.dropFirst() == [.closedByPeer, .inactive])
    #expect(pair.clientSeen.seen.dropFirst() == [.inactive])
    #expect(!pair.client.isActive && !pair.server.isActive)
    try closed.futureResult.wait()
  }

  @Test func aPeerThatNeverAnswersCloseNotifyIsNotWaitedForLong() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    pair.client.close(promise: nil)
    pair.loop.advanceTime(by: .milliseconds(TLSLimits.closeGraceMilliseconds - 1))
    #expect(pair.client.isActive)
    pair.loop.advanceTime(by: .milliseconds(2))
    #expect(!pair.client.isActive)
    #expect(pair.clientSeen.errors.isEmpty)
  }

  @Test func closingWhileDataIsHeldBackStillEndsInAnOrderlyWay() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    for text in ["taken", "taken too", "held back"] {
      pair.client.writeAndFlush(ByteBuffer(string: text), promise: nil)
      let wire = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
      pair.server.pipeline.fireChannelRead(wire)
      pair.server.pipeline.fireChannelReadComplete()
    }
    pair.server.close(promise: nil)
    #expect(pair.server.isActive)
    try pair.pump()
    #expect(pair.clientSeen.seen.dropFirst() == [.closedByPeer, .inactive])
    #expect(pair.serverSeen.seen.dropFirst() == [.inactive])
  }

  @Test func abortClosesAtOnceWithoutCloseNotify() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    pair.clientTLS.abort()
    #expect(!pair.client.isActive)
    #expect(try pair.client.readOutbound(as: ByteBuffer.self) == nil)
    #expect(pair.clientSeen.errors.isEmpty)
    pair.server.close(mode: .all, promise: nil)
  }

  @Test func aHandshakeThatTakesTooLongIsEnded() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    pair.loop.advanceTime(by: .seconds(TLSLimits.handshakeGraceSeconds))
    #expect(pair.clientSeen.errors == [.handshakeTimedOut])
    #expect(pair.serverSeen.errors == [.handshakeTimedOut])
    pair.loop.advanceTime(by: .milliseconds(TLSLimits.closeGraceMilliseconds + 1))
    #expect(!pair.client.isActive && !pair.server.isActive)
  }

  @Test func anEndlessHelloIsEnded() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    // A ClientHello of 131,000 bytes, in records of 1,000.
    var hello = ByteBuffer(bytes: [1, 0x01, 0xFF, 0xB8, 3, 3])
    hello.writeRepeatingByte(0, count: 131_000)
    while pair.serverSeen.errors.isEmpty, let piece = hello.readSlice(length: 1_000) {
      var record = ByteBuffer(bytes: [22, 3, 1, 0x03, 0xE8])
      record.writeImmutableBuffer(piece)
      pair.deliver(record, to: pair.server)
    }
    #expect(pair.serverSeen.errors == [.handshakeTooLarge])
    #expect(hello.readableBytes > 60_000)
  }

  @Test func nothingIsDecryptedBeforeSomebodyAsks() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    pair.client.writeAndFlush(ByteBuffer(string: "one"), promise: nil)
    try pair.pump()
    #expect(pair.serverSeen.text == "one")
    // From here the server's side does not call read().
    for text in ["two", "three"] {
      pair.client.writeAndFlush(ByteBuffer(string: text), promise: nil)
      let wire = try #require(try pair.client.readOutbound(as: ByteBuffer.self))
      pair.server.pipeline.fireChannelRead(wire)
      pair.server.pipeline.fireChannelReadComplete()
      // The one read() of the last delivery pays for "two" only.
      #expect(pair.serverSeen.text == "onetwo")
    }
    pair.server.pipeline.read()
    #expect(pair.serverSeen.text == "onetwothree")
  }

  @Test func whatWasHeldBackArrivesBeforeTheEndOfTheConnection() throws {
    let pair = try EmbeddedPair(Shared.client(), Shared.server())
    try pair.connect()
    try pair.pump()
    pair.client.writeAndFlush(ByteBuffer(string: "first"), promise: nil)
    try pair.pump()
    pair.client.writeAndFlush(ByteBuffer(string: "second"), promise: nil)
    pair.client.writeAndFlush(ByteBuffer(string: "third"), promise: nil)
    while let wire = try pair.client.readOutbound(as: ByteBuffer.self) {
      pair.server.pipeline.fireChannelRead(wire)
      pair.server.pipeline.fireChannelReadComplete()
    }
    pair.server.close(mode: .input, promise: nil)
    #expect(pair.serverSeen.text == "firstsecondthird")
    #expect(pair.serverSeen.seen.dropFirst() == [.error(.truncated), .inactive])
  }
}
