import GRDB
import Ledger
import SessionModel

/// One walk over everything in the file, or over what bears on new bills, a batch at a time.
///
/// ```
///   entries ──last batch──▶ checkpoints ──last batch──▶ file ──▶ finished
///      └── broken ──────────────┴── broken ──────────────┴────────▶ ▲
/// ```
struct LedgerWalk {
  /// How much of the file is looked at.
  enum Scope {
    /// Every entry, checkpoint, technician and page.
    case whole
    /// The entries behind a given one, and the checkpoints of sessions that are open.
    case newest
  }

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
  private let scope: Scope
  private var stage = Stage.entries
  private var chain: LedgerChain
  private var checkpoints: UInt64 = 0
  private(set) var expectedTechnicians = TechnicianFold()
  private var agentKeys: (session: SessionID, keys: [[UInt8]])?
  /// Something beside the entries that could not be read while these were walked; named when they are found sound.
  private var damageBeside: String?

  /// Of everything, from `genesis` on: what the first entry is chained to.
  init(from genesis: Fingerprint, anchors: [LedgerAnchor], check: CheckpointCheck?) {
    chain = LedgerChain(
      after: LedgerHead(sequence: 0, hash: genesis), anchors: anchors, digest: SQLiteLedger.digest)
    self.check = check
    scope = .whole
  }

  /// Of what stands behind the entry `head`.
  init(behind head: LedgerHead, check: CheckpointCheck?) {
    chain = LedgerChain(after: head, digest: SQLiteLedger.digest)
    self.check = check
    scope = .newest
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
    case .checkpoints: chain.fail(.store("the checkpoints cannot be read (\(detail))"))
    case .file, .finished: failBeside(detail)
    }
  }

  private mutating func failBeside(_ detail: String) {
    chain.fail(.store("the file is damaged beside the entries (\(detail))"))
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
    // Not even a row before the first may be passed over.
    let condition = chain.head.sequence == 0 ? "" : "WHERE e.sequence > \(chain.head.sequence)"
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
    do {
      chain.finish(head: try LedgerTables.identity(db).head)
    } catch {
      guard let detail = StoreError(error, path: "").damageDetail else { throw error }
      chain.finish(unreadableHead: detail)
    }
    if let damageBeside { failBeside(damageBeside) }
    if scope == .whole, chain.broken == nil { try checkTechnicians(db) }
    stage = .checkpoints(after: nil)
  }

  private mutating func checkTechnicians(_ db: Database) throws {
    do {
      if let problem = try expectedTechnicians.problem(in: db) { chain.fail(.store(problem)) }
    } catch {
      guard let detail = StoreError(error, path: "").damageDetail else { throw error }
      chain.fail(.store("the technicians cannot be read (\(detail))"))
    }
  }

  private mutating func checkEpochEnd(_ entry: Entry, _ db: Database) throws {
    guard let check, let end = CheckpointEpochEnd(entry) else { return }
    let problem =
      end.checkpoint.session == entry.session
      ? try keys(of: end.checkpoint.session, db).flatMap { check(end.checkpoint, $0) } : "it belongs to another session"
    if let problem { chain.fail(.checkpoint(end.checkpoint.session, problem), at: entry.sequence) }
  }

  private mutating func walkCheckpoints(_ db: Database, after last: CheckpointKey?) throws {
    let behind = last == nil ? "true" : "(session, epoch) > (?, ?)"
    let arguments: StatementArguments = last.map { [$0.session, $0.epoch] } ?? []
    let open = scope == .newest ? "AND session IN (\(SQLiteLedger.openSessionsQuery))" : ""
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT \(try SQLiteLedger.checkpointColumns(db)) WHERE \(behind) \(open)
        ORDER BY session, epoch LIMIT \(SQLiteLedger.batchEntries)
        """, arguments: arguments)
    var key = last
    for row in rows {
      guard let checkpoint = SQLiteLedger.checkpoint(row) else {
        chain.fail(.checkpoint(row.text(0).flatMap { SessionID($0) }, "it cannot be read"))
        return
      }
      if let check, let keys = try keys(of: checkpoint.session, db), let problem = check(checkpoint, keys) {
        chain.fail(.checkpoint(checkpoint.session, "epoch \(checkpoint.epoch): \(problem)"))
        return
      }
      checkpoints += 1
      key = CheckpointKey(session: checkpoint.session.rawValue, epoch: Int64(checkpoint.epoch))
    }
    guard rows.count < SQLiteLedger.batchEntries else { return stage = .checkpoints(after: key) }
    if let damageBeside { failBeside(damageBeside) }
    stage = scope == .whole ? .file : .finished
  }

  /// Keys of agents whose customer said yes in that session; nil when they cannot be looked up.
  private mutating func keys(of session: SessionID, _ db: Database) throws -> [[UInt8]]? {
    if let agentKeys, agentKeys.session == session { return agentKeys.keys }
    let statement = try db.cachedStatement(
      sql: """
        SELECT p.text FROM entries e JOIN payloads p ON p.sequence = e.sequence
        WHERE e.session = ? AND e.session <> '' AND e.kind = ?
        """)
    let answers: [Row]
    do {
      answers = try Row.fetchAll(
        statement, arguments: [session.rawValue, Int64(EntryKind.consentAnswered.rawValue)])
    } catch {
      // The index, since the entry itself is walked on its own account.
      guard let detail = StoreError(error, path: "").damageDetail else { throw error }
      damageBeside = damageBeside ?? detail
      return nil
    }
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
      failBeside(result)
    } else if try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") != nil {
      chain.fail(.store("there are payloads without an entry"))
    }
  }
}
