import Ledger
import LedgerSQLite
import SessionModel

/// The relay's durable state, opened.
struct RelayStores: Sendable {
  let ledger: SQLiteLedger
  let technicians: SQLiteDirectory

  init(directory: StateDirectory, readOnly: Bool = false) throws(RelayFailure) {
    do {
      ledger = try SQLiteLedger(path: directory.databasePath, readOnly: readOnly)
    } catch {
      throw RelayFailure(error)
    }
    technicians = SQLiteDirectory(ledger: ledger)
  }

  /// Whether nothing is on record yet.
  func isNew() throws(RelayFailure) -> Bool {
    do {
      return try ledger.head().sequence == 0
    } catch {
      throw RelayFailure(error)
    }
  }

  /// Makes sure that all that can be read is on the disk; see ``LedgerSQLite/SQLiteLedger/settle()``.
  func settle() throws(RelayFailure) {
    do {
      try ledger.settle()
    } catch {
      throw RelayFailure(error)
    }
  }

  /// What the ledger says about business.
  func register() throws(RelayFailure) -> CustomerRegister {
    do {
      return try ledger.register()
    } catch {
      throw RelayFailure(error)
    }
  }

  func append(_ payload: some EntryPayload) throws(RelayFailure) {
    do {
      try ledger.append([payload.draft()], at: WallClock.now())
    } catch {
      throw RelayFailure(error)
    }
  }
}

extension RelayFailure {
  init(_ error: StoreError) {
    switch error {
    case .refused(let line): self.init(.refused, line)
    case .cannotOpen, .readOnly: self.init(.cannotCreate, "\(error)")
    case .busy: self.init(.busy, "\(error)")
    case .full, .notDurable, .inputOutput, .corrupt, .notALedger, .newerVersion, .duplicate, .tooLarge, .failed:
      self.init(.storage, "\(error)")
    }
  }
}

/// Runs `body` on the stores of a state directory, as its owner.
func withStores<Result>(
  _ state: String, readOnly: Bool = false, _ body: (RelayStores) throws -> Result
) throws -> Result {
  let stores = try RelayStores(directory: try StateDirectory.openForCommand(state), readOnly: readOnly)
  do {
    return try body(stores)
  } catch let error as StoreError {
    throw RelayFailure(error)
  }
}
