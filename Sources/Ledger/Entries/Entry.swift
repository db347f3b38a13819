public import SessionModel

/// What a writer hands to a ledger: everything but the place in the chain, the salt and the hashes.
public struct EntryDraft: Hashable, Sendable {
  /// What is recorded.
  public var kind: EntryKind
  /// The session it belongs to.
  public var session: SessionID?
  /// The details; written as compact JSON, of at most ``LedgerLimits/maximumPayloadBytes``.
  public var payload: JSONValue

  /// All of it, by hand. ``EntryPayload/draft(session:)`` is the typed way.
  public init(kind: EntryKind, session: SessionID?, payload: JSONValue) {
    self.kind = kind
    self.session = session
    self.payload = payload
  }
}

/// An entry's details as stored: the exact bytes that were hashed.
public struct StoredPayload: Hashable, Sendable {
  /// Random bytes in front of every payload, so that an erased text cannot be found again by guessing.
  public static let saltLength = 16

  /// ``saltLength`` random bytes.
  public let salt: [UInt8]
  /// The UTF-8 bytes of a compact JSON text.
  public let text: [UInt8]

  /// Both, by hand.
  public init(salt: [UInt8], text: [UInt8]) {
    self.salt = salt
    self.text = text
  }

  /// What stands in the header of the entry this belongs to.
  public func hash(digest: Digest) -> Fingerprint { digest(salt + text) }
}

/// One entry as read back.
public struct Entry: Hashable, Sendable {
  /// The chained part.
  public let header: EntryHeader
  /// SHA-256 of the header's bytes: what the next entry carries as its previous hash.
  public let hash: Fingerprint
  /// The details; nil when they were erased.
  public let payload: StoredPayload?
  /// Of erased details what was kept, as the entry says that records the erasure; nil when nothing was.
  public let kept: JSONValue?

  /// All of it, by hand.
  public init(header: EntryHeader, hash: Fingerprint, payload: StoredPayload?, kept: JSONValue? = nil) {
    self.header = header
    self.hash = hash
    self.payload = payload
    self.kept = kept
  }

  /// Chains a draft behind an entry: the one place where entries come into being.
  public init(
    _ draft: EntryDraft, sequence: UInt64, previousHash: Fingerprint, time: WallTime, salt: [UInt8], digest: Digest
  ) {
    let payload = StoredPayload(salt: salt, text: Array(draft.payload.text.utf8))
    header = EntryHeader(
      sequence: sequence, kind: draft.kind, session: draft.session, time: time, previousHash: previousHash,
      payloadHash: payload.hash(digest: digest))
    hash = digest(header.encoded)
    self.payload = payload
    kept = nil
  }

  /// The entry's place, from 1.
  public var sequence: UInt64 { header.sequence }
  /// What is recorded.
  public var kind: EntryKind { header.kind }
  /// The session it belongs to.
  public var session: SessionID? { header.session }
  /// When the writer's wall clock said it happened.
  public var time: WallTime { header.time }
  /// The details as a value, of erased ones what was kept; nil when there is nothing, or it is not JSON.
  public var details: JSONValue? {
    guard let payload else { return kept }
    return try? JSONValue(parsing: payload.text)
  }
}
