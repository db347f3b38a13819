import GRDB
public import Ledger
public import SessionModel
import Signing

/// A ledger in one SQLite file. Any number of processes may have it open, and append, side by side. A call returns when the
/// disk confirmed what it promises.
public final class SQLiteLedger: LedgerStore {
  /// SHA-256, as every hash of the ledger uses it.
  public static let digest: Digest = { SHA256.hash($0) }
  /// The file's name within a state directory.
  public static let fileName = "ledger.sqlite"

  let file: SQLiteFile

  /// Where the file is.
  public var path: String { file.path }

  /// Opens the file, and, unless `readOnly`, makes it (mode 0600) when there is none; its directory has to exist.
  public init(path: String, readOnly: Bool = false) throws(StoreError) {
    file = try SQLiteFile(path: path, readOnly: readOnly)
  }

  init(file: SQLiteFile) { self.file = file }

  /// What tells this ledger from every other.
  public func identifier() throws(StoreError) -> LedgerID { try file.read { try LedgerTables.identity($0).id } }

  /// The newest entry's place and hash.
  public func head() throws(StoreError) -> LedgerHead { try file.read { try LedgerTables.identity($0).head } }

  /// Writes all drafts behind the newest entry, or none; see ``Ledger/LedgerStore/append(_:at:)``.
  @discardableResult
  public func append(_ drafts: [EntryDraft], at time: WallTime) throws(StoreError) -> [Entry] {
    guard drafts.count <= LedgerLimits.maximumDrafts else {
      throw .tooLarge(what: "one append", limit: LedgerLimits.maximumDrafts)
    }
    guard !drafts.isEmpty else { return [] }
    guard drafts.allSatisfy({ $0.kind != .payloadErased }) else {
      throw .refused("Erasures are recorded by erasing.")
    }
    return try file.write { try LedgerTables.append(drafts, at: time, in: $0) }
  }

  /// Hands a session's entries to `body` in order. One that does not have its own hashes throws
  /// ``Ledger/StoreError/corrupt(path:detail:)``.
  public func forEachEntry(session: SessionID, _ body: (Entry) -> Void) throws(StoreError) {
    try forEachBatch(
      from: 0, where: "e.session = ? AND e.session <> '' AND", [session.rawValue]
    ) { batch in
      batch.forEach(body)
      return true
    }
  }

  /// Hands entries to `body` in order, a batch in memory at a time; nothing is locked while `body` runs.
  public func forEachEntry(from sequence: UInt64, _ body: (Entry) -> Bool) throws(StoreError) {
    try forEachBatch(from: sequence, where: "", []) { batch in batch.allSatisfy(body) }
  }

  /// Hands entries of some kinds to `body` in order. Each kind's entries are found by the index and merged as they come,
  /// so that neither the others nor all of these are looked at for one batch.
  public func forEachEntry(
    kinds: Set<EntryKind>, from sequence: UInt64, _ body: (Entry) -> Bool
  ) throws(StoreError) {
    guard !kinds.isEmpty else { return }
    let numbers = kinds.map { Int($0.rawValue) }.sorted()
    guard try file.read({ try Schema.hasKindIndex($0) }) else {
      // Only read and not written yet by this program, the file has no index.
      let list = numbers.map(String.init).joined(separator: ", ")
      return try forEachBatch(from: sequence, where: "e.kind IN (\(list)) AND", []) { $0.allSatisfy(body) }
    }
    let merged = numbers.map { "SELECT sequence FROM entries WHERE kind = \($0) AND sequence >= ?1" }
      .joined(separator: " UNION ALL ")
    try forEachBatch(
      from: sequence,
      sql: """
        SELECT \(LedgerTables.columns)
        WHERE e.sequence IN (SELECT sequence FROM (\(merged) ORDER BY sequence LIMIT ?2)) ORDER BY e.sequence
        """, []
    ) { $0.allSatisfy(body) }
  }

  private func forEachBatch(
    from first: UInt64, where condition: String, _ arguments: StatementArguments, _ body: ([Entry]) -> Bool
  ) throws(StoreError) {
    try forEachBatch(
      from: first,
      sql: "SELECT \(LedgerTables.columns) WHERE \(condition) e.sequence >= ? ORDER BY e.sequence LIMIT ?", arguments,
      body)
  }

  /// Reads batch by batch; the last two arguments of `sql` are the first sequence and the number of entries.
  private func forEachBatch(
    from first: UInt64, sql: String, _ arguments: StatementArguments, _ body: ([Entry]) -> Bool
  ) throws(StoreError) {
    var next = Int64(clamping: first)
    while true {
      let batch = try file.read { db in
        let statement = try db.cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: arguments + [next, Self.batchEntries])
        var entries: [Entry] = []
        while let row = try rows.next() { entries.append(try self.entry(row, in: db)) }
        return entries
      }
      guard body(batch), batch.count == Self.batchEntries, let last = batch.last else { return }
      next = Int64(clamping: last.sequence + 1)
    }
  }

  /// Sessions requested in `since ..< until`, oldest first.
  public func sessions(since: WallTime?, until: WallTime?) throws(StoreError) -> [SessionID] {
    try sessions(
      sql: """
        SELECT session FROM entries WHERE kind = 4 AND time_ms >= ? AND time_ms < ? ORDER BY sequence
        """, [since?.milliseconds ?? .min, until?.milliseconds ?? .max])
  }

  /// Sessions that were requested and not closed, oldest first.
  public func openSessions() throws(StoreError) -> [SessionID] {
    try sessions(sql: "\(Self.openSessionsQuery) ORDER BY sequence", [])
  }

  /// Selects sessions that were requested and not closed.
  static let openSessionsQuery = """
    SELECT session FROM entries e WHERE kind = 4
      AND NOT EXISTS (SELECT 1 FROM entries c WHERE c.unique_key = 'closed/' || e.session AND c.unique_key <> '')
    """

  /// Entries read in one go, in number.
  static let batchEntries = 256

  private func sessions(sql: String, _ arguments: [Int64]) throws(StoreError) -> [SessionID] {
    try file.read { db in
      try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).compactMap { row in
        row.text(0).flatMap { SessionID($0) }
      }
    }
  }

  /// An entry for a reader, who is not the verifier: its own hashes are checked, its place in the chain is not.
  private func entry(_ row: Row, in db: Database) throws -> Entry {
    let sequence = row.integer(0) ?? 0
    func damaged(_ detail: String) -> StoreError {
      .corrupt(path: path, detail: "entry \(sequence): \(detail)")
    }
    do {
      let stored = try LedgerTables.storedEntry(row, in: db)
      let header = try EntryHeader(decoding: stored.header)
      let hash = Self.digest(stored.header)
      guard hash.bytes == stored.hash, UInt64(exactly: stored.sequence) == header.sequence,
        header.session?.rawValue == stored.session
      else { throw damaged(BreakReason.headerChanged.description) }
      switch stored.payload {
      case .present(let payload):
        guard payload.hash(digest: Self.digest) == header.payloadHash else {
          throw damaged(BreakReason.payloadChanged.description)
        }
        return Entry(header: header, hash: hash, payload: payload)
      case .erased:
        let kept = try LedgerTables.erasure(by: row.integer(10) ?? 0, in: db)?.kept[header.sequence]
        return Entry(header: header, hash: hash, payload: nil, kept: kept)
      case .missing: throw damaged(BreakReason.payloadMissing.description)
      }
    } catch let error as UnreadableColumn {
      throw damaged("the column \(error.name) cannot be read")
    } catch let error as HeaderError {
      throw damaged(error.description)
    }
  }
}
