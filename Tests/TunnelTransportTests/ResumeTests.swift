import NIOCore
import NIOPosix
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing
import TunnelProtocol

@testable import TunnelTransport

/// A tunnel that is carried on by another connection, over real loopback TLS.
@Suite(.timeLimit(.minutes(2))) struct ResumeTests {
  private func pair(_ atRelay: Side, _ atAgent: Side) async throws -> TestRelay {
    let relay = try await TestRelay.start { atRelay }
    try await relay.dial(atAgent)
    await atRelay.established()
    await atAgent.established()
    return relay
  }

  private func open(_ relay: Side) async throws -> StreamID {
    let opening = try StreamOpening.test()
    let stream = try await relay.run { tunnel, _ in try tunnel.open(opening) }
    await relay.event { $0 == .accepted(stream) }
    return stream
  }

  @Test func aStreamGoesOnWhereItStopped() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    try await atAgent.run { tunnel, _ in tunnel.breakOff() }
    await atRelay.cut()
    await atAgent.cut()
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "typed meanwhile")) }
    try await relay.redial(atAgent)
    await atRelay.resumed()
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "typed meanwhile")) }
    #expect(atAgent.closures == 0 && atRelay.closures == 0)
    try await relay.channel.close()
  }

  @Test func withoutAWindowATunnelEndsWithItsConnection() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await TestRelay.start(
      { atRelay },
      welcome: { hello, peer, exporter in
        var welcome = try TestRelay.welcome(hello, peer, exporter)
        welcome.resumeWindowSeconds = 0
        return welcome
      })
    try await relay.dial(atAgent)
    await atRelay.established()
    let stream = try await open(atRelay)
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "there and back")) }
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "there and back")) }
    try await atAgent.run { tunnel, _ in tunnel.breakOff() }
    _ = await (atRelay.closure(), atAgent.closure())
    try await relay.channel.close()
  }

  @Test func manyBytesSurviveManyCutsBothWays() async throws {
    let size = 24 * 1024 * 1024
    var random = SeededGenerator()
    let block = random.bytes(1 << 20)
    var content = ByteBuffer()
    while content.readableBytes < size { content.writeBytes(block) }
    let expected = SHA256.hash(Array(content.readableBytesView))
    let atRelay = Side(.hashes)
    let atAgent = Side(.hashes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    for side in [atRelay, atAgent] {
      let content = content
      try await side.run { _, owner in
        owner.toSend[stream] = content
        owner.pour(stream)
      }
    }
    for round in 1...20 {
      // Either side breaks it off, in the middle of everything.
      let breaker = Bool.random(using: &random) ? atRelay : atAgent
      try await breaker.run { tunnel, _ in tunnel.breakOff() }
      await atAgent.cut(times: round)
      try await relay.redial(atAgent)
      await atRelay.resumed(times: round)
    }
    for side in [atRelay, atAgent] {
      await side.event { $0 == .eof(stream) }
      let hash = try await side.run { _, owner in owner.hashes[stream]?.finish() }
      #expect(hash == expected, "seed \(Seed.current)")
    }
    try await relay.channel.close()
  }

  @Test func aHalfOpenConnectionIsFencedFirst() async throws {
    // The agent has given the old connection up; the relay does not know yet and goes on sending on it.
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    try await atAgent.run { tunnel, _ in
      // As after a dead peer: nothing is said, the socket stays open at the other end.
      let old = tunnel.connection
      tunnel.connection = nil
      tunnel.machine.cut()
      old?.state = .over
    }
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "into the void")) }
    try await relay.redial(atAgent)
    await atRelay.cut()
    await atRelay.resumed()
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "into the void")) }
    #expect(atRelay.cuts == 1)
    try await relay.channel.close()
  }

  @Test func whoIsNotTheAgentGetsNothing() async throws {
    let sides = Events<Side>()
    let relay = try await TestRelay.start {
      let side = Side()
      sides.add(side)
      return side
    }
    let atAgent = Side()
    try await relay.dial(atAgent)
    await atAgent.established()
    await sides.wait { $0.count == 1 }
    let (tunnel, received) = try await atAgent.run { tunnel, _ in (tunnel.identity.tunnel, tunnel.machine.received) }
    var random = SecureRandomGenerator()
    let attempts: [(Resume, TLSIdentity, ResumeRefusal)] = [
      (
        Resume(instance: TestRelay.instance, tunnel: tunnel, received: received),
        try TLSIdentity.loadOrCreateAgent(directory: nil), .otherKey
      ),
      (
        Resume(instance: InstanceID(using: &random), tunnel: tunnel, received: received), try TestRelay.agent.get(),
        .otherRun
      ),
      (
        Resume(version: 99, instance: TestRelay.instance, tunnel: tunnel, received: received),
        try TestRelay.agent.get(), .otherVersion
      ),
      (
        Resume(instance: TestRelay.instance, tunnel: tunnel, received: received + 100), try TestRelay.agent.get(),
        .impossibleNumber(received + 100)
      ),
      (
        Resume(instance: TestRelay.instance, tunnel: InstanceID(using: &random), received: received),
        try TestRelay.agent.get(), .unknownTunnel
      ),
    ]
    for (count, (resume, identity, refusal)) in attempts.enumerated() {
      let events = Events<RawEvent>()
      let raw = try await relay.dialRaw(events, identity: identity)
      var bytes = ByteBuffer()
      resume.frame().write(into: &bytes)
      raw.writeAndFlush(bytes, promise: nil)
      await events.wait { if case .ended = $0.last { true } else { false } }
      await sides.wait { $0.count == count + 2 }
      #expect(await sides.all.last?.closure() == .resumeRefused(refusal))
      // One answer for all: nothing is learned about a tunnel by guessing.
      var answer = ByteBuffer()
      for case .bytes(let piece) in events.all { answer.writeImmutableBuffer(piece) }
      var decoder = FrameDecoder()
      let frame = try #require(try decoder.next(from: &answer))
      #expect(try GoAway(payload: frame.payload).code == .cannotResume)
    }
    // None of it touched the tunnel.
    #expect(sides.all[0].cuts == 0)
    #expect(atAgent.cuts == 0)
    try await relay.channel.close()
  }

  @Test func anOldResumePlayedAgainChangesNothing() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let old = try await atAgent.run { tunnel, _ in tunnel.machine.received }
    let stream = try await open(atRelay)
    for text in ["one", "two"] {
      try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: text)) }
      await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: text)) }
    }
    // What arrived is acknowledged within a moment.
    while try await atRelay.run({ tunnel, _ in tunnel.retainedBytes }) > 0, !Task.isCancelled {}
    let tunnel = try await atAgent.run { tunnel, _ in tunnel.identity.tunnel }
    let events = Events<RawEvent>()
    let raw = try await relay.dialRaw(events)
    var bytes = ByteBuffer()
    Resume(instance: TestRelay.instance, tunnel: tunnel, received: old).frame().write(into: &bytes)
    raw.writeAndFlush(bytes, promise: nil)
    await events.wait { if case .ended = $0.last { true } else { false } }
    #expect(atRelay.cuts == 0)
    try await relay.channel.close()
  }

  @Test func aRelayThatCannotProveItselfIsLeftAndTheTunnelKept() async throws {
    let atRelay = Side()
    let atAgent = Side(.echoes)
    let relay = try await pair(atRelay, atAgent)
    let stream = try await open(atRelay)
    try await atAgent.run { tunnel, _ in tunnel.breakOff() }
    await atAgent.cut()
    await #expect(throws: TunnelClosure.welcomeRefused) {
      try await relay.redial(atAgent, verify: { _, _ in false })
    }
    try await relay.redial(atAgent)
    await atRelay.resumed()
    try await atRelay.run { tunnel, _ in tunnel.send(stream, .standard, ByteBuffer(string: "still there")) }
    await atRelay.event { $0 == .data(stream, .standard, ByteBuffer(string: "still there")) }
    try await relay.channel.close()
  }

  @Test func whoWasReplacedWhileAwayIsToldSo() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent)
    try await atAgent.run { tunnel, _ in tunnel.breakOff() }
    await atRelay.cut()
    await atAgent.cut()
    try await atRelay.run { tunnel, _ in tunnel.goAway(GoAway(.replaced, "another"), thenClose: true) }
    _ = await atRelay.closure()
    do {
      try await relay.redial(atAgent)
      Issue.record("the tunnel was taken up again")
    } catch TunnelClosure.goAway(let reason) {
      #expect(reason.code == .replaced)
    }
    try await relay.channel.close()
  }

  @Test func aCutTunnelThatIsGivenUpTellsOnce() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await pair(atRelay, atAgent)
    try await atAgent.run { tunnel, _ in tunnel.breakOff() }
    await atAgent.cut()
    let session = try StreamOpening.test().session
    let isTaken = try await atAgent.run { tunnel, _ in
      tunnel.close()
      tunnel.close()
      return tunnel.post(.closeRequest(session: session, reason: "late"))
    }
    #expect(!isTaken)
    #expect(atAgent.closures == 1)
    try await relay.channel.close()
  }
}
