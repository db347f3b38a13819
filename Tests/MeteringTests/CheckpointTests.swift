import Metering
import SessionModel
import TestSupport
import Testing

/// Holds a schedule by reference, so that expectations may call what changes it.
@dynamicMemberLookup
private final class Clerk {
  private var schedule: CheckpointSchedule

  init() throws {
    schedule = CheckpointSchedule(session: try session(), epoch: 1, at: at(0), digest: digest)
  }

  subscript<Value>(dynamicMember path: KeyPath<CheckpointSchedule, Value>) -> Value { schedule[keyPath: path] }

  func next(_ now: Int64, _ active: Int64) -> CheckpointStatement? {
    schedule.next(at: at(now), activeMilliseconds: active)
  }

  func settle(_ now: Int64, _ active: Int64) -> CheckpointStatement? {
    schedule.settle(at: at(now), activeMilliseconds: active)
  }

  func record(_ statement: CheckpointStatement, signature: [UInt8]) -> Bool {
    schedule.record(statement, signature: signature)
  }

  func withdraw() { schedule.withdraw() }

  func begin(epoch: UInt32) { schedule.begin(epoch: epoch) }
}

struct CheckpointScheduleTests {
  @Test func everyFiveSecondsWhileTimeAccrues() throws {
    let schedule = try Clerk()
    #expect(schedule.nextDeadline == at(5000))
    #expect(schedule.next(4999, 4999) == nil)
    let first = try #require(schedule.next(5000, 5000))
    #expect(first.sequence == 1 && first.epoch == 1 && first.activeMilliseconds == 5000)
    #expect(first.chainHash == CheckpointChain.origin(session: try session(), digest: digest))
    // One at a time.
    #expect(schedule.next(10_000, 10_000) == nil)
    #expect(schedule.record(first, signature: [1, 2, 3]))
    #expect(!schedule.record(first, signature: [1, 2, 3]))
    // Quiet or suspended: nothing new to state.
    #expect(schedule.next(15_000, 5000) == nil)
    let second = try #require(schedule.next(20_000, 6000))
    #expect(second.sequence == 2)
    #expect(second.chainHash == digest(first.chainHash.bytes + first.signedBytes + [1, 2, 3]))
  }

  @Test func aTransitionIsStatedAtOnceAndNothingIsTakenBack() throws {
    let schedule = try Clerk()
    let first = try #require(schedule.settle(10, 800))
    _ = schedule.record(first, signature: [1])
    let second = try #require(schedule.settle(20, 700))
    #expect(second.activeMilliseconds == 800 && second.sequence == 2)
    #expect(schedule.nextDeadline == at(5020))
  }

  @Test func aRefusedStatementUsesItsNumberButNotTheChain() throws {
    let schedule = try Clerk()
    let first = try #require(schedule.settle(1, 1))
    schedule.withdraw()
    #expect(!schedule.record(first, signature: [1]))
    let second = try #require(schedule.settle(2, 2))
    #expect(second.sequence == 2 && second.chainHash == first.chainHash)
  }

  @Test func anEpochStartsItsNumbersAgainAndKeepsTheChain() throws {
    let schedule = try Clerk()
    let first = try #require(schedule.settle(1, 1))
    _ = schedule.record(first, signature: [1])
    let hash = schedule.chainHash
    schedule.begin(epoch: 1)
    schedule.begin(epoch: 0)
    #expect(schedule.epoch == 1)
    schedule.begin(epoch: 2)
    let second = try #require(schedule.settle(2, 2))
    #expect(second.sequence == 1 && second.epoch == 2 && second.chainHash == hash)
  }
}

struct AgentMeasureTests {
  private func statement(_ active: Int64, _ sequence: UInt64, epoch: UInt32 = 1) throws -> CheckpointStatement {
    CheckpointStatement(
      session: try session(), epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: digest([]))
  }

  private func measure() throws -> AgentMeasure {
    var measure = AgentMeasure(session: try session(), consentAt: at(0))
    measure.streamOpened(at: at(0))
    return measure
  }

  @Test func theToleranceIsASecondAndFiveHundredMillionths() throws {
    var measure = try measure()
    #expect(measure.acceptableMilliseconds(at: at(3_600_000)) == 3_600_000 + 1000 + 1800)
    let over = measure.accepts(try statement(3_602_801, 1), at: at(3_600_000))
    let exact = measure.accepts(try statement(3_602_800, 1), at: at(3_600_000))
    #expect(!over && exact)
  }

  @Test func numbersOnlyGoForwardAndTimeNeverShrinks() throws {
    var measure = try measure()
    let steps: [(Int64, UInt64, UInt32, Bool)] = [
      (5000, 0, 1, false), (-1, 1, 1, false), (5000, 1, 1, true), (5000, 1, 1, false), (6000, 1, 1, false),
      (4999, 2, 1, false), (5000, 3, 1, true), (6000, 2, 1, false), (6000, 1, 2, true), (7000, 9, 1, false),
      (5999, 2, 2, false), (7000, 2, 2, true),
    ]
    for (active, sequence, epoch, expected) in steps {
      let accepted = measure.accepts(try statement(active, sequence, epoch: epoch), at: at(10_000))
      #expect(accepted == expected, "\(active) \(sequence) \(epoch)")
    }
    let other = CheckpointStatement(
      session: try #require(SessionID("zzzzzzzz")), epoch: 9, sequence: 1, activeMilliseconds: 7000,
      chainHash: digest([]))
    let accepted = measure.accepts(other, at: at(10_000))
    #expect(!accepted)
  }

