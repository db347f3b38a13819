import Foundation
import Glibc
import Testing

/// The agent is killed: the customer's machine has nothing left of it, and the bill nothing of the time after.
@Suite("Agent death", .shared) struct AgentDeathTests {
  /// An agent with a key of its own that lasts, and a shell and a command at work.
  private func atWork(
    _ config: String, _ body: (Place, _ state: String, _ shell: Child, _ command: Child, Stopwatch) throws -> Void
  ) throws {
    try withShop(config: config) { shop in
      let state = try shop.scratch.directory("agent-state")
      setMode(state, 0o700)
      let place = try Place(shop, agent: ["--state", state])
      let watch = Stopwatch()
      let shell = shop.adopt(try place.alice.terminal(place.code))
      try shell.type("(setsid \(place.sleeper()) &) ; echo $((1 + 1))-before\n")
      try shell.expect("2-before")
      let command = shop.adopt(
        try place.alice.start(
          place.code, ["echo up; trap '' HUP TERM INT; \(place.sleeper())"], input: .pipe))
      try command.expect("up")
      try body(place, state, shell, command, watch)
    }
  }

  @Test(
    "kill -9 of the agent: nothing is left running, the session is suspended and its technician told; then it closes")
  func killed() throws {
    try atWork("resume_window_seconds: 10\n") { place, _, shell, command, whole in
      let id = try place.shop.openSession()
      let family = try Processes.descendants(of: place.agent.child.pid)
      #expect(family.count >= 5, "\(family)")
      let worked = whole.seconds
      let watch = Stopwatch()
      place.agent.child.signal(SIGKILL)
      try place.expectSession("suspended", ["link"], within: .seconds(20))
      let suspended = watch.seconds
      try shell.expect("line to the customer's machine is down", within: .seconds(20 - suspended))
      print("the agent was killed: suspended after \(suspended) s, told after \(watch.seconds) s")
      // What ignores being told to end has some seconds.
      try Processes.waitUntilGone(family)
      let bill = try place.shop.bill(of: id, within: .seconds(30))
      #expect((9..<16).contains(watch.seconds), "closed after \(watch.seconds) s")
      #expect(bill.active <= worked + 0.5 && bill.active >= worked - RelayDeathTests.bound - 1, "\(worked) s: \(bill)")
      #expect(try shell.wait() == .status(255) && command.wait() == .status(255))
      #expect(bill.record["outcome"]?.string == "unclosed", "\(bill)")
      try Traces.expectNoProcess(place)
    }
  }

  @Test("started again with its key, the agent's earlier session is over at once, and it is of use again")
  func startedAgain() throws {
    try atWork("") { place, state, shell, command, _ in
      let id = try place.shop.openSession()
      place.agent.child.signal(SIGKILL)
      try place.agent.child.wait()
      let watch = Stopwatch()
      let next = try place.shop.agent(["--state", state])
      let code = try next.code()
      let bill = try place.shop.bill(of: id)
      print("started again: closed after \(watch.seconds) s: \(bill)")
      #expect(watch.seconds < 5, "\(watch.seconds) s")
      #expect(try shell.wait() == .status(255) && command.wait() == .status(255))
      #expect(code != place.code)
      #expect(try place.alice.ssh(code, ["echo again"]).output == "again\n")
      _ = try place.shop.close(by: place.alice)
      #expect(try place.shop.sessions().count == 2)
      try Traces.expectNoProcess(place)
    }
  }

  @Test("the bill of a session whose agent was killed is within the bound, whenever it was")
  func bound() throws {
    var dice = Dice(salt: 77)
    try withShop { shop in
      let state = try shop.scratch.directory("agent-state")
      setMode(state, 0o700)
      let alice = try shop.technician()
      for _ in 0..<3 {
        let agent = try shop.agent(["--state", state])
        let shell = shop.adopt(try alice.start(try agent.code(), ["while sleep 0.1; do echo x; done"]))
        try shell.expect("x")
        let worked = Stopwatch()
        let id = try shop.openSession()
        let moment = Double(dice.roll(500..<8000)) / 1000
        try expectThroughout("work goes on", for: .seconds(moment)) { shell.exit == nil }
        agent.child.signal(SIGKILL)
        let seconds = worked.seconds
        try agent.child.wait()
        let next = try shop.agent(["--state", state])
        _ = try next.code()
        let bill = try shop.bill(of: id)
        print("killed after \(seconds) s (FIXLINE_SEED=\(dice.seed)): \(bill)")
        #expect(bill.active <= seconds + 1.5 && bill.active >= seconds - RelayDeathTests.bound, "\(seconds) s: \(bill)")
        next.interrupt()
        try next.child.wait()
      }
    }
  }
}
