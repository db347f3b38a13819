import Billing
import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("The report") struct BusinessReportTests {
  /// A month of two customers, a guest, two technicians and two currencies.
  private func play() throws -> Books {
    let books = try Books()
    try books.addCustomer("acme")
    try books.addCustomer("beta")
    let (acme, beta) = (try #require(Name("acme")), try #require(Name("beta")))
    let (first, second) = (try books.openCase(acme), try books.openCase(beta))
    func hour(_ hours: Int64) -> WallTime { Books.morning.advanced(byMilliseconds: hours * 3_600_000) }
    try books.session(720, from: hour(0), caseID: first, customer: acme)
    let waived = LedgerLine(
      kind: "allowance", description: "Waived", seconds: 0, percent: "100", amountMinor: -2250, reason: "we were late",
      technician: "anna")
    try books.session(600, from: hour(1), caseID: first, customer: acme, technician: "anna", lines: [waived])
    try books.session(3600, from: hour(2), caseID: second, customer: beta, outcome: .onSite)
    try books.session(60, from: hour(3), caseID: second, customer: beta)
    try books.session(0, from: hour(4), caseID: try books.openCase(), outcome: .declined)
    // The last hour of November in Helsinki is the one before in UTC.
    let plan = try Plan(
      json: [
        "id": "yen", "name": "Yen", "currency": "JPY", "rate_per_hour": "6000", "first": "15m", "then": "6m",
        "timezone": "Asia/Tokyo",
      ])
    try books.session(60, from: try #require(WallTime(rfc3339: "2025-11-30T15:00:00Z")), plan: plan)
    return books
  }

  private func rows(_ books: Books, _ by: String, _ month: String? = nil) throws -> [JSONValue] {
    let json = try BusinessReports.report(by: by, month: month, form: .json, state: books.state)
    return try JSONValue(parsing: json)["rows"]?.array ?? []
  }

  @Test("time, money and what was let go are summed by customer")
  func byCustomer() throws {
    let books = try play()
    let rows = try rows(books, "customer")
    #expect(rows.map { $0["customer"] } == [.null, .null, "acme", "beta"])
    #expect(rows.map { $0["currency"] } == ["EUR", "JPY", "EUR", "EUR"])
    let acme = rows[2]
    #expect(acme["sessions"] == 2 && acme["active_seconds"] == 1320 && acme["billed_seconds"] == 1800, "\(acme.text)")
    #expect(acme["amount_minor"] == 2250 && acme["fixed_percent"] == 100 && acme["visits_avoided"] == 1)
    #expect(acme["waived"] == [["reason": "we were late", "amount_minor": 2250]] && acme["waived_minor"] == 2250)
    #expect(acme["unbilled"] == [["reason": "we were late", "seconds": 900]])
    #expect(acme["median_wait_ms"] == 30_000 && acme["longest_wait_ms"] == 30_000)
    let beta = rows[3]
    #expect(beta["fixed_percent"] == 50 && beta["visits_avoided"] == 0, "somebody had to come: \(beta.text)")
    let guest = rows[0]
    #expect(guest["worked_sessions"] == 0 && guest["fixed_percent"] == .null && guest["amount_minor"] == 0)
  }

  @Test("groups are technicians, outcomes and months, by each plan's clock")
  func groups() throws {
    let books = try play()
    #expect(try rows(books, "technician").map { $0["technician"] } == ["anna", "mika", "mika"])
    #expect(
      try rows(books, "outcome").map { $0["outcome"] } == ["declined", "fixed", "fixed", "on-site"])
    #expect(try rows(books, "month").map { $0["month"] } == ["2025-11", "2025-12"])
    #expect(try rows(books, "month", "2025-12").map { $0["amount_minor"] } == [1500])
    #expect(try rows(books, "customer", "2025-10") == [])
    let totals = try JSONValue(
      parsing: try BusinessReports.report(by: "month", month: nil, form: .json, state: books.state))["totals"]
    #expect(totals?.array?.map { $0["currency"] } == ["EUR", "JPY"])
    #expect(totals?[0]?["sessions"] == 5)
  }

  @Test("rework and grace are unbilled time with their reasons")
  func reasons() throws {
    let books = try Books()
    let grace = try Plan(
      json: [
        "id": "grace", "name": "G", "currency": "EUR", "rate_per_hour": "60.00", "first": "15m", "then": "6m",
        "grace": "2m", "rework": ["window": "30d", "percent": 0],
      ])
    try books.session(960, plan: grace)
    var row = try rows(books, "month")[0]
    #expect(row["unbilled"] == [["reason": "grace", "seconds": 60]], "\(row.text)")
    let rework = try Rating.rate(
      plan: grace,
      work: Work(
        intervals: [WorkInterval(from: Books.morning, to: Books.morning.advanced(byMilliseconds: 60_000))],
        isRework: true))
    var random = SystemRandomNumberGenerator()
    let id = SessionID(using: &random)
    try books.ledger.append(
      [
        SessionRequested(
          machine: "guest", technician: try #require(Name("mika")), technicianKey: SHA256.hash([1]), purpose: "x",
          plan: PlanTerms(grace), address: ""
        ).draft(session: id),
        SessionClosed(
          outcome: .fixed, note: nil, by: "mika", activeMilliseconds: 60_000,
          intervals: [LedgerInterval(from: Books.morning, to: Books.morning.advanced(byMilliseconds: 60_000))],
          billedSeconds: rework.billedSeconds, amountMinor: rework.amountMinor, currency: "EUR",
          lines: rework.lines.map { LedgerLine($0) }, bytesToMachine: 0, bytesFromMachine: 0,
          rating: RatingFacts(isRework: true)
        ).draft(session: id),
      ], at: Books.morning)
    row = try rows(books, "month")[0]
    #expect(row["rework_sessions"] == 1, "\(row.text)")
    #expect(
      row["unbilled"] == [["reason": "grace", "seconds": 60], ["reason": "rework", "seconds": 900]], "\(row.text)")
  }

  @Test(
    "what closing a case charges of a fixed price is earned once, in the month of the closing, by whoever worked last")
  func fixedPrice() throws {
    let books = try Books()
    try books.addCustomer("acme")
    let acme = try #require(Name("acme"))
    let caseID = try books.openCase(acme)
    try books.session(600, caseID: caseID, customer: acme)
    try books.session(
      600, from: Books.morning.advanced(byMilliseconds: 3_600_000), caseID: caseID, technician: "anna",
      outcome: .abandoned)
    try books.session(0, from: Books.morning.advanced(byMilliseconds: 7_200_000), caseID: caseID, outcome: .declined)
    let rest = LedgerLine(
      kind: "quote", description: "Quote \(caseID)-1", seconds: 0, percent: "100", amountMinor: 1050,
      reason: "\(caseID)-1")
    let closed = CaseClosed(caseID: caseID, lines: [rest], currency: "EUR", by: "boss")
    for day in ["2025-12-01", "2025-12-02"] {
      try books.ledger.append(closed.draft(), at: try #require(WallTime(rfc3339: "\(day)T12:00:00Z")))
    }
    func earned(_ by: String, _ month: String? = nil) throws -> [String: [JSONValue?]] {
      try rows(books, by, month).reduce(into: [:]) { all, row in
        all[row[by]?.string ?? ""] = [row["sessions"], row["amount_minor"], row["fixed_price_minor"]]
      }
    }
    #expect(try earned("month") == ["2025-11": [3, 4500, 0], "2025-12": [0, 1050, 1050]])
    #expect(try earned("month", "2025-12") == ["2025-12": [0, 1050, 1050]])
    // Sessions of a case whose customer the sessions do not name are nobody's; the case is his.
    #expect(try earned("customer") == ["acme": [1, 3300, 1050], "": [2, 2250, 0]])
    #expect(try earned("technician") == ["anna": [1, 3300, 1050], "mika": [2, 2250, 0]])
    #expect(
      try earned("outcome") == ["abandoned": [1, 3300, 1050], "fixed": [1, 2250, 0], "declined": [1, 0, 0]])
    let text = try BusinessReports.report(by: "month", month: "2025-12", form: .text, state: books.state)
    #expect(text.contains("charged  10.50 EUR  rest of fixed prices, when their cases were closed"), "\(text)")
    let csv = try BusinessReports.report(by: "month", month: "2025-12", form: .csv, state: books.state)
    let lines = csv.components(separatedBy: "\r\n")
    #expect(lines[0].hasSuffix(",fixed_price_amount") && lines[1].hasSuffix(",10.50"), "\(csv)")
    #expect(lines[1].hasPrefix("2025-12,0,0,0,0,10.50,EUR,"), "\(csv)")
    let json = try JSONValue(
      parsing: try BusinessReports.report(by: "month", month: nil, form: .json, state: books.state))
    #expect(json["totals"]?[0]?["amount_minor"] == 5550 && json["totals"]?[0]?["fixed_price_minor"] == 1050)
  }

  @Test("what a quote took off is told, and not taken for time that nobody paid")
  func quoted() throws {
    let books = try Books()
    // Two hours, of which a price of 50.00 EUR was agreed.
    let off = LedgerLine(
      kind: "quote", description: "Quote k3x9q7-1", seconds: 0, percent: "100", amountMinor: -13_450, reason: "k3x9q7-1"
    )
    try books.session(7200, lines: [off])
    try books.session(60)
    let row = try rows(books, "month")[0]
    #expect(row["off_by_quote_minor"] == 13_450 && row["amount_minor"] == 7250, "\(row.text)")
    #expect(row["unbilled_seconds"] == 0 && row["waived_minor"] == 0, "\(row.text)")
    let text = try BusinessReports.report(by: "month", month: nil, form: .text, state: books.state)
    #expect(text.contains("OFF BY QUOTE") && text.contains("134.50 EUR"), "\(text)")
    let lines = try BusinessReports.report(by: "month", month: nil, form: .csv, state: books.state)
      .components(separatedBy: "\r\n").map { $0.components(separatedBy: ",") }
    let column = try #require(lines[0].firstIndex(of: "off_by_quote_amount"))
    #expect(lines[1][column] == "134.50", "\(lines)")
  }

  @Test("people read aligned columns and the reasons below")
  func text() throws {
    let books = try play()
    let text = try BusinessReports.report(by: "customer", month: "2025-11", form: .text, state: books.state)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    #expect(lines[0].hasPrefix("CUSTOMER       SESSIONS  WORKED"), "\(text)")
    #expect(lines.contains { $0.hasPrefix("acme ") && $0.contains("22.50 EUR") }, "\(text)")
    #expect(lines.contains { $0.hasPrefix("total ") }, "\(text)")
    #expect(lines.contains { $0.contains("waived") && $0.contains("we were late") }, "\(text)")
    let none = try BusinessReports.report(by: "customer", month: "2020-01", form: .text, state: books.state)
    #expect(none == "No session was closed in 2020-01.")
  }

  @Test("spreadsheets get RFC 4180, and no formula")
  func csv() throws {
    let books = try play()
    let csv = try BusinessReports.report(by: "customer", month: "2025-11", form: .csv, state: books.state)
    let lines = csv.components(separatedBy: "\r\n")
    #expect(lines.count == 5 && lines.last == "", "\(csv)")
    let columns = lines[0].split(separator: ",", omittingEmptySubsequences: false).count
    #expect(lines.dropLast().allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == columns })
    #expect(
      lines[2].hasPrefix("acme,2,2,1320,1800,22.50,EUR,900,we were late,22.50,we were late,0,100,1,30,30"), "\(csv)")
    #expect(
      CSV.text([["a,b", "say \"hi\"", "=1+1", "-5.00", "-x", "@x", "a\nb", ""]])
        == "\"a,b\",\"say \"\"hi\"\"\",'=1+1,-5.00,'-x,'@x,a\\u{a}b,\r\n")
  }

  @Test(
    "a wrong group or month is refused with one line", arguments: [("week", nil), ("month", "2025-13"), ("month", "x")])
  func mistakes(by: String, month: String?) throws {
    let books = try Books()
    let refusal = try Books.refusal {
      try BusinessReports.report(by: by, month: month, form: .text, state: books.state)
    }
    #expect(refusal.code == 64 && refusal.line.hasPrefix("--"), "\(refusal)")
  }
}
