import Receipts
import SessionModel
import TunnelProtocol

/// Which receipts this side takes, and what it makes of them.
///
/// ```
///            signature, key, machine or sums do not hold
///   comes ─────────────────────────────────────────────────▶ refused: not kept, the customer is told
///     │ they hold      other words, or more time than this side signed
///     ├─────────────────────────────────────────────────────▶ kept, not countersigned: it is the relay's word alone
///     ├─ else ──────────────────────────────────────────────▶ countersigned and kept
///     └─ came before ── the same bytes ▶ the same answer ── other bytes ▶ refused
/// ```
struct ReceiptBook: Sendable {
  /// Sessions whose receipt may still come after their end, and receipts remembered: the newest of each.
  static let maximumRemembered = HeldSession.maximumSessions

  /// What this side knows of a session, to hold against its receipt.
  struct Expectation: Hashable, Sendable {
    /// SHA-256 of the words the customer said yes to; nil when the journal that knew was damaged.
    var wordsHash: Fingerprint?
    /// The most time this side has signed for, in milliseconds.
    var signedMilliseconds: Int64
  }

  /// What is to be done with a receipt.
  enum Judgement: Hashable, Sendable {
    /// Countersign and keep it.
    case agreed(Receipt)
    /// Keep it as it is; one line says why it is not countersigned.
    case kept(Receipt, String)
    /// It is none, or not the relay's; one line.
    case refused(String)
    /// It came before: send the same answer again, if there was one.
    case again(countersignature: [UInt8]?)
    /// It is of no session of this side.
    case unknown
  }

  private struct Remembered {
    let session: SessionID
    let bytes: [UInt8]
    let countersignature: [UInt8]?
  }

  private let check: ReceiptCheck
  private var ended: [(session: SessionID, expectation: Expectation)] = []
  private var taken: [Remembered] = []
  /// Whose receipt the relay said to follow; their closing comes next.
  private var following: Set<SessionID> = []

  init(check: ReceiptCheck) { self.check = check }

  /// Whether a session's receipt has come.
  func has(_ session: SessionID) -> Bool { taken.contains { $0.session == session } }

  /// A session was closed and its receipt has not come: it may follow.
  mutating func mayFollow(_ session: SessionID, _ expectation: Expectation) {
    ended.removeAll { $0.session == session }
    ended.append((session, expectation))
    if ended.count > Self.maximumRemembered { ended.removeFirst() }
  }

  /// The relay said that a session's receipt is still to come. Only of sessions in the journal, so that there are few.
  mutating func follows(_ session: SessionID) { following.insert(session) }

  /// The session's closing came: whether its receipt was said to follow. Each closing says so anew.
  mutating func takeFollows(_ session: SessionID) -> Bool { following.remove(session) != nil }

  /// A receipt was taken, and answered like this.
  mutating func took(_ session: SessionID, _ bytes: [UInt8], countersignature: [UInt8]?) {
    ended.removeAll { $0.session == session }
    taken.append(Remembered(session: session, bytes: bytes, countersignature: countersignature))
    if taken.count > Self.maximumRemembered { taken.removeFirst() }
  }

  /// Judges what the relay sent.
  /// - Parameters:
  ///   - expectation: of a session that is not settled; nil when there is no such.
  ///   - relayKey: the fingerprint of the key the relay proved to have.
  ///   - agentKey: this side's raw key.
  func judge(
    _ session: SessionID, _ bytes: [UInt8], signature: [UInt8], expectation: Expectation?, relayKey: Fingerprint,
    agentKey: [UInt8]
  ) -> Judgement {
    if let earlier = taken.first(where: { $0.session == session }) {
      return earlier.bytes == bytes
        ? .again(countersignature: earlier.countersignature)
        : .refused("it is another than the one that came before")
    }
    guard let expectation = expectation ?? ended.first(where: { $0.session == session })?.expectation else {
      return .unknown
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { return .refused("it is not text in UTF-8") }
    do throws(ReceiptError) {
      let file = try ReceiptFile(receiptText: text, relaySignature: signature, agentSignature: nil)
      return judge(file, session, expectation, relayKey, agentKey)
    } catch {
      return .refused(error.description)
    }
  }

  private func judge(
    _ file: ReceiptFile, _ session: SessionID, _ expectation: Expectation, _ relayKey: Fingerprint, _ agentKey: [UInt8]
  ) -> Judgement {
    guard case .final(let receipt) = file.contents, receipt.id == session else {
      return .refused("it is of another session")
    }
    guard receipt.agentKey == agentKey else { return .refused("it names another computer's key") }
    guard file.fits else { return .refused("it is too large to be kept") }
    switch check.verdict(of: file, trusting: [relayKey]) {
    case .genuine: break
    case .notGenuine(let why): return .refused(why)
    case .signerNotVerified, .provisional: return .refused("it is not signed by the relay")
    }
    if let words = expectation.wordsHash, words != receipt.consent.wordsHash {
      return .kept(receipt, "it names other words than the ones you said yes to")
    }
    guard receipt.activeMilliseconds <= expectation.signedMilliseconds else {
      let signed = DurationText.exact(seconds: expectation.signedMilliseconds / 1000)
      return .kept(receipt, "it states more time than this computer signed for (\(signed))")
    }
    return .agreed(receipt)
  }
}
