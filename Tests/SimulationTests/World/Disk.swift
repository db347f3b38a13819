import Ledger
import SessionModel
import Signing
import Synchronization

/// The relay's ledger on a simulated disk: the real entries, hashes and unique keys, over rows that can be lost, refused or
/// left in doubt. What ``append(_:at:)`` returned is there for ever; that is checked at every start of a relay.
///
/// ```
///  append ──full──▶ throws, nothing written
///     │ ────fsync fails──▶ throws, written or not: decided when the relay dies, overwritten by the next append
///     └──── the relay dies within ──▶ written or not; nobody hears the answer
/// ```
final class SimulatedDisk: LedgerStore {
  /// How the disk is.
  enum Health {
    case sound
    case full
    case failingSync
    case readOnly
  }

  private struct Rows {
    var entries: [Entry] = []
    var keys: Set<String> = []
    var checkpoints: [SessionID: [UInt32: StoredCheckpoint]] = [:]
  }

  private struct State {
    var rows = Rows()
    /// What a failed fsync left: it counts if the relay dies before anything else is written.
    var doubtful: Rows?
    /// Entries whose append returned.
    var acknowledged: [Fingerprint] = []
    var health = Health.sound
    var chance: Chance
    /// Writes until the relay dies in the middle of one.
    var writesUntilDeath: Int?
    var isDead = false
    var writes = 0
    /// A broken rule: says that a write is durable before it is.
    var acknowledgesEarly = false
  }

  static let path = "ledger"
  static let digest: Ledger.Digest = { SHA256.hash($0) }
  let id: LedgerID
  private let state: Mutex<State>

  init?(chance: Chance) {
    guard let id = LedgerID([UInt8](repeating: 7, count: LedgerID.length)) else { return nil }
    self.id = id
    state = Mutex(State(chance: chance))
  }

  // MARK: What happens to it

  var health: Health {
    get { state.withLock { $0.health } }
    set { state.withLock { $0.health = newValue } }
  }

  func acknowledgeEarly() { state.withLock { $0.acknowledgesEarly = true } }

  /// The relay has died within a write.
  var isDead: Bool { state.withLock { $0.isDead } }

  /// The relay dies within the write after `writes` more.
  func dieWithin(writes: Int) { state.withLock { $0.writesUntilDeath = writes } }

  /// The relay's process is gone: a write in doubt turns out to be there, or not.
  func crash() {
    state.withLock { state in
      if let doubtful = state.doubtful, state.chance.oneIn(2) { state.rows = doubtful }
      state.doubtful = nil
      state.isDead = false
      state.writesUntilDeath = nil
    }
  }

  // MARK: What is checked

  /// Every row, for the verifier.
  var storedEntries: [StoredEntry] {
    state.withLock { $0.rows.entries }.map { entry in
      StoredEntry(
        sequence: Int64(clamping: entry.sequence), kind: entry.kind.rawValue, session: entry.session?.rawValue,
        milliseconds: entry.time.milliseconds,
        uniqueKey: EntryDraft(kind: entry.kind, session: entry.session, payload: entry.details ?? .null).uniqueKey,
        header: entry.header.encoded, hash: entry.hash.bytes, payload: entry.payload.map { .present($0) } ?? .missing)
    }
  }

  /// An entry whose append returned and that is not there.
  var lostEntry: Fingerprint? {
    state.withLock { state in
      let present = Set(state.rows.entries.map(\.hash))
      return state.acknowledged.first { !present.contains($0) }
    }
  }

  var allEntries: [Entry] { state.withLock { $0.rows.entries } }

  // MARK: LedgerStore

  func append(_ drafts: [EntryDraft], at time: WallTime) throws(StoreError) -> [Entry] {
    try write { (rows) throws(StoreError) in
      var written: [Entry] = []
      for draft in drafts {
        if let key = draft.uniqueKey, !rows.keys.insert(key).inserted { throw .duplicate(key) }
        let entry = Entry(
          draft, sequence: UInt64(rows.entries.count) + 1,
          previousHash: rows.entries.last?.hash ?? self.id.genesisHash(digest: Self.digest), time: time,
          salt: [UInt8](repeating: UInt8(truncatingIfNeeded: rows.entries.count), count: StoredPayload.saltLength),
          digest: Self.digest)
        rows.entries.append(entry)
        written.append(entry)
      }
      return written
    }
  }

