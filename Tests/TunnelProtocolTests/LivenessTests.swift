import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

@Suite struct LivenessTests {
  @Test func `the first ping goes at once, the next after 15 s, or every second while active`() throws {
    var pair = Pair()
    try pair.settle()
    #expect(pair.relay.nextDeadline == pair.now.advanced(byMilliseconds: 15_000))
    pair.relay.activePinging = true
    #expect(pair.relay.activePinging)
    for second in 1...5 {
      let due = MonotonicInstant.start.advanced(byMilliseconds: Int64(second) * 1000)
      #expect(pair.relay.nextDeadline == due)
      pair.now = due
      let ping = pair.relay.nextFrame(at: due)
      #expect(ping?.type == .ping)
      if let ping { _ = try pair.agent.receive(ping, at: due) }
      try pair.settle()
    }
    pair.relay.activePinging = false
    pair.advance(milliseconds: 1000)
    let ping = pair.relay.nextFrame(at: pair.now)
    #expect(ping?.type == .ping, "it was due already")
    #expect(pair.relay.nextFrame(at: pair.now.advanced(byMilliseconds: 14_999)) == nil)
  }

  @Test func `pings of many tunnels fall together, and none is later for it`() throws {
    var dues: Set<MonotonicInstant> = []
    for offset in Int64(0)..<40 {
      let begun = MonotonicInstant.start.advanced(byMilliseconds: offset)
      var liveness = Liveness(limits: .standard, now: begun)
      liveness.setActive(true, now: begun)
      #expect(liveness.takePing(at: begun) == 1)
      #expect(liveness.pingDeadline <= begun.advanced(byMilliseconds: 1000))
      #expect(liveness.pingDeadline > begun.advanced(byMilliseconds: 1000 - TunnelLimits.pingStepMilliseconds))
      dues.insert(liveness.pingDeadline)
    }
    #expect(dues == [.start.advanced(byMilliseconds: 1000)])
  }

  @Test func `a silent peer is dead after 15 s while active, to the nanosecond`() throws {
    var machine = TunnelMachine(role: .relay, now: .start)
    machine.activePinging = true
    let end = MonotonicInstant.start.advanced(byMilliseconds: 15_000)
    try machine.tick(at: MonotonicInstant(nanoseconds: end.nanoseconds - 1))
    #expect(throws: TunnelFault.deadPeer(afterMilliseconds: 15_000)) { try machine.tick(at: end) }
    #expect(machine.nextFrame(at: end) == nil)
    #expect(machine.nextDeadline == nil)
    // That is the connection's end: on another one it goes on.
    #expect(machine.isCut)
    try machine.tick(at: end)
    try machine.resume(peerReceived: 0, at: end)
    #expect(machine.nextFrame(at: end)?.type == .ping)
  }

  @Test func `becoming active does not count silence from before`() throws {
    var pair = Pair()
    try pair.settle()
    pair.advance(milliseconds: 14_900)
    try pair.relay.tick(at: pair.now)
    pair.relay.activePinging = true
    pair.advance(milliseconds: 14_000)
    try pair.relay.tick(at: pair.now)
  }

  @Test func `any frame counts as a word`() throws {
    var pair = Pair()
    pair.relay.activePinging = true
    try pair.settle()
    for _ in 0..<10 {
      pair.advance(milliseconds: 14_000)
      _ = try pair.relay.receive(Frame(type: FrameType(rawValue: 0x20)), at: pair.now)
      try pair.relay.tick(at: pair.now)
      #expect(pair.relay.lastHeard == pair.now)
    }
  }

