import GRDB
import Ledger
import SessionModel

/// Who should be in the directory, by the ledger.
struct TechnicianFold {
  private(set) var technicians: [Name: TechnicianAdded] = [:]
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
      guard technicians[technician.name] != nil else {
        return "technician \(technician.name) was never added by way of the ledger"
      }
      guard confirms(technician) else {
        return "technician \(technician.name) differs from what the ledger says of him"
      }
    }
    guard stored.count == technicians.count else { return "a technician is missing who was never removed" }
    return nil
  }

  /// Whether the ledger says the same of somebody as the table.
  func confirms(_ technician: Technician) -> Bool {
    guard let added = technicians[technician.name] else { return false }
    return added.role == technician.role && added.keyLine == technician.keyLine
      && added.keyFingerprint == technician.keyFingerprint
  }
}
