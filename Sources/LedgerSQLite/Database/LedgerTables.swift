import Foundation
import GRDB
import Ledger
import SessionModel
import Signing

/// What is done to the tables inside a transaction somebody else began.
enum LedgerTables {
  /// Columns as ``storedEntry(_:in:)`` reads them.
  static let columns = """
    e.sequence, e.kind, e.session, e.time_ms, e.unique_key, e.header, e.hash,
    p.sequence, p.salt, p.text, p.erased_by FROM entries e LEFT JOIN payloads p ON p.sequence = e.sequence
    """

  static func identity(_ db: Database) throws -> (id: LedgerID, head: LedgerHead) {
    guard let row = try Row.fetchOne(db, sql: "SELECT ledger_id, head_sequence, head_hash FROM ledger WHERE id = 1"),
      let id = row.bytes(0).flatMap({ LedgerID($0) }), let sequence = row.integer(1).flatMap({ UInt64(exactly: $0) }),
      let hash = row.bytes(2).flatMap({ Fingerprint($0) })
    else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the ledger's head is missing or garbled") }
    return (id, LedgerHead(sequence: sequence, hash: hash))
  }

  /// Chains drafts behind the newest entry. The caller's transaction holds the write lock, so that nobody else can have
  /// taken that place.
  static func append(_ drafts: [EntryDraft], at time: WallTime, in db: Database) throws -> [Entry] {
    var head = try identity(db).head
    try checkNewest(head, in: db)
    let entryInsert = try db.cachedStatement(
      sql: """
        INSERT INTO entries (sequence, kind, session, time_ms, unique_key, header, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    let payloadInsert = try db.cachedStatement(
      sql: "INSERT INTO payloads (sequence, salt, text, erased_by) VALUES (?, ?, ?, 0)")
    var entries: [Entry] = []
    for draft in drafts {
      let salt = SecureRandom.bytes(count: StoredPayload.saltLength)
      let entry = Entry(
        draft, sequence: head.sequence + 1, previousHash: head.hash, time: time, salt: salt,
        digest: SQLiteLedger.digest)
      guard let text = entry.payload?.text else { continue }
      guard text.count <= LedgerLimits.maximumPayloadBytes else {
        throw StoreError.tooLarge(what: "an entry", limit: LedgerLimits.maximumPayloadBytes)
      }
      let key = draft.uniqueKey
      if let key, try isTaken(key, in: db) { throw StoreError.duplicate(key) }
      let sequence = Int64(clamping: entry.sequence)
      try entryInsert.execute(arguments: [
        sequence, Int64(entry.kind.rawValue), entry.session?.rawValue ?? "", entry.time.milliseconds, key ?? "",
        Data(entry.header.encoded), Data(entry.hash.bytes),
      ])
      try payloadInsert.execute(arguments: [sequence, Data(salt), Data(text)])
      head = LedgerHead(sequence: entry.sequence, hash: entry.hash)
      entries.append(entry)
    }
    try db.cachedStatement(sql: "UPDATE ledger SET head_sequence = ?, head_hash = ? WHERE id = 1").execute(
      arguments: [Int64(clamping: head.sequence), Data(head.hash.bytes)])
    return entries
  }

  /// Refuses to go on behind an entry that is not the one the head names.
  private static func checkNewest(_ head: LedgerHead, in db: Database) throws {
    let statement = try db.cachedStatement(sql: "SELECT sequence, hash FROM entries ORDER BY sequence DESC LIMIT 1")
    let row = try Row.fetchOne(statement)
    guard let row else {
      if head.sequence == 0 { return }
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "entry \(head.sequence) is missing")
    }
    guard row.integer(0).flatMap({ UInt64(exactly: $0) }) == head.sequence, row.bytes(1) == head.hash.bytes else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "the ledger's head does not match its newest entry")
    }
  }

  private static func isTaken(_ key: String, in db: Database) throws -> Bool {
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM entries WHERE unique_key = ? AND unique_key <> ''")
    return try Int.fetchOne(statement, arguments: [key]) != nil
  }

  /// A row exactly as it stands; throws the name of the first column of a wrong type.
  static func storedEntry(_ row: Row, in db: Database) throws(UnreadableColumn) -> StoredEntry {
    func required<Value>(_ value: Value?, _ column: String) throws(UnreadableColumn) -> Value {
      guard let value else { throw UnreadableColumn(name: column) }
      return value
    }
    func optional(_ text: String?, _ column: String) throws(UnreadableColumn) -> String? {
      let text = try required(text, column)
      return text.isEmpty ? nil : text
    }
    return StoredEntry(
      sequence: try required(row.integer(0), "sequence"),
      kind: try required(row.integer(1).flatMap { UInt16(exactly: $0) }, "kind"),
      session: try optional(row.text(2), "session"),
      milliseconds: try required(row.integer(3), "time"),
      uniqueKey: try optional(row.text(4), "unique_key"),
      header: try required(row.bytes(5), "header"), hash: try required(row.bytes(6), "hash"),
      payload: try payload(row, in: db))
  }

  private static func payload(_ row: Row, in db: Database) throws(UnreadableColumn) -> StoredEntry.Payload {
    if row.isNull(7) { return .missing }
    guard let salt = row.bytes(8) else { throw UnreadableColumn(name: "salt") }
    guard let text = row.bytes(9) else { throw UnreadableColumn(name: "text") }
    guard let eraser = row.integer(10), let erased = row.integer(0) else { throw UnreadableColumn(name: "erased_by") }
    if eraser != 0 {
      guard salt.isEmpty, text.isEmpty else { throw UnreadableColumn(name: "erased_by") }
      do {
        return .erased(recorded: try isRecorded(erasureOf: erased, by: eraser, in: db))
      } catch {
        throw UnreadableColumn(name: "erased_by")
      }
    }
    return .present(StoredPayload(salt: salt, text: text))
  }

  /// Whether entry `eraser` says that it erased the payload of `sequence`. Should that entry be damaged itself, the walk
  /// names it when it comes there, so that the erased one is given the benefit of the doubt here.
  private static func isRecorded(erasureOf sequence: Int64, by eraser: Int64, in db: Database) throws -> Bool {
    guard eraser > sequence, eraser <= (try newest(db)) else { return false }
    guard let entry = try soundEntry(eraser, in: db) else { return true }
    return PayloadErased(entry)?.sequences.contains(UInt64(clamping: sequence)) ?? false
  }

  /// The newest entry there is by the head; where that cannot be read, by the entries.
  private static func newest(_ db: Database) throws -> Int64 {
    if let head = try? identity(db).head { return Int64(clamping: head.sequence) }
    return try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM entries") ?? 0
  }

  /// What entry `eraser` says that it erased; nil when it is damaged or of another kind.
  static func erasure(by eraser: Int64, in db: Database) throws -> PayloadErased? {
    try soundEntry(eraser, in: db).flatMap { PayloadErased($0) }
  }

  /// An entry that has its own hashes and its details; nil when it does not.
  private static func soundEntry(_ sequence: Int64, in db: Database) throws -> Entry? {
    let statement = try db.cachedStatement(
      sql: """
        SELECT e.header, e.hash, p.salt, p.text FROM entries e JOIN payloads p ON p.sequence = e.sequence
        WHERE e.sequence = ?
        """)
    guard let row = try Row.fetchOne(statement, arguments: [sequence]), let bytes = row.bytes(0),
      SQLiteLedger.digest(bytes).bytes == row.bytes(1), let header = try? EntryHeader(decoding: bytes),
      let salt = row.bytes(2), let text = row.bytes(3)
    else { return nil }
    let payload = StoredPayload(salt: salt, text: text)
    guard payload.hash(digest: SQLiteLedger.digest) == header.payloadHash else { return nil }
    return Entry(header: header, hash: SQLiteLedger.digest(bytes), payload: payload)
  }
}

/// A column that holds something of another type than it should.
struct UnreadableColumn: Error {
  let name: String
}
