import Ledger
import Logging
import SessionModel

/// What the core has to say to the ledger. An entry is written at once; when the disk gives trouble, entries wait here in
/// their order, the clock stops, and help goes on. Checkpoints of all sessions share one commit.
///
/// ```
/// sound ──a write fails──▶ failing (entries wait, clock stopped) ──a later write succeeds──▶ sound
/// ```
struct Journal {
  /// Batches of entries that may wait for the disk. Beyond it only what bears on money is kept: consents, states, closings;
  /// with at most ``RelayCore/maximumSessions`` open and the clock stopped those are few.
  static let maximumWaiting = 10_000
  /// Reports of file work among them; each may have some 200 kB.
  static let maximumWaitingReports = 100
  private static let detailKinds: Set<EntryKind> = [.channelOpened, .channelClosed, .filesReported, .forwardRefused]
  /// All sessions' checkpoints share one commit at most this far apart, in milliseconds (half of it is the tick).
  static let checkpointCommitMilliseconds: Int64 = 250
  /// How long to wait before the disk is tried again, in milliseconds.
  static let retryMilliseconds: Int64 = 2000

  enum Change { case failed, recovered }

  private let ledger: any LedgerStore
  private let log: Logger
  private var waiting: [(drafts: [EntryDraft], time: WallTime)] = []
  private var waitingReports = 0
  private var checkpoints: [StoredCheckpoint] = []
  private(set) var isFailing = false
  private var pendingChange: Change?
  private var retryAt = MonotonicInstant(nanoseconds: 0)

  init(ledger: any LedgerStore, log: Logger) {
    self.ledger = ledger
    self.log = log
  }

  /// Writes `drafts`, or keeps them until the disk takes them. True when they are durable now.
  @discardableResult
  mutating func append(_ drafts: [EntryDraft], at time: WallTime) -> Bool {
    guard waiting.isEmpty else {
      hold(drafts, at: time)
      return false
    }
    do {
      try ledger.append(drafts, at: time)
      return true
    } catch {
      guard error.stopsTheClock else {
        log.error("The ledger refused an entry: \(error)")
        return false
      }
      fail(error)
      hold(drafts, at: time)
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

  /// Writes what waits, and tells once when the ledger began or ceased to fail.
  mutating func flush(at now: MonotonicInstant) -> Change? {
    if !isFailing || now >= retryAt { write(at: now) }
    defer { pendingChange = nil }
    return pendingChange
  }

  private mutating func write(at now: MonotonicInstant) {
    guard !waiting.isEmpty || !checkpoints.isEmpty else { return }
    retryAt = now.advanced(byMilliseconds: Self.retryMilliseconds)
    do {
      while let next = waiting.first {
        try ledger.append(next.drafts, at: next.time)
        removeFirstWaiting()
      }
      if !checkpoints.isEmpty {
        try ledger.saveCheckpoints(checkpoints)
        checkpoints.removeAll(keepingCapacity: true)
      }
      if isFailing {
        isFailing = false
        pendingChange = .recovered
        log.notice("The ledger can be written again; the clock goes on.")
      }
    } catch {
      if error.stopsTheClock {
        fail(error)
      } else {
        log.error("The ledger refused an entry: \(error)")
        if !waiting.isEmpty { removeFirstWaiting() } else { checkpoints.removeFirst() }
      }
    }
  }

  private mutating func removeFirstWaiting() {
    waitingReports -= waiting.removeFirst().drafts.count { $0.kind == .filesReported }
  }

  private mutating func fail(_ error: StoreError) {
    guard !isFailing else { return }
    isFailing = true
    pendingChange = .failed
    log.error("The ledger cannot be written; the clock stops, help goes on. \(error)")
  }

  private mutating func hold(_ drafts: [EntryDraft], at time: WallTime) {
    let isDetail = drafts.allSatisfy { Self.detailKinds.contains($0.kind) }
    let reports = drafts.count { $0.kind == .filesReported }
    guard !isDetail || waiting.count < Self.maximumWaiting && waitingReports + reports <= Self.maximumWaitingReports
    else {
      log.error("Too many entries wait for the disk; what a channel did is not recorded.")
      return
    }
    waitingReports += reports
    waiting.append((drafts, time))
  }
}
