import Metering
import SessionModel
import Testing

struct SessionMachineTests {
  private func asked() throws -> SessionMachine {
    var machine = SessionMachine()
    #expect(try machine.handle(.channelOpened(1), at: at(-2000)) == [])
    #expect(try machine.handle(.askConsent(), at: at(-1000)) == [.ask])
    return machine
  }

  private func active() throws -> SessionMachine {
    var machine = try asked()
    #expect(try machine.handle(.accepted, at: at(0)) == [.activate])
    #expect(machine.state == .active)
    return machine
  }

  private func closure(_ actions: [SessionAction]) -> Outcome? {
    if case .close(let closure) = actions.last { closure.outcome } else { nil }
  }

  @Test func theMainRoad() throws {
    var machine = try active()
    #expect(try machine.handle(.bytes, at: at(60_000)) == [])
    #expect(try machine.handle(.channelOpened(2), at: at(61_000)) == [])
    #expect(try machine.handle(.channelClosed(1), at: at(62_000)) == [])
    #expect(try machine.handle(.channelClosed(2), at: at(70_000)) == [.suspend([.noChannel])])
    #expect(machine.suspendedReasons == [.noChannel] && machine.activeMilliseconds == 70_000)
    #expect(try machine.handle(.channelOpened(3), at: at(100_000)) == [.resume])
    let closed = try machine.handle(.close(outcome: .fixed, note: "done", by: .technician("anna")), at: at(110_000))
    #expect(closed == [.close(Closure(outcome: .fixed, note: "done", by: .technician("anna")))])
    #expect(machine.state == .closed && machine.closure?.outcome == .fixed)
    #expect(machine.intervals == [span(0, 70_000), span(100_000, 110_000)])
    #expect(machine.nextDeadline == nil && machine.channelCount == 0)
  }

