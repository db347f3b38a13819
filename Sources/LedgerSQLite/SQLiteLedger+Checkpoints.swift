import Foundation
import GRDB
public import Ledger
public import SessionModel

extension SQLiteLedger {
  /// Keeps the newest checkpoint of each (session, epoch): one transaction, one wait for the disk. The rows are
  /// overwritten in place, so that the file does not grow while checkpoints tick.
  public func saveCheckpoints(_ checkpoints: [StoredCheckpoint]) throws(StoreError) {
    guard !checkpoints.isEmpty else { return }
    guard checkpoints.count <= LedgerLimits.maximumCheckpoints else {
      throw .tooLarge(what: "one save of checkpoints", limit: LedgerLimits.maximumCheckpoints)
    }
    let length = StoredCheckpoint.signatureLength
    for checkpoint in checkpoints
    where checkpoint.relaySignature.count != length || checkpoint.agentSignature.count != length {
      throw .refused("A checkpoint of session \(checkpoint.session) lacks a signature of \(length) bytes.")
    }
    try file.write { db in
      let upsert = try db.cachedStatement(
        sql: """
          INSERT INTO checkpoints
            (session, epoch, sequence, active_ms, chain_hash, relay_signature, agent_signature, stored_at_ms, intervals)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (session, epoch) DO UPDATE SET
            sequence = excluded.sequence, active_ms = excluded.active_ms, chain_hash = excluded.chain_hash,
            relay_signature = excluded.relay_signature, agent_signature = excluded.agent_signature,
            stored_at_ms = excluded.stored_at_ms, intervals = excluded.intervals
          WHERE excluded.sequence > sequence AND excluded.active_ms >= active_ms
          """)
      for checkpoint in checkpoints {
        let statement = checkpoint.statement
        try upsert.execute(arguments: [
          statement.session.rawValue, Int64(statement.epoch), Int64(clamping: statement.sequence),
          statement.activeMilliseconds, Data(statement.chainHash.bytes), Data(checkpoint.relaySignature),
          Data(checkpoint.agentSignature), checkpoint.storedAt.milliseconds,
          Data(OffsetInterval.encode(checkpoint.intervals)),
        ])
      }
    }
  }

  /// A session's checkpoints, one an epoch, by epoch.
  public func checkpoints(session: SessionID) throws(StoreError) -> [StoredCheckpoint] {
    let path = file.path
    return try file.read { db in
      try Row.fetchAll(
        db, sql: "SELECT \(try Self.checkpointColumns(db)) WHERE session = ? ORDER BY epoch",
        arguments: [session.rawValue]
      ).map { row in
        guard let checkpoint = Self.checkpoint(row) else {
          throw StoreError.corrupt(path: path, detail: "a checkpoint of session \(session) cannot be read")
        }
        return checkpoint
      }
    }
  }

  /// Columns as ``checkpoint(_:)`` reads them. A file that is only read may be of an earlier version.
  static func checkpointColumns(_ db: Database) throws -> String {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    return """
      session, epoch, sequence, active_ms, chain_hash, relay_signature, agent_signature, stored_at_ms,
      \(version < 2 ? "x''" : "intervals") FROM checkpoints
      """
  }

  /// A row as a checkpoint; nil when it is none.
  static func checkpoint(_ row: Row) -> StoredCheckpoint? {
    guard let session = row.text(0).flatMap({ SessionID($0) }),
      let epoch = row.integer(1).flatMap({ UInt32(exactly: $0) }),
      let sequence = row.integer(2).flatMap({ UInt64(exactly: $0) }), let active = row.integer(3), active >= 0,
      let chainHash = row.bytes(4).flatMap({ Fingerprint($0) }), let relay = row.bytes(5), let agent = row.bytes(6),
      relay.count == StoredCheckpoint.signatureLength, agent.count == StoredCheckpoint.signatureLength,
      let storedAt = row.integer(7), let bytes = row.bytes(8),
      let intervals = OffsetInterval.decode(bytes, within: active)
    else { return nil }
    return StoredCheckpoint(
      statement: CheckpointStatement(
        session: session, epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: chainHash),
      relaySignature: relay, agentSignature: agent, storedAt: WallTime(milliseconds: storedAt),
      intervals: intervals.isEmpty ? nil : intervals)
  }
}