  @Test func `a ping that cannot be written counts as asked`() throws {
    var pair = Pair()
    try pair.settle()
    let quiet = pair.now
    try pair.relay.tick(at: quiet.advanced(byMilliseconds: 29_999))
    #expect(throws: TunnelFault.deadPeer(afterMilliseconds: 30_000)) {
      try pair.relay.tick(at: quiet.advanced(byMilliseconds: 30_000))
    }
  }

  @Test func `a clock that steps back is not followed`() throws {
    var pair = Pair()
    try pair.settle()
    let early = MonotonicInstant(nanoseconds: 0)
    try pair.relay.tick(at: early)
    _ = pair.relay.nextFrame(at: early)
    #expect(pair.relay.now == pair.now)
  }

  @Test func `the round trip comes from the answer's number, late answers included`() throws {
    var machine = TunnelMachine(role: .relay, now: .start)
    machine.activePinging = true
    var now = MonotonicInstant.start
    var pings: [Frame] = []
    for _ in 0..<5 {
      if let frame = machine.nextFrame(at: now) { pings.append(frame) }
      now = now.advanced(byMilliseconds: 1000)
    }
    #expect(pings.count == 5)
    _ = try machine.receive(Frame(type: .pong, payload: pings[1].payload), at: now)
    #expect(machine.roundTripNanoseconds == 4_000_000_000)
    // The first was given up when the second was answered: it is neither measured nor held against the peer.
    _ = try machine.receive(Frame(type: .pong, payload: pings[0].payload), at: now)
    #expect(machine.roundTripNanoseconds == 4_000_000_000)
    _ = try machine.receive(Frame(type: .pong, payload: pings[4].payload), at: now)
    #expect(machine.roundTripNanoseconds == 3_625_000_000)
    #expect(throws: TunnelFault.falsePong(6)) {
      try machine.receive(Frame(type: .pong, payload: ByteBuffer(hex: "0000000000000006")), at: now)
    }
  }

  @Test func `a burst of pings is owed one answer`() throws {
    var pair = Pair()
    try pair.settle()
    for number in UInt64(1)...500 {
      _ = try pair.agent.receive(
        Frame(type: .ping, payload: ByteBuffer(integer: number)), at: pair.now)
    }
    let answer = pair.agent.nextFrame(at: pair.now)
    #expect(answer?.payload.hex == "00000000000001f4")
    #expect(pair.agent.nextFrame(at: pair.now) == nil)
  }

  @Test(arguments: [FrameType.ping, .goAway, FrameType(rawValue: 0x3e), FrameType(rawValue: 0x7e)])
  func `a flood of frames that cost the sender nothing ends the tunnel`(type: FrameType) throws {
    var pair = Pair()
    try pair.settle()
    let payload = type == .goAway ? GoAway(.shutdown).frame().payload : ByteBuffer(integer: UInt64(1))
    var number: UInt64 = 1
    #expect(throws: TunnelFault.controlFlood) {
      for _ in 0..<10_000 {
        let frame = Frame(type: type, number: type.family == .numbered ? number : 0, payload: payload)
        _ = try pair.agent.receive(frame, at: pair.now)
        number += 1
      }
    }
  }

  @Test func `unanswered pings are bounded`() {
    var limits = TunnelLimits()
    limits.deadPeerMilliseconds = 1_000_000_000
    var liveness = Liveness(limits: limits, now: .start)
    liveness.setActive(true, now: .start)
    for second in 0..<1000 {
      _ = liveness.takePing(at: .start.advanced(byMilliseconds: Int64(second) * 1000))
    }
    let early = liveness.receivePong(1, at: .start)
    #expect(early && liveness.roundTrip == nil)
    let late = liveness.receivePong(1000, at: .start.advanced(byMilliseconds: 999_001))
    #expect(late && liveness.roundTrip == 1_000_000)
  }

  @Test func `acknowledgements go after so many bytes or 50 ms, not before`() throws {
    var limits = TunnelLimits.standard
    limits.acknowledgeBytes = 128 * 1024
    var pair = Pair(limits: limits)
    let stream = try pair.openStream()
    pair.advance(milliseconds: 100)
    try pair.settle()
    for _ in 0..<4 { pair.agent.send(stream, .standard, .zeros(32_752)) }
    var frames: [Frame] = []
    while let frame = pair.agent.nextFrame(at: pair.now) { frames.append(frame) }
    #expect(frames.count == 4)
    for frame in frames.prefix(3) { _ = try pair.relay.receive(frame, at: pair.now) }
    #expect(pair.relay.nextFrame(at: pair.now) == nil)
    let due = pair.now.advanced(byMilliseconds: 50)
    #expect(pair.relay.nextDeadline == due)
    _ = try pair.relay.receive(frames[3], at: pair.now)
    let full = pair.relay.nextFrame(at: pair.now)
    #expect(full?.type == .acknowledgement)
    #expect(pair.agent.retainedBytes > 0)
    if let full { _ = try pair.agent.receive(full, at: pair.now) }
    #expect(pair.agent.retainedBytes == 0)
    pair.agent.send(stream, .standard, .zeros(1))
    let small = pair.agent.nextFrame(at: pair.now)
    if let small { _ = try pair.relay.receive(small, at: pair.now) }
    #expect(pair.relay.nextFrame(at: pair.now.advanced(byMilliseconds: 49)) == nil)
    let late = pair.relay.nextFrame(at: pair.now.advanced(byMilliseconds: 50))
    #expect(late?.type == .acknowledgement)
  }
}
