import GRDB
import Ledger
import SessionModel

/// One walk over everything in the file, a batch at a time.
///
/// ```
///   entries ──last batch──▶ checkpoints ──last batch──▶ file ──▶ finished
///      └── broken ──────────────┴── broken ──────────────┴────────▶ ▲
/// ```
struct LedgerWalk {
  private enum Stage {
    case entries
    case checkpoints(after: CheckpointKey?)
    case file
    case finished
  }

  private struct CheckpointKey {
    let session: String
    let epoch: Int64
  }

  private let check: CheckpointCheck?
  private var stage = Stage.entries
  private var chain: LedgerChain
  private var checkpoints: UInt64 = 0
  private var expectedTechnicians = TechnicianFold()
  private var agentKeys: (session: SessionID, keys: [[UInt8]])?

  init(id: LedgerID, anchors: [LedgerAnchor], check: CheckpointCheck?) {
    chain = LedgerChain(id: id, anchors: anchors, digest: SQLiteLedger.digest)
    self.check = check
  }

  var isFinished: Bool {
    switch stage {
    case .entries, .checkpoints, .file: chain.broken != nil
    case .finished: true
    }
  }

  var report: LedgerReport {
    LedgerReport(
      entries: chain.head.sequence, erasedPayloads: chain.erasedPayloads, checkpoints: checkpoints, head: chain.head,
      broken: chain.broken)
  }

  /// The store could not read on: names the entry when the walk was among the entries.
  mutating func unreadable(_ detail: String) {
    switch stage {
    case .entries: chain.unreadable(detail)
    case .checkpoints: chain.fail(.checkpoint(nil, "the table cannot be read (\(detail))"))
    case .file, .finished: chain.fail(.store("the file is damaged beside the entries (\(detail))"))
    }
  }

  mutating func nextBatch(_ db: Database) throws {
    switch stage {
    case .entries: try walkEntries(db)
    case .checkpoints(let last): try walkCheckpoints(db, after: last)
    case .file:
      try checkFile(db)
      stage = .finished
    case .finished: break
    }
  }

  private mutating func walkEntries(_ db: Database) throws {
    let isFirst = chain.head.sequence == 0
    let condition = isFirst ? "" : "WHERE e.sequence > \(chain.head.sequence)"
    let rows = try Row.fetchCursor(
      db,
      sql: "SELECT \(LedgerTables.columns) \(condition) ORDER BY e.sequence LIMIT \(SQLiteLedger.batchEntries)")
    var count = 0
    while let row = try rows.next() {
      count += 1
      let stored: StoredEntry
      do throws(UnreadableColumn) {
        stored = try LedgerTables.storedEntry(row, in: db)
      } catch {
        chain.fail(.column(error.name), at: chain.head.sequence + 1)
        return
      }
      guard let entry = chain.step(stored) else { return }
      expectedTechnicians.apply(entry)
      try checkEpochEnd(entry, db)
      if chain.broken != nil { return }
    }
    guard count < SQLiteLedger.batchEntries else { return }
    chain.finish(head: try? LedgerTables.identity(db).head)
    if chain.broken == nil, let problem = try expectedTechnicians.problem(in: db) { chain.fail(.store(problem)) }
    stage = .checkpoints(after: nil)
  }

  private mutating func checkEpochEnd(_ entry: Entry, _ db: Database) throws {
    guard let check, let end = CheckpointEpochEnd(entry) else { return }
    let problem =
      end.checkpoint.session == entry.session
      ? check(end.checkpoint, try keys(of: end.checkpoint.session, db)) : "it belongs to another session"
    if let problem { chain.fail(.checkpoint(end.checkpoint.session, problem), at: entry.sequence) }
  }

  private mutating func walkCheckpoints(_ db: Database, after last: CheckpointKey?) throws {
    let condition = last == nil ? "" : "WHERE (session, epoch) > (?, ?)"
    let arguments: StatementArguments = last.map { [$0.session, $0.epoch] } ?? []
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT \(try SQLiteLedger.checkpointColumns(db)) \(condition)
        ORDER BY session, epoch LIMIT \(SQLiteLedger.batchEntries)
        """, arguments: arguments)
    var key = last
    for row in rows {
      guard let checkpoint = SQLiteLedger.checkpoint(row) else {
        chain.fail(.checkpoint(row.text(0).flatMap { SessionID($0) }, "it cannot be read"))
        return
      }
      if let check, let problem = check(checkpoint, try keys(of: checkpoint.session, db)) {
        chain.fail(.checkpoint(checkpoint.session, "epoch \(checkpoint.epoch): \(problem)"))
        return
      }
      checkpoints += 1
      key = CheckpointKey(session: checkpoint.session.rawValue, epoch: Int64(checkpoint.epoch))
    }
    stage = rows.count < SQLiteLedger.batchEntries ? .file : .checkpoints(after: key)
  }

  /// Keys of agents whose customer said yes in that session.
  private mutating func keys(of session: SessionID, _ db: Database) throws -> [[UInt8]] {
    if let agentKeys, agentKeys.session == session { return agentKeys.keys }
    let statement = try db.cachedStatement(
      sql: """
        SELECT p.text FROM entries e JOIN payloads p ON p.sequence = e.sequence
        WHERE e.session = ? AND e.session <> '' AND e.kind = ?
        """)
    let answers = try Row.fetchAll(
      statement, arguments: [session.rawValue, Int64(EntryKind.consentAnswered.rawValue)])
    let keys = answers.compactMap { row -> [UInt8]? in
      guard let text = row.bytes(0), let json = try? JSONValue(parsing: text),
        let answer = try? ConsentAnswered(json: json), answer.accepted
      else { return nil }
      return answer.agentKey
    }
    agentKeys = (session, keys)
    return keys
  }

  private mutating func checkFile(_ db: Database) throws {
    if let result = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)"), result != "ok" {
      chain.fail(.store("the file is damaged beside the entries (\(result))"))
    } else if try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil {
      chain.fail(.store("there are payloads without an entry"))
    }
  }
}

/// Who should be in the directory, by the ledger.
struct TechnicianFold {
  private var technicians: [Name: TechnicianAdded] = [:]
  /// Some entry's details were erased, so that the ledger no longer tells.
  private var isIncomplete = false

  mutating func apply(_ entry: Entry) {
    if let added = TechnicianAdded(entry) {
      technicians[added.name] = added
    } else if let removed = TechnicianRemoved(entry) {
      technicians[removed.name] = nil
    } else if entry.kind == .technicianAdded || entry.kind == .technicianRemoved {
      isIncomplete = true
    }
  }

  /// One line when the table differs; nil when it does not, or nobody can tell.
  func problem(in db: Database) throws -> String? {
    guard !isIncomplete else { return nil }
    let stored = try SQLiteDirectory.fetch(db, "ORDER BY name", [], path: "")
    for technician in stored {
      guard let added = technicians[technician.name] else {
        return "technician \(technician.name) was never added by way of the ledger"
      }
      guard added.role == technician.role, added.keyLine == technician.keyLine,
        added.keyFingerprint == technician.keyFingerprint
      else { return "technician \(technician.name) differs from what the ledger says of him" }
    }
    guard stored.count == technicians.count else { return "a technician is missing who was never removed" }
    return nil
  }
}
