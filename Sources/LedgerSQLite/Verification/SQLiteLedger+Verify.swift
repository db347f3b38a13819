import GRDB
public import Ledger
import SessionModel

extension SQLiteLedger {
  /// Walks entries, payloads, checkpoints and technicians in batches, each read as of one moment, so that writers are not
  /// held up and memory does not grow; then lets SQLite check its own pages and indexes.
  public func verify(anchors: [LedgerAnchor], check: CheckpointCheck?) throws(StoreError) -> LedgerReport {
    let id: LedgerID
    do throws(StoreError) {
      id = try identifier()
    } catch .corrupt(_, let detail) {
      return LedgerReport.unreadable(detail)
    }
    var walk = LedgerWalk(id: id, anchors: anchors, check: check)
    while !walk.isFinished {
      do throws(StoreError) {
        try file.read { try walk.nextBatch($0) }
      } catch .corrupt(_, let detail) {
        walk.unreadable(detail)
      } catch .inputOutput(_, let detail) {
        walk.unreadable(detail)
      } catch .notALedger(_) {
        walk.unreadable("the file's beginning is not that of a database")
      }
    }
    return walk.report
  }
}

extension LedgerReport {
  /// Of a file whose very first row cannot be read.
  static func unreadable(_ detail: String) -> LedgerReport {
    let nowhere = LedgerHead(sequence: 0, hash: SQLiteLedger.digest([]))
    return LedgerReport(
      entries: 0, erasedPayloads: 0, checkpoints: 0, head: nowhere,
      broken: BrokenEntry(sequence: 1, reason: .unreadable(detail)))
  }
}
