import Billing
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@testable import Relay

/// From when on a customer has the included time of his plan: whole months, no pro rata, and nothing twice.
@Suite("Included time begins") struct IncludedSinceTests {
  /// What happens to one customer, in order; times are those of January to March 2026, in UTC.
  enum Step: Sendable {
    /// He is put on record, or changed, with this plan.
    case has(String?, at: String)
    /// He draws so many minutes of included time under the plan he has.
    case draws(Int64, plan: String, at: String)
  }

  /// Minutes of included time: `one` has 60, `two` 120, `roll` 60 that roll over for a month. All in Helsinki.
  static func plan(_ id: String, minutes: Int64? = nil) throws -> Plan {
    let amount = minutes ?? (id == "two" ? 120 : 60)
    return try Plan(
      json: [
        "id": .string(id), "name": "P", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m", "then": "6m",
        "timezone": "Europe/Helsinki",
        "included": ["amount": .string("\(amount)m"), "rollover_months": id == "roll" ? 1 : 0],
      ])
  }

  @Test(
    "with the month in which he got the plan",
    arguments: [
      ("in the middle of a month he has all of it", [.has("one", at: "01-20T12:00")], "one", "01-21T12:00", 60),
      ("of the month before he has nothing", [.has("one", at: "02-20T12:00")], "one", "01-31T12:00", 0),
      ("nor does that roll over", [.has("roll", at: "02-01T12:00")], "roll", "02-20T12:00", 60),
      ("the month is that of the plan's clock", [.has("one", at: "01-31T22:30")], "one", "01-31T12:00", 0),
      (
        "a change of something else begins nothing anew",
        [.has("roll", at: "01-10T12:00"), .has("roll", at: "02-10T12:00")], "roll", "02-20T12:00", 120
      ),
      (
        "a change of plan brings the rest of the new plan's month: what was drawn counts",
        [.has("one", at: "01-10T12:00"), .draws(45, plan: "one", at: "02-05T12:00"), .has("two", at: "02-10T12:00")],
        "two", "02-20T12:00", 75
      ),
      (
        "a change to a smaller plan brings nothing when more than that was drawn",
        [.has("two", at: "01-10T12:00"), .draws(90, plan: "two", at: "02-05T12:00"), .has("one", at: "02-10T12:00")],
        "one", "02-20T12:00", 0
      ),
      (
        "what was drawn in the month before counts no more",
        [.has("two", at: "01-10T12:00"), .draws(90, plan: "two", at: "01-15T12:00"), .has("one", at: "02-10T12:00")],
        "one", "02-20T12:00", 60
      ),
      (
        "what the old plan would have rolled over is the old plan's",
        [.has("one", at: "01-10T12:00"), .has("roll", at: "02-10T12:00")], "roll", "02-20T12:00", 60
      ),
      (
        "there and back in a month is no second month's time",
        [
          .has("one", at: "02-01T12:00"), .draws(60, plan: "one", at: "02-02T12:00"), .has("two", at: "02-03T12:00"),
          .has("one", at: "02-04T12:00"),
        ], "one", "02-20T12:00", 0
      ),
      ("another plan than his own has none", [.has("one", at: "01-10T12:00")], "two", "02-20T12:00", 0),
      (
        "nor has one that he had",
        [.has("one", at: "01-10T12:00"), .has(nil, at: "02-10T12:00")], "one", "02-20T12:00", 0
      ),
    ] as [(String, [Step], String, String, Int64)])
  func since(what: String, steps: [Step], plan: String, at: String, minutes: Int64) throws {
    let books = try Books()
    for step in steps { try take(step, books) }
    let moment = try Self.time(at)
    #expect(try left(Self.plan(plan), books.register(), moment) == minutes * 60, "\(what)")
  }

  @Test("a new version of the plan holds for the whole month, less what was drawn, and begins nothing anew")
  func newVersion() throws {
    let books = try Books()
    try take(.has("one", at: "01-10T12:00"), books)
    try take(.draws(30, plan: "one", at: "02-05T12:00"), books)
    for minutes: Int64 in [60, 90] {
      try books.ledger.append(
        PlanAdded(plan: PlanTerms(try Self.plan("one", minutes: minutes)), by: "operator").draft(),
        at: try Self.time("02-10T12:00"))
    }
    let moment = try Self.time("02-20T12:00")
    #expect(try left(Self.plan("one", minutes: 90), books.register(), moment) == 3600)
    #expect(
      try left(Self.plan("one", minutes: 20), books.register(), moment) == 0, "a smaller one owes nobody anything")
  }

  @Test("a session that was agreed under the old plan keeps its included time, also for another relay")
  func agreedBefore() throws {
    let books = try Books()
    try take(.has("one", at: "01-10T12:00"), books)
    var random = SystemRandomNumberGenerator()
    let id = SessionID(using: &random)
    let request = try request(Self.plan("one"))
    try books.ledger.append(request.draft(session: id), at: try Self.time("02-10T11:00"))
    try take(.has("two", at: "02-10T12:00"), books)
    let register = try books.register()
    let terms = SessionTerms(request, of: id, at: try Self.time("02-10T11:00"), register)
    #expect(register.standing(of: terms, quote: nil, at: try Self.time("02-10T13:00")).includedLeftSeconds == 3600)
  }

  // MARK: -

  private static func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: "2026-\(text):00Z")) }

  private func request(_ plan: Plan) throws -> SessionRequested {
    SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: SHA256.hash([1]), purpose: "x",
      plan: PlanTerms(plan), address: "", caseID: CaseID("k3x9q7"), customer: Name("acme"))
  }

  private func take(_ step: Step, _ books: Books) throws {
    switch step {
    case .has(let plan, let time):
      let version = CustomerAdded(
        id: try #require(Name("acme")), name: "Acme", party: .business, plan: plan, by: "operator")
      try books.ledger.append(version.draft(), at: try Self.time(time))
    case .draws(let minutes, let id, let time):
      let (plan, start) = (try Self.plan(id), try Self.time(time))
      let end = start.advanced(byMilliseconds: minutes * 60_000)
      var random = SystemRandomNumberGenerator()
      let session = SessionID(using: &random)
      let closed = SessionClosed(
        outcome: .abandoned, note: nil, by: "mika", activeMilliseconds: minutes * 60_000,
        intervals: [LedgerInterval(from: start, to: end)], billedSeconds: minutes * 60, amountMinor: 0,
        currency: "EUR", lines: [], bytesToMachine: 0, bytesFromMachine: 0,
        rating: RatingFacts(includedSeconds: minutes * 60))
      try books.ledger.append(try request(plan).draft(session: session), at: start)
      try books.ledger.append(closed.draft(session: session), at: end)
    }
  }

  /// What a session that is agreed to now would find, in seconds.
  private func left(_ plan: Plan, _ register: CustomerRegister, _ moment: WallTime) throws -> Int64 {
    var terms = SessionTerms(plan: plan)
    terms.customer = Name("acme")
    terms.includedSince = register.includedSince(plan, of: terms.customer)
    return register.standing(of: terms, quote: nil, at: moment).includedLeftSeconds
  }
}
