import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing

/// `fixline-relay ledger set-aside`: the way on from a broken ledger that keeps the evidence.
///
/// ```
///  ledger.sqlite, -wal ──second names──▶ ledger-set-aside-TIME/    (the same bytes, read-only from now on)
///        ▲
///        └── renamed over it: a new ledger, whose first entry names the old one, how far it is sound, and its SHA-256
/// ```
///
/// Cut short at any point, either the old ledger is in its place or the new one, and the old one's bytes are under one of the
/// names. Nothing is billed from the old one any more: sessions it has open are listed, for the operator to judge.
public enum LedgerSetAside {
  /// Bytes hashed at a time.
  private static let chunkBytes = 1 << 20

  private static let prefix = "ledger-set-aside-"

  /// Where the ledger is that was set aside last; nil when none was.
  static func newest(in directory: StateDirectory) -> String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.max().map { "\(directory.path)/\($0)" }
  }

  /// Sets a broken ledger aside and returns what to print.
  public static func run(state: String) throws -> String {
    let directory = try StateDirectory.openForRepair(state)
    let salvage = try salvage(directory)
    guard let broken = salvage.report.broken else {
      throw RelayFailure(
        .refused, "The ledger is sound: there is nothing to set aside. See: fixline-relay ledger verify")
    }
    do {
      let now = WallClock.now()
      let evidence = try keep(directory, at: now)
      try beginAnew(directory, salvage, broken, evidence: evidence, at: now)
      return text(salvage, broken, evidence: evidence.path, state: state)
    } catch let error as StoreError {
      throw RelayFailure(error)
    } catch let error as CocoaError {
      throw RelayFailure(.storage, "The ledger could not be set aside: \(error.localizedDescription)")
    }
  }

  private static func salvage(_ directory: StateDirectory) throws(RelayFailure) -> LedgerSalvage {
    let check = try LedgerReports.check(directory)
    do throws(StoreError) {
      return try SQLiteLedger(path: directory.databasePath, readOnly: true).salvage(check: check)
    } catch {
      guard let report = LedgerReport.unopenable(error) else { throw RelayFailure(error) }
      return LedgerSalvage(report: report)
    }
  }

  private struct Evidence {
    let path: String
    /// Name and SHA-256 of each file.
    var files: [(name: String, hash: Fingerprint)] = []
  }

  /// The ledger's files under a second name each, and their hashes.
  private static func keep(_ directory: StateDirectory, at now: WallTime) throws -> Evidence {
    let stamp = now.rfc3339.filter { $0.isNumber || $0 == "T" }.prefix(15)
    var evidence = Evidence(path: "\(directory.path)/\(prefix)\(stamp)")
    let files = FileManager.default
    try files.createDirectory(
      atPath: evidence.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    for suffix in ["", "-wal"] where files.fileExists(atPath: directory.databasePath + suffix) {
      let name = SQLiteLedger.fileName + suffix
      try files.linkItem(atPath: directory.databasePath + suffix, toPath: "\(evidence.path)/\(name)")
      evidence.files.append((name, try hash("\(evidence.path)/\(name)")))
    }
    return evidence
  }

  private static func hash(_ path: String) throws -> Fingerprint {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var stream = SHA256.Stream()
    while let chunk = try file.read(upToCount: chunkBytes), !chunk.isEmpty { stream.update(Array(chunk)) }
    return stream.finish()
  }

  private static func beginAnew(
    _ directory: StateDirectory, _ salvage: LedgerSalvage, _ broken: BrokenEntry, evidence: Evidence, at now: WallTime
  ) throws {
    let files = FileManager.default
    let path = "\(evidence.path)/new.sqlite"
    try write(path, note(salvage, broken, evidence), salvage.technicians, at: now)
    try StateDirectory.confirm(evidence.path)
    try StateDirectory.confirm(directory.path)
    for suffix in ["-wal", "-shm"] where files.fileExists(atPath: directory.databasePath + suffix) {
      try files.removeItem(atPath: directory.databasePath + suffix)
    }
    try StateDirectory.replace(directory.databasePath, with: path)
    try StateDirectory.confirm(directory.path)
    for file in evidence.files {
      try files.setAttributes([.posixPermissions: 0o400], ofItemAtPath: "\(evidence.path)/\(file.name)")
    }
  }

  /// The new ledger, closed again, so that the one file holds everything.
  private static func write(_ path: String, _ note: LedgerNote, _ technicians: [Technician], at now: WallTime) throws {
    let ledger = try SQLiteLedger(path: path)
    try ledger.append(note.draft(), at: now)
    let known = SQLiteDirectory(ledger: ledger)
    for technician in technicians { try known.add(technician) }
  }

  private static func note(_ salvage: LedgerSalvage, _ broken: BrokenEntry, _ evidence: Evidence) -> LedgerNote {
    let id = salvage.id.map { $0.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
    let hashes = evidence.files.map { "\($0.name) \($0.hash)" }.joined(separator: ", ")
    return LedgerNote(
      text: """
        This ledger follows another, \(id ?? "its identifier unreadable"), that was found broken\(broken.place), and set \
        aside. Sound there: \(CountText.of(salvage.report.entries, "entry", "entries")), head \
        \(salvage.report.head.hash). Its files: \(hashes).
        """, by: "operator")
  }

  private static func text(
    _ salvage: LedgerSalvage, _ broken: BrokenEntry, evidence: String, state: String
  ) -> String {
    func list(_ names: [String]) -> String { names.isEmpty ? "none" : names.joined(separator: ", ") }
    return """
      The ledger is broken\(broken.place).
      It is kept in \(evidence); sessions and ledger verify read it there: --state \(evidence)
      A new ledger is begun. Its first entry names the old one, its \(salvage.report.entries) sound entries and its hash.
      Technicians taken over: \(list(salvage.technicians.map(\.name.rawValue)))
      Technicians in doubt, to be added again: \(list(salvage.doubtful.map(\.rawValue)))
      Sessions that were open and are not billed: \(list(salvage.openSessions.map(\.rawValue)))
      """
  }
}
