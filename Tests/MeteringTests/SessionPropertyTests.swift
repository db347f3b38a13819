import Metering
import SessionModel
import TestSupport
import Testing

/// Random lives of sessions, watched from outside.
struct SessionPropertyTests {
  private static let lives = 300
  private static let eventsPerLife = 200
  private static let limits = SessionLimits(
    mergeGapMilliseconds: 60_000, resumeWindowMilliseconds: 60_000, idleLimitMilliseconds: 20_000)

  private func event(now: Int64, using generator: inout SeededGenerator) -> SessionEvent {
    let channel = UInt64.random(in: 1...3, using: &generator)
    let heard = at(now - .random(in: 0...15_000, using: &generator))
    switch Int.random(in: 0..<40, using: &generator) {
    case 0...17: return .bytes
    case 18...21: return .channelOpened(channel)
    case 22...24: return .channelClosed(channel)
    case 25: return .linkLost(lastHeard: heard)
    case 26...27: return .linkRestored
    case 28: return .paused
    case 29...30: return .unpaused
    case 31: return .limitReached
    case 32...33: return .limitGranted
    case 34: return .storageFailed
    case 35...36: return .storageRecovered
    case 37: return Bool.random(using: &generator) ? .accepted : .requesterLeft
    case 38: return .tick
    default:
      return Int.random(in: 0..<12, using: &generator) == 0
        ? (Bool.random(using: &generator)
          ? .close(outcome: .fixed, note: "", by: .customer) : .agentReplaced(lastHeard: heard)) : .tick
    }
  }

  /// Counts by the rule as a person would say it: time between two signs of life counts when it is short enough.
  private struct Reference {
    var total: Int64 = 0
    var lastSign: Int64?

    /// Life shown at `heard`, known `now`: what was quiet for too long by now was idle, whatever turns up later.
    mutating func sign(at heard: Int64, known now: Int64) {
      guard let last = lastSign else { return }
      let heard = max(heard, last)
      if now - last <= 20_000 { total += heard - last }
      lastSign = heard
    }
  }

  @Test func everyLifeKeepsTheRules() throws {
    var generator = SeededGenerator()
    let note = Comment(rawValue: "seed \(Seed.current)")
    for _ in 0..<Self.lives {
      var machine = SessionMachine(limits: Self.limits)
      var reference = Reference()
      _ = try machine.handle(.channelOpened(1), at: at(0))
      _ = try machine.handle(.askConsent(), at: at(0))
      _ = try machine.handle(.accepted, at: at(0))
      reference.lastSign = 0
      var now: Int64 = 0
      for _ in 0..<Self.eventsPerLife where machine.state != .closed {
        now +=
          Bool.random(using: &generator)
          ? .random(in: 0...5000, using: &generator) : .random(in: 0...40_000, using: &generator)
        let event = event(now: now, using: &generator)
        let before = machine
        let actions: [SessionAction]
        do {
          actions = try machine.handle(event, at: at(now))
        } catch {
          #expect(machine == before, note)
          continue
        }
        if before.state == .active {
          switch event {
          case .bytes: reference.sign(at: now, known: now)
          case .linkLost(let heard), .agentReplaced(let heard, _):
            reference.sign(at: heard.milliseconds(since: at(0)), known: now)
          default: if machine.state != .active { reference.sign(at: now, known: now) }
          }
        }
        switch machine.state {
        case .active: if before.state != .active || actions.contains(.resume) { reference.lastSign = now }
        case .suspended, .closed, .requested, .awaitingConsent: reference.lastSign = nil
        }
        #expect(machine.activeMilliseconds == reference.total, "\(event) seed \(Seed.current)")
        #expect(machine.activeMilliseconds >= before.activeMilliseconds, note)
        #expect(machine.activeMilliseconds <= now, note)
        if before.state == .suspended { #expect(machine.activeMilliseconds == before.activeMilliseconds, note) }
        #expect((machine.state == .suspended) == !machine.suspendedReasons.isEmpty, note)
        #expect(machine.suspendedReasons == machine.suspendedReasons.sorted(), note)
        #expect(machine.intervals.map(\.milliseconds).reduce(0, +) == machine.activeMilliseconds, note)
        if let deadline = machine.nextDeadline { #expect(deadline >= at(now), note) }
        if machine.state == .suspended && machine.suspendedReasons != before.suspendedReasons {
          #expect(actions.contains(.suspend(machine.suspendedReasons)), note)
        }
      }
    }
  }

  @Test func tickingOftenOrNeverBillsTheSame() throws {
    var generator = SeededGenerator()
    for _ in 0..<100 {
      var lazy = SessionMachine(limits: Self.limits)
      _ = try lazy.handle(.channelOpened(1), at: at(0))
      _ = try lazy.handle(.askConsent(), at: at(0))
      _ = try lazy.handle(.accepted, at: at(0))
      var prompt = lazy
      var now: Int64 = 0
      for _ in 0..<100 {
        now += .random(in: 0...30_000, using: &generator)
        while let deadline = prompt.nextDeadline, deadline <= at(now) { _ = try prompt.handle(.tick, at: deadline) }
        let event = event(now: now, using: &generator)
        if case .tick = event { continue }
        _ = try? prompt.handle(event, at: at(now))
        _ = try? lazy.handle(event, at: at(now))
      }
      _ = try lazy.handle(.tick, at: at(now))
      #expect(lazy.intervals == prompt.intervals, "seed \(Seed.current)")
      #expect(lazy.state == prompt.state && lazy.closure == prompt.closure, "seed \(Seed.current)")
    }
  }

  @Test func instantsOfAnyKindNeverTrapAndNeverTakeBack() throws {
    var generator = SeededGenerator()
    for _ in 0..<300 {
      var machine = SessionMachine(limits: Self.limits)
      for step in 0..<100 {
        let instant =
          Int.random(in: 0..<20, using: &generator) == 0
          ? MonotonicInstant(nanoseconds: .random(in: .min ... .max, using: &generator))
          : at(.random(in: -50_000...50_000, using: &generator))
        let before = machine.activeMilliseconds
        let event: SessionEvent = step == 0 ? .askConsent() : step == 1 ? .accepted : event(now: 0, using: &generator)
        _ = try? machine.handle(event, at: instant)
        #expect(machine.activeMilliseconds >= before, "seed \(Seed.current)")
      }
    }
  }
}
