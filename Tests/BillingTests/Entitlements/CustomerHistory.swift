import Billing
import SessionModel
import Testing

/// A customer's sessions in closing order, rated one after another as a relay does.
struct CustomerHistory {
  let plan: Plan
  var includedSince: BillingMonth?
  private(set) var sessions: [EarlierSession] = []

  init(_ plan: Plan, includedSince: String? = nil) {
    self.plan = plan
    self.includedSince = includedSince.flatMap { BillingMonth($0) }
  }

  static func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }

  /// A plan by its keys: 90.00 EUR an hour, 15 minutes and then 6, in Helsinki, and what is given.
  static func plan(_ more: [String: JSONValue] = [:]) throws -> Plan {
    var json: JSONValue = [
      "id": "p", "name": "P", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m", "then": "6m",
      "timezone": "Europe/Helsinki",
    ]
    for (key, value) in more { json[key] = value }
    return try Plan(json: json)
  }

  static func caseID(_ text: String = "aaaaaa") throws -> CaseID { try #require(CaseID(text)) }

  func standing(_ caseID: CaseID, at text: String, quote: Quote? = nil) throws -> Standing {
    Entitlements.standing(
      plan: plan, caseID: caseID, quote: quote, includedSince: includedSince, earlier: sessions,
      at: try Self.time(text))
  }

  /// Works from `text` on, closes at once, and returns what it cost.
  @discardableResult
  mutating func work(
    _ caseID: CaseID, at text: String, minutes: Int64, outcome: Outcome = .fixed, quote: Quote? = nil
  ) throws -> RatedWork {
    let from = try Self.time(text)
    let to = from.advanced(byMilliseconds: minutes * 60_000)
    let standing = try standing(caseID, at: text, quote: quote)
    let rated = try Rating.rate(plan: standing.plan, work: standing.work([WorkInterval(from: from, to: to)]))
    sessions.append(
      EarlierSession(
        caseID: caseID, plan: standing.plan, firstActiveAt: rated.activeSeconds >= 1 ? from : nil, closedAt: to,
        outcome: outcome, isRework: standing.rework != nil, billedSeconds: rated.billedSeconds,
        includedSeconds: rated.includedSeconds,
        quote: quote.map { QuoteUse(id: $0.id, usedMinor: rated.quoteUsedMinor) }))
    return rated
  }
}
