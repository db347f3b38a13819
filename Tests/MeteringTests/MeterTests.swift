import SessionModel
import TestSupport
import Testing

@testable import Metering

/// Milliseconds after an origin that is not zero, so that absolute and relative are not confused.
func at(_ milliseconds: Int64) -> MonotonicInstant {
  MonotonicInstant(nanoseconds: 77_000_000_123).advanced(byMilliseconds: milliseconds)
}

func span(_ from: Int64, _ to: Int64) -> MeterInterval {
  MeterInterval(fromMilliseconds: from, toMilliseconds: to)
}

struct MeterTests {
  private func started(idleLimit: Int64 = 600_000) -> Meter {
    var meter = Meter(idleLimitMilliseconds: idleLimit)
    meter.start(at: at(0))
    return meter
  }

  @Test func onlyTheLastByteConfirms() {
    var meter = started()
    meter.byte(at: at(5000))
    #expect(meter.activeMilliseconds == 5000)
    #expect(meter.pendingMilliseconds(at: at(9000)) == 4000)
    #expect(meter.activeMilliseconds == 5000)
    meter.byte(at: at(9000))
    #expect(meter.activeMilliseconds == 9000 && meter.intervals == [span(0, 9000)])
  }

  @Test func aPauseAndACloseCountWhatIsPending() {
    var meter = started()
    meter.pause(at: at(3000))
    #expect(meter.activeMilliseconds == 3000 && !meter.isRunning)
    meter.byte(at: at(4000))
    meter.resume(at: at(10_000))
    meter.close(at: at(12_000))
    meter.byte(at: at(13_000))
    meter.resume(at: at(14_000))
    #expect(meter.intervals == [span(0, 3000), span(10_000, 12_000)])
    #expect(meter.activeMilliseconds == 5000)
  }

  @Test func exactlyTheIdleLimitCountsAndAMillisecondMoreDoesNot() {
    var exact = started(idleLimit: 1000)
    #expect(exact.idleDeadline == at(1001))
    let isIdle = exact.checkIdle(at: at(1000))
    #expect(!isIdle && exact.pendingMilliseconds(at: at(1000)) == 1000)
    exact.byte(at: at(1000))
    #expect(exact.activeMilliseconds == 1000)

    var late = started(idleLimit: 1000)
    #expect(late.pendingMilliseconds(at: at(1001)) == 0)
    late.byte(at: at(1001))
    #expect(late.activeMilliseconds == 0)
    late.byte(at: at(1500))
    #expect(late.intervals == [span(1001, 1500)])
  }

  @Test func idleSinceTheLastByteUntilTheNext() {
    var meter = started(idleLimit: 1000)
    meter.byte(at: at(500))
    let isIdle = meter.checkIdle(at: at(1501))
    #expect(isIdle && !meter.isRunning && meter.idleDeadline == nil)
    meter.byte(at: at(9000))
    meter.byte(at: at(9100))
    #expect(meter.intervals == [span(0, 500), span(9000, 9100)])
  }

  @Test func aCloseOrPauseLongAfterTheLastByteCountsNothing() {
    var closed = started(idleLimit: 1000)
    closed.byte(at: at(100))
    closed.close(at: at(5000))
    #expect(closed.activeMilliseconds == 100)
    var paused = started(idleLimit: 1000)
    paused.pause(at: at(5000))
    #expect(paused.activeMilliseconds == 0)
  }

  @Test func aLostLinkCountsToTheInstantLastHeardAndTakesNothingBack() {
    var meter = started()
    meter.byte(at: at(10_000))
    meter.pause(at: at(4000))
    #expect(meter.activeMilliseconds == 10_000)
    meter.resume(at: at(20_000))
    meter.pause(at: at(21_000))
    #expect(meter.intervals == [span(0, 10_000), span(20_000, 21_000)])
  }

  @Test func instantsThatGoBackwardsCountNothingTwice() {
    var meter = started()
    meter.byte(at: at(10_000))
    meter.byte(at: at(2000))
    meter.byte(at: at(10_000))
    #expect(meter.activeMilliseconds == 10_000)
    meter.pause(at: at(1))
    meter.resume(at: at(2))
    meter.byte(at: at(11_000))
    #expect(meter.intervals == [span(0, 11_000)])
    #expect(meter.pendingMilliseconds(at: at(0)) <= 0)
  }

  @Test func nothingCountsBeforeTheStartAndOnlyTheFirstStartCounts() {
    var meter = Meter()
    meter.byte(at: at(1))
    meter.pause(at: at(2))
    meter.resume(at: at(3))
    #expect(meter.activeMilliseconds == 0 && meter.idleDeadline == nil)
    meter.start(at: at(0))
    meter.start(at: at(-50_000))
    meter.byte(at: at(10))
    #expect(meter.activeMilliseconds == 10)
  }

  @Test func extremeInstantsNeverTrap() {
    let ends = [MonotonicInstant(nanoseconds: .min), MonotonicInstant(nanoseconds: .max), at(0)]
    for origin in ends {
      for limit in [Int64.min, 0, .max] {
        var meter = Meter(idleLimitMilliseconds: limit)
        meter.start(at: origin)
        for instant in ends {
          meter.byte(at: instant)
          meter.pause(at: instant)
          meter.resume(at: instant)
          _ = meter.checkIdle(at: instant)
          _ = (meter.idleDeadline, meter.pendingMilliseconds(at: instant))
        }
        meter.close(at: ends[1])
        #expect(meter.activeMilliseconds >= 0)
      }
    }
  }

  @Test func tooManyIntervalsAreJoinedWithoutLosingOrMakingTime() {
    var generator = SeededGenerator()
    for maximum in [1, 2, 5] {
      var meter = Meter(idleLimitMilliseconds: 1000, maximumIntervals: maximum)
      meter.start(at: at(0))
      var now: Int64 = 0
      var expected: Int64 = 0
      for _ in 0..<200 {
        now += .random(in: 1001...5000, using: &generator)
        meter.byte(at: at(now))
        let work = Int64.random(in: 1...1000, using: &generator)
        now += work
        expected += work
        meter.byte(at: at(now))
        let intervals = meter.intervals
        #expect(intervals.count <= maximum, "seed \(Seed.current)")
        #expect(meter.activeMilliseconds == expected, "seed \(Seed.current)")
        #expect(intervals.map(\.milliseconds).reduce(0, +) == expected, "seed \(Seed.current)")
        #expect(zip(intervals, intervals.dropFirst()).allSatisfy { $0.toMilliseconds < $1.fromMilliseconds })
        #expect(intervals.last?.toMilliseconds == now)
      }
    }
  }
}
