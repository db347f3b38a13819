import Ledger
import Logging
import SessionModel
import Synchronization
import Testing

@testable import Relay

@Suite("The journal") struct JournalTests {
  private let ledger = FakeLedger()
  private let time = WallTime(milliseconds: 1_000)

  private func journal() -> Journal {
    Journal(ledger: ledger, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func instant(_ milliseconds: Int64) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: 0).advanced(byMilliseconds: milliseconds)
  }

  private func note(_ number: Int) -> [EntryDraft] { [LedgerNote(text: "\(number)", by: "relay").draft()] }
  private var detail: [EntryDraft] { [EntryDraft(kind: .channelOpened, session: nil, payload: .null)] }
  private var report: [EntryDraft] { [EntryDraft(kind: .filesReported, session: nil, payload: .null)] }
  private var notes: [String] { ledger.drafts.compactMap { $0.payload["text"]?.string } }

  private func checkpoint(_ session: SessionID, _ sequence: UInt64) throws -> StoredCheckpoint {
    let hash = try #require(Fingerprint([UInt8](repeating: 0, count: 32)))
    return StoredCheckpoint(
      statement: CheckpointStatement(
        session: session, epoch: 1, sequence: sequence, activeMilliseconds: Int64(sequence), chainHash: hash),
      relaySignature: [], agentSignature: [], storedAt: time)
  }

  /// Every trouble that passes by itself or by the operator's hand.
  static let passing: [StoreError] = [
    .full(path: "p"), .notDurable(path: "p"), .inputOutput(path: "p", detail: "d"), .readOnly(path: "p"),
    .cannotOpen(path: "p"), .busy(path: "p"), .newerVersion(path: "p", found: 9, known: 1), .failed("f"),
  ]

  @Test("what cannot be written waits in its order, and is written once", arguments: passing)
  func waits(trouble: StoreError) {
    var journal = journal()
    let isWritten = journal.append(note(1), at: time)
    #expect(isWritten)
    #expect(journal.trouble == nil && !journal.hasNews)
    ledger.set { $0.trouble = trouble }
    #expect(journal.append(note(2), at: time) == false)
    #expect(journal.isFailing && journal.hasNews)
    #expect(journal.append(note(3), at: WallTime(milliseconds: 2_000)) == false)
    // Told at once, and once, before the disk is tried again.
    let attempts = ledger.attempts
    #expect(journal.flush(at: instant(0)) == .failed)
    #expect(ledger.attempts == attempts)
    #expect(journal.flush(at: instant(1)) == nil)
    #expect(journal.waitingEntries == 2)
    ledger.set { $0.trouble = nil }
    // Not yet: the last try was just now.
    #expect(journal.flush(at: instant(Journal.retryMilliseconds)) == nil)
    #expect(journal.flush(at: instant(1 + Journal.retryMilliseconds)) == .recovered)
    #expect(!journal.isFailing && journal.waitingEntries == 0)
    #expect(notes == ["1", "2", "3"])
    #expect(ledger.state.withLock { $0.times.map(\.milliseconds) } == [1_000, 1_000, 2_000])
    #expect(journal.append(note(4), at: time) == true)
    #expect(notes == ["1", "2", "3", "4"])
  }

  @Test("a checkpoint that cannot be written stops the clock, and only the newest is kept")
  func checkpoints() throws {
    var random = SystemRandomNumberGenerator()
    let session = SessionID(using: &random)
    var journal = journal()
    ledger.set { $0.trouble = .full(path: "p") }
    journal.keep(try checkpoint(session, 1))
    #expect(journal.flush(at: instant(0)) == .failed)
    journal.keep(try checkpoint(session, 2))
    ledger.set { $0.trouble = nil }
    #expect(journal.flush(at: instant(Journal.retryMilliseconds)) == .recovered)
    #expect(ledger.checkpoints.map(\.statement.sequence) == [2])
  }

