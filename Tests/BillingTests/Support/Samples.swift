import Billing
import SessionModel

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
    var facts = ConsentFacts(technician: "anna", plan: try plan(prices: prices), allowances: .all)
    facts.shop = "Kallio PC"
    facts.phone = "+358 40 123 4567"
    facts.purpose = "printer does not print"
    return facts
  }

  static func money(_ text: String, _ currency: Currency = .eur) -> Money {
    (try? Money(decimal: text, currency: currency, allowingNegative: true)) ?? Money(minorUnits: 0, currency: currency)
  }

  /// `2026-04-01`
  static func day(_ text: String) -> CivilDate {
    CivilTime(WallTime(rfc3339: "\(text)T00:00:00Z") ?? WallTime(milliseconds: 0)).date
  }

  /// `10:02` on 2 March 2026.
  static func clock(_ text: String, on day: String = "2026-03-02") -> CivilTime {
    CivilTime(WallTime(rfc3339: "\(day)T\(text):00Z") ?? WallTime(milliseconds: 0))
  }
}
