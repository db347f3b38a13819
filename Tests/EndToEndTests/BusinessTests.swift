import Foundation
import Testing

/// What an operator types about plans and customers while the relay runs.
@Suite("Plans, customers and reports", .shared) struct BusinessTests {
  /// Works for a little over a second, closes at the desk, and returns the session.
  private func visit(_ shop: Shop, _ alice: Technician, outcome: String) throws -> String {
    let code = try shop.agent().code()
    let shell = shop.adopt(try alice.terminal(code))
    try shell.type("echo $((6 + 6))-in\n")
    try shell.expect("12-in")
    try expectThroughout("the shell is open", for: .milliseconds(1200)) { shell.exit == nil }
    try shell.type("echo $((7 + 7))-in\n")
    try shell.expect("14-in")
    let id = try shop.openSession()
    #expect(try alice.ssh("desk", ["close", id, "--outcome", outcome, "--note", "new cable"]).succeeded)
    try shop.session("closed") { $0["id"]?.string == id && $0["state"]?.string == "closed" }
    return id
  }

  @Test("a guest's session becomes a customer's, is reported, and is erased when it may be, all beside a running relay")
  func life() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let plan = try shop.scratch.file(
        "plan.yaml",
        """
        id: friends
        name: Friends
        currency: EUR
        rate_per_hour: "60.00"
        first: 15m
        then: 6m
        """)
      #expect(try shop.command("plan", "add", "--file", plan).succeeded)
      let customer = try shop.scratch.file(
        "customer.yaml",
        "legal_name: Acme Oy\ncountry: FI\nkind: business\nlanguage: fi\nfacts: { postcode: \"00100\" }\n")
      let added = try shop.command("customer", "add", "c-17", "--plan", "friends", "--file", customer)
      #expect(added.succeeded, "\(added)")
      let open = try visit(shop, alice, outcome: "fixed")
      let assigned = try shop.command("session", "assign", open, "--customer", "c-17")
      #expect(assigned.succeeded && assigned.output.contains("15.00 EUR instead of 22.50 EUR"), "\(assigned)")
      let session = try shop.command("session", "show", open, "--json").json()
      #expect(session["customer"]?.string == "c-17" && session["amount_minor"]?.int == 1500)
      let listed = try shop.command("sessions", "--customer", "c-17", "--json").json().array ?? []
      #expect(listed.map { $0["id"]?.string } == [open])
      let caseID = try unwrap(session["case"]?.string)
      #expect(try shop.command("case", "show", caseID).output.contains(open))

      let report = try shop.command("report", "--by", "customer", "--json").json()
      let row = try unwrap(report["rows"]?.array?.first { $0["customer"]?.string == "c-17" }, "\(report)")
      #expect(row["sessions"]?.int == 1 && row["amount_minor"]?.int == 1500 && row["fixed_percent"]?.int == 100)
      #expect((row["median_wait_ms"]?.int ?? -1) >= 0 && row["visits_avoided"]?.int == 1)
      let csv = try shop.command("report", "--by", "customer", "--csv")
      #expect(csv.output.contains("c-17,1,1,") && csv.bytes.suffix(2) == [13, 10], "\(csv)")

      let early = try shop.command("customer", "erase", "c-17")
      #expect(early.exit == .status(1) && early.error.contains("kept until"), "\(early)")
      let config = try shop.scratch.file("erase.yaml", "retention_years: 0\n")
      let erased = try shop.command("customer", "erase", "c-17", "--config", config)
      #expect(erased.succeeded, "\(erased)")
      let left = try shop.command("session", "show", open, "--json").json()
      #expect(left["purpose"] == .null && left["note"] == .null && left["amount_minor"]?.int == 1500, "\(left)")
      #expect(left["lines"] == session["lines"] && left["intervals"] == session["intervals"])
      let verified = try shop.command("ledger", "verify")
      #expect(verified.succeeded && verified.output.contains("erased details"), "\(verified)")
      #expect(try shop.command("customer", "show", "c-17").output.contains("(erased)"))

      // The relay noticed nothing of it and goes on.
      _ = try visit(shop, alice, outcome: "on-site")
      #expect(try shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("wrong usage ends with 64 or 65, no such file with 66, what is not there with 1, each with one line")
  func mistakes() throws {
    try withShop { shop in
      let bad = try shop.scratch.file("bad.yaml", "country: FI\ncolour: red\n")
      for (arguments, status) in [
        (["plan", "add", "--file", "/nothing.yaml"], 66), (["plan", "show", "nothing"], 1),
        (["customer", "add", "c-1", "--name", "A", "--file", bad], 65),
        (["customer", "add", "c-1", "--name", "A", "--fact", "born"], 64), (["customer", "show", "c-1"], 1),
        (["customer", "erase", "c-1"], 1), (["case", "show", "k3x9q7"], 1),
        (["session", "assign", "00000000", "--customer", "c-1"], 1), (["report", "--by", "week"], 64),
        (["report", "--json", "--csv"], 64), (["sessions", "--customer", "c-1"], 1),
      ] as [([String], Int)] {
        let done = try shop.relay.command(arguments, in: shop.scratch)
        #expect(done.exit == .status(status), "\(done)")
        #expect(done.error.split(separator: "\n").count == 1 && done.output.isEmpty, "\(done)")
      }
      let empty = try shop.command("customer", "list", "--json")
      #expect(try empty.succeeded && empty.json() == .list([]), "\(empty)")
    }
  }
}
