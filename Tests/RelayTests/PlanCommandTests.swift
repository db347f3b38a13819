import Billing
import Ledger
import LedgerSQLite
import SessionModel
import Testing

@testable import Relay

@Suite("Plans by command") struct PlanCommandTests {
  @Test("a plan is added, changed, listed, shown and withdrawn")
  func life() throws {
    let books = try Books()
    #expect(try PlanReports.list(json: false, state: books.state).contains("plan add"))
    #expect(try books.addPlan("standard") == "Plan standard is on record.")
    #expect(try books.addPlan("standard") == "Plan standard is on record just so.")
    #expect(try books.addPlan("standard", rate: "120.00").contains("version 2"))
    #expect(try books.register().plans["standard"]?.versions.count == 2)
    let list = try PlanReports.list(json: false, state: books.state)
    #expect(list.contains("standard  Plan standard  120.00 EUR  net") && list.contains("offered"), "\(list)")
    let text = try PlanReports.show("standard", json: false, state: books.state)
    #expect(text.contains("rate_per_hour") && text.contains("120.00") && text.contains("version 2"), "\(text)")
    let json = try JSONValue(parsing: try PlanReports.show("standard", json: true, state: books.state))
    #expect(json["versions"]?[1]?["plan"]?["rate_per_hour"] == "120.00" && json["withdrawn_at"] == .null)
    try books.addCustomer("acme", plan: "standard")
    let line = try PlanReports.withdraw("standard", state: books.state)
    #expect(line.contains("withdrawn") && line.contains("acme"), "\(line)")
    #expect(try PlanReports.withdraw("standard", state: books.state).contains("before"))
    #expect(try PlanReports.list(json: false, state: books.state).contains("withdrawn"))
    #expect(try books.ledger.verify().isSound)
  }

  @Test("what cannot be is refused with one line, and nothing is written")
  func mistakes() throws {
    let books = try Books()
    let head = try books.ledger.head()
    for (id, words) in [("Standard", "id"), ("desk", "id")] {
      let refusal = try Books.refusal { try books.addPlan(id) }
      #expect(refusal.line.contains(words) && refusal.code == 65 && !refusal.line.contains("\n"), "\(refusal)")
    }
    let missing = try Books.refusal { try PlanReports.add(file: books.state + "/none.yaml", state: books.state) }
    #expect(missing.line.contains("none.yaml") && missing.code == 66, "\(missing)")
    for body in [
      { try PlanReports.show("nothing", json: false, state: books.state) },
      { try PlanReports.withdraw("no\u{1b}thing", state: books.state) },
    ] as [() throws -> String] {
      let refusal = try Books.refusal(body)
      #expect(refusal.line.contains("plan list") && refusal.code == 1 && !refusal.line.contains("\u{1b}"), "\(refusal)")
    }
    #expect(try books.ledger.head() == head)
  }

  @Test("a consumer's plan keeps prices: gross")
  func consumers() throws {
    let books = try Books()
    try books.addPlan("home", rate: "90.00", #", "prices": "gross""#)
    try books.addCustomer("kaisa", plan: "home", yaml: "kind: consumer")
    let refusal = try Books.refusal { try books.addPlan("home") }
    #expect(refusal.line.contains("kaisa") && refusal.line.contains("gross") && refusal.code == 1, "\(refusal)")
    #expect(try books.register().plans["home"]?.versions.count == 1)
  }
}
