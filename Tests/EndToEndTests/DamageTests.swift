import Foundation
import Glibc
import Testing

/// A ledger that is not what was written: named, never billed from, kept as evidence.
@Suite("Damage", .shared) struct DamageTests {
  /// Does something to a relay's database file.
  private struct Damage {
    let name: String
    /// What has to be in the reason.
    let words: String
    /// The entry that has to be named; nil where none is at fault, -1 where any may be.
    let entry: Int?
    let apply: (Shop, _ file: String) throws -> Void

    static func sql(_ name: String, _ words: String, entry: Int?, _ statements: String...) -> Damage {
      Damage(name: name, words: words, entry: entry) { shop, file in try DamageTests.damage(shop, file, statements) }
    }

    static func bytes(_ name: String, _ words: String, entry: Int?, _ change: @escaping (inout Data) -> Void) -> Damage
    {
      Damage(name: name, words: words, entry: entry) { _, file in
        var data = try Data(contentsOf: URL(fileURLWithPath: file))
        change(&data)
        try data.write(to: URL(fileURLWithPath: file))
      }
    }
  }

  private static func damage(_ shop: Shop, _ file: String, _ statements: [String]) throws {
    let done = try shop.tool([Programs.python, Programs.script("damage.py"), file] + statements)
    guard done.succeeded else { throw Failure("\(done)") }
  }

  private static func kinds(last: Int) -> [Damage] {
    [
      .sql(
        "payload", "the payload is not the one", entry: 4, "UPDATE payloads SET text = x'7b203d' WHERE sequence = 4"),
      .sql("header", "header", entry: 4, "UPDATE entries SET header = zeroblob(length(header)) WHERE sequence = 4"),
      .sql("hash", "the header is not the one", entry: 4, "UPDATE entries SET hash = zeroblob(32) WHERE sequence = 4"),
      .sql("kind", "the column kind", entry: 4, "UPDATE entries SET kind = 99 WHERE sequence = 4"),
      .sql("no payload", "the payload is missing", entry: 4, "DELETE FROM payloads WHERE sequence = 4"),
      .sql("no entry", "it is missing", entry: 4, "DELETE FROM entries WHERE sequence = 4"),
      .sql("no tail", "it is missing", entry: last, "DELETE FROM entries WHERE sequence = \(last)"),
      .sql("head", "the ledger's head does not match it", entry: last, "UPDATE ledger SET head_hash = zeroblob(32)"),
      .sql("no head", "its head cannot be read", entry: nil, "DELETE FROM ledger"),
      .sql(
        "forged technician", "was never added", entry: nil,
        "INSERT INTO technicians VALUES ('mallory', 'operator', 'ssh-ed25519 AAAA', zeroblob(32), 0)"),
      .bytes("pages", "cannot be read", entry: -1) { data in
        for index in 4096..<data.count { data[index] = 0xA5 }
      },
      .bytes("first page", "not that of a database", entry: 1) { data in
        for index in 0..<4096 { data[index] = 0xA5 }
      },
      .bytes("cut", "cannot be read", entry: -1) { data in data = data.prefix(data.count / 2 / 4096 * 4096) },
    ]
  }

  /// A relay that has ended, with a closed session on record; returns the newest entry's number.
  private func finished(_ shop: Shop) throws -> (last: Int, session: String) {
    let alice = try shop.technician()
    let code = try shop.agent().code()
    #expect(try alice.ssh(code, ["true"]).succeeded)
    let id = try shop.openSession()
    #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"]).succeeded)
    #expect(try shop.relay.drain() == .status(0))
    // Everything in the one file: what stands in the log as well would hide its damage.
    try Self.damage(shop, "\(shop.relay.state)/ledger.sqlite", ["PRAGMA wal_checkpoint(TRUNCATE)"])
    let report = try shop.command("ledger", "verify", "--json").json()
    #expect(report["sound"]?.flag == true)
    return (try unwrap(report["entries"]?.int), id)
  }

  private func copy(_ shop: Shop, as name: String) throws -> String {
    let path = shop.scratch.path(name)
    try FileManager.default.copyItem(atPath: shop.relay.state, toPath: path)
    return path
  }

