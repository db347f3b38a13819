import Foundation
import GRDB
import Ledger
import Synchronization

/// One database file and the two connections this process has to it: one writes, one only reads, so that nobody who reads
/// waits for a disk that is slow to confirm a write. Other processes have theirs; SQLite's locks keep writers apart.
///
/// What a connection has in memory is believed only as long as the disk gives no reason to doubt it:
///
/// ```
///            write not confirmed, I/O error                  proof: log taken over into the file, confirmed
///  trusted ─────────────────────────────────▶ in doubt ─────────────────────────────────────────────▶ trusted
///     │  ▲                                    (writer closed)
///     │  └── fresh connections find it sound
///     └───── damage is met ──▶ once more on fresh connections ── damage again ──▶ damaged (nothing more is written)
/// ```
final class SQLiteFile: Sendable {
  /// How long one call waits for another process's lock, in seconds.
  static let busySeconds: TimeInterval = 5
  /// Pages in the write-ahead log at which they are taken over into the file (1 MB).
  static let walPages = 256
  /// What is left of the log's file afterwards, in bytes at most.
  static let walBytes = 1 << 20
  /// How often opening is tried again when another process is just creating the file: changing to the write-ahead log does
  /// not wait for a lock by itself.
  static let openAttempts = 50

  private struct Connections {
    /// Nil while nothing it has in memory may be believed; the next write opens another.
    var writer: DatabaseQueue?
    var reader: DatabaseQueue
    /// The disk failed to confirm something: the next writing connection has to prove itself.
    var isUnproven = false
    /// What was found damaged on the disk itself; nothing is written behind it.
    var damage: StoreError?
  }

  let path: String
  private let readOnly: Bool
  private let busySeconds: TimeInterval
  private let connections: Mutex<Connections>

  init(path: String, readOnly: Bool, busySeconds: TimeInterval = SQLiteFile.busySeconds) throws(StoreError) {
    self.path = path
    self.readOnly = readOnly
    self.busySeconds = busySeconds
    if readOnly {
      let reader = try Self.openReader(path: path, busySeconds: busySeconds)
      connections = Mutex(Connections(writer: nil, reader: reader))
    } else {
      try Self.createIfMissing(path: path)
      let writer = try Self.openWriter(path: path, busySeconds: busySeconds)
      let reader = try Self.openReader(path: path, name: path, busySeconds: busySeconds)
      connections = Mutex(Connections(writer: writer, reader: reader))
    }
  }

  /// The last connection to close takes the log over into the file and removes it; one that only reads could not.
  deinit { connections.withLock { try? $0.reader.close() } }

