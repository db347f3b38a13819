import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// What is kept until acknowledged, and who waits for whom.
@Suite struct RetainedTests {
  static func tight() -> TunnelLimits {
    var limits = TunnelLimits()
    limits.retainedBytes = 200_000
    limits.retainedReserveBytes = 40_000
    limits.initialWindowBytes = 1 << 20
    return limits
  }

  @Test func `DATA waits when the retained buffer is full; control, credit, EOF and resets do not`() throws {
    var pair = Pair(limits: Self.tight())
    let bulk = try pair.openStream()
    let other = try pair.openStream()
    let third = try pair.openStream()
    pair.relay.send(third, .standard, .zeros(32_768))
    for _ in 0..<16 { pair.relay.send(third, .standard, .zeros(32_768)) }
    pair.advance(milliseconds: 60)
    try pair.settle()
    for _ in 0..<20 { pair.agent.send(bulk, .standard, .zeros(32_768)) }
    var sent: [Frame] = []
    while let frame = pair.agent.nextFrame(at: pair.now) { sent.append(frame) }
    #expect(sent.allSatisfy { $0.type == .data })
    #expect(sent.count == 6)
    #expect(pair.agent.retainedBytes <= 200_000)

    pair.agent.send(other, .standard, .zeros(5))
    #expect(pair.agent.nextFrame(at: pair.now) == nil)
    pair.agent.post(.closeRequest(session: Fixture.session, reason: "now"))
    pair.agent.consumed(third, bytes: 17 * 32_768)
    pair.agent.finishWriting(third)
    var types: Set<FrameType> = []
    while let frame = pair.agent.nextFrame(at: pair.now) {
      types.insert(frame.type)
      sent.append(frame)
    }
    #expect(types == [.control, .credit, .endOfFile])
    pair.agent.end(other, StreamEnd(.cancelled))
    let reset = pair.agent.nextFrame(at: pair.now)
    #expect(reset?.type == .reset)
    if let reset { sent.append(reset) }

    // Acknowledged: the rest goes.
    for frame in sent {
      if let event = try pair.relay.receive(frame, at: pair.now) { pair.relayEvents.append(event) }
    }
    for _ in 0..<20 {
      pair.advance(milliseconds: 60)
      try pair.settle()
    }
    let bytes = pair.takeRelayEvents().reduce(0) { sum, event in
      if case .data(bulk, _, let data) = event { sum + data.readableBytes } else { sum }
    }
    #expect(bytes == 20 * 32_768)
    #expect(pair.agent.retainedBytes == 0)
  }

  @Test func `a peer that acknowledges nothing gets no more than the reserve`() throws {
    var limits = Self.tight()
    limits.controlQueueBytes = 100_000
    var relay = TunnelMachine(role: .relay, limits: limits, now: .start)
    let text = times(4000, "n")
    var posted = 0
    while relay.post(.notice(text)) {
      posted += 1
      while relay.nextFrame(at: .start) != nil {}
      if posted > 1000 { break }
    }
    #expect(relay.retainedBytes <= 240_000)
    #expect(posted < 100)
    #expect(throws: TunnelFault.controlQueueFull) { try relay.tick(at: .start) }
  }

  @Test func `frames are numbered without a gap, over every kind`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.agent.send(stream, .standard, .zeros(100_000))
    pair.agent.post(.closeRequest(session: Fixture.session, reason: ""))
    pair.agent.post(.exitStatus(1), on: stream)
    pair.agent.finishWriting(stream)
    pair.agent.end(stream, StreamEnd(.finished))
    var expected = pair.agent.retained.lastNumber
    while let frame = pair.agent.nextFrame(at: pair.now) {
      guard frame.number > 0 else { continue }
      expected += 1
      #expect(frame.number == expected)
    }
    #expect(expected == 9)
  }

  @Test func `a tunnel that cannot be resumed keeps and acknowledges nothing, and moves all the same`() throws {
    var pair = Pair(limits: Self.tight(), isResumable: false)
    let stream = try pair.openStream()
    var received = 0
    for _ in 0..<40 {
      pair.agent.send(stream, .standard, .zeros(32_768))
      try pair.settle()
      for case .data(stream, _, let data) in pair.takeRelayEvents() {
        received += data.readableBytes
        pair.relay.consumed(stream, bytes: data.readableBytes)
      }
      pair.advance(milliseconds: 60)
      while let frame = pair.relay.nextFrame(at: pair.now) {
        #expect(frame.type != .acknowledgement)
        _ = try pair.agent.receive(frame, at: pair.now)
      }
      #expect(pair.agent.retainedBytes == 0 && pair.relay.retainedBytes == 0)
    }
    #expect(received == 40 * 32_768)
    pair.agent.cut()
    #expect(!pair.agent.canResume(peerReceived: pair.relay.received))
    #expect(throws: TunnelFault.self) { try pair.agent.resume(peerReceived: pair.relay.received, at: pair.now) }
  }

  @Test func `what one acknowledgement releases, and no more`() throws {
    var limits = TunnelLimits()
    limits.acknowledgeMilliseconds = 1_000_000
    limits.acknowledgeBytes = 1 << 30
    var pair = Pair(limits: limits)
    let stream = try pair.openStream()
    for _ in 0..<5 { pair.agent.send(stream, .standard, .zeros(10_000)) }
    try pair.settle()
    let first = pair.agent.retained.lastNumber - 4
    let cost = 10_000 + TunnelLimits.frameCostBytes
    func acknowledge(_ number: UInt64) throws {
      var payload = ByteBuffer()
      payload.writeInteger(number)
      _ = try pair.agent.receive(Frame(type: .acknowledgement, payload: payload), at: pair.now)
    }
    try acknowledge(first)
    #expect(pair.agent.retainedBytes == 4 * cost)
    try acknowledge(first)
    #expect(pair.agent.retainedBytes == 4 * cost)
    try acknowledge(first + 4)
    #expect(pair.agent.retainedBytes == 0)
    #expect(throws: TunnelFault.falseAcknowledgement(first)) { try acknowledge(first) }
  }

  @Test func `the ring keeps order across its seam`() {
    for seed in seeds(5) {
      var generator = SeededGenerator(seed: seed)
      var ring = Ring<Int>()
      var model: [Int] = []
      for number in 0..<5000 {
        switch Int.random(in: 0...4, using: &generator) {
        case 0, 1:
          ring.append(number)
          model.append(number)
        case 2:
          ring.prepend(number)
          model.insert(number, at: 0)
        case 3:
          let popped = ring.popFirst()
          #expect(popped == (model.isEmpty ? nil : model.removeFirst()))
        default:
          let popped = ring.popLast()
          #expect(popped == model.popLast())
        }
        #expect(ring.count == model.count && ring.first == model.first, "FIXLINE_SEED=\(seed)")
      }
    }
  }
}
