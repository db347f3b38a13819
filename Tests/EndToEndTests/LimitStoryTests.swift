import Foundation
import Testing

/// Limits that the program applies, to everybody alike.
@Suite("Limits", .shared) struct LimitStoryTests {
  private static let config = "default_plan: tiny\n"
  private static let limits = "limits: { session: 4s }"

  @Test("two technicians under one limit: both are stopped before it, and each customer decides for himself")
  func twoTechnicians() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny", Self.limits)
      let technicians = [try shop.technician(), try shop.technician("bob")]
      var shells: [Child] = []
      var customers: [Customer] = []
      defer { for customer in customers { customer.close() } }
      for technician in technicians {
        let customer = try Customer(shop)
        customers.append(customer)
        let shell = try customer.admit(technician, shop)
        shells.append(shell)
        try shell.busy(seconds: 30)
      }
      for (shell, customer) in zip(shells, customers) {
        try shell.expect("The agreed limit is reached (4 s a session)")
        try customer.terminal.expect("Type 1, 2 or 3, then Enter:")
      }
      for session in try shop.sessions() {
        #expect(session["state"]?.string == "suspended", "\(session)")
        #expect(session["suspended_reasons"] == .list([.text("limit")]), "\(session)")
      }
      // What is typed meanwhile is kept.
      for shell in shells { try shell.type("\u{3}echo $((40 + 2))-kept\n") }
      try expectThroughout("nothing is run", for: .milliseconds(500)) {
        shells.allSatisfy { !$0.output.text.contains("42-kept") }
      }
      try customers[0].answer("1", to: "Type 1, 2 or 3, then Enter:")
      try shells[0].expect("42-kept")
      try customers[1].answer("2", to: "Type 1, 2 or 3, then Enter:")
      try waitUntil("the end of the shell", seen: { shells[1].seen }) { shells[1].exit != nil }
      #expect(!shells[1].output.text.contains("42-kept"), "what was kept is not run when the session ends")
      let stopped = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(stopped["billed_seconds"]?.int ?? 99 <= 4, "\(stopped)")
      #expect(stopped["amount_minor"]?.int ?? 9999 <= 400, "\(stopped)")
      let bill = try shop.close(by: technicians[0])
      #expect(bill.record["billed_seconds"]?.int ?? 99 <= 8, "\(bill)")
      let asked = bill.record.details("question-asked")
      let answered = bill.record.details("question-answered")
      #expect(asked.count == 1 && answered.first?["answer"]?.string == "go-on", "\(asked) \(answered)")
    }
  }

  @Test("3 asks for a price, and nothing goes on until one is agreed; a supervisor may, with a reason")
  func outOfScope() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny", Self.limits)
      let alice = try shop.technician()
      let boss = try shop.stranger("boss")
      let added = try shop.command(
        "technician", "add", "boss", "--key", boss.keyFile + ".pub", "--role", "supervisor")
      #expect(added.succeeded, "\(added)")
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      let running = shop.adopt(try alice.start(customer.code, ["sleep 60"]))
      try shell.busy(seconds: 30)
      try waitUntil("word of the limit for a command that runs", seen: { running.seen }) {
        running.error.text.contains("The agreed limit is reached (4 s a session)")
      }
      #expect(running.output.total == 0)
      try customer.answer("3", to: "Type 1, 2 or 3, then Enter:")
      try shell.expect("asks for a price")
      let id = try shop.openSession()
      #expect(try alice.refusal("override", id, "--reason because").contains("supervisor"))
      // A command that comes now waits too.
      let exec = shop.adopt(try alice.start(customer.code, ["echo $((50 + 1))-exec"]))
      try waitUntil("the notice", seen: { exec.seen }) { exec.error.text.contains("Waiting") }
      #expect(exec.output.total == 0)
      _ = try boss.desk("override", id, "--reason the owner called")
      #expect(try exec.wait() == .status(0))
      #expect(exec.output.text == "51-exec\n")
      try customer.terminal.expect("Type 1, 2 or 3, then Enter:")
      let bill = try shop.close(by: alice)
      let overridden = bill.record.details("limit-overridden")
      #expect(overridden.first?["reason"]?.string == "the owner called", "\(overridden)")
      #expect(overridden.first?["by"]?.string == "boss")
    }
  }

  @Test(
    "the month is one for all sessions of a customer: one yes, or a supervisor's word, is for all and is counted once",
    arguments: [false, true])
  func monthShared(isOverridden: Bool) throws {
    try withShop { shop in
      try shop.plan("tiny", "limits: { month: 6s }")
      try shop.customer("acme", plan: "tiny")
      let alice = try shop.technician()
      var customers: [Customer] = []
      defer { for customer in customers { customer.close() } }
      var shells: [Child] = []
      for name in ["first", "second"] {
        let customer = try Customer(shop, ["--state", shop.scratch.path(name)])
        customers.append(customer)
        _ = try alice.desk("verify", customer.code, "--customer acme --fact postcode=00100")
        let shell = shop.adopt(try alice.terminal("\(customer.code)+new"))
        try customer.answer("y", to: "Type y or n")
        try shell.busy(seconds: 60)
        shells.append(shell)
      }
      for customer in customers { try customer.terminal.expect("up to 12 s in all") }
      if isOverridden {
        let boss = try shop.stranger("boss")
        let added = try shop.command(
          "technician", "add", "boss", "--key", boss.keyFile + ".pub", "--role", "supervisor")
        #expect(added.succeeded, "\(added)")
        _ = try boss.desk("override", try unwrap(shop.sessions().first?["id"]?.string), "--reason he called")
        for customer in customers { try customer.terminal.expect("Your shop decided to go on past the limit.") }
      } else {
        try customers[0].answer("1", to: "Type 1, 2 or 3, then Enter:")
        try customers[1].terminal.expect("You answered this in another visit.")
        try shells[1].expect("The limit was lifted in another session of this customer.")
      }
      // The next question is about the month as it is now, for both.
      for customer in customers { try customer.terminal.expect("up to 18 s in all") }
      var (notes, overrides) = (0, 0)
      for session in try shop.sessions() {
        let id = try unwrap(session["id"]?.string)
        _ = try alice.desk("close", id, "--outcome fixed")
        // Why the other one went on stands on its own record.
        let record = try shop.bill(of: id).record
        overrides += record.details("limit-overridden").count { $0["reason"]?.string == "he called" }
        let said = record.details("note").compactMap { $0["text"]?.string }
        notes += said.count { $0.contains("lifts the month's limit here too") }
      }
      #expect(notes == (isOverridden ? 0 : 1) && overrides == (isOverridden ? 2 : 0))
      let billed = try shop.sessions().reduce(0) { $0 + ($1["billed_seconds"]?.int ?? 99) }
      #expect(billed <= 12, "\(billed) s in a month of 6 s that was lifted once")
    }
  }

  @Test("included time is promised once, however many sessions are open: what the customer reads is what he may pay")
  func includedTimeShared() throws {
    try withShop { shop in
      try shop.plan("tiny", "included: { per: month, amount: 8s }")
      try shop.customer("acme", plan: "tiny")
      let alice = try shop.technician()
      var agents: [AgentProcess] = []
      for name in ["first", "second"] {
        let agent = try shop.agent(["--state", shop.scratch.path(name)])
        let code = try agent.code()
        _ = try alice.desk("verify", code, "--customer acme --fact postcode=00100")
        let shell = shop.adopt(try alice.terminal("\(code)+new"))
        try shell.busy(seconds: 6)
        try shell.expect("done-11")
        agents.append(agent)
      }
      let consent = try agents[1].event("consent")["text"]?.string ?? ""
      let left = try unwrap(consent.firstMatch(of: #/Included time left: ([0-9]) s/#), consent).1
      #expect(left < "4", "the first session has used six of eight: \(consent)")
      // The first session has drawn nothing yet, and may draw its share before the second does.
      let told = try agents[1].event("session") { $0["amount_minor"]?.int ?? 0 > 0 }
      let second = try unwrap(told["session"]?.string)
      let open = try shop.command("sessions", "--json").json().array ?? []
      // What a list says of both is what the screens said: included time is in it once.
      let included = open.flatMap { $0["lines"]?.array ?? [] }.filter { $0["kind"]?.string == "included" }
        .reduce(0) { $0 + ($1["seconds"]?.int ?? 99) }
      #expect(included <= 8, "\(open)")
      let first = try unwrap(open.compactMap { $0["id"]?.string }.first { $0 != second })
      for id in [first, second] { _ = try alice.desk("close", id, "--outcome fixed") }
      let seen = agents[1].events.filter { $0["event"]?.string == "session" && $0["state"]?.string == "active" }
        .compactMap { $0["amount_minor"]?.int }
      let closed = try agents[1].event("session") { $0["state"]?.string == "closed" }
      let paid = try unwrap(closed["amount_minor"]?.int)
      #expect(paid > 0 && paid <= (seen.max() ?? 0) + 200, "told \(seen), paid \(paid)")
    }
  }

  @Test("a standing yes stops at the limit")
  func standingYes() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny", Self.limits)
      let alice = try shop.technician()
      let agent = try shop.agent()
      let shell = shop.adopt(try alice.terminal(try agent.code()))
      try shell.busy(seconds: 30)
      let question = try agent.event("question")
      #expect(question["kind"]?.string == "limit" && question["choices"]?.int == 3, "\(question)")
      #expect(try agent.event("answer")["choice"]?.int == 2)
      let closed = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(closed["outcome"]?.string == "unclosed" && closed["billed_seconds"]?.int ?? 99 <= 4, "\(closed)")
    }
  }

  @Test("what the customer typed before he was asked is no answer", arguments: [["1", "Enter"], ["1"]])
  func typedAhead(keys: [String]) throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny", Self.limits)
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.busy(seconds: 30)
      for key in keys { try customer.terminal.send(key) }
      try customer.terminal.expect("Type 1, 2 or 3, then Enter:")
      try expectThroughout("nobody answered", for: .milliseconds(500)) {
        try shop.record("the question") { !$0.details("question-asked").isEmpty }.details("question-answered").isEmpty
      }
      // With what stood there before, this would be "12".
      try customer.terminal.send("2", "Enter")
      let closed = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(closed["note"]?.string == "the customer stopped at the limit", "\(closed)")
    }
  }

  @Test("a relay that is killed while the customer is asked asks again, and his answer counts")
  func relayDies() throws {
    try withShop(config: Self.config) { shop in
      try shop.plan("tiny", Self.limits)
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.busy(seconds: 60)
      try customer.terminal.expect("Type 1, 2 or 3, then Enter:")
      // Until the last of it is confirmed.
      let held = try shop.session("held") {
        $0["suspended_reasons"] == .list([.text("limit")]) && $0["active_ms"]?.int ?? 0 >= 4000
      }
      try shop.killRelay(config: Self.config)
      try customer.terminal.expect("The connection was lost before you answered")
      let again = shop.adopt(try alice.terminal(customer.code))
      try again.expect("The agreed limit is reached")
      let heldAgain = try shop.session("held again") { "\($0)".contains("limit") }
      let (before, after) = (held["active_ms"]?.int ?? 0, heldAgain["active_ms"]?.int ?? 0)
      #expect(after >= 4000 && after <= before, "a restart lets nothing pass the limit: \(before) became \(after)")
      try waitUntil("the question once more", seen: { (try? customer.terminal.screen().joined(separator: "\n")) ?? "" })
      {
        try customer.terminal.screen().count { $0.contains("Type 1, 2 or 3, then Enter:") } >= 2
      }
      // In between nothing counted, and he did not read that it did.
      let since = try customer.terminal.screen().drop { !$0.contains("The connection was lost before you answered") }
      #expect(!since.isEmpty && !since.contains { $0.contains("Time counts now") }, "\(since)")
      try customer.terminal.send("1", "Enter")
      try again.expect("go on. Time counts again")
      let bill = try shop.close(by: alice)
      #expect(bill.record["billed_seconds"]?.int ?? 99 <= 8, "\(bill)")
      let numbers = bill.record.details("question-asked").compactMap { $0["number"]?.int }
      #expect(Set(numbers).count == numbers.count, "\(numbers)")
    }
  }
}
