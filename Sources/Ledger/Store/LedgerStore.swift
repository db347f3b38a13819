public import SessionModel

/// Where entries and checkpoints are kept. Several processes may have the same store open and append side by side: every
/// append finds the newest entry and writes behind it in one transaction. All calls block until what they promise is
/// durable; none may be made from an event loop.
public protocol LedgerStore: Sendable {
  /// Writes all drafts, or none, and returns them as entries once they are durable. A draft whose
  /// ``EntryDraft/uniqueKey`` was written before throws ``StoreError/duplicate(_:)``, and nothing is written.
  @discardableResult
  func append(_ drafts: [EntryDraft], at time: WallTime) throws(StoreError) -> [Entry]

  /// The newest entry's place and hash.
  func head() throws(StoreError) -> LedgerHead

  /// Hands a session's entries to `body` in order, in bounded memory; none for a session nobody opened.
  func forEachEntry(session: SessionID, _ body: (Entry) -> Void) throws(StoreError)

  /// Hands entries to `body` in order, from `sequence` on, until it returns false; in bounded memory.
  func forEachEntry(from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError)

  /// Sessions requested in `since ..< until`, oldest first; nil leaves that end open.
  func sessions(since: WallTime?, until: WallTime?) throws(StoreError) -> [SessionID]

  /// Sessions that were requested and not closed, oldest first: what a starting relay has to settle.
  func openSessions() throws(StoreError) -> [SessionID]

  /// Keeps the newest checkpoint of each (session, epoch), all in one transaction. One that is not newer than what is
  /// kept, or that states less time, changes nothing.
  func saveCheckpoints(_ checkpoints: [StoredCheckpoint]) throws(StoreError)

  /// A session's checkpoints, one an epoch, by epoch.
  func checkpoints(session: SessionID) throws(StoreError) -> [StoredCheckpoint]

  /// Hands entries of `kinds` to `body` in order, from `sequence` on, until it returns false; in bounded memory, and
  /// without looking at the others.
  func forEachEntry(
    kinds: Set<EntryKind>, from sequence: UInt64, _ body: (Entry) -> Bool
  ) throws(StoreError)

  /// Erases the payloads (text and salt) of `sequences` for good and returns the entry that records it. Entries that
  /// record erasures cannot be erased.
  /// - Parameter kept: what is left of their details, by entry; it is read in their place from now on.
  @discardableResult
  func erasePayloads(
    _ sequences: [UInt64], keeping kept: [UInt64: JSONValue], reason: String, at time: WallTime
  ) throws(StoreError) -> Entry

  /// Walks everything, in bounded memory, and tells how far it is sound. Damage is reported, not thrown.
  /// - Parameters:
  ///   - anchors: entries' hashes kept elsewhere, which must be found.
  ///   - check: checks a checkpoint's signatures, and must not call the store; nil leaves them unchecked.
  func verify(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> LedgerReport
}

extension LedgerStore {
  /// Walks everything; see ``verify(anchors:check:)``.
  public func verify() throws(StoreError) -> LedgerReport { try verify(anchors: [], check: nil) }

  /// Erases payloads of which nothing is kept; see ``erasePayloads(_:keeping:reason:at:)``.
  @discardableResult
  public func erasePayloads(_ sequences: [UInt64], reason: String, at time: WallTime) throws(StoreError) -> Entry {
    try erasePayloads(sequences, keeping: [:], reason: reason, at: time)
  }

  /// Reads on where `register` stands; folds anew when details were erased that it still holds.
  public func update(_ register: inout CustomerRegister) throws(StoreError) {
    if register.sequence == 0 { register = CustomerRegister(head: try head().sequence) }
    try read(into: &register)
    while register.isStale {
      register = CustomerRegister(head: try head().sequence)
      try read(into: &register)
    }
  }

  private func read(into register: inout CustomerRegister) throws(StoreError) {
    try forEachEntry(kinds: CustomerRegister.kinds, from: register.sequence + 1) { entry in
      register.apply(entry)
      return !register.isStale
    }
  }

  /// What the ledger says about business, as of now.
  public func register() throws(StoreError) -> CustomerRegister {
    var register = CustomerRegister()
    try update(&register)
    return register
  }

  /// Writes one draft.
  @discardableResult
  public func append(_ draft: EntryDraft, at time: WallTime) throws(StoreError) -> Entry {
    guard let entry = try append([draft], at: time).first else { throw .failed("the ledger wrote nothing") }
    return entry
  }

  /// A session's entries in order; empty for a session nobody opened. More than ``LedgerLimits/maximumEntriesHeld`` of
  /// them throw ``StoreError/tooLarge(what:limit:)``.
  public func entries(session: SessionID) throws(StoreError) -> [Entry] {
    let limit = LedgerLimits.maximumEntriesHeld
    var entries: [Entry] = []
    var count = 0
    try forEachEntry(session: session) { entry in
      count += 1
      if count <= limit { entries.append(entry) }
    }
    guard count <= limit else { throw .tooLarge(what: "session \(session)", limit: limit) }
    return entries
  }

  /// All that is known of a session, folded into one record; nil for a session nobody opened.
  public func record(session: SessionID) throws(StoreError) -> SessionRecord? {
    var record: SessionRecord?
    try forEachEntry(session: session) { entry in
      if record == nil {
        record = SessionRecord(session: session, entries: [entry])
      } else {
        record?.apply(entry)
      }
    }
    for checkpoint in try checkpoints(session: session) { record?.apply(checkpoint) }
    return record
  }
}