  /// Runs `body` on the reading connection; all it reads is of one moment. When what it reads is damaged, `body` runs a
  /// second time on a fresh connection: the damage may be in memory only.
  func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    do throws(StoreError) {
      return try readOnce(body)
    } catch {
      guard error.isDamage else { throw error }
      try reopenReader()
      do throws(StoreError) {
        return try readOnce(body)
      } catch {
        if error.isDamage { noteDamage(error) }
        throw error
      }
    }
  }

  /// Runs `body` on the reading connection once, for who judges damage himself.
  func readOnce<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    let reader = connections.withLock { $0.reader }
    return try Self.attempt(path: path) { try reader.read(body) }
  }

  /// Runs `body` in one transaction that holds the write lock from its beginning and is durable, or undone, at its end. A
  /// failure of the disk closes the writing connection. When damage is met, `body` runs a second time on a fresh one; met
  /// again, nothing is ever written through this value any more.
  func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    if let damage = connections.withLock({ $0.damage }) { throw damage }
    do throws(StoreError) {
      return try writeOnce(body)
    } catch {
      guard error.isDamage else { throw error }
      do throws(StoreError) {
        return try writeOnce(body)
      } catch {
        if error.isDamage { noteDamage(error) }
        throw error
      }
    }
  }

  private func writeOnce<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
    let writer = try trustedWriter()
    do throws(StoreError) {
      return try Self.attempt(path: path) { try Self.transaction(on: writer, body) }
    } catch {
      if error.castsDoubt { dropWriter(isUnproven: !error.isDamage) }
      throw error
    }
  }

  /// Takes the write-ahead log over into the file and empties it, so that nothing erased stays behind in it.
  func emptyLog() throws(StoreError) {
    if try !Self.takeOverLog(try trustedWriter(), path: path) { throw .busy(path: path) }
  }

  // MARK: Trust

  private func dropWriter(isUnproven: Bool) {
    // The reader stays open meanwhile: were it the last connection that closes, the next one would rebuild the index of the
    // log from what the kernel has of it in memory, and that may hold what the disk never confirmed.
    let old = connections.withLock { connections in
      defer { connections.writer = nil }
      connections.isUnproven = connections.isUnproven || isUnproven
      return connections.writer
    }
    try? old?.close()
  }

  /// The writing connection, or, after trouble, a fresh one that has proven itself: everything confirmed so far is written
  /// to the file once more and confirmed again, and the log, with what was not confirmed in it, is cut.
  private func trustedWriter() throws(StoreError) -> DatabaseQueue {
    guard !readOnly else { throw .readOnly(path: path) }
    let (current, isUnproven) = connections.withLock { ($0.writer, $0.isUnproven) }
    if let current { return current }
    let known = try readOnce { try LedgerTables.identity($0) }
    let fresh = try Self.openWriter(path: path, busySeconds: busySeconds)
    let found = try Self.attempt(path: path) { try fresh.read { try LedgerTables.identity($0) } }
    guard found.id == known.id, found.head.sequence >= known.head.sequence else {
      throw .failed("\(path) is not the file it was; restart the relay")
    }
    // Held up by a reader elsewhere it is not cut, but written over by what comes next.
    if isUnproven { _ = try Self.takeOverLog(fresh, path: path) }
    connections.withLock { connections in
      connections.writer = fresh
      connections.isUnproven = false
    }
    return fresh
  }

  private func reopenReader() throws(StoreError) {
    // The fresh one first: some connection has to be there all the time, see `dropWriter`.
    let fresh =
      readOnly
      ? try Self.openReader(path: path, busySeconds: busySeconds)
      : try Self.openReader(path: path, name: path, busySeconds: busySeconds)
    let old = connections.withLock { connections in
      defer { connections.reader = fresh }
      return connections.reader
    }
    try? old.close()
  }

  private func noteDamage(_ error: StoreError) {
    connections.withLock { if $0.damage == nil { $0.damage = error } }
  }

  /// False when a reader kept the log from being cut.
  private static func takeOverLog(_ writer: DatabaseQueue, path: String) throws(StoreError) -> Bool {
    try attempt(path: path) {
      try writer.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0 }
    }
  }

  private static func transaction<Value>(
    on queue: DatabaseQueue, _ body: (Database) throws -> Value
  ) throws -> Value {
    try queue.writeWithoutTransaction { db in
      var result: Value?
      try db.inTransaction(.immediate) {
        result = try body(db)
        return .commit
      }
      guard let result else { throw StoreError.failed("a transaction had no result") }
      return result
    }
  }

  private static func openWriter(path: String, busySeconds: TimeInterval) throws(StoreError) -> DatabaseQueue {
    var attempts = 0
    while true {
      do throws(StoreError) {
        return try attempt(path: path) {
          let queue = try DatabaseQueue(path: path, configuration: configuration(readOnly: false, busySeconds))
          let version = try queue.read { try Schema.inspect($0, path: path) }
          try queue.writeWithoutTransaction { db in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
              throw StoreError.failed("\(path) takes no write-ahead log")
            }
          }
          if version < Schema.version { try transaction(on: queue) { try Schema.migrate($0, path: path) } }
          return queue
        }
      } catch .busy(let path) {
        attempts += 1
        if attempts == openAttempts { throw .busy(path: path) }
      } catch .cannotOpen(let path) {
        // SQLite could not make its log beside the file.
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let files = FileManager.default
        let isLocked = files.fileExists(atPath: path) && !files.isWritableFile(atPath: directory)
        throw isLocked ? .readOnly(path: path) : .cannotOpen(path: path)
      }
    }
  }

  private static func openReader(path: String, busySeconds: TimeInterval) throws(StoreError) -> DatabaseQueue {
    guard FileManager.default.fileExists(atPath: path) else { throw .cannotOpen(path: path) }
    do throws(StoreError) {
      return try openReader(path: path, name: path, busySeconds: busySeconds)
    } catch .cannotOpen(let path) {
      // On a file system that is mounted read-only SQLite cannot make its index of the log. Without a log the file holds
      // everything, and cannot change either.
      let logSize = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
      guard (logSize ?? 0) == 0, let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) else {
        throw .cannotOpen(path: path)
      }
      return try openReader(path: path, name: "file:\(escaped)?immutable=1", busySeconds: busySeconds)
    }
  }

  private static func openReader(
    path: String, name: String, busySeconds: TimeInterval
  ) throws(StoreError) -> DatabaseQueue {
    try attempt(path: path) {
      let queue = try DatabaseQueue(path: name, configuration: configuration(readOnly: true, busySeconds))
      let version = try queue.read { try Schema.inspect($0, path: path) }
      guard version > 0 else { throw StoreError.notALedger(path: path) }
      return queue
    }
  }

  private static func configuration(readOnly: Bool, _ busySeconds: TimeInterval) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(busySeconds)
    configuration.foreignKeysEnabled = true
    configuration.label = readOnly ? "ledger.read" : "ledger.write"
    configuration.prepareDatabase { db in
      // FULL: a commit returns when the disk confirmed it. Cells are checked when a page is read, so that damage is
      // noticed and not followed. What is erased is overwritten.
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA cell_size_check = ON")
      try db.execute(sql: "PRAGMA trusted_schema = OFF")
      guard !readOnly else { return }
      try db.execute(sql: "PRAGMA secure_delete = ON")
      _ = try Row.fetchAll(db, sql: "PRAGMA wal_autocheckpoint = \(walPages)")
      _ = try Row.fetchAll(db, sql: "PRAGMA journal_size_limit = \(walBytes)")
    }
    return configuration
  }

  /// Makes an empty file of mode 0600; SQLite gives its companions the same. Never touches one that exists.
  private static func createIfMissing(path: String) throws(StoreError) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    do {
      try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    } catch let error as CocoaError {
      switch error.code {
      case .fileWriteFileExists: return
      case .fileWriteOutOfSpace: throw .full(path: path)
      case .fileWriteVolumeReadOnly: throw .readOnly(path: path)
      default: throw .cannotOpen(path: path)
      }
    } catch {
      throw .cannotOpen(path: path)
    }
  }

  private static func attempt<Value>(path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
    do {
      return try body()
    } catch {
      throw StoreError(error, path: path)
    }
  }
}
