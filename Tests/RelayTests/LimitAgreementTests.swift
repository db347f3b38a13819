import Billing
import Ledger
import LedgerSQLite
import Receipts
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("Limits and advice as they are told") struct LimitAgreementTests {
  private let rig: Rig
  private let acme: Name
  private let problem: CaseID
  private let plan: Plan

  init() throws {
    rig = try Rig()
    acme = try #require(Name("acme"))
    problem = try #require(CaseID("k3x9q7"))
    plan = try Plan(json: [
      "id": "home", "name": "Home", "currency": "EUR", "prices": "gross", "rate_per_hour": "90.00", "first": "15m",
      "then": "6m", "timezone": "Europe/Helsinki",
      "limits": ["session": "2h", "month": "10h", "session_amount": "180.00"],
    ])
    try rig.ledger.append(
      [
        CustomerAdded(id: acme, name: "Acme", party: .consumer, by: "operator").draft(),
        CaseOpened(caseID: problem, title: "Printer", customer: acme, by: "mika").draft(),
      ], at: try Self.moment("2026-10-01T08:00:00Z"))
  }

  private static func moment(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

  private var terms: SessionTerms {
    var terms = SessionTerms(plan: plan)
    (terms.caseID, terms.customer, terms.isConsumer) = (problem, acme, true)
    return terms
  }

  /// A session of the customer that began at that moment and is open.
  private func open(_ name: String, at text: String) throws -> SessionID {
    try open(name, at: try Self.moment(text))
  }

  private func open(_ name: String, at moment: WallTime) throws -> SessionID {
    let id = try #require(SessionID(name))
    var agreed = try rig.agreed(id)
    agreed[0] = SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey, purpose: "printer",
      plan: PlanTerms(plan), address: "::1", caseID: problem, customer: acme
    ).draft(session: id)
    try rig.ledger.append(agreed + [SessionActivated().draft(session: id)], at: moment)
    return id
  }

  private func close(_ id: SessionID, from start: String, to end: String) throws {
    try close(id, from: try Self.moment(start), to: try Self.moment(end))
  }

  private func close(_ id: SessionID, from: WallTime, to: WallTime) throws {
    let closed = SessionClosed(
      outcome: .fixed, note: nil, by: "mika", activeMilliseconds: to.milliseconds(since: from),
      intervals: [LedgerInterval(from: from, to: to)], billedSeconds: 2400, amountMinor: 6000, currency: "EUR",
      lines: [LedgerLine(kind: "time", description: "", seconds: 2400, percent: "100", amountMinor: 6000)],
      bytesToMachine: 0, bytesFromMachine: 0)
    try rig.ledger.append(closed.draft(session: id), at: to)
  }

  @Test("a yes to the month's limit counts in the month of its session, also when it is given after that month's end")
  func monthGrant() throws {
    // In Helsinki it is 23:30 on the last of October, then ten minutes into November.
    let late = try open("0a1b2c3d", at: "2026-10-31T21:30:00Z")
    let yes = QuestionAnswered(number: 1, subject: .limit(.month), answer: .goOn, choice: 1, signature: [1])
    try rig.ledger.append(yes.draft(session: late), at: try Self.moment("2026-10-31T22:10:00Z"))
    let override = LimitOverridden(limit: .month, steps: 2, reason: "phone", by: "boss")
    try rig.ledger.append(override.draft(session: late), at: try Self.moment("2026-10-31T22:20:00Z"))
    let october = try #require(BillingMonth("2026-10"))
    let november = try #require(BillingMonth("2026-11"))
    let next = try open("0a1b2c3e", at: "2026-11-02T08:00:00Z")
    func grants(_ id: SessionID, _ month: BillingMonth) throws -> Int64 {
      try rig.ledger.register().grants(of: id, terms, month: month).month
    }
    #expect(try grants(late, october) == 3)
    #expect(try grants(next, november) == 0 && grants(next, october) == 3)
    try close(late, from: "2026-10-31T21:30:00Z", to: "2026-10-31T22:25:00Z")
    #expect(try grants(next, november) == 0 && grants(next, october) == 3)
  }

  @Test("what the consent says of the month is what was granted in it by now")
  func grantedMonthInConsent() async throws {
    func words(_ core: RelayCore) async throws -> String {
      await core.readRegister()
      let facts = await core.consentFacts(
        terms, quote: nil, technician: try #require(Name("mika")), purpose: "", allowances: .all)
      #expect(facts.limits.sessionAmount?.minorUnits == 18_000 && facts.limits.sessionSeconds == 7200)
      return facts.limits.monthSeconds.map { "\($0)" } ?? ""
    }
    #expect(try await words(rig.start()) == "36000")
    let now = WallClock.now()
    let id = try open("0a1b2c3d", at: now)
    let yes = QuestionAnswered(number: 1, subject: .limit(.month), answer: .goOn, choice: 1, signature: [1])
    try rig.ledger.append(yes.draft(session: id), at: now)
    try close(id, from: now, to: now.advanced(byMilliseconds: 60_000))
    #expect(try await words(rig.start()) == "72000")
  }

  @Test("the question names what a yes grants: the plan's limit once more")
  func step() throws {
    let work = Work(
      intervals: [WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: 14_400_000))])
    let reached = try #require(
      try LimitCheck.reached(
        plan: plan, work: work, running: [RunningWork(technician: nil)], at: WallTime(milliseconds: 14_400_000),
        lookAheadMilliseconds: 1000, monthSeconds: 0, grants: LimitGrants(sessionAmount: 1, session: 1)))
    #expect(
      reached.words(.eur)
        == .sessionAmount(
          Money(minorUnits: 36_000, currency: .eur), granted: Money(minorUnits: 54_000, currency: .eur)))
    let month = try #require(
      try LimitCheck.reached(
        plan: plan, work: Work(intervals: []), running: [RunningWork(technician: nil)], at: WallTime(milliseconds: 0),
        lookAheadMilliseconds: 1000, monthSeconds: 72_000, grants: LimitGrants(month: 1)))
    #expect(month.words(.eur) == .monthTime(seconds: 72_000, grantedSeconds: 108_000))
  }

  @Test("what this session's customer declined stands on its receipt, whatever others of the case declined")
  func adviceOfTheSession() throws {
    let id = try open("0a1b2c3d", at: "2026-10-02T08:00:00Z")
    let other = try open("0a1b2c3e", at: "2026-10-02T08:00:00Z")
    func advise(_ text: String, _ session: SessionID, _ isDeclined: Bool = true) throws {
      let advice = AdviceGiven(caseID: problem, text: text, isDeclined: isDeclined, by: "mika")
      try rig.ledger.append(advice.draft(session: session), at: try Self.moment("2026-10-02T08:10:00Z"))
    }
    try advise("an own backup", id)
    try advise("restart it daily", id, false)
    for number in 1...6 { try advise("advice of others \(number)", other) }
    try close(id, from: "2026-10-02T08:00:00Z", to: "2026-10-02T08:40:00Z")
    let session = try #require(try SessionReceipts(id, in: rig.ledger))
    let shop = Receipt.Shop(name: "Nine to Five", address: "", phone: "", vatID: "")
    let terms = ReceiptTerms(session.record, shop: shop, language: .english, register: try rig.ledger.register())
    let text = terms.text(of: session, issuedAt: try Self.moment("2026-10-02T08:40:01Z"))
    #expect(text.contains("you declined: an own backup"), "\(text)")
    #expect(!text.contains("others 2\n") && text.contains("others 3\n"), "\(text)")
    #expect(text.contains("Before that we advised more, and you declined: 2."), "\(text)")
    #expect(!text.contains("restart it daily"))
  }
}
