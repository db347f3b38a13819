import GRDB
public import Ledger
public import SessionModel

/// What may be taken over from a broken ledger into a new one.
public struct LedgerSalvage: Sendable {
  /// How far it is sound.
  public var report: LedgerReport
  /// What tells it from every other; nil when that cannot be read.
  public var id: LedgerID?
  /// Those of whom the sound entries and the directory say the same, by name.
  public var technicians: [Technician]
  /// Names the directory holds besides, or the sound entries: nobody can say who they are.
  public var doubtful: [Name]
  /// Sessions that were requested and not closed, as far as that can be read.
  public var openSessions: [SessionID]

  /// What is left of a file that cannot even be opened.
  public init(report: LedgerReport) {
    self.report = report
    id = nil
    technicians = []
    doubtful = []
    openSessions = []
  }
}

extension SQLiteLedger {
  /// Reads what may be taken over, and changes nothing. A technician counts when sound entries and directory agree: one
  /// whose key was slipped into the file must not be let in by way of its repair.
  public func salvage(check: CheckpointCheck?) throws(StoreError) -> LedgerSalvage {
    let walk = try wholeWalk(anchors: [], check: check)
    var salvage = LedgerSalvage(report: walk.report)
    salvage.id = try? identifier()
    let stored = (try? SQLiteDirectory(ledger: self).technicians()) ?? []
    salvage.technicians = stored.filter { walk.technicians.confirms($0) }
    let known = Set(salvage.technicians.map(\.name))
    salvage.doubtful = Set(stored.map(\.name)).union(walk.technicians.technicians.keys).subtracting(known).sorted()
    salvage.openSessions = (try? openSessions()) ?? []
    return salvage
  }

  /// Takes what the log holds over into the file and cuts the log. A log that an earlier process left behind may be one
  /// the disk never confirmed: done before anything is written behind it, everything that is read is on the disk.
  public func settle() throws(StoreError) { try file.emptyLog() }
}
