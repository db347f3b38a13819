import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

@Suite struct FlowControlTests {
  static let cost = TunnelLimits.frameCostBytes

  @Test func `what is allowed, held and grantable is always the window`() {
    for seed in seeds(10) {
      var generator = SeededGenerator(seed: seed)
      var window = ReceiveWindow(size: 256 * 1024, now: .start)
      var now = MonotonicInstant.start
      for _ in 0..<2000 {
        now = now.advanced(byMilliseconds: Int64.random(in: 0...20, using: &generator))
        switch Int.random(in: 0...2, using: &generator) {
        case 0: _ = window.receive(payload: Int.random(in: 1...32_768, using: &generator), now: now)
        case 1: _ = window.consume(payload: Int.random(in: -5...70_000, using: &generator), now: now)
        default:
          guard window.isCreditDue else { continue }
          let granted = window.grant()
          #expect(granted >= window.size / 4)
        }
        #expect(window.allowed >= 0 && window.heldCost >= window.heldPayload && window.heldPayload >= 0)
        #expect(window.allowed + window.heldCost + window.grantable == window.size, "FIXLINE_SEED=\(seed)")
        if window.heldPayload == 0 { #expect(window.heldCost == 0) }
      }
    }
  }

  @Test func `single bytes cost what a receiver needs to hold them`() {
    var window = ReceiveWindow(size: 65_536, now: .start)
    var frames = 0
    while window.receive(payload: 1, now: .start) { frames += 1 }
    #expect(frames == 65_536 / (1 + Self.cost))
  }

  @Test func `how long a window took to drain is known when a whole one was`() {
    var window = ReceiveWindow(size: 1000 + Self.cost, now: .start)
    let begin = MonotonicInstant.start.advanced(byMilliseconds: 5_000)
    let fits = window.receive(payload: 1000, now: begin)
    #expect(fits)
    let half = window.consume(payload: 500, now: begin.advanced(byMilliseconds: 100))
    #expect(half == nil)
    let whole = window.consume(payload: 500, now: begin.advanced(byMilliseconds: 200))
    #expect(whole == 200_000_000)
  }

  @Test func `what a short line does not ask for is little, and a long one may have all`() {
    let limits = TunnelLimits()
    var share = WindowShare(limits: limits)
    var windows: [ReceiveWindow] = []
    for _ in 0..<100 {
      var window = ReceiveWindow(size: share.initialSize(), now: .start)
      for _ in 0..<5 { share.grow(&window, isLineLong: false) }
      windows.append(window)
    }
    #expect(share.used == limits.shortLineWindowBytes)
    #expect(windows.last?.size == limits.floorWindowBytes)
    for _ in 0..<10 { share.grow(&windows[99], isLineLong: true) }
    #expect(share.used == limits.tunnelWindowBytes)
  }

  @Test func `a smaller window takes nothing back and gives nothing until it fits`() {
    var window = ReceiveWindow(size: 100_000, now: .start)
    let before = window.receive(payload: 20_000, now: .start)
    window.resize(to: 1000)
    #expect(before && !window.isCreditDue)
    let granted = window.grant()
    let after = window.receive(payload: 20_000, now: .start)
    #expect(granted == 0 && after)
  }

  @Test func `credit neither overflows nor accepts nothing`() {
    var credit = SendCredit()
    let nothing = credit.add(0)
    #expect(!nothing)
    let most = credit.add(UInt32(TunnelLimits.maximumCreditBytes))
    #expect(most)
    let more = credit.add(1)
    #expect(!more)
    let huge = credit.add(UInt32.max)
    #expect(!huge)
    #expect(credit.available == TunnelLimits.maximumCreditBytes)
    #expect(credit.maximumPayload == Frame.maximumPayloadBytes)
    credit.spend(payload: Frame.maximumPayloadBytes)
    let again = credit.add(UInt32(Frame.maximumPayloadBytes + Self.cost))
    #expect(again)
  }

  @Test func `credit for less than a byte sends nothing`() {
    var credit = SendCredit()
    for amount in 1...UInt32(Self.cost) {
      credit = SendCredit()
      _ = credit.add(amount)
      #expect(credit.maximumPayload == 0)
    }
    _ = credit.add(1)
    #expect(credit.maximumPayload == 1)
  }

  @Test func `the tunnel's share is never exceeded, and the floor never denied`() {
    for seed in seeds(10) {
      var generator = SeededGenerator(seed: seed)
      let limits = TunnelLimits()
      var share = WindowShare(limits: limits)
      var windows: [ReceiveWindow] = []
      for _ in 0..<2000 {
        switch Int.random(in: 0...3, using: &generator) {
        case 0 where windows.count < limits.maximumStreams:
          windows.append(ReceiveWindow(size: share.initialSize(), now: .start))
        case 1 where !windows.isEmpty:
          let index = Int.random(in: 0..<windows.count, using: &generator)
          share.grow(&windows[index], isLineLong: Bool.random(using: &generator))
        case 2 where !windows.isEmpty:
          let index = Int.random(in: 0..<windows.count, using: &generator)
          _ = windows[index].receive(payload: Int.random(in: 1...32_768, using: &generator), now: .start)
        case 3 where windows.count > 20:
          var window = windows.remove(at: Int.random(in: 0..<windows.count, using: &generator))
          share.shrinkToHeld(&window)
          share.release(window)
        default: break
        }
        let sum = windows.reduce(0) { $0 + $1.excess(over: limits.floorWindowBytes) }
        #expect(share.used == sum && sum <= limits.tunnelWindowBytes, "FIXLINE_SEED=\(seed)")
        #expect(windows.allSatisfy { $0.size >= limits.floorWindowBytes && $0.size <= limits.maximumWindowBytes })
      }
    }
  }

  @Test func `a stream that ended counts until its reader has taken the rest`() throws {
    var limits = TunnelLimits()
    limits.floorWindowBytes = 1024
    limits.initialWindowBytes = 200_000
    limits.tunnelWindowBytes = 200_000
    var pair = Pair(limits: limits)
    let stream = try pair.openStream()
    for _ in 0..<3 { pair.agent.send(stream, .standard, .zeros(32_768)) }
    pair.agent.end(stream, StreamEnd(.finished))
    try pair.settle()
    #expect(pair.relay.openStreams == 0)
    #expect(pair.relay.share.used == 3 * 32_768 + 3 * Self.cost - 1024)
    pair.relay.consumed(stream, bytes: 3 * 32_768 - 500)
    #expect(pair.relay.share.used == 0)
    #expect(pair.relay.lingering.isEmpty)

    let other = try pair.openStream()
    for _ in 0..<3 { pair.agent.send(other, .standard, .zeros(32_768)) }
    pair.agent.end(other, StreamEnd(.failed))
    pair.agent.end(other, StreamEnd(.failed))
    try pair.settle()
    #expect(pair.relay.lingering.isEmpty, "a reset drops what was not sent")
  }

  @Test func `whoever ends a stream that is over gives up what its reader holds`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for _ in 0..<7 { pair.agent.send(stream, .standard, .zeros(32_768)) }
    pair.agent.end(stream, StreamEnd(.finished))
    try pair.settle()
    #expect(pair.relay.share.used > 0)
    pair.relay.end(stream, StreamEnd(.cancelled))
    #expect(pair.relay.share.used == 0)
    #expect(pair.relay.nextFrame(at: pair.now) == nil)
  }
}
