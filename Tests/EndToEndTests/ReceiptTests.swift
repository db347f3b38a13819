import Foundation
import Glibc
import Testing

/// What the customer holds in his hands at the end, made by the real programs and the stock ssh, and checked offline.
@Suite("Receipts", .shared) struct ReceiptTests {
  /// A shop, a technician, and an agent that keeps its state; a session of a second or two is worked and left open.
  private struct Visit {
    let shop: Shop
    let technician: Technician
    let agent: AgentProcess
    let agentState: String
    let session: String

    /// Where the agent puts the session's receipt.
    var file: String { "\(agentState)/receipts/\(session).json" }

    func close(outcome: String = "fixed") throws {
      let closed = try technician.ssh("desk", ["close", session, "--outcome", outcome, "--note", "new driver"])
      #expect(closed.succeeded, "\(closed)")
    }

    /// The agent's word that the receipt is there.
    @discardableResult
    func receipt() throws -> JSON { try agent.event("receipt") { $0["session"]?.string == session } }
  }

  /// Works for more than a second, so that there is something to pay.
  private static func work(_ shop: Shop, _ more: [String] = [], keepsState: Bool = true) throws -> Visit {
    let alice = try shop.technician()
    let state = try shop.scratch.directory("agent")
    setMode(state, 0o700)
    let agent = try shop.agent((keepsState ? ["--state", state] : []) + more)
    let code = try agent.code()
    let hold = shop.adopt(try alice.start(code, ["cat"], input: .pipe))
    try hold.type("x\n")
    try hold.expect("x\n")
    try expectThroughout("the channel is open", for: .milliseconds(1300)) { hold.exit == nil }
    try hold.type("y\n")
    try hold.expect("y\n")
    hold.endInput()
    try hold.wait()
    return Visit(
      shop: shop, technician: alice, agent: agent, agentState: state, session: try shop.openSession())
  }

  private static func agentVerify(_ shop: Shop, _ arguments: String...) throws -> Finished {
    try shop.tool([Programs.agent, "verify"] + arguments)
  }

  private static func relayVerify(_ shop: Shop, _ arguments: String...) throws -> Finished {
    try RelayProcess.command(["receipt", "verify"] + arguments, in: shop.scratch)
  }

  private static func contents(_ path: String) throws -> [UInt8] {
    Array(try unwrap(FileManager.default.contents(atPath: path), path))
  }

