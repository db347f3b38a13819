import SessionModel
import TestSupport
import Testing

@testable import Agent

@Suite struct LinkMachineTests {
  private let start = MonotonicInstant(nanoseconds: 0)

  private func machine(
    _ events: [(LinkMachine.Event, Int64)]
  ) -> (machine: LinkMachine, last: LinkMachine.Action) {
    var generator = SeededGenerator()
    var machine = LinkMachine()
    var last = LinkMachine.Action.none
    for (event, milliseconds) in events {
      last = machine.handle(event, at: start.advanced(byMilliseconds: milliseconds), using: &generator)
    }
    return (machine, last)
  }

  @Test("a temporary failure waits and dials again")
  func temporary() {
    let (waiting, action) = machine([(.failed(.temporary("no")), 0)])
    guard case .retry("no", let milliseconds) = action else {
      Issue.record("\(action)")
      return
    }
    #expect((0...500).contains(milliseconds))
    #expect(waiting.state == .waiting)
    #expect(machine([(.failed(.temporary("no")), 0), (.retryDue, 1)]).last == .dial)
  }

  @Test("waits grow while nothing works, stay under half a minute, and start over only after a tunnel that lived")
  func growth() {
    var generator = SeededGenerator()
    var machine = LinkMachine()
    func largest(_ rounds: Int, living milliseconds: Int64?) -> Int64 {
      var largest: Int64 = 0
      for _ in 0..<rounds {
        if let milliseconds {
          _ = machine.handle(.established, at: start, using: &generator)
          let later = start.advanced(byMilliseconds: milliseconds)
          if case .retry(_, let wait) = machine.handle(.failed(.temporary("")), at: later, using: &generator) {
            largest = max(largest, wait)
          }
        } else if case .retry(_, let wait) = machine.handle(.failed(.temporary("")), at: start, using: &generator) {
          largest = max(largest, wait)
        }
        _ = machine.handle(.retryDue, at: start, using: &generator)
      }
      return largest
    }
    let failing = largest(200, living: nil)
    #expect((10_000...30_000).contains(failing))
    // Accepted and dropped at once: no better than refused.
    #expect(largest(100, living: 1) > 10_000)
    #expect(largest(100, living: LinkMachine.stableMilliseconds) <= 500)
  }

  @Test("a relay that is not to be trusted ends a first dial, and is retried when there was a tunnel before")
  func untrusted() {
    #expect(machine([(.failed(.untrusted("pin")), 0)]).last == .stop(.relayRefused, line: "pin"))
    let later = machine([
      (.established, 0), (.failed(.temporary("x")), 1), (.retryDue, 2), (.failed(.untrusted("pin")), 3),
    ])
    guard case .retry(line: "pin", _) = later.last else {
      Issue.record("\(later.last)")
      return
    }
  }

  @Test("another signing key ends the agent at any time, and so does another agent in its place")
  func permanent() {
    #expect(machine([(.failed(.refused("key")), 0)]).last == .stop(.relayRefused, line: "key"))
    #expect(machine([(.established, 0), (.failed(.refused("key")), 9)]).last == .stop(.relayRefused, line: "key"))
    #expect(machine([(.established, 0), (.failed(.replaced("r")), 9)]).last == .stop(.replaced, line: "r"))
    #expect(
      machine([(.established, 0), (.failed(.replaced("r")), 9), (.retryDue, 10)]).last == .none)
  }

  @Test("Ctrl+C tells the relay when there is one, waits a little, and ends in any case")
  func closing() {
    #expect(machine([(.stopRequested, 0)]).last == .stop(.success, line: nil))
    #expect(machine([(.failed(.temporary("x")), 0), (.stopRequested, 0)]).last == .stop(.success, line: nil))
    let closing: [(LinkMachine.Event, Int64)] = [(.established, 0), (.stopRequested, 1)]
    #expect(machine(closing).last == .beginClosing(limitMilliseconds: LinkMachine.closingLimitMilliseconds))
    let events: [LinkMachine.Event] = [
      .settled, .closingLimitReached, .failed(.temporary("x")), .failed(.replaced("x")), .stopRequested,
    ]
    for event in events {
      #expect(machine(closing + [(event, 2)]).last == .stop(.success, line: nil), "\(event)")
    }
  }

  @Test("what breaks on this computer ends the agent from any state, with its own code")
  func broken() {
    let event = (LinkMachine.Event.broken(.machine, "gone"), Int64(5))
    let before: [[(LinkMachine.Event, Int64)]] = [
      [], [(.established, 0)], [(.failed(.temporary("x")), 0)], [(.established, 0), (.stopRequested, 1)],
    ]
    for events in before { #expect(machine(events + [event]).last == .stop(.machine, line: "gone")) }
  }

  @Test("after the end nothing happens any more")
  func stopped() {
    for event in [LinkMachine.Event.established, .failed(.temporary("")), .retryDue, .stopRequested, .settled] {
      #expect(machine([(.stopRequested, 0), (event, 1)]).last == .none)
    }
  }
}

@Suite struct KnownRelayTests {
  @Test("a relay's line is read as it was written")
  func roundTrip() throws {
    let key = try #require(Fingerprint([UInt8](repeating: 7, count: 32)))
    for address in ["relay.example:7443", "[::1]:1", "10.0.0.1:65535"] {
      let relay = KnownRelay(address: try #require(RelayAddress(address)), signingKey: key)
      #expect(KnownRelay(text: relay.text) == relay)
    }
  }

  @Test(
    "anything else is no relay's line",
    arguments: ["", "\n", "relay.example:7443", "relay.example sha256:00", "a:1 b:2 c:3", "a:1 sha256:zz\n"])
  func wrong(text: String) {
    #expect(KnownRelay(text: text) == nil)
  }

  @Test("two lines are not one")
  func twoLines() throws {
    let key = try #require(Fingerprint([UInt8](repeating: 7, count: 32)))
    #expect(KnownRelay(text: "a:1 \(key)\nb:2 \(key)\n") == nil)
  }
}
