import Ledger
import LedgerSQLite
import SSHFrontDoor
import SessionModel
import Synchronization

/// Who may sign in. The directory is asked each time, so that a technician added or removed a moment ago is known or
/// unknown at once; while it cannot be read, the last copy serves, since a disk in trouble must not end help.
final class Roster: Sendable {
  private let directory: SQLiteDirectory
  private let copy = Mutex<[Fingerprint: Technician]>([:])

  init(directory: SQLiteDirectory) { self.directory = directory }

  func replaceCopy(with list: [Technician]) {
    let byKey = Dictionary(list.map { ($0.keyFingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    copy.withLock { $0 = byKey }
  }

  func technician(of key: Fingerprint) -> Technician? {
    do {
      let known = try directory.technician(key: key)
      // Who was added a moment ago, and came before the list was read again, is known when the disk fails.
      copy.withLock { $0[key] = known }
      return known
    } catch {
      return copy.withLock { $0[key] }
    }
  }
}
