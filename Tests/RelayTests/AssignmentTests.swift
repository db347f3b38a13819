import Billing
import Ledger
import LedgerSQLite
import SessionModel
import Testing

@testable import Relay

@Suite("Assigning a guest's session") struct AssignmentTests {
  private func assign(_ books: Books, _ session: SessionID, _ customer: String, _ caseID: CaseID? = nil) throws
    -> String
  {
    try SessionAssignment.run(session.rawValue, customer: customer, caseID: caseID?.rawValue, state: books.state)
  }

  private func amount(_ books: Books, _ session: SessionID) throws -> Int64? {
    try books.ledger.record(session: session)?.amountMinor
  }

  @Test(
    "a cheaper plan lowers the price, a dearer one does not raise it",
    arguments: [
      ("60.00", 1500, "15.00 EUR instead of 22.50 EUR"), ("90.00", 2250, "stays 22.50 EUR"),
      ("120.00", 2250, "stays 22.50 EUR"),
    ] as [(String, Int64, String)])
  func price(rate: String, minor: Int64, words: String) throws {
    let books = try Books()
    try books.addPlan("own", rate: rate)
    try books.addCustomer("acme", plan: "own")
    let caseID = try books.openCase()
    let session = try books.session(600, caseID: caseID)
    let line = try assign(books, session, "acme")
    #expect(line.contains(words) && line.contains(caseID.rawValue), "\(line)")
    let record = try #require(try books.ledger.record(session: session))
    #expect(record.amountMinor == minor && record.customer?.rawValue == "acme" && record.caseID == caseID)
    #expect(record.plan?.id == (minor == 2250 ? "standard" : "own"))
    #expect(record.lines.reduce(0) { $0 + $1.amountMinor } == minor)
    #expect(try assign(books, session, "acme").contains("already"))
    #expect(try books.ledger.verify().isSound)
    let listed = try SessionReports.list(since: nil, until: nil, customer: "acme", json: true, state: books.state)
    #expect(try JSONValue(parsing: listed)[0]?["id"] == .string(session.rawValue))
    #expect(try JSONValue(parsing: listed)[0]?["amount_minor"] == .integer(minor))
  }

  @Test("what is a customer's stays his: his records are kept for his sake, and his name is on the receipt")
  func another() throws {
    let books = try Books()
    try books.addCustomer("acme")
    try books.addCustomer("other")
    let session = try books.session(600, caseID: try books.openCase())
    _ = try assign(books, session, "acme")
    let refused = try Books.refusal { try assign(books, session, "other") }
    #expect(refused.code == 1 && refused.line.contains("is customer acme's"), "\(refused)")
    #expect(try books.ledger.record(session: session)?.customer?.rawValue == "acme")
  }

