import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// A tunnel that outlives its connection.
@Suite struct ResumeTests {
  /// Loses the connection of both, and makes another.
  private static func reconnect(_ pair: inout Pair) throws {
    pair.relay.cut()
    pair.agent.cut()
    let (relay, agent) = (pair.relay.received, pair.agent.received)
    try pair.agent.resume(peerReceived: relay, at: pair.now)
    try pair.relay.resume(peerReceived: agent, at: pair.now)
  }

  private static func bytes(_ events: [TunnelEvent]) -> [String] {
    events.compactMap { if case .data(_, _, let bytes) = $0 { String(buffer: bytes) } else { nil } }
  }

  @Test func `what was lost is sent again, with its old number, before anything new`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.relay.send(stream, .standard, ByteBuffer(string: "lost"))
    let next = pair.relay.nextFrame(at: pair.now)
    let lost = try #require(next)
    pair.relay.cut()
    pair.agent.cut()
    pair.relay.send(stream, .standard, ByteBuffer(string: "typed meanwhile"))
    pair.relay.post(.notice("also meanwhile"))
    let quiet = pair.relay.nextFrame(at: pair.now)
    #expect(quiet == nil)
    #expect(pair.relay.nextDeadline == nil)

    pair.advance(milliseconds: 600_000)
    try pair.relay.tick(at: pair.now)
    try Self.reconnect(&pair)
    let again = [pair.relay.nextFrame(at: pair.now), pair.relay.nextFrame(at: pair.now)]
    #expect(again[0]?.type == .ping)
    #expect(again[1] == lost)
    if let event = try pair.agent.receive(lost, at: pair.now) { pair.agentEvents.append(event) }
    try pair.settle()
    #expect(Self.bytes(pair.agentEvents) == ["lost", "typed meanwhile"])
  }

  @Test func `what had arrived is not sent again`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.agent.send(stream, .standard, ByteBuffer(string: "once"))
    try pair.settle()
    try Self.reconnect(&pair)
    #expect(pair.agent.retainedBytes == 0)
    try pair.settle()
    #expect(Self.bytes(pair.takeRelayEvents()) == ["once"])
  }

  @Test func `a number that the peer cannot have received is refused and changes nothing`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.relay.send(stream, .standard, ByteBuffer(string: "x"))
    try pair.settle()
    pair.advance(milliseconds: 60)
    try pair.settle()
    let sent = pair.agent.received
    #expect(pair.relay.canResume(peerReceived: sent))
    // An outdated RESUME, played again, and one that claims frames never sent.
    #expect(!pair.relay.canResume(peerReceived: sent - 1))
    #expect(!pair.relay.canResume(peerReceived: sent + 1))
    #expect(throws: TunnelFault.unexpected(.resume)) { try pair.relay.resume(peerReceived: sent, at: pair.now) }
    pair.relay.cut()
    #expect(throws: TunnelFault.falseAcknowledgement(sent + 1)) {
      try pair.relay.resume(peerReceived: sent + 1, at: pair.now)
    }
    #expect(pair.relay.isCut)
    try pair.relay.resume(peerReceived: sent, at: pair.now)
    #expect(!pair.relay.isCut)
  }

  @Test func `a frame this connection has not carried cannot be acknowledged`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for text in ["a", "b", "c"] {
      pair.relay.send(stream, .standard, ByteBuffer(string: text))
      _ = pair.relay.nextFrame(at: pair.now)
    }
    let received = pair.agent.received
    pair.relay.cut()
    try pair.relay.resume(peerReceived: received, at: pair.now)
    _ = pair.relay.nextFrame(at: pair.now)  // the ping
    _ = pair.relay.nextFrame(at: pair.now)  // "a"
    func acknowledgement(_ number: UInt64) -> Frame {
      Frame(type: .acknowledgement, payload: ByteBuffer(integer: number))
    }
    _ = try pair.relay.receive(acknowledgement(received + 1), at: pair.now)
    #expect(throws: TunnelFault.falseAcknowledgement(received + 2)) {
      try pair.relay.receive(acknowledgement(received + 2), at: pair.now)
    }
  }

  @Test func `a good-bye that may have been lost is said again`() throws {
    var pair = Pair()
    pair.relay.goAway(GoAway(.shutdown, "soon"))
    _ = pair.relay.nextFrame(at: pair.now)
    _ = pair.relay.nextFrame(at: pair.now)
    try Self.reconnect(&pair)
    try pair.settle()
    #expect(pair.agentEvents.contains(.goAway(GoAway(.shutdown, "soon"))))
  }

  @Test func `a stream that is opened and ended while cut is never heard of`() throws {
    var pair = Pair()
    pair.relay.cut()
    pair.agent.cut()
    let stream = try pair.relay.open(Fixture.opening)
    pair.relay.end(stream, StreamEnd(.cancelled))
    let second = try pair.relay.open(Fixture.opening)
    try Self.reconnect(&pair)
    try pair.settle()
    #expect(pair.agentEvents == [.open(second, Fixture.opening)])
  }

  @Test func `an old connection's frame reaches nobody`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.relay.send(stream, .standard, ByteBuffer(string: "late"))
    let next = pair.relay.nextFrame(at: pair.now)
    let late = try #require(next)
    pair.agent.cut()
    let event = try pair.agent.receive(late, at: pair.now)
    #expect(event == nil)
    try Self.reconnect(&pair)
    try pair.settle()
    #expect(Self.bytes(pair.agentEvents) == ["late"])
  }
}
