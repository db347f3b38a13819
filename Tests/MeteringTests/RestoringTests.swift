import Metering
import SessionModel
import Testing

private func stretch(_ from: Int64, _ to: Int64) -> MeterInterval {
  MeterInterval(fromMilliseconds: from, toMilliseconds: to)
}

private func reading(_ boot: String, _ monotonic: Int64, _ wall: Int64) -> ClockReading {
  ClockReading(boot: boot, monotonic: at(monotonic), wall: WallTime(milliseconds: wall))
}

struct MeteredTimeTests {
  @Test func whatIsNotSoundIsCutToWhatIs() {
    #expect(
      MeteredTime(intervals: [stretch(-5, 3), stretch(2, 4), stretch(4, 4), stretch(9, 7)]).intervals == [stretch(0, 4)]
    )
    #expect(MeteredTime(intervals: [stretch(.min, .max), stretch(.min, .max)]).activeMilliseconds == .max)
    #expect(MeteredTime.none.activeMilliseconds == 0)
  }

  private static let limits: [(Int64, [MeterInterval])] = [
    (0, []), (-1, []), (3, [stretch(1, 4)]), (5, [stretch(1, 6)]), (6, [stretch(1, 6), stretch(9, 10)]),
  ]

  @Test(arguments: limits)
  func aLimitKeepsTheFirstOfIt(limit: Int64, expected: [MeterInterval]) {
    let limited = MeteredTime(intervals: [stretch(1, 6), stretch(9, 12)]).limited(toMilliseconds: limit)
    #expect(limited.intervals == expected && limited.activeMilliseconds == max(0, limit))
    #expect(MeteredTime(intervals: [stretch(1, 6)]).limited(toMilliseconds: .max).activeMilliseconds == 5)
  }
}

struct ClockReadingTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var then: ClockReading
    var now: ClockReading
    var minimum: Int64 = 0
    var elapsed: Int64
  }

  @Test(arguments: [
    Case(
      testDescription: "same boot: exact, whatever civil time does", then: reading("a", 1000, 50_000),
      now: reading("a", 9000, 10), elapsed: 8000),
    Case(
      testDescription: "another boot: by civil time", then: reading("a", 1000, 50_000), now: reading("b", 9000, 53_000),
      elapsed: 3000),
    Case(
      testDescription: "boots nobody knows: by civil time", then: reading("", 1000, 50_000),
      now: reading("", 9000, 53_000), elapsed: 3000),
    Case(
      testDescription: "civil time went back", then: reading("a", 1000, 50_000), now: reading("b", 9000, 40_000),
      elapsed: 0),
    Case(
      testDescription: "never before what was measured", then: reading("a", 1000, 50_000),
      now: reading("b", 9000, 51_000), minimum: 7000, elapsed: 7000),
    Case(
      testDescription: "a boot whose clock cannot be right", then: reading("a", 9000, 50_000),
      now: reading("a", 1000, 51_000), minimum: 500, elapsed: 1000),
    Case(
      testDescription: "a boot whose clock is behind what was measured", then: reading("a", 0, 50_000),
      now: reading("a", 100, 58_000), minimum: 500, elapsed: 8000),
    Case(
      testDescription: "a minimum below nothing", then: reading("a", 1000, 50_000), now: reading("b", 0, 40_000),
      minimum: -5, elapsed: 0),
  ])
  func offsetsGoOn(_ case: Case) {
    #expect(`case`.then.elapsedMilliseconds(at: `case`.now, atLeast: `case`.minimum) == `case`.elapsed)
    let origin = `case`.then.origin(at: `case`.now, atLeast: `case`.minimum)
    #expect(`case`.now.monotonic.milliseconds(since: origin) == `case`.elapsed)
  }

  @Test func extremesNeverTrap() {
    for then in [Int64.min, 0, .max] {
      for now in [Int64.min, 0, .max] {
        for minimum in [Int64.min, 0, .max] {
          let early = ClockReading(
            boot: "a", monotonic: MonotonicInstant(nanoseconds: then), wall: WallTime(milliseconds: then))
          let late = ClockReading(
            boot: "a", monotonic: MonotonicInstant(nanoseconds: now), wall: WallTime(milliseconds: now))
          let origin = early.origin(at: late, atLeast: minimum)
          let time = MeteredTime(intervals: [stretch(0, max(1, minimum))])
          var machine = SessionMachine(restoring: time, origin: origin, at: late.monotonic)
          machine.carry(toMilliseconds: .max)
          _ = try? machine.handle(.linkRestored, at: late.monotonic)
          _ = try? machine.handle(.channelOpened(1), at: late.monotonic)
          _ = try? machine.handle(.bytes, at: MonotonicInstant(nanoseconds: .max))
          machine.carry(toMilliseconds: .min)
          #expect(machine.activeMilliseconds >= time.activeMilliseconds)
        }
      }
    }
  }
}

