import Foundation
import Testing

/// What was agreed and promised is what is charged.
@Suite("Agreements", .shared) struct AgreementStoryTests {
  private static let config = "default_plan: tiny\n"

  /// A technician in the shell of a customer who said yes.
  private func withVisit(_ body: (Shop, Technician, Customer, Child) throws -> Void) throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.type("echo $((6 + 6))-in\n")
      try shell.expect("12-in")
      try body(shop, alice, customer, shell)
    }
  }

  @Test("a promised price is told to whoever comes, and is kept")
  func promisedPrice() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      let opened = try alice.desk("case new --title Printer prints blank pages")
      let one = try unwrap(opened["case"]?.string)
      _ = try alice.desk("promise", one, "--text not more than three --price 3.00")
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = shop.adopt(try bob.terminal("\(customer.code)+\(one)"))
      try shell.expect("Promised by alice: not more than three, 3.00 EUR")
      try customer.answer("y", to: "Type y or n")
      try shell.busy(seconds: 5)
      try shell.expect("done-11")
      let id = try shop.openSession()
      let line = try bob.refusal("close", id, "--outcome fixed")
      #expect(line.contains("promised: not more than three") && line.contains("--keep-promise"), "\(line)")
      let closed = try bob.desk("close", id, "--outcome fixed --keep-promise")
      #expect(closed["amount_minor"]?.int == 300, "\(closed)")
      let bill = try shop.bill(of: id)
      let allowance = try unwrap(bill.record["lines"]?.array?.last)
      #expect(allowance["kind"]?.string == "allowance" && allowance["reason"]?.string?.contains("Promised") == true)
      #expect(bill.record["case"]?.string == one, "\(bill.record)")
    }
  }

  @Test("a session that ends by itself keeps the promise; a broken one has a reason")
  func promiseKeptByItself() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      for reason in [nil, "a second problem came up"] {
        let one = try unwrap(try alice.desk("case new --title Mail")["case"]?.string)
        _ = try alice.desk("promise", one, "--text two at most --price 2.00")
        let agent = try shop.agent()
        let shell = shop.adopt(try alice.terminal("\(agent.code())+\(one)"))
        try shell.busy(seconds: 4)
        try shell.expect("done-11")
        let id = try shop.openSession()
        if let reason {
          _ = try alice.desk("close", id, "--outcome fixed --break-promise", reason)
          let bill = try shop.bill(of: id)
          #expect(bill.record["amount_minor"]?.int ?? 0 >= 300, "\(bill)")
          #expect(bill.record.details("promise-broken").first?["reason"]?.string == reason)
        } else {
          agent.interrupt()
          #expect(try shop.bill(of: id).record["amount_minor"]?.int == 200)
        }
      }
    }
  }

  @Test(
    "a day that is over is asked about when session or case is closed; a condition is broken with a reason",
    .enabled(if: FaultLibrary.clock != nil))
  func dayAndCondition() throws {
    try withShop(config: Self.config, daysBack: 3) { shop in
      let day = Date.now.addingTimeInterval(-2 * 86_400).formatted(.iso8601.year().month().day())
      try shop.plan("tiny")
      let alice = try shop.technician()
      let one = try unwrap(try alice.desk("case new --title Mail")["case"]?.string)
      _ = try alice.desk("promise", one, "--text a new disk --until \(day)")
      _ = try alice.desk("promise", one, "--text your files stay --until 2099-02-28")
      #expect(try alice.desk("promise", one, "--text nobody else sees it")["promise"]?.int == 3)
      #expect(try shop.relay.drain() == .status(0))
      try shop.restartRelay(variables: FaultLibrary.daysBack(0))
      let late = try alice.refusal("promise", one, "--text a new disk --until \(day)")
      #expect(late.contains("\(day) is over"), "\(late)")
      let agent = try shop.agent()
      let shell = shop.adopt(try alice.terminal("\(agent.code())+\(one)"))
      try shell.expect("Promised by alice: nobody else sees it")
      let id = try shop.openSession()
      _ = try shop.record("activation") { $0["state"]?.string == "active" }
      let line = try alice.refusal("close", id, "--outcome abandoned")
      #expect(line.contains("a new disk, until \(day)") && line.contains("--break-promise"), "\(line)")
      #expect(try alice.refusal("case close", one).contains("is open"))
      _ = try alice.desk("promise break", one, "3 --reason the owner asked")
      try shell.expect("alice does not keep \"nobody else sees it\": the owner asked")
      #expect(try alice.refusal("promise break", one, "3 --reason again").contains("broken before"))
      #expect(try alice.refusal("promise break", one, "4 --reason x").contains("no promise 4"))
      _ = try alice.desk("close", id, "--outcome abandoned --break-promise no parts came")
      let bill = try shop.bill(of: id)
      #expect(bill.record.details("promise-broken").compactMap { $0["number"]?.int } == [1], "\(bill.record)")
      #expect(try alice.refusal("case close", one, "--break-promise again").contains("No promise is broken"))
      _ = try alice.desk("case close", one)
      let states = try alice.desk("show", one)["promises"]?.array?.map { $0["state"]?.string }
      #expect(states == ["broken", "kept", "broken"])
    }
  }

  @Test("a quote is put before the customer, is answered once, and binds")
  func quote() throws {
    try withVisit { shop, alice, customer, shell in
      let id = try shop.openSession()
      let made = try alice.desk("quote", id, "--not-to-exceed 1.50 --text all of the mail")
      #expect(made["asked"] == .bool(true))
      try customer.answer("y", to: "all of the mail")
      try shell.expect("It binds from now on")
      let case1 = try unwrap(made["case"]?.string)
      let shown = try alice.desk("show", case1)
      #expect(shown["quotes"]?.array?.first?["state"]?.string == "accepted", "\(shown)")
      #expect(try alice.refusal("ask", id).contains("nothing to ask"))
      try shell.busy(seconds: 6)
      try shell.expect("done-11")
      let bill = try shop.close(by: alice)
      // What was owed when he said yes, and no more than the quote on top.
      let amount = try unwrap(bill.record["amount_minor"]?.int)
      #expect(amount >= 150 && amount < 600, "\(bill.record)")
      let quoteLine = (bill.record["lines"]?.array ?? []).first { $0["kind"]?.string == "quote" }
      #expect(quoteLine?["amount_minor"]?.int ?? 0 < 0, "\(bill.record)")
      let signature = bill.record.details("question-answered").first?["signature"]?.string
      #expect(signature?.count == 128)
    }
  }

  @Test("what was let off before a price was agreed is let off once: the sum is what stayed owed, and the price on top")
  func discountBeforeQuote() throws {
    try withVisit { shop, alice, customer, shell in
      let id = try shop.openSession()
      try shell.busy(seconds: 4)
      try shell.expect("done-11")
      _ = try alice.desk("discount", id, "--amount 1.00 --reason sorry")
      let made = try alice.desk("quote", id, "--fixed 1.00 --text the rest")
      try customer.answer("y", to: "the rest")
      try shell.expect("It binds from now on")
      let bill = try shop.close(by: alice)
      let words = try unwrap(bill.record.details("question-asked").first?["words"]?.string)
      let told = try unwrap(words.firstMatch(of: /Charged so far: ([0-9]+)\.([0-9]{2}) EUR/), words)
      let owed = try unwrap(Int(told.1 + told.2))
      _ = try alice.desk("case close", try unwrap(made["case"]?.string))
      let rest = try alice.desk("show", try unwrap(made["case"]?.string))["closing_amount_minor"]?.int ?? 0
      let paid = try unwrap(bill.record["amount_minor"]?.int) + rest
      #expect(owed >= 200 && paid == owed + 100, "told \(owed), paid \(paid): \(bill)")
    }
  }

  @Test("a relay that dies while a price is offered offers it again, and his answer counts")
  func quoteSurvives() throws {
    try withVisit { shop, alice, customer, _ in
      let id = try shop.openSession()
      let made = try alice.desk("quote", id, "--not-to-exceed 1.50 --text all of the mail")
      try customer.terminal.expect("all of the mail")
      try shop.killRelay(config: Self.config)
      let again = shop.adopt(try alice.terminal(customer.code))
      try again.expect("12-in")
      try waitUntil("the offer once more", seen: { (try? customer.terminal.screen().joined(separator: "\n")) ?? "" }) {
        try customer.terminal.screen().count { $0.contains("all of the mail") } >= 2
      }
      try customer.answer("y", to: "Type y or n")
      try again.expect("It binds from now on")
      let shown = try alice.desk("show", try unwrap(made["case"]?.string))
      #expect(shown["quotes"]?.array?.first?["state"]?.string == "accepted", "\(shown)")
      _ = try shop.close(by: alice)
    }
  }

  @Test("closing a session takes an open question off the customer's screen before his receipt")
  func closedWhileAsked() throws {
    try withVisit { shop, alice, customer, _ in
      _ = try alice.desk("quote", try shop.openSession(), "--fixed 90.00 --text all of the mail")
      try customer.terminal.expect("all of the mail")
      _ = try shop.close(by: alice)
      try customer.terminal.expect("The visit is over")
      let screen = try customer.terminal.screen()
      let back = try unwrap(screen.firstIndex { $0.contains("taken back. Nothing was agreed to") }, "\(screen)")
      let receipt = try unwrap(screen.firstIndex { $0.contains("RECEIPT") }, "\(screen)")
      #expect(back < receipt, "\(screen)")
    }
  }

  @Test("what is missing of a fixed price is charged when its case is closed, once, and is in the report")
  func fixedPrice() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let one = try unwrap(try alice.desk("case new --title Mail")["case"]?.string)
      _ = try alice.desk("quote", one, "--fixed 90.00 --text a new disk")
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = shop.adopt(try alice.terminal("\(customer.code)+\(one)"))
      try customer.answer("y", to: "Type y or n")
      try customer.answer("y", to: "a new disk")
      try shell.expect("It binds from now on")
      let bill = try shop.finish(alice, shell)
      let paid = try unwrap(bill.record["amount_minor"]?.int)
      let closed = try alice.ssh("desk", ["case", "close", one])
      let rows = try shop.command("report", "--by", "outcome", "--json").json()["rows"]?.array ?? []
      let rest = try unwrap(rows.first?["fixed_price_minor"]?.int)
      #expect(rest > 0 && rest < 9000 && paid + rest >= 9000, "\(rows)")
      #expect(rows.map { $0["amount_minor"]?.int } == [paid + rest] && rows.map { $0["sessions"]?.int } == [1])
      let money = "\(rest / 100).\(String(format: "%02d", rest % 100)) EUR"
      #expect(closed.output == "Case \(one) is closed. \(money) of the fixed price is charged.\n", "\(closed)")
      #expect(try alice.refusal("case close", one).contains("is closed"))
      let shown = try alice.ssh("desk", ["case", "show", one])
      #expect(shown.output.contains("the rest of the fixed price, \(money)"), "\(shown)")
      try customer.terminal.expect("Of the fixed price of 90.00 EUR, \(money) is left to pay")
      let again = try shop.command("report", "--by", "outcome", "--json").json()["totals"]?.array ?? []
      #expect(again.map { $0["amount_minor"]?.int } == [paid + rest], "\(again)")
      #expect(try shop.command("report").output.contains("rest of fixed prices"))
      let events = try shop.command("ledger", "export")
      #expect(events.output.split(separator: "\n").count { $0.contains("case-closed") } == 1, "\(events)")
    }
  }

  @Test("a quote for a case is put before the customer when somebody comes, and no stays no")
  func quoteForCase() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let one = try unwrap(try alice.desk("case new --title Mail")["case"]?.string)
      let made = try alice.desk("quote", one, "--fixed 9.00 --text a new disk")
      #expect(made["asked"] == .bool(false))
      let agent = try shop.agent()
      let shell = shop.adopt(try alice.terminal("\(agent.code())+\(one)"))
      let question = try agent.event("question")
      #expect(question["text"]?.string?.contains("a new disk") == true, "\(question)")
      try shell.expect("does not take the price \(one)-1")
      #expect(try alice.desk("show", one)["quotes"]?.array?.first?["state"]?.string == "declined")
      _ = try shop.close(by: alice)
      _ = try alice.desk("case close", one)
      #expect(try alice.refusal("quote", one, "--fixed 9.00 --text again").contains("is closed"))
    }
  }

  @Test("a discount and a waiver have reason and author, before the close and after it")
  func allowances() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let agent = try shop.agent()
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.busy(seconds: 3)
      try shell.expect("done-11")
      let id = try shop.openSession()
      _ = try alice.desk("discount", id, "--amount 1.00 --reason came late")
      let bill = try shop.close(by: alice)
      let amount = try unwrap(bill.record["amount_minor"]?.int)
      let line = try unwrap(bill.record["lines"]?.array?.last)
      #expect(line["kind"]?.string == "allowance" && line["amount_minor"]?.int == -100, "\(line)")
      #expect(line["reason"]?.string == "came late")
      let half = try alice.desk("discount", id, "--percent 50 --reason loyal")
      #expect(half["amount_minor"]?.int == amount - (amount + 1) / 2, "\(half) of \(amount)")
      #expect(try alice.desk("waive", id, "--reason our own mistake")["amount_minor"]?.int == 0)
      #expect(try alice.refusal("waive", id, "--reason once more").contains("nothing to pay"))
      let now = try shop.command("session", "show", id, "--json").json()
      #expect(now["amount_minor"]?.int == 0, "\(now)")
      // The receipt stays what it was; whoever looks at it beside the ledger is told.
      let file = shop.scratch.path("receipt.json")
      let exported = try shop.command("receipt", "export", id, "-o", file)
      let verified = try shop.command("receipt", "verify", file)
      for said in [exported, verified] {
        #expect(said.succeeded && said.output.contains("It costs less by now: 0.00 EUR"), "\(said)")
      }
      let bundle = shop.scratch.path("bundle.tar.gz")
      #expect(try shop.command("session", "bundle", id, "-o", bundle).succeeded)
      let agreements = try shop.tool(["tar", "xzOf", bundle, "fixline-session-\(id)/agreements.txt"])
      #expect(agreements.output.contains("Price lowered afterwards to 0.00 EUR (alice"), "\(agreements)")
    }
  }

  @Test("another kind of work costs its own price from then on, and one that was not agreed is asked about")
  func workType() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan(
        "tiny",
        """
        work_types: [{ type: remote, percent: 100 }, { type: consult, percent: 200 }, { type: travel, percent: 100 }]
        limits: { in_scope: [remote, consult] }
        """)
      let alice = try shop.technician()
      let agent = try shop.agent()
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.busy(seconds: 2)
      try shell.expect("done-11")
      let id = try shop.openSession()
      #expect(try alice.ssh("desk", ["work \(id) dance"]).exit == .status(64))
      #expect(try alice.desk("work", id, "consult")["percent"]?.int == 200)
      let notice = try agent.event("notice")
      #expect(notice["text"]?.string == "From now on: consult, 7,200.00 EUR an hour.", "\(notice)")
      try shell.type("echo $((20 + 2))-more; sleep 1.5; echo $((20 + 3))-more\n")
      try shell.expect("23-more")
      _ = try alice.desk("work", id, "travel")
      let question = try agent.event("question")
      #expect(question["text"]?.string?.contains("travel") == true, "\(question)")
      #expect(question["text"]?.string?.contains("at 3,600.00 EUR an hour for this work") == true, "\(question)")
      #expect(agent.events.count { $0["event"]?.string == "notice" } == 1, "that work is asked about instead")
      let bill = try shop.bill(of: id)
      let percents = (bill.record["lines"]?.array ?? []).compactMap { $0["percent"]?.int }
      #expect(percents == [100, 200], "\(bill.record)")
      #expect(bill.record["intervals"]?.array?.contains { $0["work_type"]?.string == "consult" } == true)
    }
  }

  @Test("who goes back to work that was agreed is not held up by a question about other work")
  func backToAgreedWork() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan(
        "tiny",
        """
        work_types: [{ type: remote, percent: 100 }, { type: consult, percent: 200 }, { type: onsite, percent: 300 }]
        limits: { in_scope: [remote] }
        """)
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.busy(seconds: 1)
      try shell.expect("done-11")
      let id = try shop.openSession()
      _ = try alice.desk("work", id, "consult")
      try customer.terminal.expect("This work (consult) is not part of what was agreed.")
      _ = try alice.desk("work", id, "onsite")
      try customer.terminal.expect("This work (onsite) is not part of what was agreed.")
      _ = try alice.desk("work", id, "remote")
      try shell.expect("The agreed work goes on. Time counts again.")
      try shell.type("echo $((30 + 1))-more\n")
      try shell.expect("31-more")
      #expect(try shop.session("at work") { $0["state"]?.string == "active" }["id"]?.string == id)
      let bill = try shop.close(by: alice)
      let percents = Set((bill.record["lines"]?.array ?? []).compactMap { $0["percent"]?.int })
      #expect(percents == [100], "\(bill.record)")
    }
  }

  @Test(
    "a price taken for work that was not agreed covers it; what was charged before is told, and other limits hold on")
  func quoteUnderLimits() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan(
        "tiny",
        """
        work_types: [{ type: remote, percent: 100 }, { type: consult, percent: 200 }]
        limits: { session: 12s, session_amount: "15.00", in_scope: [remote] }
        """)
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.busy(seconds: 1)
      try shell.expect("done-11")
      let id = try shop.openSession()
      _ = try alice.desk("work", id, "consult")
      try customer.answer("3", to: "This work (consult) is not part of what was agreed.")
      try shell.expect("asks for a price")
      _ = try alice.desk("quote", id, "--not-to-exceed 3.00 --text advice on backups")
      try customer.terminal.expect("Charged so far: ")
      try customer.terminal.expect("That stays owed, on top of this price.")
      try customer.answer("y", to: "advice on backups")
      try shell.expect("It binds from now on")
      // Neither the work nor the sum stops it again; the time does.
      try shell.busy(seconds: 30)
      try shell.expect("The agreed limit is reached (12 s a session)")
      try customer.answer("2", to: "Going on would pass this visit's limit of 12 s.")
      let stopped = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(stopped["billed_seconds"]?.int ?? 99 <= 12, "\(stopped)")
      let bill = try shop.bill(of: id)
      let limits = bill.record.details("question-asked").compactMap { $0["limit"]?.string }
      #expect(limits == ["scope", "session"], "\(bill.record)")
      let quoteLine = (bill.record["lines"]?.array ?? []).first { $0["kind"]?.string == "quote" }
      #expect(quoteLine?["amount_minor"]?.int ?? 0 < 0, "\(bill.record)")
      #expect(bill.record["amount_minor"]?.int ?? 0 > 300, "\(bill.record)")
      try customer.terminal.expect("EUR from before")
    }
  }
}
