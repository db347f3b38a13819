import Foundation
import GRDB
import Ledger
import SessionModel
import Signing

/// The tables, and how a file comes to have them. A step once released is never changed; a later version adds another.
enum Schema {
  /// `FXLN`: tells a ledger from any other SQLite file.
  static let applicationID: Int64 = 0x4658_4C4E
  /// What this program writes: the number of steps.
  static var version: Int { steps.count }

  private static let steps = [tables, intervals, kinds]

  /// When a checkpoint's active time was, as ``Ledger/OffsetInterval/encode(_:)`` writes it. Nothing stands for one
  /// interval from the start: what there was before this step.
  private static let intervals = "ALTER TABLE checkpoints ADD COLUMN intervals BLOB NOT NULL DEFAULT x''"

  /// Entries of a kind are found without looking at the others: what customers, cases and reports are folded from.
  private static let kinds = "CREATE INDEX entries_by_kind ON entries (kind, sequence)"

  /// Whether the file has that index: one that is only read may be of an earlier version.
  static func hasKindIndex(_ db: Database) throws -> Bool {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 >= 3
  }

  /// `entries.kind = 4` is a session's request; see ``Ledger/EntryKind``. Where there is nothing to say stands an empty text
  /// or 0, never NULL, and neither table of entries has a column that is another name for SQLite's row number: SQLite
  /// reads several different bytes as NULL, and none at all of such a column, so that damage there would go unnoticed.
  private static let tables = """
    CREATE TABLE ledger (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      ledger_id BLOB NOT NULL CHECK (length(ledger_id) = 16),
      head_sequence INTEGER NOT NULL CHECK (head_sequence >= 0),
      head_hash BLOB NOT NULL CHECK (length(head_hash) = 32),
      directory_version INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE entries (
      sequence INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      session TEXT NOT NULL,
      time_ms INTEGER NOT NULL,
      unique_key TEXT NOT NULL,
      header BLOB NOT NULL,
      hash BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX entries_by_session ON entries (session, sequence) WHERE session <> '';
    CREATE INDEX sessions_by_time ON entries (time_ms) WHERE kind = 4;
    CREATE UNIQUE INDEX entries_once ON entries (unique_key) WHERE unique_key <> '';
    CREATE TABLE payloads (
      sequence INT NOT NULL PRIMARY KEY REFERENCES entries (sequence),
      salt BLOB NOT NULL,
      text BLOB NOT NULL,
      erased_by INTEGER NOT NULL,
      CHECK ((erased_by = 0 AND length(salt) = 16) OR (erased_by > sequence AND salt = x'' AND text = x''))
    ) STRICT;
    CREATE TABLE checkpoints (
      session TEXT NOT NULL,
      epoch INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      active_ms INTEGER NOT NULL,
      chain_hash BLOB NOT NULL,
      relay_signature BLOB NOT NULL,
      agent_signature BLOB NOT NULL,
      stored_at_ms INTEGER NOT NULL,
      PRIMARY KEY (session, epoch)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE technicians (
      name TEXT PRIMARY KEY,
      role TEXT NOT NULL,
      key_line TEXT NOT NULL,
      key_fingerprint BLOB NOT NULL UNIQUE,
      added_at_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """

  /// The version of the file, 0 when it is empty.
  static func inspect(_ db: Database, path: String) throws -> Int {
    let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if application == 0, version == 0, try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0 { return 0 }
    guard application == applicationID else { throw StoreError.notALedger(path: path) }
    guard version <= Self.version else {
      throw StoreError.newerVersion(path: path, found: version, known: Self.version)
    }
    return version
  }

  /// Brings the file up to date; inside a transaction that holds the write lock.
  static func migrate(_ db: Database, path: String) throws {
    let found = try inspect(db, path: path)
    for step in steps.dropFirst(found) { try db.execute(sql: step) }
    if found == 0 {
      guard let id = LedgerID(SecureRandom.bytes(count: LedgerID.length)) else { return }
      let genesis = id.genesisHash(digest: SQLiteLedger.digest)
      try db.execute(
        sql: "INSERT INTO ledger VALUES (1, ?, 0, ?, 0)", arguments: [Data(id.bytes), Data(genesis.bytes)])
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
    try db.execute(sql: "PRAGMA user_version = \(version)")
  }
}
