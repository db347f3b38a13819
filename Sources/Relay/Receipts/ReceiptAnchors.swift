import Ledger
import LedgerSQLite
import Receipts
import SessionModel
import Signing

/// Receipts held against a ledger: each names an entry by number and hash, and customers have kept that since. So a ledger
/// whose tail was cut off, or that was written anew as a whole, is found out though its own chain is sound.
struct ReceiptAnchors {
  private let receipts: [(name: String, file: ReceiptFile, receipt: Receipt)]

  /// Reads the files. A receipt that this relay did not sign says nothing about its ledger and is refused.
  init(_ files: [String], directory: StateDirectory) throws(RelayFailure) {
    var receipts: [(name: String, file: ReceiptFile, receipt: Receipt)] = []
    for path in files {
      let name = TextSafety.escaped(path)
      let bytes = try ReceiptReports.read(path)
      let keys = try ReceiptReports.trustedKeys(of: directory, bytes)
      let (verdict, line) = ReceiptCheck.openSSL.report(onFile: bytes, trusting: keys.isEmpty ? nil : keys)
      guard verdict.mayBeThisRelays, let file = try? ReceiptFile(bytes: bytes), case .final(let receipt) = file.contents
      else { throw RelayFailure(.refused, "\(name) cannot be held against the ledger. \(line)") }
      receipts.append((name, file, receipt))
    }
    self.receipts = receipts
  }

  /// What the walk over the ledger has to come by.
  var anchors: [LedgerAnchor] {
    receipts.map { LedgerAnchor(sequence: UInt64(clamping: $0.receipt.chain.sequence), hash: $0.receipt.chain.hash) }
  }

  /// How many.
  var count: Int { receipts.count }

  /// The first receipt that a sound ledger does not have as issued, though it was handed out; nil when it has all.
  func missing(in ledger: SQLiteLedger) throws(StoreError) -> String? {
    for (name, file, receipt) in receipts {
      let session = try SessionReceipts(receipt.id, in: ledger)
      guard let session, session.issuedSequence != nil else {
        return "the receipt of session \(receipt.id) (\(name)) was handed out and is not on record"
      }
      // Once its details are erased by law there is nothing left to compare.
      if let issued = session.issued, issued.receiptHash != SHA256.hash(Array(file.receiptText.utf8)) {
        return "session \(receipt.id) has another receipt on record than the one handed out (\(name))"
      }
    }
    return nil
  }
}

extension ReceiptVerdict {
  /// A restored ledger may lie in a directory without a signing key: then the signature is all there is to go by.
  fileprivate var mayBeThisRelays: Bool {
    switch self {
    case .genuine, .signerNotVerified: true
    case .notGenuine, .provisional: false
    }
  }
}
