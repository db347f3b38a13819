import Billing
import SessionModel
import Testing

/// Facts as a shop in Helsinki has them.
enum Samples {
  static func plan(
    rate: Int64 = 9000, first: Int64 = 900, then: Int64 = 360, callOut: Int64 = 0, prices: PriceBasis = .gross
  ) throws -> Plan {
    try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: rate, firstSeconds: first, thenSeconds: then,
      callOutMinor: callOut, prices: prices)
  }

  static func consent(prices: PriceBasis = .gross) throws -> ConsentFacts {
    var facts = ConsentFacts(
      technician: "anna", plan: try plan(prices: prices), allowances: .all, at: WallTime(milliseconds: 0))
    facts.shop = "Kallio PC"
    facts.phone = "+358 40 123 4567"
    facts.purpose = "printer does not print"
    return facts
  }

  /// The twelve-minute fix, rated by the plan.
  static func receipt(
    seconds: Int64 = 720, outcome: Outcome = .fixed, continues: Bool = false, plan: Plan? = nil
  ) throws -> ReceiptFacts {
    let plan = try plan ?? self.plan()
    let work = [WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: seconds * 1000))]
    let rated = try Rating.rate(plan: plan, intervals: work, continues: continues)
    var facts = ReceiptFacts(
      session: try id("k3x9q7ab"), date: day("2026-03-02"), outcome: outcome,
      technicians: ["anna"], activeSeconds: rated.activeSeconds, billedSeconds: rated.billedSeconds,
      thenSeconds: plan.thenSeconds, lines: rated.lines.map { line($0, rated.currency) },
      total: rated.amount, prices: plan.prices)
    facts.reason = try BilledSeconds(active: rated.activeSeconds, plan: plan, continues: continues).reason
    facts.shop = "Kallio PC"
    facts.phone = "+358 40 123 4567"
    facts.purpose = "printer does not print"
    return facts
  }

  private static func line(_ line: RatedLine, _ currency: Currency) -> ReceiptLine {
    ReceiptLine(
      kind: line.kind, seconds: line.seconds, percent: line.percent,
      amount: Money(minorUnits: line.amountMinor, currency: currency), technician: line.technician)
  }

  /// The receipt of the money rules, with everything it can say.
  static func fullReceipt() throws -> ReceiptFacts {
    var facts = try receipt()
    facts.address = "Kaarlenkatu 5, Helsinki"
    facts.vatID = "FI12345678"
    facts.customer = "Example Oy"
    facts.intervals = [("10:02", "10:09"), ("10:15", "10:20")].map {
      ClockInterval(from: clock($0.0), to: clock($0.1))
    }
    facts.tax = ReceiptTax(percent: Percent(coefficient: 255, scale: 1) ?? .zero, amount: money("4.57"))
    facts.email = "office@example.fi"
    facts.consentAt = clock("10:01")
    facts.rework = ReworkTerms(percent: .zero, until: day("2026-04-01"))
    facts.path = "receipts/k3x9q7ab.json"
    return facts
  }

  static func money(_ text: String, _ currency: Currency = .eur) -> Money {
    (try? Money(decimal: text, currency: currency, allowingNegative: true)) ?? Money(minorUnits: 0, currency: currency)
  }

  static func id(_ text: String) throws -> SessionID { try #require(SessionID(text)) }

  /// `2026-04-01`
  static func day(_ text: String) -> CivilDate {
    CivilTime(WallTime(rfc3339: "\(text)T00:00:00Z") ?? WallTime(milliseconds: 0)).date
  }

  /// `10:02` on 2 March 2026.
  static func clock(_ text: String, on day: String = "2026-03-02") -> CivilTime {
    CivilTime(WallTime(rfc3339: "\(day)T\(text):00Z") ?? WallTime(milliseconds: 0))
  }
}
