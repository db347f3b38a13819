import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("What is agreed around a session") struct AgreementTests {
  private let start = WallTime(milliseconds: 1_763_757_000_000)

  @Test("a user name names a code and a case")
  func destinations() throws {
    let code = try #require(JoinCode("482177305"))
    let one = try #require(CaseID("k3x9q7"))
    let table: [(String, JoinCode?, Destination.Target)] = [
      ("482177305", code, .open), ("482-177-305", code, .open), ("482177305+k3x9q7", code, .named(one)),
      ("482177305+new", code, .new), ("482177305+", code, .unreadable("")),
      ("482177305+k3x9q7mt", code, .unreadable("k3x9q7mt")), ("482177305+new+new", code, .unreadable("new+new")),
      ("48217730+new", nil, .new), ("+k3x9q7", nil, .named(one)), ("root", nil, .open),
    ]
    for (user, code, target) in table {
      let destination = Destination(user: user)
      #expect(destination.code == code && destination.target == target, "\(user)")
    }
  }

  @Test("metered time is cut where the kind of work changed, and nothing is lost")
  func workTypes() {
    var types = WorkTypes()
    let intervals = [
      MeterInterval(fromMilliseconds: 0, toMilliseconds: 1000),
      MeterInterval(fromMilliseconds: 2000, toMilliseconds: 5000),
    ]
    #expect(types.cut(intervals).map(\.type) == [nil, nil])
    types.change(to: "consult", fromMilliseconds: 3000)
    types.change(to: "remote", fromMilliseconds: 2500)
    let cut = types.cut(intervals)
    #expect(cut.map(\.type) == [nil, nil, "remote"], "a change never lies before the one before it")
    #expect(cut.reduce(0) { $0 + $1.interval.milliseconds } == 4000)
    #expect(cut.map(\.interval.fromMilliseconds) == [0, 2000, 3000])
  }

  private func tiny() throws -> Plan {
    try Plan(
      id: "tiny", name: "Tiny", currency: .eur, ratePerHourMinor: 360_000, firstSeconds: 2, thenSeconds: 1,
      rework: ReworkRule(windowSeconds: 86_400, percent: .zero), mergeGapSeconds: 0)
  }

  private func rating(_ milliseconds: Int64, _ terms: SessionTerms, _ register: CustomerRegister) throws
    -> SessionRating
  {
    let session = try #require(SessionID("7k2m9xqa"))
    let subject = SessionRating.Subject(
      id: session, technician: try #require(Name("mika")), terms: terms, start: start)
    let time = MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: milliseconds)])
    return try SessionRating(time, of: subject, register, now: start)
  }

  @Test("a promised price caps what a session costs, until it is broken with a reason")
  func promise() throws {
    let rig = try Rig()
    let one = try #require(CaseID("k3x9q7"))
    var terms = SessionTerms(plan: try tiny())
    terms.caseID = one
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    try rig.ledger.append([opened], at: start)
    #expect(try rating(5000, terms, rig.ledger.register()).work.amountMinor == 500)
    let promise = PromiseMade(
      caseID: one, number: 1, subject: .price, text: "three at most", amountMinor: 300, currency: "EUR", by: "anna")
    try rig.ledger.append([promise.draft()], at: start)
    let kept = try rating(5000, terms, rig.ledger.register())
    #expect(kept.work.amountMinor == 300 && kept.unpromisedMinor == 500 && kept.keptPromise == promise)
    #expect(kept.work.lines.last?.reason == "Promised: three at most")
    #expect(try rating(2500, terms, rig.ledger.register()).keptPromise == nil)
    let broken = PromiseBroken(caseID: one, number: 1, reason: "two problems", by: "anna")
    try rig.ledger.append([broken.draft()], at: start)
    #expect(try rating(5000, terms, rig.ledger.register()).work.amountMinor == 500)
  }

  @Test("a second quote does not undo the first: what was done under that costs no more than it said")
  func twoQuotes() throws {
    let rig = try Rig()
    let one = try #require(CaseID("k3x9q7"))
    var terms = SessionTerms(plan: try tiny())
    terms.caseID = one
    func quote(_ number: Int, _ amount: Int64, _ second: Int64) throws {
      let name = "\(one)-\(number)"
      let made = QuoteMade(
        quote: name, caseID: one, binding: .notToExceed, amountMinor: amount, currency: "EUR", text: "", by: "anna")
      let yes = QuoteAnswered(quote: name, isAccepted: true, by: "customer")
      try rig.ledger.append([made.draft(), yes.draft()], at: start.advanced(byMilliseconds: second * 1000))
    }
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    try rig.ledger.append([opened], at: start.advanced(byMilliseconds: -10_000))
    try quote(1, 1000, -5)
    #expect(try rating(40_000, terms, rig.ledger.register()).work.amountMinor == 1000)
    // Taken after 20 s, which cost 10.00 and not 20.00.
    try quote(2, 500, 20)
    let register = try rig.ledger.register()
    let rated = try rating(22_000, terms, register).work
    #expect(rated.amountMinor == 1200 || rated.amountMinor == 1500, "\(rated.amountMinor)")
    #expect(try rating(40_000, terms, register).work.amountMinor == 1500)
    #expect(try rating(40_000, terms, register).work.quoteUsedMinor == 500)
    #expect(try rating(15_000, terms, register).work.amountMinor <= 1500)
  }

  @Test("what the question named is what stays owed, whatever quiet time turns out to have been work")
  func owedAsTold() throws {
    let rig = try Rig()
    let one = try #require(CaseID("k3x9q7"))
    var terms = SessionTerms(plan: try tiny())
    terms.caseID = one
    let made = QuoteMade(
      quote: "\(one)-1", caseID: one, binding: .notToExceed, amountMinor: 300, currency: "EUR", text: "", by: "anna")
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika")
    try rig.ledger.append([opened.draft(), made.draft()], at: start.advanced(byMilliseconds: -1000))
    let yes = QuoteAnswered(quote: made.quote, isAccepted: true, by: "customer", owedMinor: 200)
    let session = try #require(SessionID("7k2m9xqa"))
    let plan = PlanTerms(try tiny())
    let request = SessionRequested(
      machine: "guest", technician: try #require(Name("mika")), technicianKey: SHA256.hash([1]), purpose: "x",
      plan: plan, address: "", caseID: one)
    try rig.ledger.append(request.draft(session: session), at: start)
    // After 20 s, of which 2 s had counted when he was asked.
    try rig.ledger.append(yes.draft(session: session), at: start.advanced(byMilliseconds: 20_000))
    let register = try rig.ledger.register()
    #expect(try rating(40_000, terms, register).work.amountMinor == 500)
    #expect(try rating(40_000, terms, register).work.quoteUsedMinor == 300)
    #expect(try rating(2000, terms, register).work.amountMinor == 200)
  }

  @Test("what a guest was promised holds when it is known who he is, and a closed case keeps its promise")
  func promisesOutlive() throws {
    let books = try Books()
    let plan = try Plan(
      id: "tiny", name: "Tiny", currency: .eur, ratePerHourMinor: 360_000, firstSeconds: 2, thenSeconds: 1,
      rework: ReworkRule(windowSeconds: 86_400, percent: .zero), mergeGapSeconds: 600)
    try books.addCustomer("acme")
    let acme = try #require(Name("acme"))
    let one = try books.openCase()
    try books.session(720, caseID: one, plan: plan)
    let end = Books.morning.advanced(byMilliseconds: 720_000)
    var terms = SessionTerms(plan: plan)
    (terms.caseID, terms.customer) = (one, acme)
    let soon = end.advanced(byMilliseconds: 300_000)
    let standing = try books.register().standing(of: terms, quote: nil, at: soon)
    #expect(standing.rework != nil && standing.continues)
    try books.ledger.append(CaseClosed(caseID: one, lines: [], currency: nil, by: "mika").draft(), at: soon)
    let register = try books.register()
    #expect(register.cases[one]?.isOpen == false)
    #expect(register.takesSessions(one, at: soon) && register.standing(of: terms, quote: nil, at: soon).rework != nil)
    // The window ends with its last local day.
    #expect(register.takesSessions(one, at: end.advanced(byMilliseconds: 86_400_000)))
    #expect(!register.takesSessions(one, at: end.advanced(byMilliseconds: 2 * 86_400_000)))
  }

  @Test("what closing a case charged of a fixed price is not charged again")
  func closedFixedPrice() throws {
    let books = try Books()
    let plan = try tiny()
    let one = try books.openCase()
    var terms = SessionTerms(plan: plan)
    terms.caseID = one
    let made = QuoteMade(
      quote: "\(one)-1", caseID: one, binding: .fixed, amountMinor: 1000, currency: "EUR", text: "", by: "anna")
    try books.ledger.append(
      [made.draft(), QuoteAnswered(quote: made.quote, isAccepted: true, by: "customer").draft()], at: Books.morning)
    #expect(try books.register().quotes(of: terms).last?.quote.amountMinor == 1000)
    let line = LedgerLine(
      RatedLine(kind: .quote, description: "Quote", seconds: 0, percent: .hundred, amountMinor: 600, reason: made.quote)
    )
    try books.ledger.append(
      CaseClosed(caseID: one, lines: [line], currency: "EUR", by: "anna").draft(), at: Books.morning)
    #expect(try books.register().quotes(of: terms).last?.quote.amountMinor == 400)
  }

  @Test(
    "closing a case charges the rest of its fixed price, but no more than was promised",
    arguments: [(nil, 550), (800, 350), (450, nil), (2000, 550)] as [(Int64?, Int64?)])
  func shortfall(promised: Int64?, charged: Int64?) throws {
    let books = try Books()
    let one = try books.openCase()
    let made = QuoteMade(
      quote: "\(one)-1", caseID: one, binding: .fixed, amountMinor: 1000, currency: "EUR", text: "all", by: "mika")
    var drafts = [made.draft()]
    if let promised {
      drafts.append(
        PromiseMade(
          caseID: one, number: 1, subject: .price, text: "x", amountMinor: promised, currency: "EUR", by: "anna"
        ).draft())
    }
    try books.ledger.append(drafts, at: Books.morning)
    var random = SystemRandomNumberGenerator()
    let id = SessionID(using: &random)
    let interval = LedgerInterval(from: Books.morning, to: Books.morning.advanced(byMilliseconds: 4500))
    try books.ledger.append(
      [
        QuoteAnswered(quote: "\(one)-1", isAccepted: true, by: "customer").draft(),
        SessionRequested(
          machine: "guest", technician: try #require(Name("mika")), technicianKey: SHA256.hash([1]), purpose: "x",
          plan: PlanTerms(try tiny()), address: "", caseID: one
        ).draft(session: id),
        SessionClosed(
          outcome: .fixed, note: nil, by: "mika", activeMilliseconds: 4500, intervals: [interval], billedSeconds: 5,
          amountMinor: 450, currency: "EUR", lines: [], bytesToMachine: 0, bytesFromMachine: 0,
          rating: RatingFacts(quote: RatingFacts.QuoteUse(quote: "\(one)-1", usedMinor: 450))
        ).draft(session: id),
      ], at: Books.morning)
    let shortfall = try books.register().shortfall(of: one)
    #expect(shortfall?.line.amountMinor == charged && shortfall?.line.kind == (charged == nil ? nil : "quote"))
  }

  @Test("every choice of a question has a meaning on record")
  func choices() {
    for kind in QuestionKind.allCases {
      #expect(kind.answers.count == Int(kind.choiceCount))
      #expect(kind.answer(0) == nil && kind.answer(kind.choiceCount + 1) == nil)
    }
    #expect(QuestionKind.limit.answer(QuestionKind.declining) == .stop)
    #expect(QuestionKind.quote.answer(QuestionKind.declining) == .no)
    #expect(QuestionKind.limit.answer(QuestionKind.agreeing) == .goOn)
    #expect(QuestionKind.limit.answer(QuestionKind.outOfScope) == .askQuote)
  }
}
