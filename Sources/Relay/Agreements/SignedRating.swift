import Billing
import Ledger
import Metering
import SessionModel

/// The price of a session by what is on record of it: by the time both sides signed last.
extension SessionRating {
  /// Nil where it is not on record who worked.
  init?(
    signed record: SessionRecord, _ terms: SessionTerms, _ register: CustomerRegister
  ) throws(RatingError) {
    guard let technician = record.technician.flatMap({ Name($0) }) else { return nil }
    let start = record.activatedAt ?? record.openedAt
    try self.init(
      record.latestCheckpoint.map { ConfirmedCheckpoint($0).time } ?? .none,
      of: Subject(
        id: record.id, technician: technician, terms: terms, start: start, types: WorkTypes(record.workChanges)),
      register, now: start)
  }
}

extension SessionRecord {
  /// The same record with what an open session would cost by now; a closed one is on record as billed. Nothing is said
  /// of a price where what it rests on was erased, or was written by a newer program.
  func rated(_ register: CustomerRegister) -> SessionRecord {
    guard state != .closed, let request, (try? Plan(json: request.plan.json)) != nil,
      let rating = try? SessionRating(
        signed: self, SessionTerms(request, of: id, at: openedAt, register), register)
    else { return self }
    var record = self
    record.billedSeconds = rating.work.billedSeconds
    record.amountMinor = rating.work.amountMinor
    record.lines = rating.work.lines.map { LedgerLine($0) }
    return record
  }
}
