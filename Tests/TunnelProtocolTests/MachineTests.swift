import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// What the two owners see of each other.
@Suite struct MachineTests {
  @Test func `a stream is asked for, granted, used, half-closed on each side and finished`() throws {
    var pair = Pair()
    let stream = try pair.relay.open(Fixture.opening)
    #expect(stream == StreamID(rawValue: 1))
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.open(stream, Fixture.opening)])
    pair.agent.accept(stream)
    try pair.settle()
    #expect(pair.takeRelayEvents() == [.accepted(stream)])
    pair.relay.send(stream, .standard, ByteBuffer(string: "question"))
    pair.relay.finishWriting(stream)
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.data(stream, .standard, ByteBuffer(string: "question")), .eof(stream)])
    #expect(pair.relay.send(stream, .standard, ByteBuffer(string: "more")) == false)
    pair.agent.send(stream, .standard, ByteBuffer(string: "answer"))
    pair.agent.send(stream, .error, ByteBuffer(string: "oops"))
    pair.agent.finishWriting(stream)
    pair.agent.post(.exitStatus(3), on: stream)
    pair.agent.end(stream, StreamEnd(.finished))
    try pair.settle()
    #expect(
      pair.takeRelayEvents() == [
        .data(stream, .standard, ByteBuffer(string: "answer")), .data(stream, .error, ByteBuffer(string: "oops")),
        .eof(stream), .message(stream, .exitStatus(3)), .ended(stream, StreamEnd(.finished)),
      ])
    #expect(pair.relay.openStreams == 0 && pair.agent.openStreams == 0)
    let next = try pair.relay.open(Fixture.opening)
    #expect(next == StreamID(rawValue: 3))
  }

  @Test func `nothing but OPEN goes before ACCEPT, and then everything in order`() throws {
    var pair = Pair()
    let stream = try pair.relay.open(Fixture.opening)
    pair.relay.send(stream, .standard, ByteBuffer(string: "early"))
    pair.relay.post(.signal(name: "INT"), on: stream)
    pair.relay.finishWriting(stream)
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.open(stream, Fixture.opening)])
    pair.agent.accept(stream)
    try pair.settle()
    #expect(
      pair.takeAgentEvents() == [
        .data(stream, .standard, ByteBuffer(string: "early")), .message(stream, .signal(name: "INT")), .eof(stream),
      ])
  }

  @Test func `a refused stream ends with the reason`() throws {
    var pair = Pair()
    let stream = try pair.relay.open(Fixture.opening)
    pair.relay.send(stream, .standard, ByteBuffer(string: "early"))
    try pair.settle()
    pair.agent.end(stream, StreamEnd(.noConsent, "ask first"))
    try pair.settle()
    #expect(pair.takeRelayEvents() == [.ended(stream, StreamEnd(.noConsent, "ask first"))])
    #expect(pair.relay.openStreams == 0 && pair.agent.openStreams == 0)
  }

  @Test func `a stream that is ended before its OPEN went is never heard of`() throws {
    var pair = Pair()
    let stream = try pair.relay.open(Fixture.opening)
    pair.relay.end(stream, StreamEnd(.cancelled))
    let next = try pair.relay.open(Fixture.opening)
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.open(next, Fixture.opening)])
  }

  @Test func `finished goes behind what waits; any other end drops it`() throws {
    for (code, isDelivered) in [(ResetCode.finished, true), (.cancelled, false)] {
      var pair = Pair()
      let stream = try pair.openStream()
      // More than the window: it has to wait for credit.
      for _ in 0..<10 { pair.agent.send(stream, .standard, .zeros(32_768)) }
      pair.agent.end(stream, StreamEnd(code))
      #expect(pair.agent.send(stream, .standard, .zeros(1)) == false)
      var bytes = 0
      var ended = false
      for _ in 0..<20 {
        try pair.settle()
        for event in pair.takeRelayEvents() {
          switch event {
          case .data(_, _, let data):
            #expect(!ended)
            bytes += data.readableBytes
            pair.relay.consumed(stream, bytes: data.readableBytes)
          case .ended(_, let end):
            ended = true
            #expect(end.code == code)
          default: Issue.record("\(event)")
          }
        }
      }
      #expect(ended && bytes == (isDelivered ? 327_680 : 0))
      #expect(pair.agent.openStreams == 0)
    }
  }

  @Test func `an orderly end that waits can be cut short`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for _ in 0..<10 { pair.agent.send(stream, .standard, .zeros(32_768)) }
    pair.agent.end(stream, StreamEnd(.finished))
    try pair.settle()
    #expect(pair.agent.openStreams == 1)
    pair.agent.end(stream, StreamEnd(.sessionClosed))
    try pair.settle()
    #expect(pair.takeRelayEvents().last == .ended(stream, StreamEnd(.sessionClosed)))
    #expect(pair.agent.openStreams == 0)
  }

  @Test func `both sides may end a stream at once`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.relay.end(stream, StreamEnd(.hangup))
    pair.agent.end(stream, StreamEnd(.failed, "too"))
    try pair.settle()
    #expect(pair.relayEvents.isEmpty && pair.agentEvents.isEmpty)
    #expect(pair.relay.openStreams == 0 && pair.agent.openStreams == 0)
  }

  @Test func `what crosses the end of a stream is dropped`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.agent.send(stream, .standard, .zeros(10))
    pair.agent.post(.exitStatus(0), on: stream)
    pair.agent.finishWriting(stream)
    var crossing: [Frame] = []
    while let frame = pair.agent.nextFrame(at: pair.now) { crossing.append(frame) }
    pair.relay.end(stream, StreamEnd(.hangup))
    for frame in crossing { #expect(try pair.relay.receive(frame, at: pair.now) == nil) }
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.ended(stream, StreamEnd(.hangup))])
  }

  @Test func `control messages keep their order and go before bulk data`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for _ in 0..<4 { pair.relay.send(stream, .standard, .zeros(32_768)) }
    #expect(pair.relay.nextFrame(at: pair.now)?.type == .data)
    for number in 0..<3 { pair.relay.post(.notice("\(number)")) }
    var types: [FrameType] = []
    while let frame = pair.relay.nextFrame(at: pair.now) { types.append(frame.type) }
    #expect(types == [.control, .control, .control, .data, .data, .data])
  }

  @Test func `only one's own control messages can be posted, and only those within their limits`() {
    var agent = TunnelMachine(role: .agent, now: .start)
    #expect(agent.post(.notice("x")) == false)
    #expect(agent.post(.closeRequest(session: Fixture.session, reason: "x")) == true)
    #expect(agent.post(.closeRequest(session: Fixture.session, reason: times(513, "x"))) == false)
  }

  @Test func `GOAWAY follows the control messages and stops new streams, not old ones`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.relay.post(.notice("last words"))
    pair.relay.goAway(GoAway(.shutdown, "bye"))
    pair.relay.goAway(GoAway(.fault))
    #expect(throws: StreamRefusal.goingAway) { try pair.relay.open(Fixture.opening) }
    try pair.settle()
    #expect(pair.takeAgentEvents() == [.control(.notice("last words")), .goAway(GoAway(.shutdown, "bye"))])
    pair.agent.send(stream, .standard, .zeros(1))
    try pair.settle()
    #expect(pair.takeRelayEvents() == [.data(stream, .standard, .zeros(1))])

    var other = Pair()
    other.agent.goAway(GoAway(.customer))
    let late = try other.relay.open(Fixture.opening)
    try other.settle()
    #expect(throws: StreamRefusal.goingAway) { try other.relay.open(Fixture.opening) }
    #expect(other.takeRelayEvents().contains(.ended(late, StreamEnd(.refused, "this side is leaving"))))
  }

  @Test func `streams are limited on both sides`() throws {
    var limits = TunnelLimits()
    limits.maximumStreams = 3
    var relay = TunnelMachine(role: .relay, limits: limits, now: .start)
    for _ in 0..<3 { _ = try relay.open(Fixture.opening) }
    #expect(throws: StreamRefusal.tooManyStreams) { try relay.open(Fixture.opening) }
    var agent = TunnelMachine(role: .agent, now: .start)
    #expect(throws: StreamRefusal.notOurs) { try agent.open(Fixture.opening) }

    limits.maximumStreams = 2
    var tight = TunnelMachine(role: .agent, limits: limits, now: .start)
    var events: [TunnelEvent] = []
    while let frame = relay.nextFrame(at: .start) {
      if let event = try tight.receive(frame, at: .start) { events.append(event) }
    }
    #expect(events.count == 2 && tight.openStreams == 2)
    var answers: [Frame] = []
    while let frame = tight.nextFrame(at: .start) { answers.append(frame) }
    let reset = answers.last { $0.type == .reset }
    #expect(reset?.stream == StreamID(rawValue: 5))
    #expect(try reset.map { try StreamEnd(payload: $0.payload).code } == .limit)
  }

  @Test func `numbers of streams run out in order, not into reuse`() throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    relay.nextStream = UInt32.max
    #expect(try relay.open(Fixture.opening) == StreamID(rawValue: UInt32.max))
    #expect(throws: StreamRefusal.numbersExhausted) { try relay.open(Fixture.opening) }
  }

  @Test func `a command longer than a frame is refused before anything is sent`() throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    let command = [UInt8](repeating: 0x61, count: 32_768)
    let long = StreamOpening(session: Fixture.session, kind: .exec(command: command))
    #expect(throws: StreamRefusal.unsendable(.tooLong(field: "payload"))) { try relay.open(long) }
    #expect(relay.openStreams == 0 && relay.share.used == 0)
    let fits = StreamOpening(session: Fixture.session, kind: .exec(command: Array(command.prefix(32_000))))
    #expect(try relay.open(fits) == StreamID(rawValue: 1))
  }

  @Test func `a writer is told what went out, and is stopped when it writes more than there is room for`() throws {
    var limits = TunnelLimits()
    limits.sendBufferBytes = 100_000
    var pair = Pair(limits: limits)
    let stream = try pair.openStream()
    #expect(pair.agent.sendRoom(stream) == 100_000)
    pair.agent.send(stream, .standard, .zeros(60_000))
    #expect(pair.agent.sendRoom(stream) == 40_000)
    #expect(pair.agent.nextWritable() == nil)
    let frame = pair.agent.nextFrame(at: pair.now)
    if let frame { _ = try pair.relay.receive(frame, at: pair.now) }
    let first = pair.agent.nextWritable()
    #expect(first?.stream == stream && first?.freedBytes == 32_768)
    #expect(pair.agent.nextWritable() == nil)
    try pair.settle()
    let second = pair.agent.nextWritable()
    #expect(second?.freedBytes == 60_000 - 32_768)
    #expect(pair.agent.sendRoom(stream) == 100_000)

    #expect(pair.agent.send(stream, .standard, .zeros(70_000)) == true)
    #expect(pair.agent.send(stream, .standard, .zeros(70_000)) == true)
    #expect(pair.agent.send(stream, .standard, .zeros(1)) == false)
    try pair.settle()
    guard case .ended(_, let end)? = pair.takeRelayEvents().last else {
      Issue.record("the stream goes on with bytes missing")
      return
    }
    #expect(end.code == .failed)
  }

  @Test func `short pieces that wait are joined, lanes and messages kept apart`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for _ in 0..<1000 { pair.agent.send(stream, .standard, ByteBuffer(string: "ab")) }
    pair.agent.post(.exitStatus(7), on: stream)
    pair.agent.send(stream, .standard, ByteBuffer(string: "c"))
    pair.agent.send(stream, .error, ByteBuffer(string: "d"))
    pair.agent.send(stream, .standard, ByteBuffer(string: "e"))
    try pair.settle()
    let events = pair.takeRelayEvents()
    #expect(events.count == 5)
    #expect(events.first == .data(stream, .standard, ByteBuffer(string: String(repeating: "ab", count: 1000))))
    #expect(events.last == .data(stream, .standard, ByteBuffer(string: "e")))
  }

  @Test func `changes of size replace one another while they wait; messages are bounded`() throws {
    var pair = Pair()
    let stream = try pair.relay.open(Fixture.opening)
    for columns in UInt16(1)...10_000 {
      #expect(pair.relay.post(.windowChange(TerminalSize(columns: columns, rows: 1)), on: stream) == true)
    }
    var taken = 0
    while taken < 10_000, pair.relay.post(.signal(name: "INT"), on: stream) { taken += 1 }
    #expect(taken > 100 && taken < 2000)
    try pair.settle()
    pair.agent.accept(stream)
    try pair.settle()
    let messages = pair.takeAgentEvents().dropFirst()
    #expect(messages.first == .message(stream, .windowChange(TerminalSize(columns: 10_000, rows: 1))))
    #expect(messages.count == taken + 1)
    #expect(pair.relay.post(.signal(name: "INT"), on: stream) == true)
  }

  @Test func `what does not exist takes nothing`() throws {
    var pair = Pair()
    let nobody = StreamID(rawValue: 77)
    #expect(pair.relay.send(nobody, .standard, .zeros(1)) == false)
    #expect(pair.relay.finishWriting(nobody) == false)
    #expect(pair.relay.end(nobody, StreamEnd(.finished)) == false)
    #expect(pair.relay.post(.outputClosed, on: nobody) == false)
    #expect(pair.relay.accept(nobody) == false)
    pair.relay.consumed(nobody, bytes: Int.max)
    #expect(pair.relay.sendRoom(nobody) == 0)
    let stream = try pair.openStream()
    pair.relay.consumed(stream, bytes: Int.max)
    pair.relay.consumed(stream, bytes: Int.min)
    pair.agent.send(stream, .standard, .zeros(100))
    try pair.settle()
    pair.relay.consumed(stream, bytes: Int.max)
    #expect(pair.agent.accept(stream) == false)
    #expect(pair.relay.send(stream, .standard, ByteBuffer()) == true)
  }
}