  @Test("a checkpoint that makes no sense takes no other with it")
  func senselessCheckpoint() throws {
    var random = SystemRandomNumberGenerator()
    let sessions = (0..<5).map { _ in SessionID(using: &random) }
    let bad = sessions[2]
    ledger.set { $0.senseless = [bad] }
    var journal = journal()
    for session in sessions { journal.keep(try checkpoint(session, 1)) }
    #expect(journal.flush(at: instant(0)) == nil)
    #expect(Set(ledger.checkpoints.map(\.statement.session)) == Set(sessions).subtracting([bad]))
    #expect(journal.flush(at: instant(1)) == nil)
    #expect(ledger.checkpoints.count == 4)
  }

  @Test("a waiting entry that turns out to be on record already is given up, and the clock goes on")
  func duplicateWhileWaiting() {
    var journal = journal()
    ledger.set { $0.trouble = .notDurable(path: "p") }
    #expect(journal.append(note(1), at: time) == false)
    #expect(journal.flush(at: instant(0)) == .failed)
    ledger.set { state in
      state.trouble = nil
      state.refused[.note] = .duplicate("k")
    }
    #expect(journal.flush(at: instant(1)) == .recovered)
    #expect(!journal.isFailing)
    #expect(ledger.drafts.isEmpty)
  }

  @Test("what the ledger refuses for its own sake does not stop the clock")
  func refused() {
    var journal = journal()
    for error: StoreError in [.duplicate("k"), .tooLarge(what: "w", limit: 1), .refused("r")] {
      ledger.set { $0.trouble = error }
      #expect(journal.append(note(1), at: time) == false)
      #expect(!journal.isFailing)
      #expect(journal.flush(at: instant(0)) == nil)
    }
  }

  @Test(
    "damage stops writing for good", arguments: [StoreError.corrupt(path: "p", detail: "d"), .notALedger(path: "p")])
  func damage(error: StoreError) throws {
    var random = SystemRandomNumberGenerator()
    var journal = journal()
    ledger.set { $0.trouble = .full(path: "p") }
    #expect(journal.append(note(1), at: time) == false)
    #expect(journal.flush(at: instant(0)) == .failed)
    ledger.set { $0.trouble = error }
    #expect(journal.flush(at: instant(1)) == .damaged)
    #expect(journal.trouble == .damaged && journal.isFailing)
    ledger.set { $0.trouble = nil }
    let attempts = ledger.attempts
    #expect(journal.append(note(2), at: time) == false)
    journal.keep(try checkpoint(SessionID(using: &random), 1))
    #expect(journal.flush(at: instant(1_000_000)) == nil)
    #expect(ledger.attempts == attempts, "nothing is written behind what is broken")
    #expect(journal.isFailing && journal.waitingEntries == 0)
  }

  @Test("what waits is bounded: details are given up, and no session is begun; what bears on money is kept")
  func bounded() {
    var journal = journal()
    ledger.set { $0.trouble = .full(path: "p") }
    for _ in 0..<(Journal.maximumWaitingReports + 50) { journal.append(report, at: time) }
    #expect(journal.waitingEntries == Journal.maximumWaitingReports)
    #expect(!journal.isFull)
    for _ in 0..<(Journal.maximumWaiting + 500) { journal.append(detail, at: time) }
    // An agent may come again and again, and say each time what it holds.
    let claim = Reconciliation.missing(relayMilliseconds: 1).draft(session: nil)
    for _ in 0..<500 { journal.append([claim], at: time) }
    #expect(journal.waitingEntries == Journal.maximumWaiting)
    #expect(journal.isFull)
    journal.append(note(1), at: time)
    #expect(journal.waitingEntries == Journal.maximumWaiting + 1)
    ledger.set { $0.trouble = nil }
    _ = journal.flush(at: instant(0))
    // A portion at a time, so that the core is not held up; the clock goes on behind the last.
    var flushes = 0
    while journal.isFailing, flushes < 1000 {
      let change = journal.flush(at: instant(1))
      #expect(change == (journal.isFailing ? nil : .recovered))
      flushes += 1
    }
    #expect(flushes >= Journal.maximumWaiting / Journal.batchesPerFlush)
    #expect(notes == ["1"])
    #expect(!journal.isFull)
  }
}
