import Foundation
import Ledger
import LedgerSQLite
import SessionModel

/// `fixline-relay customer erase`: what is personal about a customer goes for good, what money rests on stays; see
/// ``Ledger/PersonalData``.
///
/// ```
///  refused: unknown, a session open, or records still to be kept
///  else     his sessions' and cases' entries, a batch a transaction ──▶ his own entries last ──▶ erased
/// ```
/// Cut short, it is run again: what is erased is passed over, and the customer is known by his number until the end and after.
public enum CustomerErasure {
  /// Longest details kept in one entry that records an erasure, in bytes, before another is begun.
  private static let maximumKeptBytes = 128 << 10
  /// How often a ledger that is held by others is tried.
  private static let attempts = 5
  /// Why, as it stands on record.
  private static let reason = "personal data of a customer, erased by the operator"

  /// Erases and returns the line to print; `configurationFile` says how long records are kept.
  public static func run(_ id: String, configurationFile: String?, state: String) throws -> String {
    let configuration = try RelayServer.readConfiguration(configurationFile)
    return try withStores(state) { stores in
      let register = try stores.ledger.register()
      let customer = try CustomerReports.known(id, in: register)
      try checkRetention(of: customer, register, years: configuration.retentionYears, now: WallClock.now())
      let count = try erase(customer, stores.ledger)
      guard count > 0 else { return "Of customer \(customer.id) nothing personal is left to erase." }
      return """
        Customer \(customer.id) is erased: \(CountText.of(count, "entry", "entries")). Number, times and amounts stay \
        on record. Backups made before still hold what was erased.
        """
    }
  }

  /// Refuses while a session is open, and until the records of what was billed last, a session or the closing of a case,
  /// need no longer be kept.
  static func checkRetention(
    of customer: RegisteredCustomer, _ register: CustomerRegister, years: Int64, now: WallTime
  ) throws(RelayFailure) {
    let sessions = register.sessions(about: customer.id)
    if let open = sessions.first(where: \.isOpen) {
      throw RelayFailure(.refused, "Session \(open.id) of customer \(customer.id) is open. Close it first.")
    }
    let billed =
      sessions.filter { $0.billedSeconds > 0 || $0.closedAmountMinor != 0 }.map { ("session \($0.id)", $0.closedAt) }
      + customer.cases.compactMap { register.cases[$0] }.filter { $0.closingAmountMinor != 0 }
      .map { ("case \($0.id)", $0.closedAt) }
    guard let (what, at) = billed.max(by: { ($0.1 ?? now) < ($1.1 ?? now) }), let closedAt = at else { return }
    let until = closedAt.years(later: years)
    guard now < until else { return }
    throw RelayFailure(
      .refused,
      "The records of customer \(customer.id) are kept until \(until.date), \(CountText.of(years, "year")) after what was "
        + "billed last (\(what), \(closedAt.date)). retention_years in the configuration says how long.")
  }

  /// Erases what is left, a few times over where others hold the ledger: a batch that was refused as busy may have been
  /// erased all the same.
  private static func erase(_ customer: RegisteredCustomer, _ ledger: SQLiteLedger) throws(StoreError) -> Int {
    let count = try found(customer, in: ledger).count
    var attempt = 1
    while true {
      do throws(StoreError) {
        for batch in batches(of: try found(customer, in: ledger)) {
          try ledger.erasePayloads(batch.map(\.sequence), keeping: kept(batch), reason: reason, at: WallClock.now())
        }
        return count
      } catch {
        guard case .busy = error, attempt < attempts else { throw error }
        attempt += 1
      }
    }
  }

  private static func kept(_ batch: [Personal]) -> [UInt64: JSONValue] {
    Dictionary(batch.map { ($0.sequence, $0.kept) }, uniquingKeysWith: { first, _ in first })
  }

  /// An entry with something personal, and what stays of it.
  private struct Personal {
    let sequence: UInt64
    let kept: JSONValue

    init?(_ entry: Entry) {
      switch PersonalData.erasure(of: entry) {
      case .nothing: return nil
      case .details(let left):
        sequence = entry.sequence
        kept = left
      }
    }
  }

  /// What is left to erase: of his sessions and cases, then of himself.
  private static func found(_ customer: RegisteredCustomer, in ledger: SQLiteLedger) throws(StoreError) -> [Personal] {
    let register = try ledger.register()
    let sessions = register.sessions(about: customer.id).map(\.id)
    let cases = Set((register.customers[customer.id]?.cases ?? []).map(\.rawValue))
    var found: [Personal] = []
    for session in sessions {
      try ledger.forEachEntry(session: session) { entry in
        if let one = Personal(entry) { found.append(one) }
      }
    }
    var own: [Personal] = []
    let kinds: Set<EntryKind> = [.customerAdded, .caseOpened, .quoteMade, .promiseMade, .promiseBroken, .adviceGiven]
    try ledger.forEachEntry(kinds: kinds, from: 1) { entry in
      let details = entry.details
      if entry.kind == .customerAdded {
        if details?["id"]?.string == customer.id.rawValue, let one = Personal(entry) { own.append(one) }
      } else if let caseID = details?["case"]?.string, cases.contains(caseID),
        !sessions.contains(where: { $0 == entry.session }), let one = Personal(entry)
      {
        found.append(one)
      }
      return true
    }
    return found + own
  }

  private static func batches(of found: [Personal]) -> [[Personal]] {
    var batches: [[Personal]] = []
    var bytes = 0
    for one in found {
      let size = one.kept.text.utf8.count
      if let count = batches.last?.count, count < LedgerLimits.maximumDrafts, bytes + size <= maximumKeptBytes {
        batches[batches.count - 1].append(one)
        bytes += size
      } else {
        batches.append([one])
        bytes = size
      }
    }
    return batches
  }
}

extension WallTime {
  /// The same day and time so many years later, in UTC; a 29 February becomes 1 March where there is none.
  func years(later years: Int64) -> WallTime {
    let perDay: Int64 = 86_400_000
    let (days, rest) = (milliseconds - Self.minimumMilliseconds).quotientAndRemainder(dividingBy: perDay)
    let day = CivilDate(daysSince1970: days + Self.minimumMilliseconds / perDay)
    let later =
      CivilDate(year: day.year + years, month: day.month, day: day.day)
      ?? CivilDate(year: day.year + years, month: 3, day: 1)
    guard let later else { return WallTime(milliseconds: .max) }
    return WallTime(milliseconds: later.daysSince1970 * perDay + rest)
  }
}
