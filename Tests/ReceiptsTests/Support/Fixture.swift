import Receipts
import SessionModel
import Signing
import Testing

/// The 12-minute fix, with keys that are the same in every run.
struct Fixture {
  let relay: Ed25519PrivateKey
  let agent: Ed25519PrivateKey
  let receipt: Receipt

  init() throws {
    relay = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: 1, count: 32))
    agent = try Ed25519PrivateKey(rawSeed: [UInt8](repeating: 2, count: 32))
    receipt = Receipt(
      id: try #require(SessionID("k3x9q7mt")), issuedAt: try time("2026-03-02T10:20:03.120Z"),
      shop: Receipt.Shop(
        name: "Nine to Five Computers", address: "Mannerheimintie 1, 00100 Helsinki", phone: "+358 9 123 456",
        vatID: "FI12345678"),
      customer: Receipt.Customer(id: "corner-bakery", name: "Corner Bakery Oy"), technicians: ["anna"],
      caseID: "k3x9q7",
      purpose: "Printer prints blank pages", note: "Replaced the driver.", outcome: .fixed,
      activeMilliseconds: 720_000, billedSeconds: 900,
      work: Receipt.Work([
        .init(from: try time("2026-03-02T10:02:00Z"), to: try time("2026-03-02T10:09:00Z")),
        .init(from: try time("2026-03-02T10:15:00Z"), to: try time("2026-03-02T10:20:00Z")),
      ]),
      lines: [
        Receipt.Line(
          kind: .time, description: "Remote support, 15 min at 90.00 EUR an hour", seconds: 900, percent: "100",
          amountMinor: 2250)
      ],
      amountMinor: 2250, currency: .eur, prices: .gross,
      tax: Receipt.Tax(category: "S", percent: "25.5", amountMinor: 457),
      consent: Receipt.Consent(wordsHash: SHA256.hash(Array("words".utf8)), at: try time("2026-03-02T10:01:00Z")),
      reworkFreeUntil: CivilDate(year: 2026, month: 4, day: 1),
      chain: Receipt.Chain(sequence: 42, hash: SHA256.hash(Array("head".utf8))), relayKey: relay.publicKey.rawBytes,
      agentKey: agent.publicKey.rawBytes, language: "en",
      shownText: "RECEIPT k3x9q7mt\nTO PAY   22.50 EUR")
  }

  /// The receipt signed by the relay, and countersigned unless told otherwise.
  func file(_ receipt: Receipt? = nil, countersigned: Bool = true, relay: Ed25519PrivateKey? = nil) throws
    -> ReceiptFile
  {
    let text = (receipt ?? self.receipt).text
    let signature = try (relay ?? self.relay).sign(ReceiptStatements.issued(text))
    let own = try agent.sign(ReceiptStatements.countersigned(text, relaySignature: signature))
    return try ReceiptFile(receiptText: text, relaySignature: signature, agentSignature: countersigned ? own : nil)
  }

  /// What the machine says alone.
  var provisional: ProvisionalReceipt {
    ProvisionalReceipt(
      id: receipt.id, issuedAt: receipt.issuedAt, shop: receipt.shop.name, technician: "anna",
      purpose: receipt.purpose, measuredMilliseconds: 725_000, signedMilliseconds: 715_000, consent: receipt.consent,
      relayKey: relay.publicKey.fingerprint, agentKey: receipt.agentKey, language: "en",
      shownText: "PROVISIONAL")
  }

  func provisionalFile() throws -> ReceiptFile {
    ReceiptFile(provisional, agentSignature: try agent.sign(ReceiptStatements.provisional(provisional.text)))
  }

  /// Whom the holder trusts.
  var trusted: Set<Fingerprint> { [relay.publicKey.fingerprint] }

  /// The check every program makes.
  static let check = ReceiptCheck(digest: { SHA256.hash($0) }) { signature, message, key in
    Ed25519PublicKey(rawBytes: key)?.isValid(signature: signature, for: message) ?? false
  }
}

func time(_ text: String) throws -> WallTime { try #require(WallTime(rfc3339: text)) }
