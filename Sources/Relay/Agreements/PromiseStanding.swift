import Billing
import Ledger
import SessionModel

/// Where a promise stands.
enum PromiseState: String, CaseIterable {
  /// It binds.
  case open
  /// It was kept: its case was closed without breaking it, or what was promised for a day was fixed by then.
  case kept
  /// It was not, for a reason.
  case broken
}

extension CustomerRegister {
  func state(of promise: RegisteredCase.Promise, in one: RegisteredCase) -> PromiseState {
    if promise.broken != nil { return .broken }
    return one.isOpen && !isFixedInTime(promise, one) ? .open : .kept
  }

  /// Promises of an open case for a day that is over, which nothing was fixed by and nobody gave a reason for.
  func overduePromises(of one: RegisteredCase, on today: CivilDate) -> [PromiseMade] {
    one.promises.filter { promise in
      guard let day = Self.day(of: promise.made), state(of: promise, in: one) == .open else { return false }
      return day < today
    }.map(\.made)
  }

  /// Whether a session of the case closed `fixed` since the promise was made, at the latest on its day.
  private func isFixedInTime(_ promise: RegisteredCase.Promise, _ one: RegisteredCase) -> Bool {
    guard let day = Self.day(of: promise.made) else { return false }
    return closedSessions(of: one.id).contains { session in
      guard session.outcome == .fixed, let closedAt = session.closedAt, closedAt >= promise.madeAt else { return false }
      let zone = session.plan.flatMap { try? Plan(json: $0.json) }?.timeZone ?? .utc
      return zone.date(at: closedAt) <= day
    }
  }

  /// The day something was promised for; a price holds whatever the day.
  private static func day(of made: PromiseMade) -> CivilDate? {
    made.subject == .date ? made.date.flatMap { CivilDate($0) } : nil
  }
}