  func saveCheckpoints(_ checkpoints: [StoredCheckpoint]) throws(StoreError) {
    _ = try write { (rows) throws(StoreError) in
      for checkpoint in checkpoints {
        let kept = rows.checkpoints[checkpoint.session]?[checkpoint.epoch]?.statement
        if let kept, checkpoint.statement.sequence <= kept.sequence { continue }
        if let kept, checkpoint.statement.activeMilliseconds < kept.activeMilliseconds { continue }
        rows.checkpoints[checkpoint.session, default: [:]][checkpoint.epoch] = checkpoint
      }
      return []
    }
  }

  /// One transaction: all of it or nothing, with everything that can happen to it.
  private func write(_ change: (inout Rows) throws(StoreError) -> [Entry]) throws(StoreError) -> [Entry] {
    let result: Result<[Entry], StoreError> = state.withLock { state in
      guard !state.isDead else { return .failure(.failed("the relay is dead")) }
      switch state.health {
      case .full: return .failure(.full(path: Self.path))
      case .readOnly: return .failure(.readOnly(path: Self.path))
      case .sound, .failingSync: break
      }
      var rows = state.acknowledgesEarly ? state.doubtful ?? state.rows : state.rows
      let written: [Entry]
      do throws(StoreError) { written = try change(&rows) } catch { return .failure(error) }
      state.writes += 1
      if let left = state.writesUntilDeath {
        state.writesUntilDeath = left - 1
        if left <= 0 {
          state.isDead = true
          state.doubtful = rows
          return .failure(.failed("the relay died"))
        }
      }
      if state.health == .failingSync {
        state.doubtful = rows
        return .failure(.notDurable(path: Self.path))
      }
      if state.acknowledgesEarly {
        // What the write before this one left is safe by now; this one is not.
        state.rows = state.doubtful ?? state.rows
        state.doubtful = rows
        state.acknowledged += written.map(\.hash)
        return .success(written)
      }
      state.rows = rows
      state.doubtful = nil
      state.acknowledged += written.map(\.hash)
      return .success(written)
    }
    return try result.get()
  }

  func head() throws(StoreError) -> LedgerHead {
    state.withLock { state in
      LedgerHead(
        sequence: UInt64(state.rows.entries.count),
        hash: state.rows.entries.last?.hash ?? id.genesisHash(digest: Self.digest))
    }
  }

  func forEachEntry(session: SessionID, _ body: (Entry) -> Void) throws(StoreError) {
    for entry in allEntries where entry.session == session { body(entry) }
  }

  func forEachEntry(from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError) {
    for entry in allEntries where entry.sequence >= sequence {
      if !body(entry) { return }
    }
  }

  func sessions(since: WallTime?, until: WallTime?) throws(StoreError) -> [SessionID] {
    allEntries.filter { $0.kind == .sessionRequested }.compactMap(\.session)
  }

  func openSessions() throws(StoreError) -> [SessionID] {
    let entries = allEntries
    let closed = Set(entries.filter { $0.kind == .sessionClosed }.compactMap(\.session))
    return entries.filter { $0.kind == .sessionRequested }.compactMap(\.session).filter { !closed.contains($0) }
  }

  func checkpoints(session: SessionID) throws(StoreError) -> [StoredCheckpoint] {
    state.withLock { ($0.rows.checkpoints[session] ?? [:]).values.sorted { $0.epoch < $1.epoch } }
  }

  func forEachEntry(kinds: Set<EntryKind>, from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError) {
    try forEachEntry(from: sequence) { !kinds.contains($0.kind) || body($0) }
  }

  func erasePayloads(
    _ sequences: [UInt64], keeping kept: [UInt64: JSONValue], reason: String, at time: WallTime
  ) throws(StoreError) -> Entry {
    throw .refused("nothing is erased here")
  }

  func verify(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> LedgerReport {
    var chain = LedgerChain(id: id, anchors: anchors, digest: Self.digest)
    let rows = storedEntries
    for row in rows { _ = chain.step(row) }
    chain.finish(head: try head())
    return LedgerReport(
      entries: UInt64(rows.count), erasedPayloads: chain.erasedPayloads, checkpoints: 0, head: chain.head,
      broken: chain.broken)
  }
}
