import Ledger
import Logging
import SessionModel

/// What the core has to say to the ledger. An entry is written at once; when the disk gives trouble, entries wait here in
/// their order, the clock stops, and help goes on. Checkpoints of all sessions share one commit.
///
/// ```
///           a write fails                     everything that waited is written
///  sound ─────────────────▶ failing ─────────────────────────────────────────────▶ sound
///    │               (entries wait, clock stopped, tried every 2 s)
///    └── damage ─────────────┴──── damage ──▶ damaged (nothing is written, clock stopped, until the relay is restarted)
/// ```
///
/// A ledger that was found damaged is not written any more: what stands behind a broken entry proves nothing, and writing
/// would spoil the evidence. Whoever starts the relay next is told what to do; see ``StartCheck``.
struct Journal {
  /// Batches of entries that may wait for the disk. Beyond it no new session is begun (``isFull``), and of those that are
  /// open only what bears on money is kept: consents and closings, a handful each.
  static let maximumWaiting = 10_000
  /// Reports of file work among them; each may have some 200 kB.
  static let maximumWaitingReports = 100
  /// Batches written in one go when the disk is back, each a commit: the core has other work too.
  static let batchesPerFlush = 50
  /// What no bill rests on, and a peer can bring about as often as he likes.
  private static let detailKinds: Set<EntryKind> = [
    .channelOpened, .channelClosed, .filesReported, .forwardRefused, .sessionSuspended, .sessionResumed, .reconciled,
    .linkRefused, .agentDisplaced,
  ]
  /// All sessions' checkpoints share one commit at most this far apart, in milliseconds (half of it is the tick).
  static let checkpointCommitMilliseconds: Int64 = 250
  /// How long to wait before the disk is tried again, in milliseconds.
  static let retryMilliseconds: Int64 = 2000

  /// What the core is told, once each time.
  enum Change {
    /// The ledger cannot be written for the time being.
    case failed
    /// It can be written again, and everything that waited is.
    case recovered
    /// It is not what was written, and nothing is written any more.
    case damaged
  }

  private enum Condition { case sound, failing, damaged }

  private let ledger: any LedgerStore
  private let log: Logger
  private var waiting: [(drafts: [EntryDraft], time: WallTime)] = []
  private var waitingReports = 0
  private var checkpoints: [StoredCheckpoint] = []
  private var condition = Condition.sound
  private var pendingChange: Change?
  private var retryAt = MonotonicInstant(nanoseconds: 0)

  init(ledger: any LedgerStore, log: Logger) {
    self.ledger = ledger
    self.log = log
  }

  /// Whether the clock has to stand.
  var isFailing: Bool { condition != .sound }
  /// What whoever comes now has to be told.
  var trouble: Change? {
    switch condition {
    case .sound: nil
    case .failing: .failed
    case .damaged: .damaged
    }
  }
  /// Whether ``flush(at:)`` has something to tell.
  var hasNews: Bool { pendingChange != nil }
  /// Whether so much waits that no new session may be begun.
  var isFull: Bool { waiting.count >= Self.maximumWaiting }

  /// Whether nothing will be written any more before the relay is restarted.
  var isDamaged: Bool { condition == .damaged }
  /// Entries that are not on record.
  var waitingEntries: Int { waiting.reduce(0) { $0 + $1.drafts.count } }

  /// Writes `drafts`, or keeps them until the disk takes them. True when they are durable now.
  @discardableResult
  mutating func append(_ drafts: [EntryDraft], at time: WallTime) -> Bool {
    guard condition == .sound, waiting.isEmpty else {
      hold(drafts, at: time)
      return false
    }
    do {
      try ledger.append(drafts, at: time)
      return true
    } catch {
      if error.stopsTheClock {
        fail(error)
        hold(drafts, at: time)
      } else {
        log.error("The ledger refused an entry: \(error)")
      }
      return false
    }
  }

  /// Keeps a countersigned checkpoint for the next commit.
  mutating func keep(_ checkpoint: StoredCheckpoint) {
    if let index = checkpoints.firstIndex(where: { $0.session == checkpoint.session && $0.epoch == checkpoint.epoch }) {
      checkpoints[index] = checkpoint
    } else {
      checkpoints.append(checkpoint)
    }
  }

