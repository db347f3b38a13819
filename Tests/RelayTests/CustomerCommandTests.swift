import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("Customers by command") struct CustomerCommandTests {
  private static let whole = """
    legal_name: Acme Oy
    address: [Street 1, 00100 Helsinki]
    country: FI
    kind: business
    vat_id: FI 12345678
    email: bills@acme.example
    language: fi-FI
    plan: standard
    facts: { postcode: 00100, born: "1961" }
    """

  @Test("a customer is added from a file, changed in part, listed and shown")
  func life() throws {
    let books = try Books()
    try books.addPlan("standard")
    #expect(try books.addCustomer("c-17", name: nil, yaml: Self.whole) == "Customer c-17 is on record.")
    let id = try #require(Name("c-17"))
    var details = try #require(try books.register().customers[id]?.details)
    #expect(details.name == "Acme Oy" && details.legalName == "Acme Oy" && details.vatID == "FI12345678")
    #expect(details.address == ["Street 1", "00100 Helsinki"] && details.country == "FI" && details.language == "fi")
    #expect(details.facts.map(\.key) == ["postcode", "born"] && details.plan == "standard")
    #expect(details.facts[0].matches("00100", digest: SHA256.hash))
    #expect(try books.addCustomer("c-17", name: nil) == "Customer c-17 is on record just so.")
    let before = details
    #expect(
      try books.addCustomer("c-17", name: "Acme", facts: ["street=Mäntytie 5", "postcode=00200"])
        == "Customer c-17 is on record anew.")
    details = try #require(try books.register().customers[id]?.details)
    #expect(details.name == "Acme" && details.email == before.email && details.facts.count == 3)
    #expect(details.facts.first { $0.key == "born" } == before.facts[1], "what is not said stays, salt and all")
    #expect(details.facts.first { $0.key == "postcode" }?.matches("00200", digest: SHA256.hash) == true)
    try books.addCustomer("c-17", name: nil, yaml: "email: ''\nfacts: { pin: 9876 }")
    details = try #require(try books.register().customers[id]?.details)
    #expect(details.email == nil && details.facts.map(\.key) == ["pin"] && details.legalName == "Acme Oy")
    let list = try CustomerReports.list(json: false, state: books.state)
    #expect(list.contains("c-17") && list.contains("Acme") && list.contains("business"), "\(list)")
    let text = try CustomerReports.show("c-17", json: false, state: books.state)
    #expect(text.contains("00100 Helsinki") && text.contains("pin") && !text.contains("9876"), "\(text)")
    let json = try JSONValue(parsing: try CustomerReports.show("c-17", json: true, state: books.state))
    #expect(json["facts"] == ["pin"] && json["kind"] == "business" && json["erased"] == false)
  }

  @Test("facts are kept so that the file does not show them")
  func hashed() throws {
    let books = try Books()
    try books.addCustomer("acme", facts: ["street=Mäntytie"])
    for name in try FileManager.default.contentsOfDirectory(atPath: books.state) {
      let data = try Data(contentsOf: URL(fileURLWithPath: books.state + "/" + name))
      #expect(data.firstRange(of: Data("Mäntytie".utf8)) == nil, "\(name)")
      #expect(data.firstRange(of: Data("mäntytie".utf8)) == nil, "\(name)")
    }
  }

  @Test(
    "a file's mistake is refused with its key and line",
    arguments: [
      ("legal_name: x\nphone: 1\n", "phone", 2), ("\ncountry: Finland\n", "country", 2), ("country: XX", "country", 1),
      ("kind: club", "kind", 1), ("vat_id: 12345678", "vat_id", 1), ("email: at home", "email", 1),
      ("email: a@b@c", "email", 1), ("language: sv", "language", 1), ("facts: 12", "facts", 1),
      ("facts:\n  born: ' '\n", "facts.born", 2), ("facts:\n  Born: 1961\n", "facts.Born", 2),
      ("address: [a, b, c, d, e, f, g]", "address", 1), ("address:\n  - ok\n  - ''\n", "address[1]", 3),
      ("legal_name: \"a\\u202eb\"", "legal_name", 1), ("email: x@y\nemail: x@z\n", "email", 2),
      ("facts:\n  born: 1961\n  pin: 1\n  born: 1962\n", "facts.born: is given twice", 4),
      ("phone: [1]", "phone", 1),
      ("plan: {}", "plan", 1),
    ])
  func fileMistakes(yaml: String, key: String, line: Int) throws {
    let books = try Books()
    let head = try books.ledger.head()
    let refusal = try Books.refusal { try books.addCustomer("acme", yaml: yaml) }
    #expect(refusal.line.contains("customer.yaml:\(line): \(key)"), "\(refusal)")
    #expect(refusal.code == 65 && !refusal.line.contains("\n") && !refusal.line.contains("\u{202e}"), "\(refusal)")
    #expect(try books.ledger.head() == head)
  }

  @Test("what does not go together is refused with one line, and nothing is written")
  func mistakes() throws {
    let books = try Books()
    try books.addPlan("net")
    try books.addPlan("gone")
    _ = try PlanReports.withdraw("gone", state: books.state)
    let head = try books.ledger.head()
    let cases: [(String, Int32, () throws -> String)] = [
      ("plan \"nothing\"", 1, { try books.addCustomer("a", plan: "nothing") }),
      ("gone was withdrawn", 1, { try books.addCustomer("a", plan: "gone") }),
      ("gross", 1, { try books.addCustomer("a", plan: "net", yaml: "kind: consumer") }),
      ("gross", 1, { try books.addCustomer("a", yaml: "kind: consumer") }),
      ("--language", 64, { try books.addCustomer("a", language: "sv") }),
      ("KEY=VALUE", 64, { try books.addCustomer("a", facts: ["born"]) }),
      ("--fact", 64, { try books.addCustomer("a", facts: ["=1961"]) }),
      ("says nothing", 64, { try books.addCustomer("a", facts: ["born= "]) }),
      ("one too many", 64, { try books.addCustomer("a", facts: (0..<9).map { "f\($0)=1" }) }),
      ("--name", 64, { try books.addCustomer("a", name: nil) }),
      ("--name", 64, { try books.addCustomer("a", name: "x\u{1b}[2J") }),
      ("customer number", 64, { try books.addCustomer("A b") }),
      ("customer number", 64, { try books.addCustomer("desk") }),
      ("customer list", 1, { try CustomerReports.show("nobody", json: false, state: books.state) }),
    ]
    for (words, code, body) in cases {
      let refusal = try Books.refusal(body)
      #expect(refusal.line.contains(words) && refusal.code == code, "\(words): \(refusal)")
      #expect(!refusal.line.contains("\n") && !refusal.line.contains("\u{1b}"), "\(refusal)")
    }
    #expect(try books.ledger.head() == head)
  }

  @Test("a consumer without a plan of his own gets the relay's, as it is configured")
  func defaultPlan() throws {
    let books = try Books()
    try books.addPlan("home", rate: "90.00", ", \"prices\": \"gross\"")
    try books.addPlan("shops")
    let consumer = try books.file("c.yaml", "legal_name: A consumer\nkind: consumer\n")
    func add(_ plan: String?) throws -> String {
      let config = try plan.map { try books.file("relay.yaml", "default_plan: \($0)\n") }
      return try CustomerReports.add(
        .init(id: "c-1", name: nil, plan: nil, facts: [], language: nil, file: consumer), configurationFile: config,
        state: books.state)
    }
    for plan in [nil, "shops", "nothing"] {
      let refusal = try Books.refusal { try add(plan) }
      #expect(refusal.line.contains("--config") && refusal.code == 1, "\(refusal)")
    }
    #expect(try add("home") == "Customer c-1 is on record.")
  }

  @Test("every country has two capital letters, and the table has all of them")
  func countries() {
    #expect(CountryCode.all.count == 249)
    #expect(CountryCode.all.allSatisfy { $0.utf8.count == 2 && $0.allSatisfy { ("A"..."Z").contains($0) } })
    for code in ["FI", "KR", "RU", "PL", "AX", "ZW", "AD"] { #expect(CountryCode(code)?.rawValue == code) }
    for code in ["", "F", "fi", "EU", "UK", "XK", "FIN", "AA"] { #expect(CountryCode(code) == nil) }
  }
}
