import Billing
import Ledger
import LedgerSQLite
import SessionModel
import Testing

@testable import Relay

@Suite("Promises") struct PromiseTests {
  private func promise(_ one: CaseID, _ number: UInt64, until day: String?) -> PromiseMade {
    PromiseMade(
      caseID: one, number: number, subject: day == nil ? .condition : .date, text: "promise \(number)", date: day,
      by: "anna")
  }

  private func overdue(_ books: Books, _ one: CaseID, on day: String) throws -> [UInt64] {
    let register = try books.register()
    return register.overduePromises(of: try #require(register.cases[one]), on: try #require(CivilDate(day))).map(
      \.number)
  }

  private func states(_ books: Books, _ one: CaseID) throws -> [PromiseState] {
    let register = try books.register()
    let known = try #require(register.cases[one])
    return known.promises.map { register.state(of: $0, in: known) }
  }

  @Test("a day that passes is overdue until it is broken; one by which it was fixed was kept")
  func days() throws {
    let books = try Books()
    let (late, kept) = (try books.openCase(), try books.openCase())
    for one in [late, kept] {
      try books.ledger.append(
        [promise(one, 1, until: "2025-11-23").draft(), promise(one, 2, until: nil).draft()], at: Books.morning)
    }
    try books.session(600, caseID: kept)
    try books.session(600, caseID: late, outcome: .abandoned)
    try books.session(600, from: Books.morning.advanced(byMilliseconds: 3 * 86_400_000), caseID: late)
    #expect(try overdue(books, late, on: "2025-11-23") == [], "the day itself is not over")
    #expect(try overdue(books, late, on: "2025-11-24") == [1] && states(books, late) == [.open, .open])
    #expect(try overdue(books, kept, on: "2025-11-24") == [] && states(books, kept) == [.kept, .open])
    try books.ledger.append(
      PromiseBroken(caseID: late, number: 1, reason: "no parts", by: "anna").draft(), at: Books.morning)
    #expect(try overdue(books, late, on: "2025-11-24") == [] && states(books, late) == [.broken, .open])
    let json = try JSONValue(parsing: try CaseReports.show(late.rawValue, json: true, state: books.state))
    #expect(json["promises"]?.array?.map { $0["state"] } == ["broken", "open"], "\(json.text)")
    let text = try CaseReports.show(late.rawValue, json: false, state: books.state)
    #expect(text.contains("Promise 1") && text.contains("broken: no parts"), "\(text)")
  }

  @Test("what was not broken when its case was closed was kept, and what closing cost is told")
  func closed() throws {
    let books = try Books()
    let one = try books.openCase()
    let line = LedgerLine(kind: "quote", description: "Quote", seconds: 0, percent: "100", amountMinor: 750)
    try books.ledger.append(
      [
        promise(one, 1, until: nil).draft(),
        CaseClosed(caseID: one, lines: [line], currency: "EUR", by: "anna").draft(),
      ], at: Books.morning)
    #expect(try states(books, one) == [.kept] && overdue(books, one, on: "2030-01-01") == [])
    let json = try JSONValue(parsing: try CaseReports.list(customer: nil, json: true, state: books.state))
    #expect(json[0]?["closing_amount_minor"] == 750 && json[0]?["currency"] == "EUR", "\(json.text)")
  }
}
