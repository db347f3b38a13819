import GRDB
import Ledger

extension StoreError {
  /// True when the disk may not hold what the connection remembers: after a failed fsync the kernel calls the pages written
  /// and confirms the next one without them, so nothing in memory is proof any more.
  var castsDoubt: Bool {
    switch self {
    case .notDurable, .inputOutput, .corrupt, .notALedger: true
    case .full, .readOnly, .cannotOpen, .busy, .newerVersion, .duplicate, .tooLarge, .refused, .failed: false
    }
  }

  /// What an error of SQLite or GRDB means to whoever keeps a ledger.
  init(_ error: any Error, path: String) {
    switch error {
    case let known as StoreError: self = known
    case let failure as DatabaseError: self.init(failure, path: path)
    default: self = .failed("\(error)")
    }
  }

  private init(_ error: DatabaseError, path: String) {
    let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.extendedResultCode {
    case .SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC: self = .notDurable(path: path)
    case .SQLITE_IOERR_SHMSIZE: self = .full(path: path)
    case .SQLITE_IOERR_CORRUPTFS: self = .corrupt(path: path, detail: detail)
    case .SQLITE_READONLY_DBMOVED: self = .cannotOpen(path: path)
    case .SQLITE_READONLY_CANTINIT, .SQLITE_READONLY_DIRECTORY: self = .cannotOpen(path: path)
    default:
      switch error.resultCode {
      case .SQLITE_FULL: self = .full(path: path)
      case .SQLITE_READONLY: self = .readOnly(path: path)
      case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
      case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: detail)
      case .SQLITE_NOTADB: self = .notALedger(path: path)
      case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: self = .cannotOpen(path: path)
      case .SQLITE_IOERR:
        self = .inputOutput(path: path, detail: "\(detail), SQLite error \(error.extendedResultCode.rawValue)")
      case .SQLITE_TOOBIG: self = .tooLarge(what: "an entry", limit: LedgerLimits.maximumPayloadBytes)
      default: self = .failed("\(path): \(detail)")
      }
    }
  }
}
