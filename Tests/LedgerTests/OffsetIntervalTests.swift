import Ledger
import SessionModel
import TestSupport
import Testing

@Suite struct OffsetIntervalTests {
  private func interval(_ from: Int64, _ to: Int64) -> OffsetInterval {
    OffsetInterval(fromMilliseconds: from, toMilliseconds: to)
  }

  @Test func theBytesNeverChange() {
    #expect(OffsetInterval.encode([interval(0, 5000), interval(5127, 5255)]) == [0, 0x88, 0x27, 0x7F, 0x80, 0x01])
    #expect(OffsetInterval.encode([]) == [])
    let widest = OffsetInterval.encode([interval(0, .max)])
    #expect(widest == [0] + Array(repeating: 0xFF, count: 8) + [0x7F])
    #expect(OffsetInterval.decode(widest, within: .max) == [interval(0, .max)])
  }

  @Test func whatIsOutOfOrderIsLeftOut() {
    #expect(OffsetInterval.encode([interval(0, 10), interval(9, 12)]) == OffsetInterval.encode([interval(0, 10)]))
    #expect(OffsetInterval.encode([interval(-1, 10)]) == [] && OffsetInterval.encode([interval(4, 4)]) == [])
  }

  @Test(
    arguments: [
      [0], [0, 0], [0x80], [0, 0x80, 0x00], [0, 1, 0], Array(repeating: 0xFF, count: 10),
      [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0, 101], [0, 60, 0, 60],
    ] as [[UInt8]])
  func whatIsNotOursDoesNotRead(bytes: [UInt8]) { #expect(OffsetInterval.decode(bytes, within: 100) == nil) }

  @Test func anyIntervalsReadBackAndAnyBytesAreHarmless() {
    var random = SeededGenerator()
    for _ in 0..<500 {
      var end: Int64 = 0
      var intervals: [OffsetInterval] = []
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        let from = end + (Bool.random(using: &random) ? 0 : .random(in: 0...Int64(1) << 40, using: &random))
        end = from + .random(in: 1...Int64(1) << Int64.random(in: 1...40, using: &random), using: &random)
        intervals.append(interval(from, end))
      }
      let bytes = OffsetInterval.encode(intervals)
      let total = intervals.map { $0.toMilliseconds - $0.fromMilliseconds }.reduce(0, +)
      #expect(OffsetInterval.decode(bytes, within: total) == intervals, "seed \(random.seed)")
      if total > 0 { #expect(OffsetInterval.decode(bytes, within: total - 1) == nil, "seed \(random.seed)") }
      let noise = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
      if let read = OffsetInterval.decode(noise, within: .max) {
        #expect(OffsetInterval.encode(read) == noise, "seed \(random.seed)")
      }
    }
  }
}
