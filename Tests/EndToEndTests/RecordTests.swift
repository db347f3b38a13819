import Foundation
import Glibc
import Testing

/// The desk, and what stands on record afterwards.
@Suite("Desk and record", .shared) struct RecordTests {
  /// Keys INTERFACE.md promises of a session.
  static let sessionKeys: Set = [
    "id", "case", "customer", "machine", "technician", "state", "opened_at", "closed_at", "active_ms", "billed_seconds",
    "amount_minor", "currency", "bytes_to_machine", "bytes_from_machine", "outcome", "note", "lines",
  ]
  /// And of a line.
  static let lineKeys: Set = ["kind", "description", "seconds", "percent", "amount_minor", "reason", "technician"]

  @Test("ssh desk@relay help, list and close do what they say")
  func desk() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let help = try alice.ssh("desk", ["help"])
      #expect(help.succeeded && help.output.contains("close SESSION"), "\(help)")
      #expect(try alice.ssh("desk", ["list", "--json"]).json() == .list([]))

      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((6 + 6))-in\n")
      try shell.expect("12-in")
      let listed = try alice.ssh("desk", ["list", "--json"]).json().array ?? []
      #expect(listed.count == 1)
      let id = try unwrap(listed.first?["id"]?.string)
      #expect(listed.first?["state"]?.string == "active")
      #expect(listed.first?["technician"]?.string == "alice")
      #expect(try alice.ssh("desk", ["list"]).output.contains(id))

      let closed = try alice.ssh("desk", ["close", id, "--outcome", "fixed", "--note", "the line was cut"])
      #expect(closed.succeeded, "\(closed)")
      try waitUntil("the end of the shell", seen: { shell.seen }) { shell.exit != nil }
      _ = try agent.event("session") { $0["state"]?.string == "closed" && $0["outcome"]?.string == "fixed" }
      let session = try shop.command("session", "show", id, "--json").json()
      #expect(session["outcome"]?.string == "fixed")
      #expect(session["note"]?.string == "the line was cut")
      #expect(try alice.ssh("desk", ["list", "--json"]).json() == .list([]))
      let again = try alice.ssh("desk", ["close", id, "--outcome", "fixed"])
      #expect(again.exit == .status(1), "\(again)")
    }
  }

  @Test(
    "the desk refuses what it cannot do with one line and a status",
    arguments: [
      "dance", "close", "close nosuchid --outcome fixed", "close 00000000", "close 00000000 --outcome great",
      "close 00000000 --outcome unclosed", "close 00000000 --outcome fixed --note \u{1b}[2J", "list all", "close 'x",
    ])
  func deskMistakes(command: String) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let done = try alice.ssh("desk", [command])
      #expect(done.exit == .status(64), "\(done)")
      #expect(done.error.split(separator: "\n").count == 1 && !done.error.contains("\u{1b}"), "\(done)")
    }
  }

  @Test("one technician neither sees nor closes another's session")
  func deskKeepsApart() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      let code = try shop.agent().code()
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((7 + 7))-in\n")
      try shell.expect("14-in")
      #expect(try bob.ssh("desk", ["list", "--json"]).json() == .list([]))
      let id = try shop.openSession()
      let stolen = try bob.ssh("desk", ["close", id, "--outcome", "fixed"])
      let unknown = try bob.ssh("desk", ["close", "00000000", "--outcome", "fixed"])
      #expect(stolen.exit == unknown.exit)
      #expect(stolen.error.replacing(id, with: "ID") == unknown.error.replacing("00000000", with: "ID"))
      #expect(shell.exit == nil)
    }
  }

  @Test("a session's record has the promised keys, and its seconds, price and bytes agree with what was done")
  func record() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let started = ContinuousClock.now
      let sent = [UInt8](repeating: 7, count: 123_456)
      #expect(
        try alice.ssh(code, ["wc -c | tr -d ' \\n'; head -c 1000 /dev/zero"], input: .pipe, bytes: sent).succeeded)
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("exit\n")
      try shell.wait()
      // Long enough for a second to be counted: the shell above may take less.
      let hold = shop.adopt(try alice.start(code, ["cat"], input: .pipe))
      try hold.type("x\n")
      try hold.expect("x\n")
      try expectThroughout("the channel is open", for: .milliseconds(1200)) { hold.exit == nil }
      try hold.type("y\n")
      try hold.expect("y\n")
      hold.endInput()
      try hold.wait()
      let id = try shop.openSession()
      #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed", "--note", "ok"]).succeeded)
      let took = (ContinuousClock.now - started) / .milliseconds(1)

      let session = try shop.command("session", "show", id, "--json").json()
      #expect(Self.sessionKeys.subtracting(session.keys) == [], "\(session)")
      #expect(session["state"]?.string == "closed")
      #expect(session["technician"]?.string == "alice")
      let active = try unwrap(session["active_ms"]?.int)
      #expect(active >= 1000 && Double(active) <= took, "\(active) ms of \(took)")
      #expect(session["billed_seconds"]?.int == 900)
      #expect(session["amount_minor"]?.int == 2250)
      #expect(session["currency"]?.string == "EUR")
      #expect((session["bytes_to_machine"]?.int ?? 0) >= sent.count + 4)
      #expect((session["bytes_from_machine"]?.int ?? 0) >= 1000 + 6 + 4)
      #expect((session["bytes_to_machine"]?.int ?? 0) < sent.count + 2000)
      let line = try unwrap(session["lines"]?.array?.first)
      #expect(Self.lineKeys.subtracting(line.keys) == [], "\(line)")
      #expect(line["kind"]?.string == "time" && line["seconds"]?.int == 900 && line["amount_minor"]?.int == 2250)
      for key in ["opened_at", "closed_at"] {
        let time = session[key]?.string ?? ""
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil, "\(key) \(time)")
      }
      let listed = try shop.sessions()
      #expect(listed.count == 1 && listed.first?["amount_minor"]?.int == 2250)
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("commands refuse wrong usage with 64 and what is not there with one line")
  func usage() throws {
    try withShop { shop in
      #expect(try shop.command("session", "show", "00000000").exit == .status(1))
      for arguments in [["sessions", "--since", "yesterday"], ["no-such-command"], ["sessions", "--frobnicate"]] {
        let done = try shop.relay.command(arguments, in: shop.scratch)
        #expect(done.exit == .status(64), "\(done)")
        #expect(!done.error.isEmpty)
      }
      for arguments in [["--help"], ["serve", "--help"], ["ledger", "verify", "--help"]] {
        let done = try RelayProcess.command(arguments, in: shop.scratch)
        #expect(done.succeeded && !done.output.isEmpty, "\(done)")
      }
      let none = try RelayProcess.command(["sessions", "--state", shop.scratch.path("nowhere")], in: shop.scratch)
      #expect(!none.succeeded)
      #expect(none.error.split(separator: "\n").count == 1, "\(none)")
    }
  }

  @Test("technician add, list and remove keep a list")
  func technicians() throws {
    try withShop { shop in
      _ = try shop.technician()
      let bob = try shop.technician("bob")
      let listed = try shop.command("technician", "list").output
      #expect(listed.contains("alice") && listed.contains("bob"))
      #expect(try !shop.command("technician", "add", "bob", "--key", bob.keyFile + ".pub").succeeded)
      // A private key offered by mistake is not taken for a public one.
      #expect(try !shop.command("technician", "add", "carol", "--key", bob.keyFile).succeeded)
      #expect(try shop.command("technician", "remove", "bob").succeeded)
      #expect(try !shop.command("technician", "remove", "bob").succeeded)
      #expect(try !shop.command("technician", "list").output.contains("bob"))
    }
  }

  @Test("every flipped byte of the ledger's entries makes verify fail and name the entry")
  func flippedByte() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      #expect(try alice.ssh(code, ["echo done"]).succeeded)
      #expect(try alice.ssh("desk", ["close", try shop.openSession(), "--outcome", "fixed"]).succeeded)
      let whole = try shop.command("ledger", "verify", "--json")
      #expect(whole.succeeded, "\(whole)")
      #expect(try shop.relay.drain() == .status(0))
      let flips = try shop.tool(
        [
          Programs.python, Programs.script("flip.py"), shop.relay.state, shop.scratch.path("flipped"),
          Programs.relay,
        ], within: .seconds(60))
      #expect(flips.succeeded, "\(flips)")
      let report = try flips.json()
      #expect((report["flipped"]?.int ?? 0) >= 20, "\(report)")
      #expect(report["unnoticed"]?.array == [], "\(report)")
      #expect(report["unnamed"]?.array == [], "\(report)")
    }
  }
}

