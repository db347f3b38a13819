import Receipts
import SessionModel
import Signing
import Testing

@Suite("What a check of a receipt finds")
struct VerdictTests {
  private let fixture: Fixture

  init() throws { fixture = try Fixture() }

  private func verdict(_ file: ReceiptFile, trusting trusted: Set<Fingerprint>?) -> ReceiptVerdict {
    Fixture.check.verdict(ofFile: Array(file.text.utf8), trusting: trusted)
  }

  private func why(_ verdict: ReceiptVerdict) -> String {
    if case .notGenuine(let why) = verdict { why } else { "\(verdict)" }
  }

  @Test func `genuine with the relay's key, with or without the machine's signature`() throws {
    #expect(verdict(try fixture.file(), trusting: fixture.trusted) == .genuine)
    #expect(verdict(try fixture.file(countersigned: false), trusting: fixture.trusted) == .genuine)
  }

  @Test func `consistent when nobody said whom to trust, and the signer is named`() throws {
    #expect(
      verdict(try fixture.file(), trusting: nil) == .signerNotVerified(fixture.relay.publicKey.fingerprint))
  }

  @Test func `not genuine when another relay signed it, or the relay's key is another by now`() throws {
    let other = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: 9, count: 32))
    #expect(why(verdict(try fixture.file(), trusting: [other.publicKey.fingerprint])).contains("another key"))
    // The key was changed since: the old one, remembered, still vouches for what it signed.
    let both: Set = [other.publicKey.fingerprint, fixture.relay.publicKey.fingerprint]
    #expect(verdict(try fixture.file(), trusting: both) == .genuine)
    // Signed with another key than the receipt names.
    #expect(
      why(verdict(try fixture.file(relay: other), trusting: fixture.trusted)).contains("the relay's signature"))
  }

  @Test func `a machine's signature that does not fit is found`() throws {
    var file = try fixture.file()
    file.agentSignature = try fixture.agent.sign(ReceiptStatements.issued(file.receiptText))
    #expect(why(verdict(file, trusting: fixture.trusted)).contains("the customer's computer"))
  }

  @Test func `a provisional receipt is the machine's word alone, whomever one trusts`() throws {
    let file = try fixture.provisionalFile()
    let expected = ReceiptVerdict.provisional(relay: fixture.relay.publicKey.fingerprint)
    #expect(verdict(file, trusting: fixture.trusted) == expected && verdict(file, trusting: nil) == expected)
    var forged = file
    forged.agentSignature = try fixture.relay.sign(ReceiptStatements.provisional(file.receiptText))
    #expect(why(verdict(forged, trusting: nil)).contains("the customer's computer"))
    forged.agentSignature = nil
    #expect(why(verdict(forged, trusting: nil)).contains("missing"))
  }

  @Test func `when it was made is told as a moment in UTC, which its text's day cannot contradict`() throws {
    var receipt = fixture.receipt
    receipt.issuedAt = try time("2026-11-30T22:40:59.120Z")
    receipt.shownText = "RECEIPT k3x9q7mt, 1 December 2026"
    let final = Fixture.check.report(onFile: Array(try fixture.file(receipt).text.utf8), trusting: fixture.trusted)
    #expect(
      final.line == """
        Genuine: receipt k3x9q7mt of Nine to Five Computers, made 2026-11-30 22:40 UTC, 22.50 EUR, 12 min worked, \
        15 min charged, signed by the relay and the customer's computer.
        """)
    let alone = Fixture.check.report(onFile: Array(try fixture.provisionalFile().text.utf8), trusting: nil)
    #expect(alone.line.contains("receipt k3x9q7mt, made 2026-03-02 10:20 UTC, at most"), "\(alone.line)")
  }

  @Test func `totals have to be the sums of their parts, even when the relay signed something else`() throws {
    let changes: [((inout Receipt) -> Void, String)] = [
      ({ $0.amountMinor = 2251 }, "total"),
      (
        {
          $0.lines[0].amountMinor = .max; $0.amountMinor = .max - 1
        }, "total"
      ),
      ({ $0.lines.append($0.lines[0]) }, "total"),
      ({ $0.billedSeconds = 901 }, "charged time"),
      ({ $0.activeMilliseconds = 719_999 }, "time worked"),
      ({ $0.work.intervals[0].to = $0.work.intervals[0].from.advanced(byMilliseconds: -1) }, "before it begins"),
      ({ $0.work.moreMilliseconds = 1 }, "no stretch"),
      ({ $0.chain.sequence = 0 }, "no entry"),
      ({ $0.tax?.amountMinor = 459 }, "tax"),
      ({ $0.prices = .net }, "tax"),
    ]
    for (change, words) in changes {
      var receipt = fixture.receipt
      change(&receipt)
      #expect(receipt.flaw?.contains(words) == true, "\(words): \(String(describing: receipt.flaw))")
      #expect(why(verdict(try fixture.file(receipt), trusting: fixture.trusted)).contains(words))
    }
    var net = fixture.receipt
    net.prices = .net
    net.tax?.amountMinor = 574
    #expect(net.flaw == nil)
  }

  @Test func `sums of the largest numbers there are do not trap`() {
    var receipt = fixture.receipt
    let line = Receipt.Line(kind: .time, description: "x", seconds: .max, percent: "100", amountMinor: .min)
    receipt.lines = [Receipt.Line](repeating: line, count: ReceiptLimits.lines)
    receipt.tax = Receipt.Tax(category: "S", percent: "999999999999999", amountMinor: .min)
    receipt.amountMinor = .max
    #expect(receipt.flaw != nil)
  }
}
