public import SessionModel

/// SHA-256, passed in by whoever has one, so that this module needs no library.
public typealias Digest = @Sendable ([UInt8]) -> Fingerprint

/// Sixteen random bytes drawn when a ledger is made; they keep two ledgers' entries from being taken for one another's.
public struct LedgerID: Hashable, Sendable, CustomStringConvertible {
  /// Length in bytes.
  public static let length = 16
  /// Keeps the genesis hash from being taken for any other.
  public static let context = "fixline ledger 1"

  /// The sixteen bytes.
  public let bytes: [UInt8]

  /// Nil unless `bytes` are exactly sixteen.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length else { return nil }
    self.bytes = bytes
  }

  /// The "previous hash" of the ledger's first entry: SHA-256 of the context, NUL and the identifier.
  public func genesisHash(digest: Digest) -> Fingerprint { digest(Array(Self.context.utf8) + [0] + bytes) }

  /// Lower-case hexadecimal.
  public var description: String { Hex.encode(bytes) }
}

/// How far a ledger has come: its newest entry, or, with sequence 0, the genesis hash.
public struct LedgerHead: Hashable, Sendable {
  /// The newest entry's sequence; 0 when there is none.
  public let sequence: UInt64
  /// The newest entry's hash.
  public let hash: Fingerprint

  /// Both, by hand.
  public init(sequence: UInt64, hash: Fingerprint) {
    self.sequence = sequence
    self.hash = hash
  }
}

/// An entry's hash as somebody else keeps it, a receipt for instance: what catches a ledger that was rewritten whole.
public typealias LedgerAnchor = LedgerHead
