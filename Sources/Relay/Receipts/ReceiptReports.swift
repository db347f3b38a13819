import Foundation
import Ledger
import LedgerSQLite
import Receipts
import SessionModel
import Signing

/// `fixline-relay receipt …`.
public enum ReceiptReports {
  /// Most bytes of a file that are read to say that it is no receipt.
  private static let largestRead = 16 * 1024 * 1024

  /// Checks a receipt offline; returns what to print and the exit code: 0 genuine, 1 not, 2 consistent but nobody vouches for
  /// the signer (no key was named, or the receipt is a provisional one).
  /// - Parameters:
  ///   - key: the fingerprint of the signing key to trust; nil takes that of `state`.
  ///   - state: a state directory: its signing key is trusted, and what its ledger has on record as issued.
  public static func verify(_ file: String, key: String?, state: String?) throws -> (text: String, exitCode: Int32) {
    let bytes = try read(file)
    let trusted = try trustedKeys(key: key, state: state, bytes)
    let (verdict, line) = ReceiptCheck.openSSL.report(onFile: bytes, trusting: trusted)
    switch verdict {
    case .genuine: return (line + (try correction(of: bytes, state: state)), 0)
    case .notGenuine: return (line, 1)
    case .signerNotVerified, .provisional: return (line, 2)
    }
  }

  /// What the ledger has of a lower price since the receipt was issued; empty where there is none, or no ledger was named.
  private static func correction(of bytes: [UInt8], state: String?) throws -> String {
    guard let state, let file = try? ReceiptFile(bytes: bytes) else { return "" }
    return try withStores(state, readOnly: true) { stores in
      try SessionReceipts(file.contents.id, in: stores.ledger)?.correction ?? ""
    }
  }

  /// Writes a closed session's receipt to a file and returns what to print.
  public static func export(_ id: String, to output: String, state: String) throws -> String {
    guard let session = SessionID(id) else {
      throw RelayFailure(
        .usage, "\"\(TextSafety.escaped(id))\" is no session. See: fixline-relay sessions --state \(state)")
    }
    return try withStores(state, readOnly: true) { stores in
      guard let receipts = try SessionReceipts(session, in: stores.ledger) else {
        throw RelayFailure(.refused, "There is no session \(session). See: fixline-relay sessions --state \(state)")
      }
      guard let file = receipts.file else { throw RelayFailure(.refused, receipts.whyNone) }
      try OutputFile.write(Array(file.text.utf8), to: output)
      return "\(output): the receipt of session \(session), \(receipts.signers).\(receipts.correction)"
    }
  }

  /// The bytes of a file somebody named.
  static func read(_ file: String) throws(RelayFailure) -> [UInt8] {
    do throws(SigningError) {
      guard let bytes = try PrivateFile.readNamed(path: file, limit: largestRead) else {
        throw .file(path: file, reason: "there is no such file")
      }
      return bytes
    } catch {
      throw RelayFailure(.noInput, "\(TextSafety.escaped("\(error)")). Name a receipt's file (.json).")
    }
  }

  private static func trustedKeys(key: String?, state: String?, _ bytes: [UInt8]) throws -> Set<Fingerprint>? {
    if let key {
      guard let fingerprint = Fingerprint(key) else {
        throw RelayFailure(
          .usage, "--key takes sha256: and 64 hexadecimal digits, as the relay prints them when it starts.")
      }
      return [fingerprint]
    }
    guard let state else { return nil }
    let keys = try trustedKeys(of: try StateDirectory.openForCommand(state), bytes)
    guard !keys.isEmpty else {
      throw RelayFailure(.refused, "\(state) has no signing key. Name the key to trust: --key sha256:…")
    }
    return keys
  }

  /// The signing key of a state directory; and, since that may be another by now, the key of a receipt which its ledger has
  /// as issued, word for word.
  static func trustedKeys(of directory: StateDirectory, _ bytes: [UInt8]) throws(RelayFailure) -> Set<Fingerprint> {
    var keys: Set<Fingerprint> = []
    if let own = try LedgerReports.signingKey(of: directory) { keys.insert(own.fingerprint) }
    if let file = try? ReceiptFile(bytes: bytes), case .final(let receipt) = file.contents,
      let stores = try? RelayStores(directory: directory, readOnly: true),
      (try? isOnRecord(file, in: stores.ledger)) == true
    {
      keys.insert(SHA256.hash(receipt.relayKey))
    }
    return keys
  }

  /// Whether the ledger has exactly this receipt as issued.
  private static func isOnRecord(_ file: ReceiptFile, in ledger: SQLiteLedger) throws(RelayFailure) -> Bool {
    do throws(StoreError) {
      guard let issued = try SessionReceipts(file.contents.id, in: ledger)?.issued else { return false }
      return issued.receiptHash == SHA256.hash(Array(file.receiptText.utf8))
        && issued.relaySignature == file.relaySignature
    } catch {
      throw RelayFailure(error)
    }
  }
}

extension ReceiptCheck {
  /// With SHA-256 and Ed25519 from libcrypto.
  static let openSSL = ReceiptCheck(
    digest: { SHA256.hash($0) }, isValid: { Ed25519PublicKey.isValid(signature: $0, for: $1, rawKey: $2) })
}

extension SessionReceipts {
  /// The receipt with the signatures there are; nil when there is none, or its details were erased.
  var file: ReceiptFile? {
    guard let issued, let text = issued.receipt else { return nil }
    return try? ReceiptFile(
      receiptText: text, relaySignature: issued.relaySignature, agentSignature: countersigned?.agentSignature)
  }

  /// A sentence that says what it costs by now, where that is not what the receipt says; with a space before it.
  var correction: String {
    guard case .final(let receipt)? = file?.contents, let amount = record.amountMinor, amount != receipt.amountMinor
    else { return "" }
    return " It costs less by now: \(Money(minorUnits: amount, currency: receipt.currency)) (see session show)."
  }

  /// Who signed it, in words.
  var signers: String {
    countersigned == nil ? "signed by the relay" : "signed by the relay and the customer's computer"
  }

  /// One line that says why there is none.
  var whyNone: String {
    if closing == nil { return "Session \(record.id) is still open; its receipt is made when it is closed." }
    if record.activatedAt == nil { return "Session \(record.id) never began: there is no receipt." }
    if issuedSequence != nil { return "The receipt of session \(record.id) was erased." }
    return "Session \(record.id) has no receipt yet: it is made when the customer's computer connects again."
  }
}

/// A file that a command makes.
enum OutputFile {
  /// Writes it whole, mode 0600; one that exists is not written over.
  static func write(_ bytes: [UInt8], to path: String) throws(RelayFailure) {
    do throws(SigningError) {
      guard try PrivateFile.create(path: path, bytes: bytes, inPrivateDirectory: false) else {
        throw .file(path: path, reason: "this file exists; name another, nothing is written over")
      }
    } catch {
      throw RelayFailure(.cannotCreate, TextSafety.escaped("\(error)."))
    }
  }
}