  @Test func nothingIsMeasuredWhileNothingIsConnected() throws {
    var measure = try measure()
    measure.streamEnded(at: at(10_000))
    #expect(measure.measuredMilliseconds(at: at(500_000)) == 15_000)
    measure.streamOpened(at: at(500_000))
    #expect(measure.measuredMilliseconds(at: at(500_000)) == 16_000)
    measure.linkLost(at: at(510_000))
    #expect(measure.measuredMilliseconds(at: at(900_000)) == 31_000)
    measure.linkRestored(at: at(900_000))
    measure.close(at: at(910_000))
    measure.streamOpened(at: at(920_000))
    #expect(measure.measuredMilliseconds(at: at(2_000_000)) == 47_000)
    let linger = measure.accepts(try statement(500_000, 1), at: at(920_000))
    #expect(!linger)
  }

  @Test func theEndOfAStreamMayTravelFiveSecondsBehindItsLastBytesAndNoLonger() throws {
    for isClosed in [false, true] {
      let trail = AgentMeasure.trailMilliseconds
      for (late, expected) in [(trail, true), (trail + 1_009, false)] {
        var measure = try measure()
        measure.streamEnded(at: at(10_000))
        if isClosed { measure.close(at: at(10_000)) }
        let accepted = measure.accepts(try statement(10_000 + late, 1), at: at(10_000 + late))
        #expect(accepted == expected, "\(late) \(isClosed)")
      }
    }
  }

  @Test func closingWhileAStreamRunsLeavesWordOfItTimeToArrive() throws {
    var measure = try measure()
    measure.close(at: at(10_000))
    #expect(measure.measuredMilliseconds(at: at(10_000)) == 10_000)
    #expect(measure.measuredMilliseconds(at: at(12_000)) == 12_000)
    #expect(measure.measuredMilliseconds(at: at(900_000)) == 10_000 + AgentMeasure.trailMilliseconds)
  }

  @Test func aThousandShortCommandsLoseNothing() throws {
    var measure = AgentMeasure(session: try session(), consentAt: at(0))
    var now = MonotonicInstant(nanoseconds: at(0).nanoseconds)
    for _ in 0..<1000 {
      measure.streamOpened(at: now)
      now.nanoseconds += 50_999_999
      measure.streamEnded(at: now)
    }
    #expect(measure.measuredMilliseconds(at: now) == 50_999)
  }

  /// Relay and agent see the same life with messages up to 300 ms apart, the end of a stream up to 5 s behind its last
  /// bytes, and the agent's clock runs 400 ppm slow.
  @Test func anHonestRelayIsNeverRefused() throws {
    var generator = SeededGenerator()
    for _ in 0..<200 {
      var machine = SessionMachine()
      var measure = AgentMeasure(session: try session(), consentAt: at(0))
      var schedule = CheckpointSchedule(session: try session(), epoch: 1, at: at(0), digest: digest)
      var now = Int64.random(in: 0...300, using: &generator)
      func agent(_ milliseconds: Int64) -> MonotonicInstant { at(milliseconds - milliseconds * 4 / 10_000) }
      _ = try machine.handle(.askConsent(), at: at(0))
      _ = try machine.handle(.accepted, at: at(now))
      var isOpen = false
      for _ in 0..<200 {
        now +=
          Bool.random(using: &generator)
          ? .random(in: 700...3000, using: &generator) : .random(in: 700...30_000, using: &generator)
        let latency = Int64.random(in: 0...300, using: &generator)
        switch (isOpen, Int.random(in: 0..<4, using: &generator)) {
        case (true, 0):
          // A command ends at the machine first; the relay hears of it behind what is on the way.
          measure.streamEnded(at: agent(now))
          now += .random(in: 0...AgentMeasure.trailMilliseconds, using: &generator)
          _ = try machine.handle(.channelClosed(1), at: at(now))
          isOpen = false
        case (true, _): _ = try machine.handle(.bytes, at: at(now))
        case (false, _):
          _ = try machine.handle(.channelOpened(1), at: at(now))
          measure.streamOpened(at: agent(now + latency))
          isOpen = true
        }
        if let statement = schedule.settle(at: at(now), activeMilliseconds: machine.activeMilliseconds) {
          let accepted = measure.accepts(statement, at: agent(now + latency))
          #expect(accepted, "\(statement) seed \(Seed.current)")
          _ = schedule.record(statement, signature: [])
        }
      }
    }
  }

  @Test func aRelayWhoseClockRunsFastIsRefused() throws {
    var measure = try measure()
    // One percent fast: found out once the second of tolerance is used up.
    let early = measure.accepts(try statement(60_600, 1), at: at(60_000))
    let late = measure.accepts(try statement(606_000, 2), at: at(600_000))
    #expect(early && !late)
  }

  @Test func extremesNeverTrap() throws {
    var measure = AgentMeasure(session: try session(), consentAt: MonotonicInstant(nanoseconds: .min))
    measure.streamEnded(at: at(0))
    measure.streamOpened(at: MonotonicInstant(nanoseconds: .min))
    measure.linkLost(at: MonotonicInstant(nanoseconds: .max))
    measure.linkRestored(at: MonotonicInstant(nanoseconds: .min))
    measure.close(at: MonotonicInstant(nanoseconds: .max))
    #expect(measure.acceptableMilliseconds(at: MonotonicInstant(nanoseconds: .max)) > 0)
    let accepted = measure.accepts(try statement(.max, .max, epoch: .max), at: at(0))
    #expect(!accepted)
  }
}
