import GRDB
public import Ledger
public import SessionModel

extension SQLiteLedger {
  /// Overwrites salt and text, records that in an entry of its own, and empties the write-ahead log, so that the bytes are
  /// gone from the disk's files too. ``StoreError/busy(path:)`` after all that means that a reader kept the log from being
  /// emptied; it is reused soon.
  @discardableResult
  public func erasePayloads(
    _ sequences: [UInt64], keeping kept: [UInt64: JSONValue], reason: String, at time: WallTime
  ) throws(StoreError) -> Entry {
    guard !sequences.isEmpty else { throw .refused("There is nothing to erase.") }
    guard sequences.count <= LedgerLimits.maximumDrafts else {
      throw .tooLarge(what: "one erasure", limit: LedgerLimits.maximumDrafts)
    }
    guard Set(kept.keys).isSubset(of: sequences) else {
      throw .refused("Only of what is erased can something be kept.")
    }
    let entry = try file.write { db in
      for sequence in sequences { try Self.checkErasable(sequence, in: db) }
      let draft = PayloadErased(sequences: sequences, reason: reason, kept: kept).draft()
      guard let entry = try LedgerTables.append([draft], at: time, in: db).first else {
        throw StoreError.failed("the erasure was not recorded")
      }
      for sequence in sequences {
        try db.execute(
          sql: "UPDATE payloads SET salt = x'', text = x'', erased_by = ? WHERE sequence = ?",
          arguments: [Int64(clamping: entry.sequence), Int64(clamping: sequence)])
      }
      return entry
    }
    try file.emptyLog()
    return entry
  }

  private static func checkErasable(_ sequence: UInt64, in db: Database) throws {
    let row = try Row.fetchOne(
      db,
      sql: "SELECT e.kind, p.erased_by FROM entries e JOIN payloads p ON p.sequence = e.sequence WHERE e.sequence = ?",
      arguments: [Int64(clamping: sequence)])
    guard let row, let kind = row.integer(0) else { throw StoreError.refused("There is no entry \(sequence).") }
    guard kind != Int64(EntryKind.payloadErased.rawValue) else {
      throw StoreError.refused("Entry \(sequence) records an erasure and cannot be erased itself.")
    }
    guard row.integer(1) == 0 else { throw StoreError.refused("The details of entry \(sequence) are erased already.") }
  }
}