  @Test("each kind is named by ledger verify, in text and JSON, and no relay starts on it")
  func named() throws {
    try withShop { shop in
      let (last, _) = try finished(shop)
      for damage in Self.kinds(last: last) {
        let state = try copy(shop, as: "damaged")
        defer { try? FileManager.default.removeItem(atPath: state) }
        let file = "\(state)/ledger.sqlite"
        try damage.apply(shop, file)
        let bytes = FileManager.default.contents(atPath: file)

        let text = try RelayProcess.command(["ledger", "verify", "--state", state], in: shop.scratch)
        #expect(text.exit == .status(1), "\(damage.name): \(text)")
        let beginning = "The ledger is broken\(damage.entry == nil ? ":" : " at entry") "
        #expect(text.output.hasPrefix(beginning), "\(damage.name): \(text)")
        #expect(text.output.contains(damage.words), "\(damage.name): \(text)")
        #expect(text.output.contains("ledger set-aside --state \(state)"), "\(damage.name): \(text)")
        let json = try RelayProcess.command(["ledger", "verify", "--json", "--state", state], in: shop.scratch)
        let report = try json.json()
        #expect(json.exit == .status(1) && report["sound"]?.flag == false, "\(damage.name): \(json)")
        #expect(report["reason"]?.string?.contains(damage.words) == true, "\(damage.name): \(json)")
        let named = report["broken_entry"]?.int
        if damage.entry == -1 {
          #expect(named != nil, "\(damage.name): \(json)")
        } else {
          #expect(named == damage.entry, "\(damage.name): \(json)")
        }
        if let named { #expect(text.output.contains("entry \(named)"), "\(damage.name): \(text)") }

        let relay = shop.adopt(try RelayProcess.launch(in: shop.scratch, state: state))
        #expect(try relay.wait() == .status(74), "\(damage.name): \(relay.seen)")
        #expect(relay.error.text.split(separator: "\n").count == 1, "\(damage.name): \(relay.seen)")
        #expect(relay.error.text.contains(beginning), "\(damage.name): \(relay.seen)")
        #expect(relay.error.text.contains("ledger set-aside --state \(state)"), "\(damage.name): \(relay.seen)")
        #expect(FileManager.default.contents(atPath: file) == bytes, "\(damage.name): looking changed the file")
      }
    }
  }

  @Test("a broken ledger set aside is kept byte for byte, and a new one names it and goes on")
  func setAside() throws {
    try withShop { shop in
      let unneeded = try shop.command("ledger", "set-aside")
      #expect(unneeded.exit == .status(75), "a relay is running: \(unneeded)")
      let (_, session) = try finished(shop)
      let sound = try shop.command("ledger", "set-aside")
      #expect(sound.exit == .status(1) && sound.error.contains("nothing to set aside"), "\(sound)")

      let file = "\(shop.relay.state)/ledger.sqlite"
      // One who was slipped in is not taken over; what comes behind the broken entry is not sound.
      try Self.damage(
        shop, file,
        [
          "INSERT INTO technicians VALUES ('mallory', 'operator', 'ssh-ed25519 AAAA', zeroblob(32), 0)",
          "UPDATE payloads SET text = x'7b203d' WHERE sequence = 6",
        ])
      let bytes = try unwrap(FileManager.default.contents(atPath: file))
      let hash = try shop.tool(["sha256sum", file]).output.prefix(64)
      let done = try shop.command("ledger", "set-aside")
      #expect(done.succeeded, "\(done)")
      #expect(done.output.contains("broken at entry 6"), "\(done)")
      #expect(done.output.contains("taken over: alice\n"), "\(done)")
      #expect(done.output.contains("in doubt, to be added again: mallory\n"), "\(done)")

      let names = try FileManager.default.contentsOfDirectory(atPath: shop.relay.state)
      let folder = try unwrap(names.first { $0.hasPrefix("ledger-set-aside-") }, "the evidence")
      let evidence = "\(shop.relay.state)/\(folder)"
      #expect(FileManager.default.contents(atPath: "\(evidence)/ledger.sqlite") == bytes)
      let again = try RelayProcess.command(["ledger", "verify", "--json", "--state", evidence], in: shop.scratch)
      #expect(try again.json()["broken_entry"]?.int == 6, "\(again)")
      let old = try RelayProcess.command(["sessions", "--json", "--state", evidence], in: shop.scratch)
      #expect(!old.succeeded || old.output.contains(session), "\(old)")
      #expect(
        FileManager.default.contents(atPath: "\(evidence)/ledger.sqlite") == bytes, "looking changed the evidence")

      let whole = try shop.command("ledger", "verify")
      #expect(whole.succeeded, "\(whole)")
      let dump = try shop.tool(["grep", "-c", "--text", String(hash), file])
      #expect(dump.succeeded, "the new ledger names the old one's hash")
      try shop.restartRelay()
      #expect(try shop.sessions().isEmpty)
      let alice = try shop.command("technician", "list")
      #expect(alice.output.contains("alice") && !alice.output.contains("mallory"), "\(alice)")
      #expect(try shop.agent().code().count == 9)
      #expect(try shop.relay.drain() == .status(0))
    }
  }

