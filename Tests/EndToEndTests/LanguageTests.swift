import Billing
import Foundation
import SessionModel
import Testing

/// What customers read, in their languages, on real terminals: nothing cut, nothing broken where it should not be.
@Suite("Languages", .shared) struct LanguageTests {
  /// The smallest terminal that texts are made for, and the usual one.
  static let sizes = [(columns: 60, rows: 20), (columns: 80, rows: 24)]

  @Test(
    "the agent asks in its customer's language; what stands on the screen is what is on record",
    arguments: Language.allCases, sizes)
  func consent(language: Language, size: (columns: Int, rows: Int)) throws {
    try withShop(config: ConsentTests.shopConfig + "linger_seconds: 1\n") { shop in
      let alice = try shop.technician()
      let terminal = try Tmux(
        shop,
        [
          Programs.agent, "--relay", "127.0.0.1:\(shop.relay.tlsPort)", "--pin", shop.relay.pin, "--language",
          language.tag,
        ], columns: size.columns, rows: size.rows)
      defer { terminal.close() }
      let code = try terminal.code()
      let ssh = shop.adopt(
        try alice.start(
          code, ["echo inside"], options: ["-o", "SetEnv=FIXLINE_PURPOSE=\"The printer prints nothing\""]))
      try terminal.expect("Enter")
      try terminal.expect("The printer prints nothing")
      let record = try shop.record("the question") { !$0.details("consent-asked").isEmpty }
      let words = try unwrap(record.details("consent-asked").first?["words"]?.string, "the words on record")
      let lines = words.split(separator: "\n").map(String.init)
      var screen: [String] = []
      try waitUntil("the words, whole and in order", seen: { screen.joined(separator: "\n") }) {
        screen = try terminal.screen()
        return screen.indices.contains { Array(screen[$0...].prefix(lines.count)) == lines }
      }
      #expect(!words.contains("…"))
      #expect(language == .english || !words.contains("Price"), "\(words)")
      try terminal.send(Self.yes(language), "Enter")
      #expect(try ssh.wait() == .status(0))
      #expect(ssh.output.text == "inside\n")
      try terminal.expect(language.visitIsOver)
    }
  }

  @Test("letters of another language than the agent's are understood", arguments: ["k", "д", "t", "ㅇ"])
  func otherLetters(letter: String) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let ssh = shop.adopt(try alice.start(customer.code, ["echo inside"]))
      try customer.answer(letter, to: "Type y or n")
      #expect(try ssh.wait() == .status(0))
      #expect(ssh.output.text == "inside\n")
    }
  }

  @Test("consent, limit, quote and receipt keep to their lines", arguments: Language.allCases, sizes)
  func texts(language: Language, size: (columns: Int, rows: Int)) throws {
    try withShop { shop in
      for (name, text) in try Self.texts(in: language) {
        let file = try shop.scratch.file("text", text)
        let terminal = try Tmux(
          shop, ["/bin/sh", "-c", "cat \(file); exec sleep 600"], columns: size.columns, rows: size.rows)
        defer { terminal.close() }
        let lines = text.split(separator: "\n").map(String.init)
        var screen: [String] = []
        try waitUntil("\(name), whole", seen: { screen.joined(separator: "\n") }) {
          screen = try terminal.screen()
          return Array(screen.prefix(lines.count)) == lines
        }
      }
    }
  }

  @Test("every character of the texts is as wide as this program takes it to be")
  func widths() throws {
    let texts = try Language.allCases.flatMap { try Self.texts(in: $0).map(\.text) }
    let characters = Set(texts.joined().unicodeScalars).subtracting(["\n"]).sorted()
    #expect(characters.count > 200)
    // Four of each, and a bar put behind the columns they ought to take.
    let rows = characters.map { scalar in
      let width = TextWidth.columns(of: String(scalar))
      return "\(String(repeating: Character(scalar), count: 4))\u{1b}[\(4 * width + 1)G|"
    }
    try withShop { shop in
      let file = try shop.scratch.file("widths", rows.joined(separator: "\n"))
      let terminal = try Tmux(
        shop, ["/bin/sh", "-c", "cat \(file); exec sleep 600"], columns: 60, rows: rows.count + 2)
      defer { terminal.close() }
      let wanted = characters.map { "\(String(repeating: Character($0), count: 4))|" }
      var screen: [String] = []
      try waitUntil("\(wanted.count) rows", seen: { "\(screen.filter { !wanted.contains($0) })" }) {
        screen = try terminal.screen()
        return Array(screen.prefix(wanted.count)) == wanted
      }
    }
  }

  private static func yes(_ language: Language) -> String {
    switch language {
    case .english: "y"
    case .korean: "예"
    case .finnish: "k"
    case .russian: "д"
    case .polish: "t"
    }
  }

  /// Texts with as many lines as they can have.
  private static func texts(in language: Language) throws -> [(name: String, text: String)] {
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 360,
      callOutMinor: 2000, prices: .gross)
    func money(_ minor: Int64) -> Money { Money(minorUnits: minor, currency: .eur) }
    let day = CivilDate(daysSince1970: 20_544)
    func clock(_ hour: Int64, _ minute: Int64) throws -> CivilTime {
      try #require(CivilTime(date: day, hour: hour, minute: minute))
    }
    var consent = ConsentFacts(
      technician: "anna", plan: plan, allowances: .all, at: WallTime(milliseconds: 1_775_000_000_000))
    (consent.shop, consent.phone, consent.purpose) = ("Kallio PC", "+358 40 123 4567", "The printer prints nothing")
    consent.limits.sessionAmount = money(18_000)
    consent.includedLeftSeconds = 4_800
    let limit = LimitFacts(
      limit: .sessionAmount(money(18_000), granted: money(36_000)), charged: money(17_100), billedSeconds: 6_840,
      prices: .gross)
    let quote = QuoteFacts(
      technician: "anna", work: "move the photographs to a new disk",
      terms: QuoteTerms(kind: .fixed, amount: money(18_000)), prices: .gross, charged: money(17_100),
      billedSeconds: 6_840)
    var receipt = ReceiptFacts(
      session: try #require(SessionID("k3x9q7ab")), date: day, outcome: .fixed, technicians: ["anna"],
      activeSeconds: 720, billedSeconds: 900, thenSeconds: 360, lines: [], total: money(2_250), prices: .gross)
    (receipt.shop, receipt.address, receipt.phone) = ("Kallio PC", "Kaarlenkatu 5, Helsinki", "+358 40 123 4567")
    (receipt.vatID, receipt.customer, receipt.purpose) = ("FI12345678", "Example Oy", "The printer prints nothing")
    receipt.intervals = [
      ClockInterval(from: try clock(10, 2), to: try clock(10, 9)),
      ClockInterval(from: try clock(10, 15), to: try clock(10, 20)),
    ]
    receipt.reason = .minimum
    receipt.tax = ReceiptTax(percent: Percent(20), amount: money(375))
    receipt.email = "office@example.fi"
    receipt.consentAt = try clock(10, 1)
    receipt.rework = ReworkTerms(percent: .zero, until: day)
    receipt.path = "receipts/k3x9q7ab.json"
    return [
      ("the consent", ConsentText.text(consent, in: language)), ("the limit", LimitQuestion.text(limit, in: language)),
      ("the quote", QuoteQuestion.text(quote, in: language)), ("the receipt", ReceiptText.text(receipt, in: language)),
    ]
  }
}
