import Receipts
import SessionModel
import Signing
import Testing

@testable import Agent

@Suite("Which receipts the customer's side takes")
struct ReceiptBookTests {
  private let relay: Ed25519PrivateKey
  private let agent: Ed25519PrivateKey
  private let session: SessionID
  private let words = SHA256.hash(Array("May I?".utf8))
  private var book = ReceiptBook(check: .openSSL)

  init() throws {
    relay = try Ed25519PrivateKey.generate()
    agent = try Ed25519PrivateKey.generate()
    session = try #require(SessionID("k3x9q7mt"))
  }

  private func receipt(_ change: (inout Receipt) -> Void = { _ in }) -> Receipt {
    let start = WallTime(milliseconds: 1_763_757_000_000)
    let line = Receipt.Line(kind: .time, description: "15 min", seconds: 900, percent: "100", amountMinor: 2250)
    var receipt = Receipt(
      id: session, issuedAt: start, shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), customer: nil,
      technicians: ["anna"], caseID: nil, purpose: "printer", note: nil, outcome: .fixed, activeMilliseconds: 720_000,
      billedSeconds: 900, work: .unknown, lines: [line], amountMinor: 2250, currency: .eur, prices: .net, tax: nil,
      consent: Receipt.Consent(wordsHash: words, at: start), reworkFreeUntil: nil,
      chain: Receipt.Chain(sequence: 9, hash: words), relayKey: relay.publicKey.rawBytes,
      agentKey: agent.publicKey.rawBytes, language: "en", shownText: "RECEIPT")
    change(&receipt)
    return receipt
  }

  private func judge(
    _ receipt: Receipt, signed: Int64 = 720_000, signer: Ed25519PrivateKey? = nil, known: Bool = true,
    relayKey: Fingerprint? = nil
  ) throws -> ReceiptBook.Judgement {
    let text = receipt.text
    return book.judge(
      session, Array(text.utf8), signature: try (signer ?? relay).sign(ReceiptStatements.issued(text)),
      expectation: known ? ReceiptBook.Expectation(wordsHash: words, signedMilliseconds: signed) : nil,
      relayKey: relayKey ?? relay.publicKey.fingerprint, agentKey: agent.publicKey.rawBytes)
  }

  private func why(_ judgement: ReceiptBook.Judgement) -> String {
    switch judgement {
    case .refused(let why), .kept(_, let why): why
    case .agreed, .again, .unknown: "\(judgement)"
    }
  }

  @Test("one that states no more time than was signed is agreed to")
  func agreed() throws {
    #expect(try judge(receipt()) == .agreed(receipt()))
    #expect(try judge(receipt(), signed: 720_001) == .agreed(receipt()))
  }

  @Test("one that names a promise that was not kept is agreed to")
  func brokenPromise() throws {
    let promise = Receipt.BrokenPromise(
      text: "at most 30 euro", price: Money(minorUnits: 3000, currency: .eur), promisedBy: "anna",
      reason: "another problem", brokenBy: "anna")
    let told = receipt { $0.brokenPromises = [promise] }
    #expect(try judge(told) == .agreed(told))
  }

  @Test("one that states more time, or other words, is kept as the relay's word alone")
  func kept() throws {
    guard case .kept(_, let more) = try judge(receipt(), signed: 719_999) else {
      Issue.record("it was agreed to")
      return
    }
    #expect(more.contains("more time"))
    let other = receipt { $0.consent.wordsHash = SHA256.hash([1]) }
    guard case .kept(_, let words) = try judge(other) else {
      Issue.record("it was agreed to")
      return
    }
    #expect(words.contains("other words"))
  }

  @Test("a forged one, another relay's, another machine's, another session's or one that does not add up is refused")
  func refused() throws {
    #expect(try why(judge(receipt(), signer: agent)).contains("signature does not fit"))
    #expect(try why(judge(receipt(), relayKey: agent.publicKey.fingerprint)).contains("another key"))
    #expect(try why(judge(receipt { $0.agentKey = self.relay.publicKey.rawBytes })).contains("another computer"))
    let stranger = try #require(SessionID("00000000"))
    #expect(try why(judge(receipt { $0.id = stranger })).contains("another session"))
    #expect(try why(judge(receipt { $0.amountMinor = 2251 })).contains("total"))
    for bytes in [[], [0xff], Array("{}".utf8)] as [[UInt8]] {
      let judgement = book.judge(
        session, bytes, signature: [UInt8](repeating: 0, count: 64),
        expectation: ReceiptBook.Expectation(wordsHash: nil, signedMilliseconds: 0),
        relayKey: relay.publicKey.fingerprint, agentKey: agent.publicKey.rawBytes)
      guard case .refused = judgement else {
        Issue.record("\(bytes) was taken")
        continue
      }
    }
  }

  @Test("it comes again: the same answer; another one in its place is refused; of no session of ours: nothing")
  mutating func again() throws {
    #expect(try judge(receipt(), known: false) == .unknown)
    book.mayFollow(session, ReceiptBook.Expectation(wordsHash: words, signedMilliseconds: 720_000))
    #expect(try judge(receipt(), known: false) == .agreed(receipt()))
    book.took(session, Array(receipt().text.utf8), countersignature: [7])
    #expect(book.has(session))
    #expect(try judge(receipt(), known: false) == .again(countersignature: [7]))
    #expect(try why(judge(receipt { $0.note = "more" })).contains("another than the one"))
  }

  @Test("what is remembered has a limit, and the newest stay")
  mutating func limit() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 { book.took(SessionID(using: &random), [1], countersignature: nil) }
    book.took(session, [2], countersignature: nil)
    #expect(book.has(session))
  }

  @Test(
    "the provisional words exist in every language, in at most 60 columns, and say the time",
    arguments: Language.allCases)
  func provisionalWords(language: Language) throws {
    for (why, isKept) in [(ProvisionalText.Why.outOfReach, true), (.notOnRecord, true), (.outOfReach, false)] {
      let text = Wording(language).provisional(
        session,
        ProvisionalText(
          moment: try #require(WallTime(rfc3339: "2026-12-30T22:40:00Z")), shop: "Nine to Five Computers",
          technician: "bartholomew", measuredMilliseconds: 7_384_000, signedMilliseconds: 7_380_000, why: why,
          isKept: isKept))
      let lines = text.split(separator: "\n").map(String.init)
      #expect((7...9).contains(lines.count))
      for line in lines { #expect(TextWidth.columns(of: line) <= 60 && !line.hasSuffix("…"), "\(line)") }
      #expect(text.contains(language.duration(seconds: 7384)) && text.contains(language.duration(seconds: 7380)))
      #expect(lines.last == language.visitIsOver && TextSafety.problem(inShownText: text) == nil)
    }
  }

  @Test("each closing says anew whether the receipt is still to come")
  mutating func follows() {
    #expect(closings(2) == [false, false])
    book.follows(session)
    #expect(closings(2) == [true, false])
  }

  private mutating func closings(_ count: Int) -> [Bool] {
    var follows: [Bool] = []
    for _ in 0..<count { follows.append(book.takeFollows(session)) }
    return follows
  }

  @Test("a path with anything in it can be typed as it is shown")
  func quoted() {
    #expect(
      ReceiptFolder.quoted("/home/a-b/fixline-receipt-k3x9q7mt.json") == "/home/a-b/fixline-receipt-k3x9q7mt.json")
    #expect(ReceiptFolder.quoted("/home/an na/r.json") == "'/home/an na/r.json'")
    #expect(ReceiptFolder.quoted("/it's") == "'/it'\\''s'")
  }
}
