import Foundation
import Receipts
import SessionModel
import Signing
import Testing
import TunnelProtocol

/// Receipts of a relay that lies: the customer's program signs none, keeps none that is not the relay's, and says why.
@Suite("Bad input: lying receipts", .shared) struct LyingRelayReceiptTests {
  private enum Lie: CaseIterable {
    case none, moreTime, otherWords, wrongSum, otherSession, otherComputer, notItsSignature, changedByte, noText

    /// Whether it is the relay's own word, though not this side's: kept, and not countersigned.
    var isKept: Bool { self == .none || self == .moreTime || self == .otherWords }

    /// A word of what the customer is told.
    var reason: String {
      switch self {
      case .none: ""
      case .moreTime: "more time"
      case .otherWords: "other words"
      case .wrongSum: "total"
      case .otherSession: "another session"
      case .otherComputer: "another computer"
      case .notItsSignature, .changedByte: "signature"
      case .noText: "UTF-8"
      }
    }
  }

  /// A receipt for a session in which no time was signed.
  private func receipt(
    _ session: SessionID, _ wordsHash: Fingerprint, _ lie: Lie, _ relay: LyingRelay
  ) throws -> Receipt {
    let now = WallTime(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)
    let agentKey = try unwrap(relay.tunnel.peerKey, "the agent's key")
    let line = Receipt.Line(kind: .time, description: "15 min", seconds: 900, percent: "100", amountMinor: 2250)
    return Receipt(
      id: lie == .otherSession ? LyingRelay.newSession : session, issuedAt: now,
      shop: Receipt.Shop(name: "Shop", address: "", phone: "", vatID: ""), customer: nil, technicians: ["alice"],
      caseID: nil, purpose: "help", note: nil, outcome: .fixed, activeMilliseconds: lie == .moreTime ? 720_000 : 0,
      billedSeconds: 900, work: .unknown, lines: [line], amountMinor: lie == .wrongSum ? 2251 : 2250, currency: .eur,
      prices: .gross, tax: nil,
      consent: Receipt.Consent(wordsHash: lie == .otherWords ? SHA256.hash([1]) : wordsHash, at: now),
      reworkFreeUntil: nil, chain: Receipt.Chain(sequence: 9, hash: wordsHash), relayKey: relay.key.publicKey.rawBytes,
      agentKey: lie == .otherComputer ? relay.key.publicKey.rawBytes : agentKey, language: "en", shownText: "RECEIPT")
  }

  @Test("only what is true is signed; what is not the relay's own is not kept", arguments: Lie.allCases)
  private func receipts(lie: Lie) throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      try relay.ask(session)
      let answer = try relay.answer(session)
      var bytes = Array(try receipt(session, answer.wordsHash, lie, relay).text.utf8)
      let text = String(decoding: bytes, as: UTF8.self)
      let signer = lie == .notItsSignature ? try Ed25519PrivateKey.generate() : relay.key
      let signature = try signer.sign(ReceiptStatements.issued(text))
      switch lie {
      case .changedByte: bytes = Array(text.replacing("\"RECEIPT\"", with: "\"RECEIPTS\"").utf8)
      case .noText: bytes = [0xff, 0xfe]
      case .none, .moreTime, .otherWords, .wrongSum, .otherSession, .otherComputer, .notItsSignature: break
      }
      let sent = bytes
      try relay.tunnel.behave { _ = $0.post(.receipt(session: session, bytes: sent, signature: signature)) }
      let folder = relay.scratch.path("agent/receipts")
      if lie.isKept {
        let event = try relay.agent.event("receipt")
        #expect(event["countersigned"] == .bool(lie == .none), "\(event)")
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(session).json"))
      }
      if lie == .none {
        let own = try relay.tunnel.event("the countersignature") { event -> [UInt8]? in
          if case .control(.receiptCountersigned(session, let signature)) = event { signature } else { nil }
        }
        let key = try unwrap(relay.tunnel.peerKey.flatMap { Ed25519PublicKey(rawBytes: $0) })
        #expect(
          key.isValid(signature: own, for: ReceiptStatements.countersigned(text, relaySignature: signature)))
        return
      }
      let notice = try relay.agent.event("notice")
      #expect("\(notice)".contains(lie.reason), "\(notice)")
      #expect(lie.isKept || !FileManager.default.fileExists(atPath: folder), "it was kept")
      // A question behind it is answered, and nothing was signed before.
      let next = LyingRelay.newSession
      try relay.ask(next)
      let signed = try relay.tunnel.event("the next answer") { event -> Bool? in
        switch event {
        case .control(.receiptCountersigned): true
        case .control(.consentAnswer(next, _, _, _, _, _)): false
        default: nil
        }
      }
      #expect(!signed, "the agent countersigned it")
    }
  }
}
