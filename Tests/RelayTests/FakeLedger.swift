import Ledger
import SessionModel
import Synchronization

/// A ledger in memory whose disk does what a test says, or such a disk under another ledger.
final class FakeLedger: LedgerStore {
  struct State {
    /// What every write throws.
    var trouble: StoreError?
    /// What appending a draft of that kind throws, besides.
    var refused: [EntryKind: StoreError] = [:]
    /// Sessions whose checkpoints make no sense.
    var senseless: Set<SessionID> = []
    var drafts: [EntryDraft] = []
    var times: [WallTime] = []
    var checkpoints: [StoredCheckpoint] = []
    var attempts = 0
  }

  let state = Mutex(State())
  /// What is written goes on to it.
  private let behind: (any LedgerStore)?

  init(above behind: (any LedgerStore)? = nil) { self.behind = behind }

  func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }
  var drafts: [EntryDraft] { state.withLock { $0.drafts } }
  var checkpoints: [StoredCheckpoint] { state.withLock { $0.checkpoints } }
  var attempts: Int { state.withLock { $0.attempts } }

  func append(_ drafts: [EntryDraft], at time: WallTime) throws(StoreError) -> [Entry] {
    let error: StoreError? = state.withLock { state in
      state.attempts += 1
      let refused = state.refused
      if let error = state.trouble ?? drafts.compactMap({ refused[$0.kind] }).first { return error }
      state.drafts += drafts
      state.times += drafts.map { _ in time }
      return nil
    }
    if let error { throw error }
    return try behind?.append(drafts, at: time) ?? []
  }

  func saveCheckpoints(_ checkpoints: [StoredCheckpoint]) throws(StoreError) {
    let error: StoreError? = state.withLock { state in
      state.attempts += 1
      if let trouble = state.trouble { return trouble }
      if checkpoints.contains(where: { state.senseless.contains($0.statement.session) }) {
        return .refused("senseless")
      }
      state.checkpoints += checkpoints
      return nil
    }
    if let error { throw error }
    try behind?.saveCheckpoints(checkpoints)
  }

  // What a journal never asks for.
  private var unasked: StoreError { .refused("nobody asks for that here") }
  func head() throws(StoreError) -> LedgerHead { throw unasked }
  func forEachEntry(session: SessionID, _ body: (Entry) -> Void) throws(StoreError) { throw unasked }
  func forEachEntry(from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError) { throw unasked }
  func sessions(since: WallTime?, until: WallTime?) throws(StoreError) -> [SessionID] { throw unasked }
  func openSessions() throws(StoreError) -> [SessionID] { throw unasked }
  func checkpoints(session: SessionID) throws(StoreError) -> [StoredCheckpoint] { throw unasked }
  func forEachEntry(kinds: Set<EntryKind>, from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError) {
    throw unasked
  }
  func erasePayloads(
    _ sequences: [UInt64], keeping kept: [UInt64: JSONValue], reason: String, at time: WallTime
  ) throws(StoreError) -> Entry { throw unasked }
  func verify(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> LedgerReport { throw unasked }
}
