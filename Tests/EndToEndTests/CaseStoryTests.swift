import Foundation
import Testing

/// Cases and customers: the same problem, a new problem, and who is on the phone.
@Suite("Cases", .shared) struct CaseStoryTests {
  /// A shop with one customer, whose computer keeps its key.
  private func withCustomer(_ body: (Shop, Technician) throws -> Void) throws {
    try withShop { shop in
      try shop.plan("tiny", "rework: { window: 30d, percent: 0 }")
      try shop.customer("acme", plan: "tiny")
      try body(shop, try shop.technician())
    }
  }

  private func agent(_ shop: Shop) throws -> AgentProcess {
    let state = shop.scratch.path("agent-state")
    return try shop.agent(["--state", state])
  }

  @Test("the same problem a few minutes later is free, and a new one is charged")
  func rework() throws {
    try withCustomer { shop, alice in
      let agent = try agent(shop)
      var code = try agent.code()
      #expect(
        try alice.desk("verify", code, "--customer acme --fact postcode=00100")["result"]?.string == "verified")
      let first = try shop.visit(alice, code)
      #expect(
        first.record["customer"]?.string == "acme" && first.record["amount_minor"]?.int ?? 0 > 0, "\(first.record)")
      let one = try unwrap(first.record["case"]?.string)
      // The machine is known now. Without a terminal nobody can be asked which problem it is.
      code = try agent.code(after: code)
      let refused = try alice.ssh(code, ["true"])
      #expect(refused.exit == .status(255))
      #expect(refused.error.contains("\(code)+\(one)") && refused.error.contains("\(code)+new"), "\(refused)")
      // At a terminal he is, before the customer is.
      let shell = shop.adopt(try alice.terminal(code))
      try shell.expect("Same problem as \(one), \"Remote support\" (fixed just now)? y/n")
      #expect(agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
      try shell.type("y")
      let second = try shop.finish(alice, shell)
      #expect(second.record["case"]?.string == one && second.record["amount_minor"]?.int == 0, "\(second.record)")
      #expect(second.record["lines"]?.array?.first?["kind"]?.string == "rework")
      let consents = agent.events.filter { $0["event"]?.string == "consent" }.compactMap { $0["text"]?.string }
      #expect(consents.count == 2 && consents[0] != consents[1], "\(consents)")
      // The case is closed; what the receipt promised still holds.
      _ = try alice.desk("case close", one)
      code = try agent.code(after: code)
      let kept = try shop.visit(alice, "\(code)+\(one)")
      #expect(kept.record["case"]?.string == one && kept.record["amount_minor"]?.int == 0, "\(kept.record)")
      // A new problem.
      code = try agent.code(after: code)
      let third = try shop.visit(alice, "\(code)+new")
      #expect(third.record["case"]?.string != one && third.record["amount_minor"]?.int ?? 0 > 0, "\(third.record)")
      let cases = try alice.desk("case list --customer acme --all").array ?? []
      #expect(cases.count == 2, "\(cases)")
    }
  }

  @Test("a guest whose receipt promises free rework is not asked for money again, though nobody knows him")
  func guestRework() throws {
    try withShop(config: "default_plan: tiny\n") { shop in
      try shop.plan("tiny", "rework: { window: 30d, percent: 0 }")
      let alice = try shop.technician()
      let agent = try agent(shop)
      var code = try agent.code()
      let first = try shop.visit(alice, code)
      #expect(first.record["customer"]?.string == nil && first.record["amount_minor"]?.int ?? 0 > 0, "\(first.record)")
      let one = try unwrap(first.record["case"]?.string)
      code = try agent.code(after: code)
      let refused = try alice.ssh(code, ["true"])
      #expect(refused.exit == .status(255) && refused.error.contains("\(code)+\(one)"), "\(refused)")
      let shell = shop.adopt(try alice.terminal(code))
      try shell.expect("Same problem as \(one)")
      try shell.type("y")
      let second = try shop.finish(alice, shell)
      #expect(second.record["case"]?.string == one && second.record["amount_minor"]?.int == 0, "\(second.record)")
    }
  }

  @Test("one question a code: another terminal waits for it, and an answer that comes too late opens nothing")
  func twoTerminals() throws {
    try withCustomer { shop, alice in
      let agent = try agent(shop)
      var code = try agent.code()
      _ = try alice.desk("verify", code, "--customer acme --fact postcode=00100")
      let one = try unwrap(try shop.visit(alice, code).record["case"]?.string)
      code = try agent.code(after: code)
      let asked = shop.adopt(try alice.terminal(code))
      try asked.expect("? y/n")
      let other = shop.adopt(try alice.terminal(code))
      try other.expect("in another terminal")
      try waitUntil("the other terminal's end", seen: { other.seen }) { other.exit != nil }
      #expect(try alice.ssh(code, ["true"]).error.contains("\(code)+new"))
      #expect(asked.exit == nil)
      // Elsewhere he says which, works and closes: the code is used up, and the next one was read to nobody yet.
      let bill = try shop.finish(alice, shop.adopt(try alice.terminal("\(code)+\(one)")))
      #expect(bill.record["case"]?.string == one)
      let next = try agent.code(after: code)
      let consents = agent.events.count { $0["event"]?.string == "consent" }
      try asked.type("y")
      try asked.expect("not valid any more")
      #expect(try alice.ssh(next, ["true"]).error.contains("\(next)+\(one)"))
      #expect(agent.events.count { $0["event"]?.string == "consent" } == consents)
      // What is asked under the next one is answered as ever.
      let shell = shop.adopt(try alice.terminal(next))
      try shell.expect("? y/n")
      try shell.type("n")
      #expect(try shop.finish(alice, shell).record["case"]?.string != one)
    }
  }

  @Test("a case that is unknown, closed or another customer's: one line, as late as a wrong code")
  func wrongCases() throws {
    try withCustomer { shop, alice in
      try shop.customer("other", plan: "tiny")
      let agent = try agent(shop)
      let code = try agent.code()
      _ = try alice.desk("verify", code, "--customer acme --fact postcode=00100")
      let closed = try unwrap(try alice.desk("case new --title Mail --customer acme")["case"]?.string)
      _ = try alice.desk("case close", closed)
      let theirs = try unwrap(try alice.desk("case new --title Mail --customer other")["case"]?.string)
      let stopwatch = Stopwatch()
      let wrongCode = try alice.ssh("123456789", ["true"])
      let late = stopwatch.seconds
      #expect(wrongCode.exit == .status(255))
      for (name, words) in [
        ("zzzzzz", "There is no case"), (closed, "is closed"), (theirs, "another customer's"), ("x", "is no case"),
      ] {
        let stopwatch = Stopwatch()
        let refused = try alice.ssh("\(code)+\(name)", ["true"])
        #expect(refused.exit == .status(255) && refused.error.contains(words), "\(refused)")
        #expect(refused.error.split(separator: "\n").count == 1, "\(refused)")
        #expect(
          stopwatch.seconds >= late * 0.7, "\(name) came after \(stopwatch.seconds) s, a wrong code after \(late) s")
      }
      #expect(agent.events.allSatisfy { $0["event"]?.string != "consent" })
      // The right one still opens.
      let right = try unwrap(try alice.desk("case new --title Mail --customer acme")["case"]?.string)
      #expect(try alice.ssh("\(code)+\(right)", ["echo in"]).output == "in\n")
      let other = try alice.ssh("\(code)+\(theirs)", ["true"])
      #expect(other.error.contains("is about case \(right)"), "\(other)")
    }
  }

  @Test("a fact guessed ten times: five wrong ones lock, and all are on record")
  func guessedFact() throws {
    try withCustomer { shop, alice in
      let agent = try agent(shop)
      let code = try agent.code()
      for round in 1...10 {
        let line = try alice.refusal("verify", code, "--customer acme --fact postcode=0\(round)")
        #expect(line.contains(round <= 5 ? "not what is on record" : "Too many wrong facts"), "\(round): \(line)")
      }
      // The right one does not help any more.
      #expect(try alice.refusal("verify", code, "--customer acme --fact postcode=00100").contains("Too many"))
      #expect(try alice.refusal("verify", code, "--customer nobody --fact a=b").contains("no customer"))
      let exported = try shop.command("ledger", "export").output
      #expect(exported.split(separator: "\n").count { $0.contains("identity-checked") } >= 11, "\(exported)")
      #expect(!exported.contains("00100"))
    }
  }

  @Test("a plan that asks who the customer is lets nobody in before he told")
  func verifyRequired() throws {
    try withShop(config: "default_plan: strict\n") { shop in
      try shop.plan("strict", "verify: required")
      try shop.customer("acme", plan: "strict")
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let refused = try alice.ssh(code, ["true"])
      #expect(refused.exit == .status(255) && refused.error.contains("verify \(code)"), "\(refused)")
      _ = try alice.desk("verify", code, "--customer acme --fact postcode=00100")
      #expect(try alice.ssh(code, ["echo in"]).output == "in\n")
      let id = try shop.openSession()
      let bill = try shop.close(by: alice)
      #expect(bill.record.details("session-requested").first?["identity"]?.string == "facts", "\(id) \(bill.record)")
    }
  }

  @Test("a guest who proves who he is while the session runs pays by his own plan, which is cheaper")
  func verifiedMeanwhile() throws {
    try withShop(config: "default_plan: tiny\n") { shop in
      try shop.plan("tiny")
      try shop.plan("own", "work_types: [{ type: remote, percent: 50 }]")
      try shop.customer("acme", plan: "own")
      try shop.customer("other", plan: "own")
      let alice = try shop.technician()
      let agent = try agent(shop)
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.busy(seconds: 3)
      try shell.expect("done-11")
      let id = try shop.openSession()
      #expect(try alice.refusal("verify", id, "--customer acme --fact postcode=1").contains("not what is on record"))
      let told = try alice.desk("verify", id, "--customer acme --fact postcode=00100")
      #expect(told["session_customer"]?.string == "acme" && told["result"]?.string == "verified", "\(told)")
      let other = try alice.ssh("desk", ["verify \(id) --customer other --fact postcode=00100"])
      #expect(other.succeeded && other.output.contains("stays acme's"), "\(other)")
      let open = try unwrap(try alice.desk("list").array?.first)
      #expect(open["customer"]?.string == "acme" && open["identity"]?.string == "facts", "\(open)")
      #expect(open["amount_minor"]?.int ?? 0 >= 300 && open["lines"]?.array?.count == 1, "\(open)")
      let closed = try alice.desk("close", id, "--outcome fixed --note it works")
      let bill = try shop.bill(of: id)
      #expect(closed["amount_minor"] == bill.record["amount_minor"] && closed["lines"] == bill.record["lines"])
      #expect(bill.record["customer"]?.string == "acme" && bill.record["plan"]?.string == "own", "\(bill.record)")
      let seconds = try unwrap(bill.record["billed_seconds"]?.int)
      #expect(bill.record["amount_minor"]?.int == seconds * 50, "\(bill.record)")
      let facts = bill.record.details("identity-checked").compactMap { $0["result"]?.string }
      #expect(facts == ["wrong", "verified", "verified"] && bill.record["identity"]?.string == "facts")
      let receipt = try agent.event("receipt")
      let file = try unwrap(receipt["file"]?.string)
      #expect(try shop.command("receipt", "verify", file).exit == .status(0))
      #expect(try alice.desk("case list --customer acme").array?.count == 1)
    }
  }

  @Test("a consumer needs prices with tax")
  func consumer() throws {
    try withShop { shop in
      try shop.plan("tiny")
      let file = try shop.scratch.file("c.yaml", "legal_name: A consumer\nkind: consumer\nplan: tiny\n")
      let added = try shop.command("customer", "add", "home", "--name", "A consumer", "--file", file)
      #expect(!added.succeeded && added.error.contains("gross"), "\(added)")
    }
  }
}
