import Foundation
import Glibc
import Testing

/// The journal of a real agent that is killed, damaged, lost, or cannot be written: what the customer reads, and what the relay
/// has on record of it.
@Suite("The agent's journal, whatever becomes of it", .shared) struct LostJournalTests {
  /// A real agent with a state directory, killed in the middle of a session with some time signed.
  private func killedAgent(_ body: (Shop, _ state: String, _ session: String) throws -> Void) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let state = try shop.scratch.directory("agent")
      setMode(state, 0o700)
      let agent = try shop.agent(["--state", state])
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.type("echo $((40 + 2))-in\n")
      try shell.expect("42-in")
      let id = try shop.openSession()
      let journal = "\(state)/journal"
      try waitUntil("a signed checkpoint in the journal", seen: { agent.child.seen }) {
        (try? String(contentsOfFile: journal, encoding: .utf8))?.contains(" \(id) signed ") == true
      }
      try shop.session("billed for", within: .seconds(10)) { ($0["active_ms"]?.int ?? 0) > 0 }
      #expect(try FileManager.default.attributesOfItem(atPath: journal)[.posixPermissions] as? Int == 0o600)
      agent.child.signal(SIGKILL)
      try agent.child.wait()
      try body(shop, state, id)
    }
  }

  @Test("an agent killed and started again tells what it has; the records agree, and the session is settled")
  func restarted() throws {
    try killedAgent { shop, state, id in
      let agent = try shop.agent(["--state", state])
      _ = try agent.event("session") { $0["session"]?.string == id && $0["state"]?.string == "closed" }
      let record = try shop.command("session", "show", id, "--json").json()
      #expect(record["state"]?.string == "closed" && record["note"]?.string == "the agent was restarted")
      #expect(!"\(record)".contains("reconciled") && record.details("agent-displaced").isEmpty, "\(record)")
      try waitUntil("a settled journal") {
        (try? String(contentsOfFile: "\(state)/journal", encoding: .utf8))?.contains(" \(id) closed active_ms=") == true
      }
      agent.interrupt()
      #expect(try agent.child.wait() == .status(0))
      // Nothing is left to tell.
      let again = try shop.agent(["--state", state])
      _ = try again.code()
      func journal() -> String { (try? String(contentsOfFile: "\(state)/journal", encoding: .utf8)) ?? "" }
      try waitUntil("a journal with nothing in it", seen: journal) { journal().split(separator: "\n").count == 1 }
    }
  }

  @Test("a journal edited by hand is found out, said, set aside, and on the relay's record")
  func edited() throws {
    try killedAgent { shop, state, id in
      let path = "\(state)/journal"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let edited = text.replacing(" measured_ms=", with: " measured_ms=9", maxReplacements: 1)
      #expect(edited != text)
      try edited.write(toFile: path, atomically: false, encoding: .utf8)
      let agent = try shop.agent(["--state", state])
      _ = try agent.event("notice") { $0["text"]?.string?.contains("is altered in line") == true }
      #expect(try String(contentsOfFile: "\(state)/journal.damaged", encoding: .utf8) == edited)
      _ = try agent.event("session") { $0["session"]?.string == id && $0["state"]?.string == "closed" }
      let record = try shop.command("session", "show", id, "--json").json()
      let found = (record["events"]?.array ?? []).first { $0["kind"]?.string == "reconciled" }?["details"]
      #expect(found?["decision"]?.string == "refused", "\(record)")
      #expect(found?["reason"]?.string == "the agent's journal is damaged")
    }
  }

  private func expectInLog(_ line: String, _ shop: Shop) throws {
    try waitUntil("\"\(line)\" in the relay's log", seen: { shop.story }) { shop.relay.child.error.text.contains(line) }
  }

  private enum Loss: CaseIterable {
    case flipped, emptied, cut, deleted

    /// What the relay says of it.
    var reason: String {
      switch self {
      case .flipped, .emptied: "refused: the agent's journal is damaged"
      case .cut, .deleted: "noted: the agent has no record of this session"
      }
    }

    func happen(to path: String) throws {
      guard self != .deleted else { return try FileManager.default.removeItem(atPath: path) }
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      switch self {
      case .flipped: bytes[60] ^= 1
      case .emptied: bytes = []
      case .cut: bytes.removeLast(bytes.count - (try unwrap(bytes.firstIndex(of: 10)) + 20))
      case .deleted: break
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
  }

  @Test(
    "a journal whose beginning or whose session is gone is on the relay's record, and in its log",
    arguments: Loss.allCases)
  private func lost(loss: Loss) throws {
    try killedAgent { shop, state, id in
      try loss.happen(to: "\(state)/journal")
      let agent = try shop.agent(["--state", state])
      _ = try agent.code()
      let isTold = agent.events.contains { $0["text"]?.string?.contains("the relay is told") == true }
      #expect(isTold == (loss == .flipped || loss == .emptied), "\(agent.child.seen)")
      try waitUntil("the entry", seen: { shop.story }) {
        try shop.command("session", "show", id).output.contains(loss.reason)
      }
      #expect(shop.relay.child.error.text.contains("Session \(id): the agent's record differs"))
      #expect(shop.relay.child.error.text.contains("the agent's journal of earlier sessions") == isTold)
    }
  }

  @Test("a full disk under the journal: said once, the work goes on, and written whole when there is room again")
  func fullDisk() throws {
    guard Mount.memoryIsPossible else { return }
    try withShop { shop in
      let alice = try shop.technician()
      let state = try shop.scratch.directory("agent")
      func run(_ arguments: [String]) throws -> Bool { try shop.tool(arguments).succeeded }
      #expect(try run(["mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", state]))
      defer { _ = try? run(["umount", "-l", state]) }
      let first = try shop.agent(["--state", state])
      _ = try first.code()
      first.interrupt()
      try first.child.wait()
      _ = try run(["dd", "if=/dev/zero", "of=\(state)/filler", "bs=1k", "count=1000", "status=none"])
      let agent = try shop.agent(["--state", state])
      _ = try agent.event("notice") { $0["text"]?.string?.contains("in memory only") == true }
      let done = try alice.ssh(try agent.code(), ["echo worked"])
      #expect(done.succeeded && done.output == "worked\n", "\(done)")
      try expectInLog("the agent cannot write its journal, and keeps it in memory", shop)
      try FileManager.default.removeItem(atPath: "\(state)/filler")
      let id = try shop.openSession()
      #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"], within: .seconds(20)).succeeded)
      _ = try agent.event("notice") { $0["text"]?.string?.contains("can be written again") == true }
      #expect(agent.events.count { $0["event"]?.string == "notice" } == 2, "\(agent.child.seen)")
      try expectInLog("the agent can write its journal again", shop)
    }
  }

  @Test("a state directory that cannot be written to: the agent says so and the work goes on")
  func unwritable() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let state = try shop.scratch.directory("agent")
      setMode(state, 0o700)
      // Root may write anywhere, but not a file where a directory stands.
      _ = try shop.scratch.directory("agent/journal/x")
      let agent = try shop.agent(["--state", state])
      _ = try agent.event("notice") { $0["text"]?.string?.contains("in memory only") == true }
      let done = try alice.ssh(try agent.code(), ["echo worked"])
      #expect(done.succeeded && done.output == "worked\n", "\(done)")
      try expectInLog("the agent cannot write its journal, and keeps it in memory", shop)
    }
  }
}
