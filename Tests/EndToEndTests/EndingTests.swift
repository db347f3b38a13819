import Foundation
import Glibc
import Testing

/// Nothing that a session started outlives it.
@Suite("Endings", .shared) struct EndingTests {
  /// What a session may leave behind: a plain child, one in its own session, orphans, one that ignores what it is told,
  /// and one under a daemon's double fork. Each is `sleep` with a length nobody else uses.
  private static func litter(_ token: Int) -> String {
    """
    sleep \(token) & setsid sleep \(token) & (sleep \(token) &) ; setsid sh -c '(sleep \(token) &)' ; \
    nohup sleep \(token) >/dev/null 2>&1 & setsid sh -c "trap '' TERM HUP INT; sleep \(token)" & \
    (trap '' TERM HUP INT; sleep \(token)) & echo $((40 + 2))-littered
    """
  }
  private static let pieces = 7

  private func running(_ token: Int) -> Int {
    Processes.matching("sleep \(token)").values.filter { $0.hasPrefix("sleep ") }.count
  }

  /// Leaves litter by a terminal's shell and by an exec, lets `end` end it all, and waits until it is gone.
  private func littered(_ end: (Shop, AgentProcess, Technician) throws -> Void) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let token = Int.random(in: 1_000_000...9_999_999)
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type(Self.litter(token) + "\n")
      try shell.expect("42-littered")
      let exec = shop.adopt(try alice.start(code, [Self.litter(token)], input: .pipe))
      try exec.expect("42-littered")
      try waitUntil("the litter", seen: { "\(running(token)) of \(2 * Self.pieces)" }) {
        running(token) == 2 * Self.pieces
      }
      try end(shop, agent, alice)
      try waitUntil("the end of all of it", within: .seconds(20), seen: { "\(Processes.matching("sleep \(token)"))" }) {
        running(token) == 0
      }
    }
  }

  @Test("the session's end ends everything it started; the agent stays")
  func sessionEnd() throws {
    try littered { shop, agent, alice in
      let closed = try alice.ssh("desk", ["close", try shop.openSession(), "--outcome", "fixed", "--note", "done"])
      #expect(closed.succeeded, "\(closed)")
      #expect(agent.child.exit == nil)
    }
  }

  @Test("Ctrl-C at the agent ends everything and exits 0")
  func interrupt() throws {
    try littered { _, agent, _ in
      agent.interrupt()
      let exit = try agent.child.wait(within: .seconds(15))
      #expect(exit == .status(0))
    }
  }

  @Test("SIGHUP and SIGTERM at the agent end everything", arguments: [SIGHUP, SIGTERM])
  func hangUp(signal: CInt) throws {
    try littered { _, agent, _ in
      agent.child.signal(signal)
      let exit = try agent.child.wait(within: .seconds(15))
      #expect(exit == .status(0))
    }
  }

  @Test("kill -9 of the agent ends everything too, the guardian included")
  func killed() throws {
    try littered { _, agent, _ in
      let family = try Processes.descendants(of: agent.child.pid)
      #expect(!family.isEmpty)
      agent.child.signal(SIGKILL)
      #expect(try agent.child.wait() == .signal(Int(SIGKILL)))
      try Processes.waitUntilGone(family)
    }
  }

  private enum TerminalEnd: CaseIterable { case controlC, closed }

  @Test("Ctrl-C in the agent's terminal, and its window closed, end everything", arguments: TerminalEnd.allCases)
  private func terminalEnds(end: TerminalEnd) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let terminal = try Tmux(
        shop,
        [
          Programs.agent, "--relay", "127.0.0.1:\(shop.relay.tlsPort)", "--pin", shop.relay.pin, "--consent", "yes",
          "--json",
        ], columns: 400)
      defer { terminal.close() }
      var code: String?
      try waitUntil("the code", seen: { (try? terminal.screen().joined(separator: "\n")) ?? "" }) {
        code = try terminal.screen().joined(separator: "\n").firstMatch(of: /"code":"([0-9]{9})"/).map { String($0.1) }
        return code != nil
      }
      let token = Int.random(in: 1_000_000...9_999_999)
      let exec = shop.adopt(try alice.start(try unwrap(code), ["setsid sleep \(token) & echo up; cat"], input: .pipe))
      try exec.expect("up")
      try waitUntil("the sleep") { running(token) == 1 }
      switch end {
      case .controlC: try terminal.send("C-c")
      case .closed: terminal.close()
      }
      try waitUntil("the end of all of it") { running(token) == 0 }
    }
  }

  @Test("the end of a channel hangs its shell up")
  func channelEnd() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let token = Int.random(in: 1_000_000...9_999_999)
      let master = try alice.master(code)
      defer { master.close() }
      let shell = shop.adopt(
        try alice.start(code, options: master.options + ["-tt"], input: .pipe))
      try shell.type("sleep \(token)\n")
      try waitUntil("the sleep") { running(token) == 1 }
      // The mux client's end closes its channel in order; the connection stays.
      shell.signal(SIGTERM)
      try waitUntil("the end of the sleep") { running(token) == 0 }
      #expect(try alice.ssh(code, ["echo on"], options: master.options).output == "on\n")
    }
  }

  @Test("a connection that breaks is taken up again within the linger time, in the same shell")
  func returns() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let first = shop.adopt(try alice.terminal(code))
      try first.type("cd /usr; echo pid=$$; FIXLINE_KEPT=kept\n")
      let pid = try shellPid(in: first)
      first.kill()
      try shop.session("suspended") {
        $0["state"]?.string == "suspended" && $0["suspended_reasons"] == .list([.text("no-channel")])
      }
      #expect(Processes.runs(try unwrap(pid_t(pid))))
      let second = shop.adopt(try alice.terminal(code))
      try second.type("echo pid=$$ in=$PWD $FIXLINE_KEPT-$((5 * 5))\n")
      try second.expect("pid=\(pid) in=/usr kept-25")
      #expect(agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
      #expect(try shop.sessions().count == 1)
      try shop.session("active again") { $0["state"]?.string == "active" }
    }
  }

  private func shellPid(in shell: Child) throws -> String {
    var pid: String?
    try waitUntil("the shell's pid", seen: { shell.seen }) {
      pid = shell.output.text.firstMatch(of: /pid=([0-9]+)/).map { String($0.1) }
      return pid != nil
    }
    return try unwrap(pid)
  }

  @Test("nobody coming back within the linger time closes the session and ends the shell")
  func lingerEnds() throws {
    try withShop(config: "linger_seconds: 1\n") { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let token = Int.random(in: 1_000_000...9_999_999)
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("sleep \(token)\n")
      try waitUntil("the sleep") { running(token) == 1 }
      shell.kill()
      let session = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(session["outcome"]?.string == "unclosed")
      try waitUntil("the end of the shell") { running(token) == 0 }
    }
  }

  @Test("a relay that drains ends in time, and its agents come back to the next one by themselves")
  func drain() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      #expect(try alice.ssh(code, ["true"]).succeeded)
      #expect(try shop.relay.drain() == .status(0))
      _ = try agent.event("disconnected") { ($0["retry_ms"]?.int ?? -1) >= 0 }
      try shop.restartRelay()
      try waitUntil("a new code", within: .seconds(45), seen: { agent.child.seen }) {
        agent.events.filter { $0["event"]?.string == "ready" }.count >= 2
      }
      let next = try unwrap(agent.events.last { $0["event"]?.string == "ready" }?["code"]?.string)
      #expect(try alice.ssh(next, ["echo back"]).output == "back\n")
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }
}
