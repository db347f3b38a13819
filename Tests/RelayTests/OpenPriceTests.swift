import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Testing

@testable import Relay

@Suite("What an open session costs by now") struct OpenPriceTests {
  private let rig: Rig
  private let id: SessionID

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
  }

  /// A session of that plan, open, with ten minutes that both sides signed.
  private func open(_ plan: PlanTerms, more: [EntryDraft] = []) throws {
    var agreed = try rig.agreed(id)
    agreed[0] = SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey, purpose: "printer",
      plan: plan, address: "::1"
    ).draft(session: id)
    try rig.ledger.append(agreed + [SessionActivated().draft(session: id)] + more, at: Rig.wall)
    let time = MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: 600_000)])
    try rig.ledger.saveCheckpoints([try rig.signed(id, epoch: 1, sequence: 1, time)])
  }

  private func listed() throws -> JSONValue {
    let list = try SessionReports.list(since: nil, until: nil, customer: nil, json: true, state: rig.directory)
    return try #require(try JSONValue(parsing: list)[0])
  }

  @Test("it is priced by the plan it was agreed under, with its kinds of work and what was let off")
  func ownPlan() throws {
    let plan = try Plan(
      json: [
        "id": "yen", "name": "Yen", "currency": "JPY", "rate_per_hour": "6000", "first": "15m", "then": "6m",
        "work_types": [["type": "remote", "percent": 100], ["type": "consult", "percent": 200]],
      ])
    try open(
      PlanTerms(plan),
      more: [
        WorkChanged(workType: "consult", fromMilliseconds: 300_000, by: "mika").draft(session: id),
        AllowanceGranted(reduction: .amount(500), reason: "late", by: "mika").draft(session: id),
      ])
    let session = try listed()
    // 10 minutes of 15 billed: 5 at 200 percent, the rest with the padding at 100.
    #expect(session["amount_minor"] == 1500 && session["currency"] == "JPY", "\(session.text)")
    #expect(session["billed_seconds"] == 900 && session["state"] == "active")
    #expect(session["lines"]?.array?.map { $0["kind"] } == ["time", "time", "allowance"])
    let text = try SessionReports.show(id.rawValue, json: false, state: rig.directory)
    #expect(text.contains("1500 JPY") && text.contains("work-changed"), "\(text)")
  }

  @Test("nothing is said of a price whose plan cannot be read")
  func unreadable() throws {
    try open(try PlanTerms(json: ["id": "newer", "name": "Newer", "currency": "EUR", "colour": "red"]))
    let session = try listed()
    #expect(session["amount_minor"] == .null && session["billed_seconds"] == .null && session["lines"] == [])
    #expect(session["active_ms"] == 600_000, "\(session.text)")
  }
}
