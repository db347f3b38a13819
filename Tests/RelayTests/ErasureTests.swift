import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Testing

@testable import Relay

@Suite("Erasing a customer") struct ErasureTests {
  /// Words that stand in nearly every kind of entry of the customer.
  private static let secret = "Mäntytie"

  private static func isOnDisk(_ books: Books) throws -> Bool {
    try FileManager.default.contentsOfDirectory(atPath: books.state).contains { name in
      guard name.hasPrefix(SQLiteLedger.fileName) else { return false }
      return try Data(contentsOf: URL(fileURLWithPath: books.state + "/" + name)).firstRange(of: Data(secret.utf8))
        != nil
    }
  }

  /// A customer with two cases and some sessions, seven years ago; and another whose records stay.
  private static func play(_ books: Books) throws -> (acme: Name, session: SessionID, other: SessionID) {
    let acme = try #require(Name("acme"))
    let other = try #require(Name("other"))
    try books.addCustomer("acme", name: "Mäntytie 5")
    try books.addCustomer("other", name: "Other")
    let (first, second) = (try books.openCase(acme), try books.openCase(acme))
    let past = Books.morning.years(later: -7)
    let session = try books.session(600, from: past, caseID: first, customer: acme)
    try books.session(0, caseID: second, customer: acme, outcome: .unanswered)
    let mika = try #require(Name("mika"))
    try books.ledger.append(
      [
        LedgerNote(text: "Mäntytie", by: "mika").draft(session: session),
        ChannelOpened(channel: 1, channelKind: "exec", command: "cat /home/Mäntytie").draft(session: session),
        FilesReported(
          channel: 1, events: [FileEvent(number: 1, action: .removed(path: Array("/Mäntytie".utf8)))]
        ).draft(session: session),
        PromiseMade(
          caseID: second, number: 1, subject: .price, text: "Mäntytie", amountMinor: 100, currency: "EUR", by: "mika"
        ).draft(),
        PromiseBroken(caseID: second, number: 1, reason: "Mäntytie", by: mika.rawValue).draft(),
        AdviceGiven(caseID: second, text: "Mäntytie", isDeclined: true, by: "mika").draft(),
        QuoteMade(
          quote: second.rawValue + "-1", caseID: second, binding: .fixed, amountMinor: 5, currency: "EUR",
          text: "Mäntytie", by: "mika"
        ).draft(),
      ], at: past)
    let kept = try books.session(600, caseID: try books.openCase(other), customer: other, purpose: "another printer")
    return (acme, session, kept)
  }

  @Test("what is personal is gone from the disk, what money rests on is not, and the chain verifies")
  func erased() throws {
    let books = try Books()
    let (acme, session, other) = try Self.play(books)
    let bill = try #require(try books.ledger.record(session: session))
    let before = try books.register()
    #expect(try Self.isOnDisk(books))
    let line = try CustomerErasure.run("acme", configurationFile: nil, state: books.state)
    #expect(line.contains("acme is erased"), "\(line)")
    // The title of the other customer's case says the same street: it stays.
    let titles = try books.register().cases.values.compactMap(\.title)
    #expect(titles == ["the printer of Mäntytie 5"])
    let report = try books.ledger.verify()
    #expect(report.isSound && report.erasedPayloads > 10, "\(report.summary)")

    let record = try #require(try books.ledger.record(session: session))
    #expect(record.lines == bill.lines && record.amountMinor == bill.amountMinor && record.intervals == bill.intervals)
    #expect(record.plan == bill.plan && record.customer == acme && record.technician == "mika")
    let json = try JSONValue(parsing: try SessionReports.show(session.rawValue, json: true, state: books.state))
    for key in ["machine", "purpose", "note", "files"] { #expect(json[key] == .null, "\(key)") }
    #expect(!json.text.contains(Self.secret) && json["amount_minor"] == .integer(bill.amountMinor ?? 0))
    let text = try SessionReports.show(session.rawValue, json: false, state: books.state)
    #expect(!text.contains(Self.secret), "\(text)")
    #expect(try books.ledger.record(session: other)?.purpose == "another printer")

    let after = try books.register()
    #expect(after.customers[acme]?.isErased == true)
    #expect(after.closedSessions(of: acme).map(\.amountMinor) == before.closedSessions(of: acme).map(\.amountMinor))
    #expect(
      BusinessReport(after, by: .customer, month: nil) == BusinessReport(before, by: .customer, month: nil),
      "a report says the same")
    #expect(try CustomerReports.show("acme", json: false, state: books.state).contains("(erased)"))
    #expect(try CustomerErasure.run("acme", configurationFile: nil, state: books.state).contains("nothing personal"))
    let again = try Books.refusal { try books.addCustomer("acme") }
    #expect(again.line.contains("erased") && again.code == 1, "\(again)")
  }