struct RestoringTests {
  private static let limits = SessionLimits(
    mergeGapMilliseconds: 60_000, resumeWindowMilliseconds: 30_000, idleLimitMilliseconds: 20_000)

  /// Active in 0...5,000 and 7,000...8,000 of its time; restored when that was at 20,000.
  private func restored() -> SessionMachine {
    SessionMachine(
      restoring: MeteredTime(intervals: [stretch(0, 5000), stretch(7000, 8000)]), origin: at(0), at: at(20_000),
      limits: Self.limits)
  }

  @Test func itWaitsForALinkAndAChannelAndThenGoesOn() throws {
    var machine = restored()
    #expect(machine.state == .suspended && machine.suspendedReasons == [.link, .noChannel])
    #expect(machine.activeMilliseconds == 6000 && machine.channelCount == 0)
    #expect(try machine.handle(.linkRestored, at: at(21_000)) == [.suspend([.noChannel])])
    #expect(try machine.handle(.channelOpened(4), at: at(22_000)) == [.resume])
    _ = try machine.handle(.bytes, at: at(23_000))
    #expect(machine.intervals == [stretch(0, 5000), stretch(7000, 8000), stretch(22_000, 23_000)])
  }

  @Test func itClosesWhenTheAgentDoesNotComeBackOrNobodyDoes() throws {
    var machine = restored()
    #expect(machine.nextDeadline == at(50_000))
    _ = try machine.handle(.tick, at: at(50_000))
    #expect(machine.closure?.note == "the link did not come back" && machine.activeMilliseconds == 6000)
    var lonely = restored()
    _ = try lonely.handle(.linkRestored, at: at(21_000))
    _ = try lonely.handle(.tick, at: at(80_000))
    #expect(lonely.closure?.note == "no channel was left open" && lonely.activeMilliseconds == 6000)
    var replaced = restored()
    _ = try replaced.handle(.agentReplaced(lastHeard: at(25_000)), at: at(25_000))
    #expect(replaced.closure?.outcome == .unclosed && replaced.activeMilliseconds == 6000)
  }

  @Test func timeSignedAndNotStoredIsPutBehindTheLastInterval() throws {
    var machine = restored()
    #expect(machine.carry(toMilliseconds: 6000) == 0 && machine.carry(toMilliseconds: 1) == 0)
    #expect(machine.carry(toMilliseconds: 9000) == 3000)
    #expect(machine.intervals == [stretch(0, 5000), stretch(7000, 11_000)])
    #expect(machine.carry(toMilliseconds: 9000) == 0)
    // Never more than there was room for before the restoring.
    #expect(machine.carry(toMilliseconds: .max) == 9000)
    #expect(machine.intervals == [stretch(0, 5000), stretch(7000, 20_000)])
    #expect(machine.carry(toMilliseconds: .max) == 0)
  }

  @Test func itIsNotTooLateForThatWhenWorkHasGoneOn() throws {
    var machine = restored()
    _ = try machine.handle(.linkRestored, at: at(21_000))
    _ = try machine.handle(.channelOpened(1), at: at(21_000))
    _ = try machine.handle(.bytes, at: at(22_000))
    #expect(machine.carry(toMilliseconds: 6500) == 500)
    #expect(machine.intervals == [stretch(0, 5000), stretch(7000, 8500), stretch(21_000, 22_000)])
    #expect(machine.activeMilliseconds == 7500)
    _ = try machine.handle(.close(outcome: .fixed, note: "", by: .relay), at: at(22_000))
    #expect(machine.carry(toMilliseconds: 9000) == 0)
  }

  @Test func nothingIsCarriedIntoASessionThatWasNotRestored() throws {
    var machine = SessionMachine()
    #expect(machine.carry(toMilliseconds: 5000) == 0)
    _ = try machine.handle(.askConsent(), at: at(0))
    _ = try machine.handle(.channelOpened(1), at: at(0))
    _ = try machine.handle(.accepted, at: at(1000))
    #expect(machine.carry(toMilliseconds: 5000) == 0 && machine.activeMilliseconds == 0)
  }

  @Test func aSessionWithoutAnyTimeTakesItToo() throws {
    var machine = SessionMachine(restoring: .none, origin: at(0), at: at(3000), limits: Self.limits)
    #expect(machine.carry(toMilliseconds: 2000) == 2000)
    #expect(machine.intervals == [stretch(0, 2000)])
  }

  @Test func anAgentIsPresentAsLongAsItIsHeard() {
    #expect(Hearing.provenInstant(lastHeard: at(1000), at: at(3500)) == at(3500))
    #expect(Hearing.provenInstant(lastHeard: at(1000), at: at(3501)) == at(1000))
    #expect(Hearing.provenInstant(lastHeard: at(9000), at: at(3501)) == at(3501))
  }
}
