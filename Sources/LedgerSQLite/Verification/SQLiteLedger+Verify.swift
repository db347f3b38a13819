import GRDB
public import Ledger
import SessionModel

extension SQLiteLedger {
  /// Walks entries, payloads, checkpoints and technicians in batches, each read as of one moment, so that writers are not
  /// held up and memory does not grow; then lets SQLite check its own pages and indexes.
  public func verify(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> LedgerReport {
    try wholeWalk(anchors: anchors, check: check).report
  }

  /// Walks what bears on bills still to be made, in a time that does not grow with the ledger: the newest `count` entries
  /// (all of them, when there are no more), which must be chained to the one before, and the checkpoints of open sessions.
  /// - Parameters:
  ///   - count: how many entries at most; at least 1.
  ///   - check: as in ``verify(anchors:check:)``.
  public func verifyNewest(_ count: UInt64, check: CheckpointCheck?) throws(StoreError) -> LedgerReport {
    var before: LedgerHead?
    do throws(StoreError) {
      before = try file.readOnce { db in
        let newest = try LedgerTables.identity(db).head.sequence
        guard newest > count else { return nil }
        return try Self.head(at: newest - count, in: db)
      }
    } catch {
      // The whole walk finds the place, and names it.
      guard error.damageDetail != nil else { throw error }
    }
    guard let before else { return try verify(anchors: [], check: check) }
    return try walk(LedgerWalk(behind: before, check: check)).report
  }

  /// The whole walk as it ended.
  func wholeWalk(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> FinishedWalk {
    try walk(LedgerWalk(from: try genesis(), anchors: anchors, check: check))
  }

  /// What the first entry is chained to. When the head does not tell which ledger this is, that entry is believed: it can be
  /// sound all the same, and the walk ends with the head.
  private func genesis() throws(StoreError) -> Fingerprint {
    do throws(StoreError) {
      return try file.readOnce { try LedgerTables.identity($0).id }.genesisHash(digest: Self.digest)
    } catch {
      guard error.damageDetail != nil else { throw error }
    }
    let first = try? file.readOnce { db in
      let row = try Row.fetchOne(db, sql: "SELECT header FROM entries ORDER BY sequence LIMIT 1")
      return try row?.bytes(0).map { try EntryHeader(decoding: $0).previousHash }
    }
    return first ?? Self.digest([])
  }

  private func walk(_ beginning: LedgerWalk) throws(StoreError) -> FinishedWalk {
    var walk = beginning
    while !walk.isFinished {
      do throws(StoreError) {
        // Once: a batch that was cut short names its entry, and must not be walked twice.
        try file.readOnce { try walk.nextBatch($0) }
      } catch {
        guard let detail = error.damageDetail else { throw error }
        walk.unreadable(detail)
      }
    }
    return FinishedWalk(report: walk.report, technicians: walk.expectedTechnicians)
  }

  private static func head(at sequence: UInt64, in db: Database) throws -> LedgerHead {
    let row = try Row.fetchOne(
      db, sql: "SELECT hash FROM entries WHERE sequence = ?", arguments: [Int64(clamping: sequence)])
    guard let hash = row?.bytes(0).flatMap({ Fingerprint($0) }) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entry \(sequence) is missing")
    }
    return LedgerHead(sequence: sequence, hash: hash)
  }
}

/// What a walk found, and who is in the directory by the entries that are sound.
struct FinishedWalk {
  let report: LedgerReport
  let technicians: TechnicianFold
}

extension LedgerReport {
  /// Of a file whose very first row cannot be read.
  static func unreadable(_ detail: String) -> LedgerReport {
    let nowhere = LedgerHead(sequence: 0, hash: SQLiteLedger.digest([]))
    return LedgerReport(
      entries: 0, erasedPayloads: 0, checkpoints: 0, head: nowhere,
      broken: BrokenEntry(sequence: 1, reason: .unreadable(detail)))
  }

  /// Of a file that cannot even be opened as a ledger; nil for an error that says nothing about what it holds.
  public static func unopenable(_ error: StoreError) -> LedgerReport? { error.damageDetail.map { unreadable($0) } }
}

extension StoreError {
  /// What is wrong with the file, when it is the file.
  var damageDetail: String? {
    switch self {
    case .corrupt(_, let detail), .inputOutput(_, let detail): detail
    case .notALedger: "the file's beginning is not that of a database"
    case .full, .notDurable, .readOnly, .cannotOpen, .busy, .newerVersion, .duplicate, .tooLarge, .refused, .failed: nil
    }
  }
}