/// The whole job, as an operator sees it first.
@Suite("Demo", .alone) struct DemoTests {
  @Test("the demo ends in under 15 s, and its record agrees with what it did")
  func demo() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let started = ContinuousClock.now
    let demo = try Finished.run(
      [Programs.relay, "demo", "--json"],
      environment: Programs.variables(home: scratch.path, ["FIXLINE_AGENT": Programs.agent]), directory: scratch.path,
      within: .seconds(40))
    let took = (ContinuousClock.now - started) / .milliseconds(1)
    print("the demo took \(Int(took)) ms")
    #expect(demo.succeeded, "\(demo)")
    #expect(took < 15_000)
    let steps = JSON.lines(of: demo.output)
    if let directory = steps.last?["directory"]?.string {
      // What it made stays for whoever wants to look, and nothing that runs.
      #expect(Processes.matching(directory).isEmpty)
      try? FileManager.default.removeItem(atPath: directory)
    }
    #expect(steps.contains { $0["step"]?.string == "ledger" })
    let record = try unwrap(steps.compactMap { $0["record"] }.last, "the record among the steps: \(demo.output)")
    #expect(RecordTests.sessionKeys.subtracting(record.keys) == [])
    #expect(record["state"]?.string == "closed")
    #expect(record["outcome"]?.string == "fixed")
    let active = try unwrap(record["active_ms"]?.int)
    #expect(active > 0 && Double(active) < took)
    #expect(record["billed_seconds"]?.int == (active >= 1000 ? 900 : 0))
    #expect(record["amount_minor"]?.int == (active >= 1000 ? 2250 : 0))
    #expect(
      (record["lines"]?.array ?? []).compactMap { $0["amount_minor"]?.int }.reduce(0, +) == record["amount_minor"]?.int)
    // The file that was copied, reported by the agent and within what the relay counted, is what the step says it was.
    let channels = (record["events"]?.array ?? []).filter { $0["kind"]?.string == "channel-closed" }
    let sent = channels.compactMap { $0["details"]?["bytes_to_machine"]?.int }
    #expect(sent.reduce(0, +) == record["bytes_to_machine"]?.int)
    let file = steps.first { $0["step"]?.string == "file" }?["text"]?.string ?? ""
    let bytes = try unwrap(file.firstMatch(of: /([0-9]+) bytes/).flatMap { Int($0.1) }, "the file's size in: \(file)")
    let copied = (record["files"]?.array ?? []).filter { $0["direction"]?.string == "to-machine" }
    #expect(copied.compactMap { $0["bytes_to_machine"]?.int } == [bytes], "\(copied), \(file)")
    #expect(sent.contains { $0 > bytes }, "\(sent), \(file)")
  }
}
