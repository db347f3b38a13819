import TestSupport
import Testing

@testable import TunnelProtocol

@Suite struct BackoffTests {
  @Test func `the bound doubles from 500 ms to 30 s and starts again after a reset`() {
    struct Highest: RandomNumberGenerator { mutating func next() -> UInt64 { .max } }
    var highest = Highest()
    var backoff = Backoff()
    var waits: [Int64] = []
    for _ in 0..<9 { waits.append(backoff.nextDelayMilliseconds(using: &highest)) }
    #expect(waits == [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    backoff.reset()
    let again = backoff.nextDelayMilliseconds(using: &highest)
    #expect(again == 500)
  }

  @Test func `the jitter is full: from nothing to the bound, evenly`() {
    for seed in seeds(3) {
      var generator = SeededGenerator(seed: seed)
      var sum: Int64 = 0
      var least = Int64.max
      for _ in 0..<2000 {
        var backoff = Backoff()
        let wait = backoff.nextDelayMilliseconds(using: &generator)
        #expect(wait >= 0 && wait <= 500)
        sum += wait
        least = min(least, wait)
      }
      #expect(abs(sum / 2000 - 250) < 25 && least < 25, "FIXLINE_SEED=\(seed)")
    }
  }

  @Test func `odd bounds do not trap`() {
    var generator = SeededGenerator(seed: 1)
    for (base, cap) in [(Int64(0), Int64(0)), (-5, -9), (Int64.max, 1), (1, Int64.max)] {
      var backoff = Backoff(baseMilliseconds: base, capMilliseconds: cap)
      for _ in 0..<100 { #expect(backoff.nextDelayMilliseconds(using: &generator) >= 0) }
    }
  }
}