  @Test func whoAnswersHowEndsTheQuestion() throws {
    var declined = try asked()
    #expect(closure(try declined.handle(.declined, at: at(0))) == .declined)
    var left = try asked()
    #expect(closure(try left.handle(.requesterLeft, at: at(0))) == .withdrawn)
    var hungUp = try asked()
    #expect(closure(try hungUp.handle(.channelClosed(1), at: at(0))) == .withdrawn)
    var replaced = try asked()
    #expect(closure(try replaced.handle(.agentReplaced(lastHeard: at(0)), at: at(0))) == .withdrawn)
    var early = SessionMachine()
    #expect(closure(try early.handle(.requesterLeft, at: at(0))) == .withdrawn)
    for machine in [declined, left, hungUp, replaced, early] { #expect(machine.activeMilliseconds == 0) }
  }

  @Test func noAnswerInTwoMinutesEndsIt() throws {
    var machine = try asked()
    #expect(machine.nextDeadline == at(119_000))
    #expect(try machine.handle(.tick, at: at(118_999)) == [])
    #expect(closure(try machine.handle(.tick, at: at(119_000))) == .unanswered)
  }

  @Test func aYesThatComesTooLateIsNone() throws {
    var machine = try asked()
    #expect(closure(try machine.handle(.accepted, at: at(500_000))) == .unanswered)
    #expect(machine.state == .closed)
  }

  @Test func withoutAChannelConsentStartsNoClock() throws {
    var machine = SessionMachine()
    _ = try machine.handle(.askConsent(), at: at(-1000))
    #expect(try machine.handle(.accepted, at: at(0)) == [.activate, .suspend([.noChannel])])
    #expect(try machine.handle(.channelOpened(1), at: at(400)) == [.resume])
    _ = try machine.handle(.bytes, at: at(1400))
    #expect(machine.intervals == [span(400, 1400)])
  }

  @Test func aSessionWithoutAChannelClosesAfterTheMergeGap() throws {
    var machine = try active()
    _ = try machine.handle(.channelClosed(1), at: at(5000))
    #expect(machine.nextDeadline == at(605_000))
    #expect(try machine.handle(.tick, at: at(604_999)) == [])
    #expect(closure(try machine.handle(.tick, at: at(700_000))) == .unclosed)
    #expect(machine.activeMilliseconds == 5000)
  }

  @Test func aChannelThatComesTooLateFindsTheSessionClosed() throws {
    var machine = try active()
    _ = try machine.handle(.channelClosed(1), at: at(5000))
    #expect(closure(try machine.handle(.channelOpened(2), at: at(605_000))) == .unclosed)
  }

  @Test func aLostLinkSuspendsFromTheInstantLastHeard() throws {
    var machine = try active()
    _ = try machine.handle(.bytes, at: at(10_000))
    #expect(try machine.handle(.linkLost(lastHeard: at(12_000)), at: at(27_000)) == [.suspend([.link])])
    #expect(machine.activeMilliseconds == 12_000 && machine.nextDeadline == at(627_000))
    #expect(try machine.handle(.linkLost(lastHeard: at(1)), at: at(28_000)) == [])
    #expect(machine.nextDeadline == at(627_000))
    #expect(try machine.handle(.linkRestored, at: at(30_000)) == [.resume])
    #expect(try machine.handle(.linkRestored, at: at(30_001)) == [])
    _ = try machine.handle(.bytes, at: at(31_000))
    #expect(machine.intervals == [span(0, 12_000), span(30_000, 31_000)])
  }

  @Test func aLinkThatStaysAwayOrANewAgentEndsTheSession() throws {
    var away = try active()
    _ = try away.handle(.linkLost(lastHeard: at(1000)), at: at(1000))
    #expect(closure(try away.handle(.linkRestored, at: at(601_000))) == .unclosed)
    var replaced = try active()
    _ = try replaced.handle(.bytes, at: at(3000))
    #expect(closure(try replaced.handle(.agentReplaced(lastHeard: at(4000)), at: at(9000))) == .unclosed)
    #expect(replaced.activeMilliseconds == 4000 && replaced.closure?.successor == .restarted)
    var beside = try active()
    _ = try beside.handle(.agentReplaced(lastHeard: at(0), by: .second), at: at(0))
    #expect(beside.closure?.successor == .second && beside.closure?.note != replaced.closure?.note)
    let words = replaced.closure?.note ?? ""
    #expect(Closure(outcome: .unclosed, note: words, by: .customer).successor == nil)
  }

  @Test func timeAccruesOnlyWhenTheLastReasonIsGone() throws {
    var machine = try active()
    let changes: [(SessionEvent, [SessionAction])] = [
      (.storageFailed, [.suspend([.storage])]), (.storageFailed, []), (.paused, [.suspend([.paused, .storage])]),
      (.limitReached, [.suspend([.paused, .limit, .storage])]), (.bytes, []),
      (.linkLost(lastHeard: at(0)), [.suspend([.link, .paused, .limit, .storage])]),
      (.channelClosed(1), [.suspend([.link, .noChannel, .paused, .limit, .storage])]),
      (.storageRecovered, [.suspend([.link, .noChannel, .paused, .limit])]),
      (.linkRestored, [.suspend([.noChannel, .paused, .limit])]), (.unpaused, [.suspend([.noChannel, .limit])]),
      (.limitGranted, [.suspend([.noChannel])]), (.channelOpened(9), [.resume]), (.unpaused, []),
    ]
    for (index, (event, actions)) in changes.enumerated() {
      #expect(try machine.handle(event, at: at(Int64(index + 1) * 1000)) == actions, "\(event)")
    }
    #expect(machine.activeMilliseconds == 1000 && machine.state == .active)
  }

  @Test func quietForTooLongIsIdleSinceTheLastByte() throws {
    var machine = try active()
    _ = try machine.handle(.bytes, at: at(1000))
    #expect(machine.nextDeadline == at(601_001))
    #expect(try machine.handle(.tick, at: at(601_001)) == [.suspend([.idle])])
    #expect(machine.nextDeadline == nil && machine.activeMilliseconds == 1000)
    #expect(try machine.handle(.bytes, at: at(2_000_000)) == [.resume])
    _ = try machine.handle(.bytes, at: at(2_001_000))
    #expect(machine.intervals == [span(0, 1000), span(2_000_000, 2_001_000)])
  }

  @Test func aByteAfterALateTickSaysBothThatItWasIdleAndThatItGoesOn() throws {
    var machine = try active()
    #expect(try machine.handle(.bytes, at: at(700_000)) == [.suspend([.idle]), .resume])
    #expect(machine.activeMilliseconds == 0)
  }

  @Test func aNewChannelEndsIdlenessAndItsQuietTimeBeginsAnew() throws {
    var machine = try active()
    _ = try machine.handle(.tick, at: at(700_000))
    #expect(try machine.handle(.channelOpened(2), at: at(800_000)) == [.resume])
    #expect(machine.nextDeadline == at(1_400_001))
    #expect(machine.activeMilliseconds == 0)
  }

  @Test func aLinkLostWhileTheCustomerIsAskedAsksAgain() throws {
    var machine = try asked()
    #expect(try machine.handle(.linkLost(lastHeard: at(0)), at: at(0)) == [])
    #expect(try machine.handle(.linkRestored, at: at(5000)) == [.ask])
    #expect(try machine.handle(.linkRestored, at: at(5001)) == [])
    #expect(machine.nextDeadline == at(119_000))
    #expect(try machine.handle(.accepted, at: at(6000)) == [.activate])
  }

  @Test func storageThatFailedBeforeConsentStopsTheClockNotTheHelp() throws {
    var machine = try asked()
    _ = try machine.handle(.storageFailed, at: at(-500))
    #expect(try machine.handle(.accepted, at: at(0)) == [.activate, .suspend([.storage])])
    #expect(try machine.handle(.storageRecovered, at: at(9000)) == [.resume])
    #expect(machine.activeMilliseconds == 0)
  }

  @Test func eventsThatDoNotBelongAreRefusedAndChangeNothing() throws {
    let requested = SessionMachine()
    let waiting = try asked()
    let active = try active()
    var suspended = active
    _ = try suspended.handle(.paused, at: at(10))
    var closed = active
    _ = try closed.handle(.close(outcome: .fixed, note: "", by: .customer), at: at(10))
    let table: [(SessionMachine, SessionState, [SessionEvent])] = [
      (requested, .requested, [.accepted, .declined, .bytes, .paused, .unpaused, .limitReached, .limitGranted]),
      (waiting, .awaitingConsent, [.askConsent(), .bytes, .paused, .unpaused, .limitReached, .limitGranted]),
      (active, .active, [.askConsent(), .accepted, .declined, .requesterLeft]),
      (suspended, .suspended, [.askConsent(), .accepted, .declined, .requesterLeft]),
      (
        closed, .closed,
        [
          .askConsent(), .accepted, .declined, .requesterLeft, .channelOpened(1), .channelClosed(1), .bytes, .paused,
          .linkLost(lastHeard: at(0)), .linkRestored, .agentReplaced(lastHeard: at(0)), .storageFailed,
          .close(outcome: .fixed, note: "", by: .relay),
        ]
      ),
    ]
    for (machine, state, events) in table {
      for event in events {
        var copy = machine
        #expect(throws: SessionRefusal.notNow(state), "\(event)") { try copy.handle(event, at: at(20)) }
        #expect(copy == machine)
      }
    }
    #expect(try closed.handle(.tick, at: at(30)) == [])
  }

  @Test func channelsAreCountedByTheirNumbers() throws {
    var machine = try active()
    #expect(throws: SessionRefusal.channelAlreadyOpen(1)) { try machine.handle(.channelOpened(1), at: at(1)) }
    #expect(throws: SessionRefusal.noSuchChannel(7)) { try machine.handle(.channelClosed(7), at: at(1)) }
    for channel in 2...UInt64(SessionLimits.maximumChannels) {
      _ = try machine.handle(.channelOpened(channel), at: at(2))
    }
    #expect(throws: SessionRefusal.tooManyChannels) { try machine.handle(.channelOpened(5000), at: at(3)) }
    #expect(machine.channelCount == SessionLimits.maximumChannels && machine.state == .active)
  }

  @Test func aRefusalDoesNotSwallowWhatTheClockBroughtAbout() throws {
    var machine = try active()
    #expect(throws: SessionRefusal.noSuchChannel(7)) { try machine.handle(.channelClosed(7), at: at(700_000)) }
    #expect(try machine.handle(.tick, at: at(700_000)) == [.suspend([.idle])])
  }
}
