import Foundation
import Glibc
import Testing

/// A disk that fails while somebody is being helped: the clock stops, the help does not, and everybody is told.
@Suite("Storage", .shared) struct StorageTests {
  /// What the clock may be off at each end of a stop, in milliseconds: how late a test sees what the relay says.
  private static let slackMilliseconds = 250

  @Test("the clock stops, help goes on, both sides and the log say so, and it recovers", arguments: BadDisk.possible)
  func stopsAndRecovers(disk: BadDisk) throws {
    try disk.withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let began = ContinuousClock.now
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((6 * 7))-before\n")
      try shell.expect("42-before")
      let id = try shop.openSession()

      try disk.fail(shop)
      try waitUntil("the relay to say so", seen: { shop.story }) {
        shop.relay.child.error.text.contains("The ledger cannot be written; the clock stops, help goes on.")
      }
      let stopped = ContinuousClock.now
      try shell.expect("The relay cannot write its records: no time counts until it can. Your work goes on.")
      _ = try agent.event("session") { Self.isStopped($0) }

      // Help goes on: in the shell that is open, in new commands, in a new shell, which is told too.
      for number in 1...4 {
        let done = try alice.ssh(code, ["echo", "during-\(number)"])
        #expect(done.exit == .status(0) && done.output == "during-\(number)\n", "\(done)")
        #expect(done.error.isEmpty, "a script hears nothing: \(done)")
      }
      // For as long as it takes a wrong bill to show.
      var more = 4
      while milliseconds(ContinuousClock.now - stopped) < 1000 {
        more += 1
        _ = try alice.ssh(code, ["echo", "during-\(more)"])
      }
      let second = shop.adopt(try alice.terminal(code))
      try second.expect("The relay cannot write its records")
      try second.type("exit 0\n")
      _ = try second.wait()
      try shell.type("echo $((7 * 7))-during\n")
      try shell.expect("49-during")

      let mended = ContinuousClock.now
      try disk.mend(shop)
      try shell.expect("The relay can write its records again.")
      try waitUntil("the relay to say so", seen: { shop.story }) {
        shop.relay.child.error.text.contains("The ledger can be written again; the clock goes on.")
      }
      try waitUntil("the agent to say that time counts again", seen: { agent.child.seen }) {
        let states = agent.events.filter { $0["event"]?.string == "session" }
        guard let stop = states.firstIndex(where: Self.isStopped) else { return false }
        return states[stop...].contains { $0["state"]?.string == "active" }
      }
      try shell.type("echo $((8 * 8))-after; exit 0\n")
      try shell.expect("64-after")
      #expect(try shell.wait() == .status(0))
      let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
      #expect(closed.succeeded, "\(closed)")
      let ended = ContinuousClock.now

      // What was acknowledged is on the disk, even when the relay dies at once.
      shop.relay.child.kill()
      let verified = try shop.command("ledger", "verify")
      #expect(verified.succeeded, "\(verified)")
      let record = try shop.command("session", "show", id, "--json").json()
      #expect(record["state"]?.string == "closed")
      let commands = record.details("channel-opened").compactMap { $0["command"]?.string }
      #expect(Set((1...4).map { "echo during-\($0)" }).isSubset(of: commands), "\(commands)")
      #expect(Set(commands).count == commands.count, "nothing is on record twice: \(commands)")
      let active = try unwrap(record["active_ms"]?.int)
      let most = milliseconds(ended - began) - milliseconds(mended - stopped) + Self.slackMilliseconds
      #expect(active <= most, "billed \(active) ms of at most \(most) ms")
      #expect(active > 0)
      let stops = record.details("session-suspended").filter { Self.reasons($0).contains("storage") }
      #expect(!stops.isEmpty, "the stop is on record: \(record)")
      #expect(milliseconds(mended - stopped) > 500, "the stop was too short to tell anything")
    }
  }

  private static func isStopped(_ event: JSON) -> Bool {
    event["event"]?.string == "session" && event["state"]?.string == "suspended"
      && event["suspended_reasons"]?.array?.contains(.text("storage")) == true
  }

  private static func reasons(_ details: JSON) -> [String] { details["reasons"]?.array?.compactMap(\.string) ?? [] }

  @Test("a session that begins on a full disk costs nothing before there is room", .enabled(if: Mount.memoryIsPossible))
  func beginsWithoutRoom() throws {
    try BadDisk.full.withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      try BadDisk.full.fail(shop)
      let shell = shop.adopt(try alice.terminal(code))
      try shell.expect("The relay cannot write its records")
      try shell.type("echo $((6 * 7))-there\n")
      try shell.expect("42-there")
      let id = try unwrap(agent.event("session") { Self.isStopped($0) }["session"]?.string)
      #expect(try shop.sessions().isEmpty, "nothing is on record yet")
      #expect(try agent.event("session") { Self.isStopped($0) }["active_ms"]?.int == 0)

      try BadDisk.full.mend(shop)
      try shell.expect("The relay can write its records again.")
      try shell.type("exit 0\n")
      _ = try shell.wait()
      let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
      #expect(closed.succeeded, "\(closed)")
      let record = try shop.command("session", "show", id, "--json").json()
      // All of it is there, in its order.
      let kinds = (record["events"]?.array ?? []).compactMap { $0["kind"]?.string }
      #expect(kinds.prefix(4) == ["session-requested", "consent-asked", "consent-answered", "session-activated"])
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }

  @Test(
    "who is helped on a full disk is told that his receipt follows, and gets it", .enabled(if: Mount.memoryIsPossible))
  func receiptFollows() throws {
    try BadDisk.full.withShop { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.busy(seconds: 2)
      try shell.expect("done-11")
      let id = try shop.openSession()
      try BadDisk.full.fail(shop)
      try shell.expect("The relay cannot write its records")
      let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
      #expect(closed.output.contains("Not on record yet"), "\(closed)")
      try customer.terminal.expect("Your receipt follows as soon as it is on record.")
      try BadDisk.full.mend(shop)
      try customer.terminal.expect("RECEIPT \(id)")
    }
  }

  private enum End: CaseIterable {
    /// Ctrl+C; the desk, then Ctrl+C; the desk, then the agent is killed.
    case customer, deskThenCustomer, deskThenKilled
  }

  @Test(
    "a receipt that the full disk kept back is asked for by the next run of the agent, and countersigned",
    .enabled(if: Mount.memoryIsPossible), arguments: End.allCases)
  private func receiptOwed(end: End) throws {
    try BadDisk.full.withShop { shop in
      let alice = try shop.technician()
      let state = try shop.scratch.directory("agent")
      setMode(state, 0o700)
      let agent = try shop.agent(["--state", state])
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.busy(seconds: 2)
      try shell.expect("done-11")
      let id = try shop.openSession()
      try BadDisk.full.fail(shop)
      try shell.expect("The relay cannot write its records")
      if end != .customer {
        let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
        #expect(closed.output.contains("Not on record yet"), "\(closed)")
        _ = try agent.event("session") { $0["state"]?.string == "closed" }
      }
      func journal() -> String { (try? String(contentsOfFile: "\(state)/journal", encoding: .utf8)) ?? "" }
      if end == .deskThenKilled {
        try waitUntil("the journal to know", seen: journal) { journal().contains(" \(id) owed active_ms=") }
        agent.child.kill()
      } else {
        agent.interrupt()
        #expect(try agent.child.wait() == .status(0), "\(agent.child.seen)")
        let event = try agent.event("receipt")
        #expect(event["file"]?.string == "\(state)/receipts/\(id)-provisional.json", "\(event)")
        let text = try String(contentsOfFile: "\(state)/receipts/\(id)-provisional.txt", encoding: .utf8)
        #expect(text.contains("The other side cannot write its records for now."), "\(text)")
        #expect(text.contains("comes when this program"), "\(text)")
      }

      // The relay still cannot write: nothing is settled, and nothing is given up.
      let early = try shop.agent(["--state", state])
      _ = try early.event("session") { $0["session"]?.string == id && $0["state"]?.string == "closed" }
      early.child.kill()
      try BadDisk.full.mend(shop)
      let again = try shop.agent(["--state", state])
      let final = try again.event("receipt") { $0["session"]?.string == id }
      #expect(final["provisional"]?.flag == false && final["countersigned"]?.flag == true, "\(final)")
      #expect(final["file"]?.string == "\(state)/receipts/\(id).json")
      try waitUntil("both signatures on record", seen: { shop.story }) {
        let record = try shop.command("session", "show", id, "--json").json()
        return record.details("receipt-countersigned").count == 1 && record.details("receipt-issued").count == 1
          && record.details("receipt-provisional").count == (end == .deskThenKilled ? 0 : 1)
          && record.details("reconciled").isEmpty
      }
      try waitUntil("a settled journal", seen: journal) { journal().contains(" \(id) closed active_ms=") }
      #expect(journal().split(separator: " closed active_ms=").count == 2, "settled once: \(journal())")
    }
  }

  @Test(
    "a file system that can only be read is named at the start, and can be looked at",
    .enabled(if: Mount.memoryIsPossible))
  func mountedReadOnly() throws {
    try BadDisk.full.withShop { shop in
      _ = try shop.technician()
      #expect(try shop.relay.drain() == .status(0))
      func remount(_ way: String) throws {
        let done = try shop.tool(["mount", "-o", "remount,\(way)", shop.relay.state])
        guard done.succeeded else { throw Failure("\(done)") }
      }
      try remount("ro")
      let refused = shop.adopt(try RelayProcess.launch(in: shop.scratch, state: shop.relay.state))
      #expect(try refused.wait() == .status(73), "\(refused.seen)")
      #expect(refused.error.text.split(separator: "\n").count == 1, "\(refused.seen)")
      #expect(try shop.command("ledger", "verify").succeeded)
      #expect(try shop.command("technician", "list").output.contains("alice"))
      let added = try shop.command("technician", "remove", "alice")
      #expect(!added.succeeded && added.error.split(separator: "\n").count == 1, "\(added)")
      try remount("rw")
      try shop.restartRelay()
      #expect(try shop.agent().code().count == 9)
    }
  }
}

/// A duration in milliseconds.
private func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
