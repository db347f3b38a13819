import Foundation
import GRDB
import TestSupport

/// Somebody with the file and SQLite at hand: what the ledger has to notice.
struct Tamper {
  let queue: DatabaseQueue

  init(_ path: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.allowsUnsafeTransactions = true
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = OFF")
      try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
    }
    queue = try DatabaseQueue(path: path, configuration: configuration)
  }

  func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: sql, arguments: arguments) }
  }

  /// The page a table begins on, from 1.
  func page(_ table: String) throws -> Int {
    try queue.read { db in
      try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table]) ?? 0
    }
  }

  /// One value of one row.
  func value(_ column: String, of table: String, sequence: Int64) throws -> DatabaseValue {
    try queue.read { db in
      try DatabaseValue.fetchOne(
        db, sql: "SELECT \(column) FROM \(table) WHERE sequence = ?", arguments: [sequence]) ?? .null
    }
  }

  /// The value once for every byte of it, one bit of that byte changed.
  static func flips(of value: DatabaseValue, using random: inout SeededGenerator) -> [DatabaseValue] {
    func bit(_ random: inout SeededGenerator) -> Int { Int.random(in: 0..<8, using: &random) }
    switch value.storage {
    case .int64(let number):
      return (0..<8).map { byte in (number ^ (1 << Int64(8 * byte + bit(&random)))).databaseValue }
    case .blob(let data):
      return data.indices.map { index in
        var copy = data
        copy[index] ^= 1 << UInt8(bit(&random))
        return copy.databaseValue
      }
    case .string(let text):
      let bytes = Array(text.utf8)
      return bytes.indices.map { index in
        var copy = bytes
        copy[index] ^= 1 << UInt8(bit(&random))
        return Data(copy).databaseValue
      }
    case .double, .null: return []
    }
  }

  /// Puts a value into a column; text is put there byte by byte, whether or not it is UTF-8.
  func put(_ value: DatabaseValue, _ column: String, of table: String, sequence: Int64, asText: Bool) throws {
    let new = asText ? "CAST(? AS TEXT)" : "?"
    try run("UPDATE \(table) SET \(column) = \(new) WHERE sequence = ?", [value, sequence])
  }
}
