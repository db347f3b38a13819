import Ledger
import SessionModel

/// What the ledger has of one session and its receipt, folded from its entries in one pass.
struct SessionReceipts {
  /// The session.
  private(set) var record: SessionRecord
  /// The entry that closed it; nil while it is open.
  private(set) var closing: LedgerHead?
  /// What that entry says; nil when it was erased.
  private(set) var closed: SessionClosed?
  /// When the customer said yes; nil when he did not.
  private(set) var consentAt: WallTime?
  /// The receipt; there is one of a session.
  private(set) var issued: ReceiptIssued?
  /// The place of its entry, also when its details were erased.
  private(set) var issuedSequence: UInt64?
  /// The machine's signature under it.
  private(set) var countersigned: ReceiptCountersigned?
  /// Advice given in it that the customer did not take, in order.
  private(set) var adviceDeclined: [String] = []
  /// Whether a receipt that the machine handed out alone is on record.
  private(set) var hasProvisional = false
  /// The places of its entries whose details were erased.
  private(set) var erased: Set<UInt64> = []

  /// Nil for a session nobody opened.
  init?(_ id: SessionID, in ledger: any LedgerStore) throws(StoreError) {
    var folded: SessionReceipts?
    try ledger.forEachEntry(session: id) { entry in
      if folded == nil {
        folded = SessionRecord(session: id, entries: [entry]).map { SessionReceipts($0) }
      } else {
        folded?.record.apply(entry)
      }
      folded?.note(entry)
    }
    guard let folded, folded.record.wasRequested else { return nil }
    self = folded
  }

  private init(_ record: SessionRecord) { self.record = record }

  private mutating func note(_ entry: Entry) {
    if entry.payload == nil { erased.insert(entry.sequence) }
    switch entry.kind {
    case .consentAnswered: if ConsentAnswered(entry)?.accepted == true { consentAt = entry.time }
    case .sessionClosed:
      closing = closing ?? LedgerHead(sequence: entry.sequence, hash: entry.hash)
      closed = closed ?? SessionClosed(entry)
    case .receiptIssued:
      guard issuedSequence == nil else { return }
      issuedSequence = entry.sequence
      issued = ReceiptIssued(entry)
    case .receiptCountersigned:
      guard let signature = ReceiptCountersigned(entry), signature.receiptHash == issued?.receiptHash else { return }
      countersigned = countersigned ?? signature
    case .adviceGiven:
      guard let advice = AdviceGiven(entry), advice.isDeclined else { return }
      adviceDeclined.append(advice.text)
    case .receiptProvisional: hasProvisional = true
    default: return
    }
  }
}