  /// Writes what waits, and tells once when the ledger's condition changed.
  mutating func flush(at now: MonotonicInstant) -> Change? {
    switch condition {
    case .sound: write(at: now)
    // First the clock is stopped, then the disk is tried again: that may take a while.
    case .failing: if pendingChange == nil, now >= retryAt { write(at: now) }
    case .damaged: break
    }
    defer { pendingChange = nil }
    return pendingChange
  }

  private mutating func write(at now: MonotonicInstant) {
    retryAt = now.advanced(byMilliseconds: Self.retryMilliseconds)
    do throws(StoreError) {
      try writeWaiting()
      guard waiting.isEmpty else { return retryAt = now }
      try writeCheckpoints()
    } catch {
      return fail(error)
    }
    guard condition == .failing else { return }
    condition = .sound
    pendingChange = .recovered
    log.notice("The ledger can be written again; the clock goes on.")
  }

  private mutating func writeWaiting() throws(StoreError) {
    var written = 0
    defer {
      waitingReports -= waiting.prefix(written).reduce(0) { $0 + Self.reports(in: $1.drafts) }
      waiting.removeFirst(written)
    }
    for batch in waiting.prefix(Self.batchesPerFlush) {
      try passing { () throws(StoreError) in try ledger.append(batch.drafts, at: batch.time) }
      written += 1
    }
  }

  private static func reports(in drafts: [EntryDraft]) -> Int { drafts.count { $0.kind == .filesReported } }

  private mutating func writeCheckpoints() throws(StoreError) {
    while !checkpoints.isEmpty {
      let batch = Array(checkpoints.prefix(LedgerLimits.maximumCheckpoints))
      do throws(StoreError) {
        try ledger.saveCheckpoints(batch)
      } catch {
        if error.stopsTheClock { throw error }
        // One of them makes no sense: the others are not to suffer for it.
        for checkpoint in batch { try passing { () throws(StoreError) in try ledger.saveCheckpoints([checkpoint]) } }
      }
      checkpoints.removeFirst(batch.count)
    }
  }

  /// Runs `body`; what the ledger refuses for its own sake is logged and given up.
  private func passing(_ body: () throws(StoreError) -> Void) throws(StoreError) {
    do throws(StoreError) {
      try body()
    } catch {
      if error.stopsTheClock { throw error }
      log.error("The ledger refused an entry: \(error)")
    }
  }

  /// Something was read that is not what was written: from then on no time counts.
  mutating func found(_ damage: StoreError) {
    if damage.isDamage { fail(damage) }
  }

  private mutating func fail(_ error: StoreError) {
    if error.isDamage, condition != .damaged {
      condition = .damaged
      pendingChange = .damaged
      log.critical(
        """
        The ledger is damaged; the clock stops until the relay is restarted, help goes on. Run: fixline-relay ledger \
        verify. \(error)
        """)
      // They will not be written: say what they were, without what is personal in them.
      for batch in waiting { deny(batch.drafts) }
      (waiting, waitingReports, checkpoints) = ([], 0, [])
    } else if condition == .sound {
      condition = .failing
      pendingChange = .failed
      log.error("The ledger cannot be written; the clock stops, help goes on. \(error)")
    }
  }

  private mutating func hold(_ drafts: [EntryDraft], at time: WallTime) {
    guard condition != .damaged else { return deny(drafts) }
    let isDetail = drafts.allSatisfy { Self.detailKinds.contains($0.kind) }
    let reports = Self.reports(in: drafts)
    guard !isDetail || waiting.count < Self.maximumWaiting && waitingReports + reports <= Self.maximumWaitingReports
    else {
      log.error("Too many entries wait for the disk; what bears on no bill is not recorded.")
      return
    }
    waitingReports += reports
    waiting.append((drafts, time))
  }

  private func deny(_ drafts: [EntryDraft]) {
    for draft in drafts where !Self.detailKinds.contains(draft.kind) {
      log.error("Not recorded, the ledger is damaged: \(draft.kind) of session \(draft.session?.rawValue ?? "none").")
    }
  }
}
