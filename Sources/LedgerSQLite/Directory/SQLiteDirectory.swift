import Foundation
import GRDB
public import Ledger
public import SessionModel

/// The technicians, in the same file as the ledger.
public struct SQLiteDirectory: TechnicianDirectory {
  private let file: SQLiteFile

  /// The directory that stands in that ledger's file.
  public init(ledger: SQLiteLedger) { file = ledger.file }

  /// Everybody, by name.
  public func technicians() throws(StoreError) -> [Technician] {
    try fetch("ORDER BY name", [])
  }

  /// The technician of that name.
  public func technician(named name: Name) throws(StoreError) -> Technician? {
    try fetch("WHERE name = ?", [name.rawValue]).first
  }

  /// The technician with that key (SHA-256 of its blob).
  public func technician(key: Fingerprint) throws(StoreError) -> Technician? {
    try fetch("WHERE key_fingerprint = ?", [Data(key.bytes)]).first
  }

  /// Adds somebody whose name and key nobody else has, and returns the entry that says so.
  @discardableResult
  public func add(_ technician: Technician) throws(StoreError) -> Entry {
    guard technician.keyLine.utf8.count <= Technician.maximumKeyLineBytes else {
      throw .tooLarge(what: "a key", limit: Technician.maximumKeyLineBytes)
    }
    return try file.write { db in
      if try Self.name(where: "name = ?", technician.name.rawValue, in: db) != nil {
        throw StoreError.refused("There is a technician \(technician.name) already: remove him first.")
      }
      if let owner = try Self.name(where: "key_fingerprint = ?", Data(technician.keyFingerprint.bytes), in: db) {
        throw StoreError.refused("That key belongs to technician \(owner) already: each needs a key of his own.")
      }
      try db.execute(
        sql: "INSERT INTO technicians (name, role, key_line, key_fingerprint, added_at_ms) VALUES (?, ?, ?, ?, ?)",
        arguments: [
          technician.name.rawValue, technician.role.rawValue, technician.keyLine,
          Data(technician.keyFingerprint.bytes), technician.addedAt.milliseconds,
        ])
      let details = TechnicianAdded(
        name: technician.name, role: technician.role, keyLine: technician.keyLine,
        keyFingerprint: technician.keyFingerprint)
      return try Self.record(details.draft(), at: technician.addedAt, in: db)
    }
  }

  /// Removes somebody, with an entry that says so, and returns who it was.
  @discardableResult
  public func remove(_ name: Name, at time: WallTime) throws(StoreError) -> Technician {
    let path = file.path
    return try file.write { db in
      guard let technician = try Self.fetch(db, "WHERE name = ?", [name.rawValue], path: path).first else {
        throw StoreError.refused("There is no technician \(name): technician list shows who there is.")
      }
      try db.execute(sql: "DELETE FROM technicians WHERE name = ?", arguments: [name.rawValue])
      let details = TechnicianRemoved(name: name, keyFingerprint: technician.keyFingerprint)
      _ = try Self.record(details.draft(), at: time, in: db)
      return technician
    }
  }

  /// Grows with every change, whichever process makes it. One row is read.
  public func changeCounter() throws(StoreError) -> Int64 {
    try file.read { try Int64.fetchOne($0, sql: "SELECT directory_version FROM ledger WHERE id = 1") ?? 0 }
  }

  private static func record(_ draft: EntryDraft, at time: WallTime, in db: Database) throws -> Entry {
    try db.execute(sql: "UPDATE ledger SET directory_version = directory_version + 1 WHERE id = 1")
    guard let entry = try LedgerTables.append([draft], at: time, in: db).first else {
      throw StoreError.failed("the change was not recorded")
    }
    return entry
  }

  private static func name(where condition: String, _ value: any DatabaseValueConvertible, in db: Database) throws
    -> String?
  {
    try String.fetchOne(db, sql: "SELECT name FROM technicians WHERE \(condition)", arguments: [value])
  }

  private func fetch(_ clause: String, _ arguments: StatementArguments) throws(StoreError) -> [Technician] {
    let path = file.path
    return try file.read { try Self.fetch($0, clause, arguments, path: path) }
  }

  static func fetch(_ db: Database, _ clause: String, _ arguments: StatementArguments, path: String) throws
    -> [Technician]
  {
    let sql = "SELECT name, role, key_line, key_fingerprint, added_at_ms FROM technicians \(clause)"
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      guard let name = row.text(0).flatMap({ Name($0) }),
        let role = row.text(1).flatMap({ TechnicianRole(rawValue: $0) }), let line = row.text(2),
        let key = row.bytes(3).flatMap({ Fingerprint($0) }), let added = row.integer(4)
      else { throw StoreError.corrupt(path: path, detail: "a technician cannot be read") }
      return Technician(
        name: name, role: role, keyLine: line, keyFingerprint: key, addedAt: WallTime(milliseconds: added))
    }
  }
}
