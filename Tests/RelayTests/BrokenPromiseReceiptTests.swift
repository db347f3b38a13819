import Billing
import Ledger
import LedgerSQLite
import Receipts
import SessionModel
import Signing
import Testing

@testable import Relay

@Suite("Promises that were not kept, on receipts") struct BrokenPromiseReceiptTests {
  private let rig: Rig
  private let id: SessionID
  private let one: CaseID

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    one = try #require(CaseID("k3x9q7"))
  }

  private func promise(_ number: UInt64, _ text: String, price: Int64? = nil, day: String? = nil) -> EntryDraft {
    PromiseMade(
      caseID: one, number: number, subject: price != nil ? .price : day != nil ? .date : .condition, text: text,
      amountMinor: price, currency: price.map { _ in "EUR" }, date: day, by: "anna"
    ).draft()
  }

  private func broken(_ number: UInt64, _ reason: String, in session: SessionID? = nil) -> EntryDraft {
    PromiseBroken(caseID: one, number: number, reason: reason, by: "mika").draft(session: session)
  }

  /// A session of the case, from the yes to the end of work.
  private func work() throws -> [EntryDraft] {
    var agreed = try rig.agreed(id)
    agreed[0] = SessionRequested(
      machine: "guest-1", technician: try #require(Name("mika")), technicianKey: rig.technicianKey, purpose: "printer",
      plan: PlanTerms(.standard), address: "::1", caseID: one
    ).draft(session: id)
    return agreed + [SessionActivated().draft(session: id)]
  }

  private func closing(note: String? = nil, _ more: [LedgerLine] = []) -> EntryDraft {
    let lines =
      [LedgerLine(kind: "time", description: "24 min", seconds: 1440, percent: "100", amountMinor: 3600)] + more
    return SessionClosed(
      outcome: .fixed, note: note, by: "mika", activeMilliseconds: 720_000,
      intervals: [LedgerInterval(from: Rig.wall, to: Rig.wall.advanced(byMilliseconds: 720_000))], billedSeconds: 1440,
      amountMinor: lines.reduce(0) { $0 + $1.amountMinor }, currency: "EUR", lines: lines, bytesToMachine: 0,
      bytesFromMachine: 0
    ).draft(session: id)
  }

  @Test("a limit that a supervisor let the session pass stands with its reason: the consent said he is asked")
  func passedLimit() throws {
    try rig.ledger.append(
      work() + [
        LimitOverridden(
          limit: .sessionAmount, steps: 2, allowed: 1000, reason: "the owner is on holiday", by: "boss"
        ).draft(session: id),
        LimitOverridden(limit: .scope, workType: "consult", reason: "agreed by phone", by: "boss").draft(session: id),
        closing(),
      ], at: Rig.wall)
    for (language, words) in [
      (Language.english, "We stop and ask you before it passes 10.00 EUR."), (.polish, "10,00\u{a0}€"),
      (.korean, "10.00유로"),
    ] {
      let receipt = try receipt(language)
      #expect(receipt.brokenPromises.count == 1)
      let told = try #require(receipt.brokenPromises.first)
      #expect(told.text.contains(words) && told.reason == "the owner is on holiday", "\(told)")
      #expect(told.promisedBy == "Shop" && told.brokenBy == "boss" && told.price == nil)
    }
  }

  private func receipt(_ language: Language = .english) throws -> Receipt {
    let session = try #require(try SessionReceipts(id, in: rig.ledger))
    let writer = ReceiptWriter(
      terms: ReceiptTerms(
        session.record, shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), language: language,
        register: try rig.ledger.register()), relayKey: rig.relayKey.publicKey.rawBytes)
    return try #require(writer.receipt(of: session, issuedAt: Rig.wall))
  }

  @Test(
    "what was broken at the desk and what the closing broke are on it, the price first, and nothing that came later")
  func named() throws {
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    let promises = [
      promise(1, "At most 30 euro", price: 3000), promise(2, "a new disk", day: "2025-11-20"),
      promise(3, "nobody else sees it"), promise(4, "your files stay"),
    ]
    let during = [
      broken(3, "the owner asked"), broken(2, "no parts", in: id), broken(1, "It was a different problem", in: id),
    ]
    try rig.ledger.append([opened] + promises + work() + during + [closing(), broken(4, "later")], at: Rig.wall)
    let receipt = try receipt()
    #expect(
      receipt.brokenPromises == [
        Receipt.BrokenPromise(
          text: "At most 30 euro", price: Money(minorUnits: 3000, currency: .eur), promisedBy: "anna",
          reason: "It was a different problem", brokenBy: "mika"),
        Receipt.BrokenPromise(
          text: "a new disk", date: CivilDate(year: 2025, month: 11, day: 20), promisedBy: "anna", reason: "no parts",
          brokenBy: "mika"),
        Receipt.BrokenPromise(
          text: "nobody else sees it", promisedBy: "anna", reason: "the owner asked", brokenBy: "mika"),
      ])
    #expect(
      receipt.shownText.contains(
        "A promise was not kept: At most 30 euro (30.00 EUR)\nReason given by mika: It was a different problem\n"),
      "\(receipt.shownText)")
    #expect(try Receipt(text: receipt.text) == receipt && receipt.flaw == nil)
  }

  @Test("a receipt without one says nothing of promises")
  func none() throws {
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    try rig.ledger.append([opened, promise(1, "your files stay")] + work() + [closing()], at: Rig.wall)
    let receipt = try receipt()
    #expect(receipt.brokenPromises.isEmpty && !receipt.text.contains("promise"), "\(receipt.text)")
  }

  @Test("however many were broken and however long their words, the receipt fits its file and names the price")
  func fits() throws {
    let long = String(repeating: "감", count: TextSafety.maximumFieldScalars)
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    let promises = (1...12).map { promise($0, long, price: $0 == 1 ? 3000 : nil) }
    let during = (1...12).map { broken($0, long) }
    let letOff = (0..<LiveSession.maximumAllowances).map { _ in
      LedgerLine(
        kind: "allowance", description: "Discount", seconds: 0, percent: "100", amountMinor: -1, reason: long,
        technician: "mika")
    }
    try rig.ledger.append(
      [opened] + promises + work() + during + [closing(note: String(repeating: "감", count: 500), letOff)], at: Rig.wall)
    let receipt = try receipt(.korean)
    #expect(receipt.brokenPromises.count == ReceiptLimits.brokenPromises)
    #expect(receipt.brokenPromises.first?.price?.minorUnits == 3000)
    #expect(receipt.brokenPromises.allSatisfy { $0.text.hasPrefix("감") && $0.reason.hasPrefix("감") })
    #expect(receipt.shownText.contains("그 밖에 지켜지지 않은 약속: 9건."), "\(receipt.shownText)")
    let signature = try rig.relayKey.sign(ReceiptStatements.issued(receipt.text))
    let file = try ReceiptFile(receiptText: receipt.text, relaySignature: signature, agentSignature: signature)
    #expect(file.fits && receipt.flaw == nil)
  }
}