  @Test("a short fix ends in a receipt at the customer's, genuine to both programs, with and without state")
  func shortFix() throws {
    try withShop { shop in
      let visit = try Self.work(shop)
      try visit.close()
      let event = try visit.receipt()
      #expect(event["file"]?.string == visit.file && event["provisional"]?.flag == false)
      #expect(event["countersigned"]?.flag == true)
      #expect(try mode(visit.file) == 0o600 && mode(visit.file.replacing(".json", with: ".txt")) == 0o600)

      let bytes = try Self.contents(visit.file)
      #expect(bytes.count <= 24 * 1024)
      let receipt = try JSON(
        parsing: try unwrap(JSON(parsing: String(decoding: bytes, as: UTF8.self))["receipt"]?.string))
      let record = try shop.command("session", "show", visit.session, "--json").json()
      for key in ["id", "outcome", "note", "active_ms", "billed_seconds", "amount_minor", "currency", "purpose"] {
        #expect(receipt[key] == record[key], "\(key): \(receipt), \(record)")
      }
      #expect(receipt["amount_minor"]?.int == 2250 && receipt["billed_seconds"]?.int == 900)
      let closing = try unwrap(
        record["events"]?.array?.first { $0["kind"]?.string == "session-closed" }, "the closing entry")
      #expect(receipt["chain"]?["sequence"] == closing["sequence"] && receipt["chain"]?["hash"] == closing["hash"])

      let key = try unwrap(shop.relay.ready["signing_key"]?.string)
      let other = "sha256:" + String(repeating: "0", count: 64)
      for (done, status) in [
        (try Self.agentVerify(shop, visit.file, "--state", visit.agentState), 0),
        (try Self.agentVerify(shop, visit.file, "--key", key), 0), (try Self.agentVerify(shop, visit.file), 2),
        (try Self.agentVerify(shop, visit.file, "--key", other), 1),
        (try Self.relayVerify(shop, visit.file, "--state", shop.relay.state), 0),
        (try Self.relayVerify(shop, visit.file, "--key", key), 0), (try Self.relayVerify(shop, visit.file), 2),
        (try Self.relayVerify(shop, visit.file, "--key", other), 1),
      ] {
        #expect(done.exit == .status(status), "\(done)")
        #expect(done.output.split(separator: "\n").count == 1 && done.error.isEmpty, "\(done)")
        if status == 2 { #expect(done.output.contains("signer not verified") && done.output.contains(key), "\(done)") }
      }

      // The countersignature is on record once it has come, and then the relay's copy is the customer's, byte for byte.
      let copy = shop.scratch.path("copy.json")
      try waitUntil("the countersignature on record", seen: { shop.story }) {
        try? FileManager.default.removeItem(atPath: copy)
        return try shop.command("receipt", "export", visit.session, "-o", copy).succeeded
          && Self.contents(copy) == bytes
      }
      let again = try shop.command("receipt", "export", visit.session, "-o", copy)
      #expect(again.exit == .status(73) && again.error.contains("exists"), "\(again)")
      #expect(try shop.command("session", "show", visit.session).output.contains("Receipt"))
      let against = try shop.command("ledger", "verify", "--against", visit.file, copy)
      #expect(against.succeeded && against.output.contains("2 receipts"), "\(against)")
      let exported = try shop.command("ledger", "export")
      let kinds = JSON.lines(of: exported.output).compactMap { $0["kind"]?.string }
      #expect(kinds.contains("receipt-issued") && kinds.contains("receipt-countersigned"), "\(exported)")
    }
  }

  @Test("a guest finds the receipt where he stands, and a copy of any byte changed is refused")
  func guest() throws {
    try withShop { shop in
      let visit = try Self.work(shop, keepsState: false)
      try visit.close()
      let name = try unwrap(try visit.receipt()["file"]?.string)
      #expect(name == "fixline-receipt-\(visit.session).json")
      let path = shop.scratch.path(name)
      let key = try unwrap(shop.relay.ready["signing_key"]?.string)
      let bytes = try Self.contents(path)
      var random = SystemRandomNumberGenerator()
      for _ in 0..<12 {
        var changed = bytes
        let place = Int.random(in: 0..<bytes.count, using: &random)
        changed[place] ^= UInt8.random(in: 1...255, using: &random)
        let copy = shop.scratch.path("changed.json")
        try Data(changed).write(to: URL(fileURLWithPath: copy))
        let done = try Self.agentVerify(shop, copy, "--key", key)
        #expect(done.exit == .status(1) && done.output.hasPrefix("Not genuine: "), "byte \(place): \(done)")
      }
      #expect(try Self.agentVerify(shop, path, "--key", key).succeeded)
    }
  }

  @Test("a ledger cut off behind the customer's back is sound by itself, and found out with his receipt")
  func cutOff() throws {
    try withShop { shop in
      let visit = try Self.work(shop)
      try visit.close()
      try visit.receipt()
      #expect(try shop.relay.drain() == .status(0))
      let file = "\(shop.relay.state)/ledger.sqlite"
      func damage(_ statements: String...) throws {
        let done = try shop.tool([Programs.python, Programs.script("damage.py"), file] + statements)
        guard done.succeeded else { throw Failure("\(done)") }
      }
      try damage("PRAGMA wal_checkpoint(TRUNCATE)")
      let receipt = try JSON(
        parsing: try unwrap(
          JSON(parsing: String(decoding: try Self.contents(visit.file), as: UTF8.self))["receipt"]?.string))
      let closing = try unwrap(receipt["chain"]?["sequence"]?.int)
      let whole = try shop.command("ledger", "verify", "--against", visit.file, "--json")
      #expect(whole.succeeded, "\(whole)")

      for (keep, words) in [(closing, "is not on record"), (closing - 1, "entry \(closing)")] {
        try damage(
          "PRAGMA foreign_keys = OFF", "DELETE FROM payloads WHERE sequence > \(keep)",
          "DELETE FROM entries WHERE sequence > \(keep)",
          """
          UPDATE ledger SET head_sequence = \(keep), head_hash = (SELECT hash FROM entries WHERE sequence = \(keep))
          """)
        let alone = try shop.command("ledger", "verify")
        #expect(alone.succeeded, "a clean cut shows in nothing the ledger has: \(alone)")
        let against = try shop.command("ledger", "verify", "--against", visit.file)
        #expect(against.exit == .status(1) && against.output.contains(words), "\(against)")
        let json = try shop.command("ledger", "verify", "--json", "--against", visit.file)
        #expect(json.exit == .status(1), "\(json)")
        #expect(try json.json()["sound"]?.flag == false)
      }
    }
  }

  @Test("the relay killed at the close leaves a provisional receipt, and the final one comes when they meet again")
  func settledLater() throws {
    try withShop { shop in
      let visit = try Self.work(shop)
      shop.relay.child.kill()
      _ = try visit.agent.event("disconnected")
      visit.agent.interrupt()
      #expect(try visit.agent.child.wait() == .status(0), "\(visit.agent.child.seen)")
      let event = try visit.receipt()
      let provisional = "\(visit.agentState)/receipts/\(visit.session)-provisional.json"
      #expect(event["provisional"]?.flag == true && event["file"]?.string == provisional, "\(event)")
      let judged = try Self.agentVerify(shop, provisional, "--state", visit.agentState)
      #expect(judged.exit == .status(2) && judged.output.hasPrefix("Provisional: "), "\(judged)")
      #expect(!FileManager.default.fileExists(atPath: visit.file))

      try shop.restartRelay()
      let again = try shop.agent(["--state", visit.agentState])
      let final = try again.event("receipt") { $0["session"]?.string == visit.session }
      #expect(final["provisional"]?.flag == false && final["countersigned"]?.flag == true, "\(final)")
      #expect(final["file"]?.string == visit.file)
      #expect(try Self.agentVerify(shop, visit.file, "--state", visit.agentState).succeeded)
      let session = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(session["id"]?.string == visit.session)
      try waitUntil("both receipts on record", seen: { shop.story }) {
        let kinds = try shop.command("session", "show", visit.session, "--json").json()["events"]?.array?
          .compactMap { $0["kind"]?.string }
        return kinds.map { $0.contains("receipt-provisional") && $0.contains("receipt-countersigned") } ?? false
      }
      #expect(try shop.command("ledger", "verify", "--against", visit.file).succeeded)
    }
  }

  @Test("a guest whom the relay cannot be reached for is sent to the shop: nobody could hand him the final receipt")
  func guestAlone() throws {
    try withShop { shop in
      let visit = try Self.work(shop, keepsState: false)
      shop.relay.child.kill()
      _ = try visit.agent.event("disconnected")
      visit.agent.interrupt()
      #expect(try visit.agent.child.wait() == .status(0), "\(visit.agent.child.seen)")
      let event = try visit.receipt()
      #expect(event["provisional"]?.flag == true, "\(event)")
      let name = try unwrap(event["file"]?.string).replacing(".json", with: ".txt")
      let text = String(decoding: try Self.contents(shop.scratch.path(name)), as: UTF8.self)
      #expect(text.contains("name visit \(visit.session).") && !text.contains("connects to it again"), "\(text)")
    }
  }

  @Test("Ctrl+C with the relay there ends in the final receipt")
  func interrupted() throws {
    try withShop { shop in
      let visit = try Self.work(shop)
      visit.agent.interrupt()
      #expect(try visit.agent.child.wait() == .status(0), "\(visit.agent.child.seen)")
      #expect(try visit.receipt()["provisional"]?.flag == false)
      #expect(try Self.agentVerify(shop, visit.file, "--state", visit.agentState).succeeded)
    }
  }

  @Test("a person reads the receipt, and last how to check it")
  func text() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = shop.adopt(
        try Child.start(
          [Programs.agent, "--relay", "127.0.0.1:\(shop.relay.tlsPort)", "--pin", shop.relay.pin, "--consent", "yes"],
          environment: Programs.variables(home: shop.scratch.path), directory: shop.scratch.path))
      try agent.expect("Your code:")
      let code = try unwrap(
        agent.output.text.firstMatch(of: /Your code: +(\d{3}) (\d{3}) (\d{3})/).map { "\($0.1)\($0.2)\($0.3)" })
      #expect(try alice.ssh(code, ["true"]).succeeded)
      let id = try shop.openSession()
      #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"]).succeeded)
      try agent.expect("Check it: fixline-agent verify fixline-receipt-\(id).json")
      #expect(agent.output.text.contains("No one is connected."))
      let stored = String(decoding: try Self.contents(shop.scratch.path("fixline-receipt-\(id).txt")), as: UTF8.self)
      #expect(agent.output.text.contains(stored), "\(stored)")
    }
  }

  @Test("what is no receipt is refused with one clear line and a fitting exit code")
  func noReceipt() throws {
    try withShop { shop in
      let text = try shop.scratch.file("letter.json", "{\"dear\":\"customer\"}\n")
      let large = try shop.scratch.file("large.json", String(repeating: " ", count: 30_000))
      let directory = try shop.scratch.directory("folder")
      for (file, status, words) in [
        (text, 1, "the member receipt"), (large, 1, "larger than any"), (directory, 66, "not a regular file"),
        (shop.scratch.path("nowhere.json"), 66, "no such file"),
      ] {
        for done in [try Self.agentVerify(shop, file), try Self.relayVerify(shop, file)] {
          #expect(done.exit == .status(status), "\(done)")
          let said = done.output + done.error
          #expect(said.contains(words) && said.split(separator: "\n").count == 1, "\(done)")
        }
      }
      #expect(try Self.agentVerify(shop, text, "--key", "sha256:12").exit == .status(64))
      #expect(try Self.relayVerify(shop, text, "--key", "sha256:12").exit == .status(64))
      #expect(try shop.tool([Programs.agent, "verify"]).exit == .status(64))
      let foreign = try shop.command("ledger", "verify", "--against", text)
      #expect(foreign.exit == .status(1) && foreign.error.contains("cannot be held against"), "\(foreign)")
      #expect(try shop.command("receipt", "export", "00000000", "-o", shop.scratch.path("x")).exit == .status(1))
    }
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try unwrap(attributes[.posixPermissions] as? Int, path)
  }
}
