import NIOCore
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing
import TunnelProtocol

@testable import TunnelTransport

/// An established tunnel over real loopback TLS.
@Suite(.timeLimit(.minutes(2))) struct TunnelTests {
  /// A relay with one agent, both established.
  private func pair(
    _ atRelay: Side, _ atAgent: Side, tunnelLimits: TunnelLimits = .standard
  ) async throws -> TestRelay {
    let relay = try await TestRelay.start({ atRelay }, tunnelLimits: tunnelLimits)
    try await relay.dial(atAgent, tunnelLimits: tunnelLimits)
    await atRelay.established()
    await atAgent.established()
    return relay
  }

  private func open(_ relay: Side) async throws -> StreamID {
    let opening = try StreamOpening.test()
    return try await relay.run { tunnel, _ in try tunnel.open(opening) }
  }

  @Test func aStreamIsOpenedUsedBothWaysHalfClosedAndFinished() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    let opening = try StreamOpening.test()
    await atAgent.event { $0 == .open(stream, opening) }
    try await atAgent.run { tunnel, _ in
      tunnel.accept(stream)
      tunnel.send(stream, .standard, ByteBuffer(string: "out"))
      tunnel.send(stream, .error, ByteBuffer(string: "err"))
      tunnel.finishWriting(stream)
    }
    await atRelay.event { $0 == .eof(stream) }
    // The agent writes no more; the relay still may.
    try await atRelay.run { tunnel, _ in
      tunnel.send(stream, .standard, ByteBuffer(string: "in"))
      tunnel.post(.signal(name: "INT"), on: stream)
      tunnel.finishWriting(stream)
    }
    await atAgent.event { $0 == .eof(stream) }
    try await atAgent.run { tunnel, _ in
      tunnel.post(.exitStatus(3), on: stream)
      tunnel.end(stream, StreamEnd(.finished))
    }
    await atRelay.event { $0 == .ended(stream, StreamEnd(.finished)) }
    #expect(
      atRelay.received == [
        .accepted(stream), .data(stream, .standard, ByteBuffer(string: "out")),
        .data(stream, .error, ByteBuffer(string: "err")), .eof(stream), .message(stream, .exitStatus(3)),
        .ended(stream, StreamEnd(.finished)),
      ])
    #expect(
      atAgent.received == [
        .open(stream, opening), .data(stream, .standard, ByteBuffer(string: "in")),
        .message(stream, .signal(name: "INT")), .eof(stream),
      ])
    try await relay.channel.close()
  }

  @Test func aResetEndsOneStreamOnly() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let doomed = try await open(atRelay)
    let other = try await open(atRelay)
    await atRelay.event { $0 == .accepted(other) }
    try await atAgent.run { tunnel, _ in tunnel.end(doomed, StreamEnd(.noConsent, "the customer said no")) }
    await atRelay.event { $0 == .ended(doomed, StreamEnd(.noConsent, "the customer said no")) }
    try await atRelay.run { tunnel, _ in
      #expect(!tunnel.send(doomed, .standard, ByteBuffer(string: "late")))
      tunnel.send(other, .standard, ByteBuffer(string: "hello"))
    }
    await atRelay.event { $0 == .data(other, .standard, ByteBuffer(string: "hello")) }
    try await relay.channel.close()
  }

  @Test func manyBytesPassBothWaysUnchanged() async throws {
    let size = 64 * 1024 * 1024
    var random = SeededGenerator()
    let block = random.bytes(1 << 20)
    var content = ByteBuffer()
    content.reserveCapacity(size)
    while content.readableBytes < size { content.writeBytes(block) }
    let expected = SHA256.hash(Array(content.readableBytesView))
    let atRelay = Side(.hashes)
    let atAgent = Side(.hashes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    await atRelay.event { $0 == .accepted(stream) }
    for side in [atRelay, atAgent] {
      let content = content
      try await side.run { _, owner in
        owner.toSend[stream] = content
        owner.pour(stream)
      }
    }
    for side in [atRelay, atAgent] {
      await side.event { $0 == .eof(stream) }
      let hash = try await side.run { _, owner in owner.hashes[stream]?.finish() }
      #expect(hash == expected, "seed \(Seed.current)")
    }
    try await relay.channel.close()
  }

  @Test func aStalledReaderIsBoundedWhileAnotherStreamGoesOn() async throws {
    let size = 8 * 1024 * 1024
    let atRelay = Side(.stalls)
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent)
    let stalled = try await open(atRelay)
    let moving = try await open(atRelay)
    await atAgent.event { if case .open(moving, _) = $0 { true } else { false } }
    let content = ByteBuffer(repeating: 5, count: size)
    try await atAgent.run { tunnel, owner in
      for stream in [stalled, moving] {
        tunnel.accept(stream)
        owner.toSend[stream] = content
        owner.pour(stream)
      }
    }
    // The relay's owner reads one of the two by hand.
    var taken = 0
    while taken < size {
      taken = try await atRelay.run { [taken] tunnel, owner in
        let arrived = owner.arrived[moving] ?? 0
        tunnel.consumed(moving, bytes: arrived - taken)
        return arrived
      }
    }
    let held = try await atRelay.run { _, owner in owner.arrived[stalled] ?? 0 }
    #expect(held > 0 && held <= TunnelLimits.standard.initialWindowBytes)
    try await relay.channel.close()
  }

  @Test func aGoAwayIsHeardAndTheConnectionClosed() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent)
    let reason = GoAway(.shutdown, "back in a minute")
    try await atRelay.run { tunnel, _ in
      tunnel.post(.notice("bye"))
      tunnel.goAway(reason, thenClose: true)
    }
    #expect(await atAgent.closure() == .goAway(reason))
    #expect(await atRelay.closure() == .goAway(reason))
    #expect(atAgent.closures == 1 && atRelay.closures == 1)
    try await relay.channel.close()
  }

  @Test func aGoAwayWithoutCloseLetsStreamsGoOn() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    await atRelay.event { $0 == .accepted(stream) }
    try await atAgent.run { tunnel, _ in tunnel.goAway(GoAway(.customer), thenClose: false) }
    await atRelay.event { $0 == .goAway(GoAway(.customer)) }
    let opening = try StreamOpening.test()
    await #expect(throws: StreamRefusal.goingAway) { try await atRelay.run { tunnel, _ in try tunnel.open(opening) } }
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "x")) }
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "x")) }
    try await atAgent.run { tunnel, _ in tunnel.close() }
    #expect(await atRelay.closure() == .goAway(GoAway(.customer)))
    #expect(await atAgent.closure() == .closed)
    try await relay.channel.close()
  }

  @Test func anOrderlyCloseIsToldFromABreak() async throws {
    for isOrderly in [true, false] {
      let atRelay = Side()
      let atAgent = Side()
      let relay = try await pair(atRelay, atAgent)
      try await atAgent.run { tunnel, owner in
        if isOrderly { tunnel.close() } else { tunnel.breakOff() }
        _ = owner
      }
      // Without a good-bye the relay keeps the tunnel either way.
      #expect(await atRelay.cutReason() == (isOrderly ? .closed : .truncated))
      #expect(await isOrderly ? atAgent.closure() == .closed : atAgent.cutReason() == .truncated)
      try await relay.channel.close()
      #expect(atRelay.closures == 0 && atAgent.closures == (isOrderly ? 1 : 0))
    }
  }

  @Test func nothingOfATunnelIsKeptAfterItsEnd() async throws {
    for isOrderly in [true, false] {
      let atRelay = Side()
      let atAgent = Side()
      let relay = try await pair(atRelay, atAgent)
      let ends = try await [atRelay, atAgent].asyncMap { side in
        try await side.run { tunnel, owner in
          owner.tunnel = nil
          return NIOLoopBound(Remnant(tunnel), eventLoop: tunnel.eventLoop)
        }
      }
      try await ends[1].eventLoop.submit {
        guard let tunnel = ends[1].value.tunnel else { return }
        if isOrderly { tunnel.goAway(GoAway(.customer), thenClose: true) } else { tunnel.breakOff() }
      }.get()
      if !isOrderly {
        // Cut, a tunnel is kept by the relay's registry, and by an agent that still wants it; this one does not.
        await atAgent.cut()
        await atRelay.cut()
        try await ends[0].eventLoop.submit { ends[0].value.tunnel?.close() }.get()
      }
      for (side, end) in zip([atRelay, atAgent], ends) {
        if isOrderly { _ = await side.closure() }
        // The pipeline lets go of its handlers in a later turn of the loop, an orderly end in a later second at most.
        while try await end.eventLoop.submit({ end.value.isHeld }).get(), !Task.isCancelled { await Task.yield() }
        #expect(!Task.isCancelled)
      }
      try await relay.channel.close()
    }
  }

  @Test func aPeerThatNoLongerAnswersIsFoundDead() async throws {
    var limits = TunnelLimits()
    limits.idlePingMilliseconds = 50
    limits.deadPeerMilliseconds = 300
    let atRelay = Side()
    let relay = try await TestRelay.start({ atRelay }, tunnelLimits: limits)
    let events = Events<RawEvent>()
    let raw = try await relay.dialRaw(events)
    var bytes = ByteBuffer()
    try TestRelay.hello.frame().write(into: &bytes)
    raw.writeAndFlush(bytes, promise: nil)
    await atRelay.established()
    #expect(await atRelay.cutReason() == .deadPeer)
    try await raw.closeFuture.get()
    try await relay.channel.close()
  }

  @Test func aLivingPeerIsNotFoundDead() async throws {
    // Quiet for longer than a dead peer would be given, but for the pings.
    var limits = TunnelLimits()
    limits.idlePingMilliseconds = 20
    limits.deadPeerMilliseconds = 3_000
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent, tunnelLimits: limits)
    let first = try await atRelay.run { tunnel, _ in tunnel.lastHeard }
    while atRelay.cuts == 0, !Task.isCancelled {
      let quiet = try await atRelay.run { tunnel, _ in tunnel.lastHeard.milliseconds(since: first) }
      if quiet > limits.deadPeerMilliseconds { break }
    }
    #expect(atRelay.cuts == 0 && atAgent.cuts == 0)
    #expect(try await atRelay.run { tunnel, _ in tunnel.roundTripNanoseconds ?? 0 } > 0)
    try await relay.channel.close()
  }

  @Test(arguments: 0..<40) func garbageEndsItsTunnelOnly(round: UInt64) async throws {
    var random = SeededGenerator(seed: Seed.current &+ round)
    let sides = Events<Side>()
    let relay = try await TestRelay.start {
      let side = Side()
      sides.add(side)
      return side
    }
    let neighbour = Side(.echoes)
    try await relay.dial(neighbour)
    await neighbour.established()
    let atRelay = try #require(sides.all.first)

    let events = Events<RawEvent>()
    let raw = try await relay.dialRaw(events)
    var bytes = ByteBuffer()
    if round.isMultiple(of: 2) { try TestRelay.hello.frame().write(into: &bytes) }
    for _ in 0..<8 {
      // Half of it looks like frames.
      if Bool.random(using: &random) {
        Frame(
          type: FrameType(rawValue: UInt8.random(in: 0...255, using: &random)),
          stream: StreamID(rawValue: UInt32.random(in: 0...9, using: &random)),
          number: UInt64.random(in: 0...3, using: &random),
          payload: ByteBuffer(bytes: random.bytes(Int.random(in: 0...60, using: &random)))
        ).write(into: &bytes)
      } else {
        bytes.writeBytes(random.bytes(Int.random(in: 1...400, using: &random)))
      }
    }
    // An end that no frame can have, whatever came before.
    bytes.writeRepeatingByte(0xFF, count: 2 * Frame.maximumPayloadBytes)
    raw.writeAndFlush(bytes, promise: nil)
    await events.wait { if case .ended = $0.last { true } else { false } }
    let hostile = try #require(await sides.wait { $0.count == 2 }.last)
    guard case .fault = await hostile.closure() else {
      Issue.record("seed \(Seed.current) round \(round): \(hostile.events.all)")
      return
    }
    #expect(hostile.closures == 1)

    let stream = try await open(atRelay)
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "still here")) }
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "still here")) }
    try await relay.channel.close()
  }

  @Test func keyStrokesPassABulkTransfer() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let keys = try await open(atRelay)
    let bulk = try await open(atRelay)
    await atRelay.event { $0 == .accepted(bulk) }
    let content = ByteBuffer(repeating: 1, count: 256 * 1024 * 1024)
    try await atAgent.run { _, owner in
      owner.toSend[bulk] = content
      owner.pour(bulk)
    }
    // How much of the bulk arrives between a key stroke and its echo: what stood in the way of it.
    var passed: [Int] = []
    for index in 0..<100 {
      let key = ByteBuffer(string: "key \(index)")
      let before = try await atRelay.run { tunnel, owner in
        tunnel.send(keys, .standard, key)
        return owner.arrived.values.reduce(0, +)
      }
      await atRelay.event { $0 == .data(keys, .standard, key) }
      passed.append(try await atRelay.run { _, owner in owner.totalAtNewest[keys] ?? 0 } - before)
      guard try await atAgent.run({ _, owner in owner.toSend[bulk] != nil }) else { break }
    }
    passed.sort()
    #expect(passed[passed.count / 2] < TunnelLimits.standard.maximumWindowBytes, "\(passed)")
    try await relay.channel.close()
  }
}

/// Looks at a tunnel's parts without holding them.
private final class Remnant {
  weak var tunnel: Tunnel?
  private weak var tls: TLSHandler?

  init(_ tunnel: Tunnel) {
    self.tunnel = tunnel
    tls = tunnel.connection?.tls
  }

  var isHeld: Bool { tunnel != nil || tls != nil }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
