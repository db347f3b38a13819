import SessionModel

/// One row of a store, exactly as it stands there: what a verifier is fed. Nothing in it is trusted.
public struct StoredEntry: Hashable, Sendable {
  /// What stands where the payload should be.
  public enum Payload: Hashable, Sendable {
    /// Salt and text.
    case present(StoredPayload)
    /// Nothing, and the row names the entry that records the erasure; `recorded` says whether that entry does.
    case erased(recorded: Bool)
    /// Nothing at all.
    case missing
  }

  /// The row's sequence.
  public var sequence: Int64
  /// The row's kind.
  public var kind: UInt16
  /// The row's session.
  public var session: String?
  /// The row's time, in milliseconds since 1970.
  public var milliseconds: Int64
  /// The row's unique key; see ``EntryDraft/uniqueKey``.
  public var uniqueKey: String?
  /// The header's bytes.
  public var header: [UInt8]
  /// The stored hash of them.
  public var hash: [UInt8]
  /// The payload.
  public var payload: Payload

  /// All of it, by hand.
  public init(
    sequence: Int64, kind: UInt16, session: String?, milliseconds: Int64, uniqueKey: String?, header: [UInt8],
    hash: [UInt8], payload: Payload
  ) {
    self.sequence = sequence
    self.kind = kind
    self.session = session
    self.milliseconds = milliseconds
    self.uniqueKey = uniqueKey
    self.header = header
    self.hash = hash
    self.payload = payload
  }
}

/// The verifier of a ledger, as a value: feed it rows in order, then ``finish(head:)``. Once it has found something
/// wrong it stays with that.
///
/// ```
///            step: sound            step or finish: anything wrong
///   sound ───────────────▶ sound ───────────────────────────────▶ broken(entry, reason)
/// ```
///
/// It holds one head and the anchors: its memory does not grow with the ledger.
public struct LedgerChain: Sendable {
  /// The newest entry found sound; before the first, the genesis hash.
  public private(set) var head: LedgerHead
  /// How many of the entries found sound had their payload erased.
  public private(set) var erasedPayloads: UInt64 = 0
  /// The first thing found wrong.
  public private(set) var broken: BrokenEntry?

  private let digest: Digest
  private var anchors: [UInt64: Fingerprint]

  /// A verifier at the beginning of ledger `id`.
  public init(id: LedgerID, anchors: [LedgerAnchor] = [], digest: @escaping Digest) {
    self.init(after: LedgerHead(sequence: 0, hash: id.genesisHash(digest: digest)), anchors: anchors, digest: digest)
  }

  /// A verifier that takes the entries up to `head` for sound and begins behind them.
  public init(after head: LedgerHead, anchors: [LedgerAnchor] = [], digest: @escaping Digest) {
    self.head = head
    self.digest = digest
    self.anchors = [:]
    for anchor in anchors {
      if let other = self.anchors[anchor.sequence], other != anchor.hash {
        broken = BrokenEntry(sequence: anchor.sequence, reason: .anchor)
      }
      self.anchors[anchor.sequence] = anchor.hash
    }
  }

  /// Takes the next row and returns the entry it holds, or nil when it (or one before) is broken.
  public mutating func step(_ row: StoredEntry) -> Entry? {
    guard broken == nil else { return nil }
    let expected = head.sequence + 1
    switch check(row, expected: expected) {
    case .failure(let found):
      broken = found
      return nil
    case .success(let entry):
      head = LedgerHead(sequence: expected, hash: entry.hash)
      if entry.payload == nil { erasedPayloads += 1 }
      return entry
    }
  }

  /// Notes that the store could not read the row after the newest sound one.
  public mutating func unreadable(_ detail: String) {
    if broken == nil { broken = BrokenEntry(sequence: head.sequence + 1, reason: .unreadable(detail)) }
  }

  /// Notes something wrong that is not in a row.
  public mutating func fail(_ reason: BreakReason, at sequence: UInt64? = nil) {
    if broken == nil { broken = BrokenEntry(sequence: sequence, reason: reason) }
  }

  /// There are no more rows, and the store's own head cannot be read: nobody can say whether these were all.
  public mutating func finish(unreadableHead detail: String) {
    if let last = anchors.keys.max(), last > head.sequence { fail(.missing, at: head.sequence + 1) }
    fail(.headUnreadable(detail))
  }

  /// There are no more rows: compares with the store's own head and the anchors, which tell a tail that was cut off.
  public mutating func finish(head stored: LedgerHead?) {
    guard broken == nil else { return }
    let last = anchors.keys.max() ?? 0
    if let stored, stored.sequence < head.sequence {
      fail(.beyondHead, at: stored.sequence + 1)
    } else if max(stored?.sequence ?? 0, last) > head.sequence {
      fail(.missing, at: head.sequence + 1)
    } else if stored?.hash != head.hash {
      fail(.head, at: head.sequence == 0 ? nil : head.sequence)
    }
  }

  private func check(_ row: StoredEntry, expected: UInt64) -> Result<Entry, BrokenEntry> {
    func broken(_ reason: BreakReason, at sequence: UInt64? = nil) -> Result<Entry, BrokenEntry> {
      .failure(BrokenEntry(sequence: sequence ?? expected, reason: reason))
    }
    let hash = digest(row.header)
    let isInPlace = UInt64(exactly: row.sequence) == expected
    let header: EntryHeader
    do throws(HeaderError) {
      header = try EntryHeader(decoding: row.header)
    } catch {
      return isInPlace ? broken(.header(error)) : broken(.missing)
    }
    guard isInPlace else {
      // A row before its turn was moved there; a row after it leaves a gap.
      guard row.sequence < Int64(clamping: expected) else { return broken(.missing) }
      return broken(.column("sequence"), at: header.sequence)
    }
    guard hash.bytes == row.hash else { return broken(.headerChanged) }
    guard header.sequence == expected else { return broken(.wrongSequence(header.sequence)) }
    guard header.previousHash == head.hash else { return broken(.chainBroken) }
    guard row.kind == header.kind.rawValue else { return broken(.column("kind")) }
    guard row.session == header.session?.rawValue else { return broken(.column("session")) }
    guard row.milliseconds == header.time.milliseconds else { return broken(.column("time")) }
    let entry: Entry
    switch row.payload {
    case .missing: return broken(.payloadMissing)
    case .erased(recorded: false): return broken(.erasureNotRecorded)
    case .erased(recorded: true): entry = Entry(header: header, hash: hash, payload: nil)
    case .present(let payload):
      guard payload.salt.count == StoredPayload.saltLength, payload.hash(digest: digest) == header.payloadHash else {
        return broken(.payloadChanged)
      }
      entry = Entry(header: header, hash: hash, payload: payload)
    }
    switch entry.uniqueKeyRule {
    case .known(let key): if key != row.uniqueKey { return broken(.column("unique_key")) }
    case .unknowable: break
    }
    if let anchor = anchors[expected], anchor != hash { return broken(.anchor) }
    return .success(entry)
  }
}

/// Lets a check end in one.
extension BrokenEntry: Error {}