  @Test("nothing of his is left in the files")
  func onDisk() throws {
    let books = try Books()
    let acme = try #require(Name("acme"))
    try books.addCustomer("acme", name: "Mäntytie 5")
    try books.session(
      600, from: Books.morning.years(later: -7), caseID: try books.openCase(acme), customer: acme)
    #expect(try Self.isOnDisk(books))
    _ = try CustomerErasure.run("acme", configurationFile: nil, state: books.state)
    #expect(try !Self.isOnDisk(books))
  }

  @Test("it is refused while records have to be kept, with the day, and done the moment they need not be")
  func retention() throws {
    let books = try Books()
    let acme = try #require(Name("acme"))
    try books.addCustomer("acme")
    let one = try books.openCase(acme)
    try books.session(0, from: Books.morning.years(later: 1), caseID: one, customer: acme, outcome: .declined)
    let session = try books.session(600, caseID: one, customer: acme)
    let register = try books.register()
    let customer = try #require(register.customers[acme])
    let end = try #require(register.sessions[session]?.closedAt).years(later: 6)
    let early = try Books.refusal {
      try CustomerErasure.checkRetention(of: customer, register, years: 6, now: end.advanced(byMilliseconds: -1))
      return ""
    }
    #expect(early.line.contains("until 2031-11-21, 6 years after") && early.line.contains(session.rawValue), "\(early)")
    #expect(early.code == 1)
    try CustomerErasure.checkRetention(of: customer, register, years: 6, now: end)
    // The same by the configuration.
    let head = try books.ledger.head()
    let config = try books.file("relay.yaml", "retention_years: 50\n")
    let refusal = try Books.refusal { try CustomerErasure.run("acme", configurationFile: config, state: books.state) }
    #expect(refusal.line.contains("50 years"), "\(refusal)")
    #expect(try books.ledger.head() == head && !(try Self.isErased(books)))
    let none = try books.file("none.yaml", "retention_years: 0\n")
    _ = try CustomerErasure.run("acme", configurationFile: none, state: books.state)
    #expect(try Self.isErased(books))
  }

  @Test("what closing a case cost later keeps the records too")
  func lateCharge() throws {
    let books = try Books()
    let acme = try #require(Name("acme"))
    try books.addCustomer("acme")
    let one = try books.openCase(acme)
    try books.session(600, caseID: one, customer: acme)
    let later = Books.morning.years(later: 2)
    let line = LedgerLine(kind: "quote", description: "Quote", seconds: 0, percent: "100", amountMinor: 750)
    try books.ledger.append(
      CaseClosed(caseID: one, lines: [line], currency: "EUR", by: "mika").draft(), at: later)
    let register = try books.register()
    let customer = try #require(register.customers[acme])
    let early = try Books.refusal {
      try CustomerErasure.checkRetention(
        of: customer, register, years: 6, now: later.years(later: 6).advanced(byMilliseconds: -1))
      return ""
    }
    #expect(early.line.contains("2033-11-21") && early.line.contains("case \(one)"), "\(early)")
    try CustomerErasure.checkRetention(of: customer, register, years: 6, now: later.years(later: 6))
  }

  private static func isErased(_ books: Books) throws -> Bool {
    try books.register().customers.values.allSatisfy(\.isErased)
  }

  @Test("a customer with an open session, and one nobody knows, are refused")
  func refused() throws {
    let books = try Books()
    let acme = try #require(Name("acme"))
    try books.addCustomer("acme")
    let open = try books.session(0, caseID: try books.openCase(acme), customer: acme, outcome: nil)
    let refusal = try Books.refusal { try CustomerErasure.run("acme", configurationFile: nil, state: books.state) }
    #expect(refusal.line.contains(open.rawValue) && refusal.code == 1, "\(refusal)")
    let unknown = try Books.refusal { try CustomerErasure.run("nobody", configurationFile: nil, state: books.state) }
    #expect(unknown.line.contains("customer list"), "\(unknown)")
  }

  @Test("cut short it is gone on with, and nothing is erased twice")
  func again() throws {
    let books = try Books()
    let (acme, session, _) = try Self.play(books)
    let first = try #require(try books.ledger.entries(session: session).first)
    guard case .details(let kept) = PersonalData.erasure(of: first) else {
      throw StoreError.refused("nothing personal")
    }
    try books.ledger.erasePayloads(
      [first.sequence], keeping: [first.sequence: kept], reason: "cut short", at: Books.morning)
    _ = try CustomerErasure.run("acme", configurationFile: nil, state: books.state)
    #expect(try books.register().customers[acme]?.isErased == true)
    #expect(try books.ledger.verify().isSound)
  }

  @Test(
    "years later is the same day, or 1 March",
    arguments: [
      ("2024-02-29T10:00:00Z", 6, "2030-03-01T10:00:00Z"), ("2024-02-29T10:00:00Z", 4, "2028-02-29T10:00:00Z"),
      ("2025-11-21T10:30:00.120Z", 6, "2031-11-21T10:30:00.120Z"), ("1969-12-31T23:59:59Z", 1, "1970-12-31T23:59:59Z"),
    ])
  func years(from: String, years: Int64, to: String) throws {
    #expect(try #require(WallTime(rfc3339: from)).years(later: years).rfc3339 == to)
  }
}
