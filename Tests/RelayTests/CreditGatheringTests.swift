import TunnelProtocol
import Testing

@testable import Relay

@Suite("Room given back") struct CreditGatheringTests {
  @Test func `keystrokes are given back together, a full frame at once`() {
    var gathering = CreditGathering()
    var returned: [Int] = []
    for _ in 0..<130 {
      gathering.arrived(1)
      let due = gathering.gone(1)
      if due > 0 { returned.append(due) }
    }
    #expect(returned == [64, 64])
    gathering.arrived(32_768)
    #expect(gathering.gone(32_768) == 32_770)
  }

  @Test func `what is kept back never fills the smallest window, however pieces come and go`() {
    for seed in [UInt64.random(in: 0 ... .max), 1, 2, 3] {
      var random = seed
      func next(_ limit: Int) -> Int {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: random >> 33) % limit
      }
      var gathering = CreditGathering()
      var waiting: [Int] = []
      var keptCost = 0
      for _ in 0..<20_000 {
        if waiting.isEmpty || next(3) > 0 {
          let bytes = next(4) > 0 ? 1 + next(3) : 1 + next(2000)
          waiting.append(bytes)
          gathering.arrived(bytes)
        } else {
          // Many at once, as one flush of a channel takes them.
          let count = 1 + next(waiting.count)
          let gone = waiting.prefix(count)
          waiting.removeFirst(count)
          keptCost += gone.reduce(0) { $0 + $1 + TunnelLimits.frameCostBytes }
          if gathering.gone(gone.reduce(0, +)) > 0 { keptCost = 0 }
          if waiting.isEmpty {
            #expect(keptCost < TunnelLimits.standard.floorWindowBytes / 2, "seed \(seed)")
          }
        }
      }
    }
  }
}