  @Test("a plan of another currency changes no price")
  func currency() throws {
    let books = try Books()
    let file = try books.file(
      "sek.yaml",
      #"{"id": "sek", "name": "S", "currency": "SEK", "rate_per_hour": "1.00", "first": "15m", "then": "6m"}"#)
    _ = try PlanReports.add(file: file, state: books.state)
    try books.addCustomer("acme", plan: "sek")
    let session = try books.session(600, caseID: try books.openCase())
    #expect(try assign(books, session, "acme").contains("stays 22.50 EUR"))
    #expect(try amount(books, session) == 2250)
  }

  @Test(
    "sums with tax and without do not compare: what was agreed stays, and the line says why",
    arguments: [("net", "gross", "with tax"), ("gross", "net", "without tax")])
  func basis(agreed: String, own: String, words: String) throws {
    let books = try Books()
    try books.addPlan("own", rate: "30.00", ", \"prices\": \"\(own)\"")
    try books.addCustomer("acme", plan: "own")
    let plan = try Plan(
      json: [
        "id": "walk-in", "name": "W", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m", "then": "6m",
        "prices": .string(agreed),
      ])
    let session = try books.session(600, caseID: try books.openCase(), plan: plan)
    let line = try assign(books, session, "acme")
    #expect(line.contains("stays 22.50 EUR: it was agreed with") && line.hasSuffix("plan own are \(words)."), "\(line)")
    #expect(try amount(books, session) == 2250)
  }

  /// Ten minutes at the usual price, worked as a guest, and a price promised on the case it is assigned to.
  @Test(
    "a price promised on the case caps what is assigned to it",
    arguments: [
      ("60.00", 1000, .before, "10.00 EUR instead of 22.50 EUR"), ("120.00", 1000, .before, "10.00 EUR instead"),
      ("120.00", 2500, .before, "stays 22.50 EUR"), ("60.00", 2000, .before, "15.00 EUR instead of 22.50 EUR"),
      ("60.00", 1000, .broken, "15.00 EUR instead"), ("60.00", 1000, .afterwards, "15.00 EUR instead"),
      ("60.00", 1000, .usedUp, "2.50 EUR instead"),
    ] as [(String, Int64, Promised, String)])
  func promise(rate: String, minor: Int64, promised: Promised, words: String) throws {
    let books = try Books()
    try books.addPlan("own", rate: rate)
    try books.addCustomer("acme", plan: "own")
    let acme = try #require(Name("acme"))
    let caseID = try books.openCase(acme)
    let promise = PromiseMade(
      caseID: caseID, number: 1, subject: .price, text: "no more", amountMinor: minor, currency: "EUR", by: "anna")
    func say(_ payload: some EntryPayload, minute: Int64) throws {
      try books.ledger.append(payload.draft(), at: Books.morning.advanced(byMilliseconds: minute * 60_000))
    }
    if promised != .afterwards { try say(promise, minute: 0) }
    let start = Books.morning.advanced(byMilliseconds: 7_200_000)
    if promised == .usedUp {
      let cheap = try Plan(
        json: [
          "id": "own", "name": "C", "currency": "EUR", "rate_per_hour": "30.00", "first": "15m", "then": "6m",
        ])
      try books.session(
        60, from: Books.morning.advanced(byMilliseconds: 600_000), caseID: caseID, customer: acme, plan: cheap)
    }
    let session = try books.session(600, from: start, caseID: try books.openCase())
    if promised == .broken { try say(PromiseBroken(caseID: caseID, number: 1, reason: "x", by: "anna"), minute: 200) }
    if promised == .afterwards { try say(promise, minute: 200) }
    let line = try assign(books, session, "acme", caseID)
    #expect(line.contains(words), "\(line)")
    let record = try #require(try books.ledger.record(session: session))
    #expect(record.lines.reduce(0) { $0 + $1.amountMinor } == record.amountMinor)
    let isCapped = !words.hasPrefix("15") && !words.hasPrefix("stays")
    #expect((record.lines.last?.reason == "Promised: no more") == isCapped, "\(record.lines)")
  }

  enum Promised { case before, broken, afterwards, usedUp }

  @Test("included time and rework of the customer count for what is assigned to him")
  func entitlements() throws {
    let books = try Books()
    try books.addPlan(
      "own", rate: "90.00",
      #", "included": {"per": "month", "amount": "20m"}, "rework": {"window": "30d", "percent": 0}"#)
    try books.addCustomer("acme", plan: "own")
    // Since customers are put on record now, so are the sessions.
    // All three fall into one month, whose time they share.
    let (now, later) = (WallClock.now(), WallClock.now().advanced(byMilliseconds: 10_800_000))
    let today = CivilTime(now).date.month == CivilTime(later).date.month ? now : later
    let first = try books.session(600, from: today, caseID: try books.openCase())
    #expect(try assign(books, first, "acme").contains("0.00 EUR instead"))
    let second = try books.session(600, from: today.advanced(byMilliseconds: 3_600_000), caseID: try books.openCase())
    #expect(try assign(books, second, "acme").contains("15.00 EUR instead of 22.50 EUR"), "5 minutes were left")
    let caseID = try #require(try books.ledger.record(session: first)?.caseID)
    let third = try books.session(600, from: today.advanced(byMilliseconds: 7_200_000), caseID: try books.openCase())
    #expect(try assign(books, third, "acme", caseID).contains("0.00 EUR instead"), "the same problem again")
    #expect(try books.register().sessions[third]?.rating.isRework == true)
  }

  @Test("rework that a receipt promised stays as it was promised, whatever the customer's plan says of it")
  func promisedRework() throws {
    let books = try Books()
    try books.addPlan("own", rate: "30.00", #", "rework": {"window": "7d", "percent": 50}"#)
    try books.addPlan("none", rate: "30.00")
    try books.addCustomer("acme", plan: "own")
    try books.addCustomer("other", plan: "none")
    let free = try Plan(
      json: [
        "id": "guest", "name": "Guests", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m", "then": "6m",
        "rework": ["window": "30d", "percent": 0],
      ])
    for customer in ["acme", "other"] {
      let caseID = try books.openCase()
      let first = try books.session(600, caseID: caseID, plan: free)
      #expect(try assign(books, first, customer).contains("7.50 EUR instead of 22.50 EUR"))
      let earlier = EarlierSession.all(try books.register().closedSessions(of: caseID))
      let later = Books.morning.advanced(byMilliseconds: 20 * 86_400_000)
      let promise = try #require(Entitlements.promise(caseID: caseID, earlier: earlier, at: later))
      #expect(promise.rule.percent == .zero)
      let soon = Entitlements.promise(
        caseID: caseID, earlier: earlier, at: Books.morning.advanced(byMilliseconds: 3_600_000))
      #expect(soon?.rule.percent == .zero)
    }
    // A receipt that promised nothing is no promise, and the customer's own plan counts.
    let caseID = try books.openCase()
    #expect(try assign(books, try books.session(600, caseID: caseID), "acme").contains("7.50 EUR instead"))
    let earlier = EarlierSession.all(try books.register().closedSessions(of: caseID))
    let soon = Books.morning.advanced(byMilliseconds: 3_600_000)
    #expect(Entitlements.promise(caseID: caseID, earlier: earlier, at: soon)?.rule.percent == Percent("50"))
  }

  @Test("a whole case becomes the customer's, and a session of somebody else's case gets its own")
  func cases() throws {
    let books = try Books()
    try books.addCustomer("acme")
    try books.addCustomer("other")
    let caseID = try books.openCase()
    let (first, second) = (try books.session(60, caseID: caseID), try books.session(60, caseID: caseID))
    let lines = try assign(books, second, "acme")
    #expect(lines.contains(first.rawValue) && lines.contains(second.rawValue), "\(lines)")
    var register = try books.register()
    #expect(
      register.cases[caseID]?.customer?.rawValue == "acme" && register.sessions[first]?.customer?.rawValue == "acme")
    let third = try books.session(60, caseID: caseID)
    _ = try assign(books, third, "other")
    register = try books.register()
    let own = try #require(register.sessions[third]?.caseID)
    #expect(own != caseID && register.cases[own]?.customer?.rawValue == "other")
    #expect(register.cases[own]?.title == register.cases[caseID]?.title)
    let refusal = try Books.refusal { try assign(books, second, "other", caseID) }
    #expect(refusal.line.contains("acme") && refusal.code == 1, "\(refusal)")
    let list = try CaseReports.list(customer: "other", json: true, state: books.state)
    #expect(try JSONValue(parsing: list).array?.map { $0["id"] } == [.string(own.rawValue)])
    let shown = try CaseReports.show(caseID.rawValue, json: false, state: books.state)
    #expect(shown.contains(second.rawValue) && shown.contains("acme"), "\(shown)")
  }

  @Test("a session of an earlier program, without a case, gets one")
  func noCase() throws {
    let books = try Books()
    try books.addCustomer("acme")
    let session = try books.session(60)
    _ = try assign(books, session, "acme")
    let caseID = try #require(try books.ledger.record(session: session)?.caseID)
    #expect(try books.register().cases[caseID]?.customer?.rawValue == "acme")
  }

  @Test("what cannot be assigned is refused with one line, and nothing is written")
  func mistakes() throws {
    let books = try Books()
    try books.addCustomer("acme")
    let session = try books.session(60, caseID: try books.openCase())
    let open = try books.session(60, caseID: try books.openCase(), outcome: nil)
    let head = try books.ledger.head()
    for (words, body) in [
      (
        "sessions --state", { try SessionAssignment.run("00000000", customer: "acme", caseID: nil, state: books.state) }
      ),
      ("is open", { try assign(books, open, "acme") }), ("customer list", { try assign(books, session, "nobody") }),
      (
        "case list",
        { try SessionAssignment.run(session.rawValue, customer: "acme", caseID: "k3x9q7", state: books.state) }
      ),
      (
        "customer list",
        { try SessionReports.list(since: nil, until: nil, customer: "x y", json: false, state: books.state) }
      ),
      ("case list", { try CaseReports.show("a\nb", json: false, state: books.state) }),
    ] as [(String, () throws -> String)] {
      let refusal = try Books.refusal(body)
      #expect(refusal.line.contains(words) && refusal.code == 1 && !refusal.line.contains("\n"), "\(words): \(refusal)")
    }
    #expect(try books.ledger.head() == head)
  }
}
