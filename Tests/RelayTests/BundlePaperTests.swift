import Billing
import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("The papers of a dispute bundle") struct BundlePaperTests {
  /// The bundle's bytes as text: what it holds is not compressed.
  private func bundle(_ books: Books, _ session: SessionID) throws -> String {
    let path = "\(books.state)/\(session).tar.gz"
    _ = try SessionBundle.write(session.rawValue, to: path, state: books.state)
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  private func ask(_ number: UInt64, _ subject: QuestionSubject, _ words: String, _ answer: QuestionAnswered.Answer)
    -> [any EntryPayload]
  {
    [
      QuestionAsked(
        number: number, subject: subject, words: words, wordsHash: SHA256.hash(Array(words.utf8)), options: []),
      QuestionAnswered(number: number, subject: subject, answer: answer, choice: 1, signature: []),
    ]
  }

  /// A session with everything that can be said beside the first yes.
  private func talk(_ books: Books) throws -> (session: SessionID, one: CaseID) {
    let one = try books.openCase()
    let session = try books.session(600, caseID: one)
    let said: [any EntryPayload] =
      ask(1, .limit(.session), "Two hours are over. Go on?", .goOn)
      + ask(2, .quote("\(one)-1"), "All of the mail for 90.00 EUR?", .no) + [
        LimitOverridden(limit: .month, reason: "the owner called", by: "boss"),
        AllowanceGranted(reduction: .percent("10"), reason: "came late", by: "mika"),
        WorkChanged(workType: "consult", fromMilliseconds: 1, by: "mika"),
        LedgerNote(text: "a cable was loose", by: "mika"),
      ]
    try books.ledger.append(said.map { $0.draft(session: session) }, at: Books.morning)
    try books.ledger.append(
      [
        QuoteMade(
          quote: "\(one)-1", caseID: one, binding: .fixed, amountMinor: 9000, currency: "EUR", text: "all of the mail",
          by: "anna"
        ).draft(), QuoteAnswered(quote: "\(one)-1", isAccepted: false, by: "customer").draft(),
        PromiseMade(caseID: one, number: 1, subject: .date, text: "by Friday", date: "2025-11-28", by: "anna").draft(),
        PromiseBroken(caseID: one, number: 1, reason: "no parts", by: "anna").draft(),
        AdviceGiven(caseID: one, text: "make backups", isDeclined: true, by: "mika").draft(),
      ], at: Books.morning)
    return (session, one)
  }

  @Test("what was asked, answered, offered, promised and advised is in it, and step by step in the events")
  func agreements() throws {
    let books = try Books()
    let (session, one) = try talk(books)
    let text = try bundle(books, session)
    for words in [
      "Limit lifted by the shop (boss,", "): the owner called",
      "agreements.txt", "Two hours are over. Go on?\nAnswer: go on, ", "All of the mail for 90.00 EUR?\nAnswer: no, ",
      "Price offered \(one)-1 (anna): all of the mail, fixed 90.00 EUR. Answer: no",
      "Promised (anna): by Friday, 28 November 2025 (not kept: no parts)", "Advised (mika): make backups (declined)",
      "question 1, limit session: go-on", "question 2, quote \(one)-1: no", "limit month, by boss: the owner called",
      "10 % off, by mika: came late", "consult, by mika", "a cable was loose (mika)", "You said yes to it.",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(try bundle(books, try books.session(60)).contains("agreements.txt") == false)
  }

  @Test("every language has its own labels", arguments: Language.allCases)
  func languages(language: Language) throws {
    let books = try Books()
    let (session, _) = try talk(books)
    let record = try #require(try books.ledger.record(session: session))
    let text = BundleAgreements(language).text(of: record, try books.register())
    #expect(text.contains("make backups") && text.split(separator: "\n").allSatisfy { !$0.isEmpty })
    let english = BundleAgreements(.english).text(of: record, try books.register())
    #expect((text == english) == (language == .english))
  }

  @Test("nobody said yes to what he declined, and the day is that of the plan's place")
  func declined() throws {
    let books = try Books()
    var random = SystemRandomNumberGenerator()
    let id = SessionID(using: &random)
    let plan = try Plan(
      json: [
        "id": "yen", "name": "Yen", "currency": "JPY", "rate_per_hour": "6000", "first": "15m", "then": "6m",
        "timezone": "Asia/Tokyo",
      ])
    try books.ledger.append(
      [
        SessionRequested(
          machine: "guest", technician: try #require(Name("mika")), technicianKey: SHA256.hash([1]), purpose: "x",
          plan: PlanTerms(plan), address: ""
        ).draft(session: id),
        ConsentAsked(words: "May I?", wordsHash: SHA256.hash([2]), allowances: .all).draft(session: id),
        ConsentAnswered(accepted: false, reason: "", signature: [], agentKey: []).draft(session: id),
        SessionClosed(
          outcome: .declined, note: nil, by: "customer", activeMilliseconds: 0, intervals: [], billedSeconds: 0,
          amountMinor: 0, currency: "JPY", lines: [], bytesToMachine: 0, bytesFromMachine: 0
        ).draft(session: id),
      ], at: try #require(WallTime(rfc3339: "2025-11-30T15:30:00Z")))
    let text = try bundle(books, id)
    #expect(text.contains("You said no to it.") && !text.contains("You said yes"))
    #expect(text.contains("Support session \(id), 1 December 2025"))
  }

  @Test("of an erased customer it says what was erased and when, and that the chain holds all the same")
  func erased() throws {
    let books = try Books()
    let acme = try #require(Name("acme"))
    try books.addCustomer("acme")
    let session = try books.session(
      600, from: Books.morning.years(later: -7), caseID: try books.openCase(acme), customer: acme)
    let text = "what a receipt says"
    try books.ledger.append(
      [
        ReceiptIssued(
          receipt: text, receiptHash: SHA256.hash(Array(text.utf8)), relayKey: [1], relaySignature: [2]
        ).draft(session: session),
        FilesReported(channel: 1, events: [FileEvent(number: 1, action: .removed(path: Array("/x".utf8)))])
          .draft(session: session),
      ], at: Books.morning)
    let before = try bundle(books, session)
    #expect(before.contains("word for word. You said yes to it.") && !before.contains("erased for good"))
    try FileManager.default.removeItem(atPath: "\(books.state)/\(session).tar.gz")

    _ = try CustomerErasure.run("acme", configurationFile: nil, state: books.state)
    var day = ""
    try books.ledger.forEachEntry(kinds: [.payloadErased], from: 1) { entry in
      day = Language.english.date(PlanTimeZone.utc.date(at: entry.time))
      return true
    }
    let after = try bundle(books, session)
    for words in [
      "Personal details were erased for good (\(day)). Where they stood it says (erased)",
      "What you were shown before anything began was erased. You said yes to it.",
      "There was a receipt; it was erased.", "The list of files was erased.", "nothing but what was erased is missing",
    ] {
      #expect(after.contains(words), "\(words)")
    }
    for words in ["word for word", "There is no receipt", "left out later"] {
      #expect(!after.contains(words), "\(words)")
    }
  }
}
