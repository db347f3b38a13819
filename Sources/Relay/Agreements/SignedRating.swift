import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel

/// The price of a session by what is on record of it: by the time both sides signed last.
extension SessionRating {
  /// Nil where it is not on record who worked.
  init?(
    signed record: SessionRecord, _ terms: SessionTerms, _ register: CustomerRegister, includedElsewhere: Int64 = 0
  ) throws(RatingError) {
    guard let technician = record.technician.flatMap({ Name($0) }) else { return nil }
    let start = record.activatedAt ?? record.openedAt
    try self.init(
      record.latestCheckpoint.map { ConfirmedCheckpoint($0).time } ?? .none,
      of: Subject(
        id: record.id, technician: technician, terms: terms, start: start, types: WorkTypes(record.workChanges)),
      register, includedElsewhere: includedElsewhere, now: start)
  }
}

extension SessionRecord {
  /// The same record with what an open session would cost by now; a closed one is on record as billed. Nothing is said
  /// of a price where what it rests on was erased, or was written by a newer program.
  /// - Parameter ledger: for what the customer's other open sessions have used of his included time, which is promised once,
  ///   as on the screens.
  func rated(_ register: CustomerRegister, _ ledger: SQLiteLedger) -> SessionRecord {
    guard state != .closed, var rating = rating(register) else { return self }
    if rating.work.includedSeconds > 0 {
      let elsewhere = otherOpen(register, ledger).reduce(Int64(0)) { sum, other in
        guard let theirs = other.rating(register), theirs.standing.month == rating.standing.month else { return sum }
        return sum.addingSaturated(theirs.work.includedSeconds)
      }
      rating = self.rating(register, includedElsewhere: elsewhere) ?? rating
    }
    var record = self
    record.billedSeconds = rating.work.billedSeconds
    record.amountMinor = rating.work.amountMinor
    record.lines = rating.work.lines.map { LedgerLine($0) }
    return record
  }

  private func rating(_ register: CustomerRegister, includedElsewhere: Int64 = 0) -> SessionRating? {
    guard let request, (try? Plan(json: request.plan.json)) != nil else { return nil }
    return try? SessionRating(
      signed: self, SessionTerms(request, of: id, at: openedAt, register), register,
      includedElsewhere: includedElsewhere)
  }

  private func otherOpen(_ register: CustomerRegister, _ ledger: SQLiteLedger) -> [SessionRecord] {
    guard let customer = register.sessions[id]?.customer else { return [] }
    let others = register.customers[customer]?.sessions.compactMap { register.sessions[$0] } ?? []
    return others.filter { $0.id != id && $0.isOpen && $0.activatedAt != nil }
      .compactMap { try? ledger.record(session: $0.id) }
  }
}
