public import SessionModel

/// What a check of a receipt found.
public enum ReceiptVerdict: Hashable, Sendable {
  /// The relay whose key is trusted signed exactly these bytes, and everything in it adds up.
  case genuine
  /// Signatures and sums hold, but nobody said whose key to trust: this is the fingerprint of the one that signed.
  case signerNotVerified(Fingerprint)
  /// The customer's machine alone vouches for it: the relay's receipt is to come. The fingerprint is of the relay's key
  /// it names, which signed nothing here.
  case provisional(relay: Fingerprint)
  /// It is not what was signed; one line that says why.
  case notGenuine(String)
}

/// How receipts are checked: the cryptography is passed in, so that this room needs no library.
public struct ReceiptCheck: Sendable {
  /// Whether a signature over a message is of a raw Ed25519 key.
  public typealias IsValid = @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool

  private let digest: @Sendable ([UInt8]) -> Fingerprint
  private let isValid: IsValid

  /// - Parameters:
  ///   - digest: SHA-256.
  ///   - isValid: Ed25519 (RFC 8032).
  public init(digest: @escaping @Sendable ([UInt8]) -> Fingerprint, isValid: @escaping IsValid) {
    self.digest = digest
    self.isValid = isValid
  }

  /// Checks a file's bytes.
  /// - Parameter trusted: the fingerprints (SHA-256 of the raw key) of signing keys the caller trusts; nil when he knows
  ///   none.
  public func verdict(ofFile bytes: [UInt8], trusting trusted: Set<Fingerprint>?) -> ReceiptVerdict {
    do throws(ReceiptError) {
      return verdict(of: try ReceiptFile(bytes: bytes), trusting: trusted)
    } catch {
      return .notGenuine("it is no receipt, or was changed: \(error)")
    }
  }

  /// Checks a file that was read.
  public func verdict(of file: ReceiptFile, trusting trusted: Set<Fingerprint>?) -> ReceiptVerdict {
    switch file.contents {
    case .final(let receipt): return verdict(of: file, receipt, trusting: trusted)
    case .provisional(let receipt): return verdict(of: file, receipt)
    }
  }

  private func verdict(
    of file: ReceiptFile, _ receipt: Receipt, trusting trusted: Set<Fingerprint>?
  ) -> ReceiptVerdict {
    if let flaw = receipt.flaw { return .notGenuine(flaw) }
    guard let signature = file.relaySignature else { return .notGenuine("the relay's signature is missing") }
    guard isValid(signature, ReceiptStatements.issued(file.receiptText), receipt.relayKey) else {
      return .notGenuine("the relay's signature does not fit: it was changed after it was signed")
    }
    if let own = file.agentSignature {
      let signed = ReceiptStatements.countersigned(file.receiptText, relaySignature: signature)
      guard isValid(own, signed, receipt.agentKey) else {
        return .notGenuine("the signature of the customer's computer does not fit: it was changed after it was signed")
      }
    }
    let signer = digest(receipt.relayKey)
    guard let trusted else { return .signerNotVerified(signer) }
    return trusted.contains(signer) ? .genuine : .notGenuine("another key (\(signer)) signed it than the one expected")
  }

  private func verdict(of file: ReceiptFile, _ receipt: ProvisionalReceipt) -> ReceiptVerdict {
    guard file.relaySignature == nil else { return .notGenuine("a provisional receipt has no signature of the relay") }
    guard let own = file.agentSignature else {
      return .notGenuine("the signature of the customer's computer is missing")
    }
    guard isValid(own, ReceiptStatements.provisional(file.receiptText), receipt.agentKey) else {
      return .notGenuine("the signature of the customer's computer does not fit: it was changed after it was signed")
    }
    return .provisional(relay: receipt.relayKey)
  }
}