  @Test(
    "a page that breaks under a running relay stops the clock for good, the help goes on, and the log names the command"
  )
  func whileRunning() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((6 * 7))-before\n")
      try shell.expect("42-before")
      let id = try shop.openSession()
      let file = "\(shop.relay.state)/ledger.sqlite"
      // Everything is in the one file, and nobody's memory of it is good any more.
      try Self.damage(
        shop, file, ["UPDATE ledger SET directory_version = directory_version + 1", "PRAGMA wal_checkpoint(TRUNCATE)"])
      var data = try Data(contentsOf: URL(fileURLWithPath: file))
      for index in 4096..<data.count { data[index] = UInt8(truncatingIfNeeded: index &* 31) }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
      try handle.write(contentsOf: data)
      try handle.close()

      try shell.expect("The relay's records are damaged: no time counts until its operator has seen to it.")
      _ = try agent.event("session") {
        $0["state"]?.string == "suspended" && $0["suspended_reasons"]?.array?.contains(.text("storage")) == true
      }
      try shell.type("echo $((7 * 7))-during\n")
      try shell.expect("49-during")
      let helped = try alice.ssh(code, ["echo", "on"])
      #expect(helped.output == "on\n", "\(helped)\n\(shop.story)")
      let log = shop.relay.child.error.text
      #expect(log.contains("The ledger is damaged; the clock stops until the relay is restarted"), "\(log)")
      #expect(log.contains("Run: fixline-relay ledger verify."), "\(log)")
      #expect(!log.contains("can be written again"), "\(log)")
      // No price is told that no record will ever hold.
      let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
      #expect(closed.succeeded && closed.output.contains("nothing is billed from it"), "\(closed)")
      let over = try agent.event("session") { $0["state"]?.string == "closed" }
      #expect(over["amount_minor"]?.int == 0 && over["billed_seconds"]?.int == 0, "\(over)")
      _ = try shell.wait()
      #expect(try shop.relay.drain() == .status(0))

      #expect(FileManager.default.contents(atPath: file) == data, "nothing was written into the evidence")
      let refused = shop.adopt(try RelayProcess.launch(in: shop.scratch, state: shop.relay.state))
      #expect(try refused.wait() == .status(74), "\(refused.seen)")
      let aside = try shop.command("ledger", "set-aside")
      #expect(aside.succeeded && aside.output.contains("taken over: none"), "\(aside)")
      try shop.restartRelay()
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("a checkpoint changed by hand is not billed from")
  func changedCheckpoint() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let shell = shop.adopt(try alice.terminal(code))
      let id = try shop.openSession()
      try waitUntil("a checkpoint on the disk", within: .seconds(20)) {
        let shown = try shop.command("session", "show", id, "--json").json()
        return (shown["active_ms"]?.int ?? 0) > 0
      }
      shop.relay.child.kill()
      shell.kill()
      try Self.damage(
        shop, "\(shop.relay.state)/ledger.sqlite", ["UPDATE checkpoints SET active_ms = active_ms + 3600000"])
      let refused = shop.adopt(try RelayProcess.launch(in: shop.scratch, state: shop.relay.state))
      #expect(try refused.wait() == .status(74), "\(refused.seen)")
      #expect(refused.error.text.contains("checkpoint of session \(id)"), "\(refused.seen)")
      let verified = try shop.command("ledger", "verify")
      #expect(verified.exit == .status(1) && verified.output.contains("signature does not fit"), "\(verified)")
      let aside = try shop.command("ledger", "set-aside")
      #expect(aside.succeeded && aside.output.contains("not billed: \(id)"), "\(aside)")
    }
  }

  @Test("a log whose end is torn off loses its last entries and nothing else")
  func tornLog() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      #expect(try alice.ssh(code, ["true"]).succeeded)
      _ = try shop.openSession()
      shop.relay.child.kill()
      let log = try unwrap(FileManager.default.contents(atPath: "\(shop.relay.state)/ledger.sqlite-wal"), "the log")
      #expect(log.count > 0)
      var random = SystemRandomNumberGenerator()
      for round in 1...4 {
        let state = try copy(shop, as: "torn-\(round)")
        let length = Int.random(in: 0..<log.count, using: &random)
        try log.prefix(length).write(to: URL(fileURLWithPath: "\(state)/ledger.sqlite-wal"))
        let verified = try RelayProcess.command(["ledger", "verify"] + ["--state", state], in: shop.scratch)
        #expect(verified.succeeded, "cut to \(length) of \(log.count): \(verified)")
        let relay = try RelayProcess.start(in: shop.scratch, state: state)
        defer { relay.child.kill() }
        #expect(try relay.command(["ledger", "verify"], in: shop.scratch).succeeded, "cut to \(length)")
      }
    }
  }
}
