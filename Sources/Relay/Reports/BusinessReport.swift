import Billing
import Ledger
import SessionModel

/// What was done and what it earned, in groups: from closed sessions, each in the month of its first active second by its
/// plan's clock, or, where nobody worked, of its request. What closing a case charged of a fixed price goes with the last
/// session of the case in which somebody worked, in the month in which the case was closed.
struct BusinessReport: Equatable {
  /// How sessions are grouped.
  enum Grouping: String, CaseIterable {
    /// By customer; guests together.
    case customer
    /// By technician.
    case technician
    /// By how they ended.
    case outcome
    /// By month.
    case month
  }

  /// One group in one currency.
  struct Row: Equatable {
    /// A customer's number, a technician's name, an outcome or a month; empty for guests.
    let key: String
    /// ISO 4217; empty where none is known any more.
    let currency: String
    var sessions: Int64 = 0
    /// Those in which somebody worked, for a second or more.
    var worked: Int64 = 0
    /// Of these, the ones that closed `fixed`.
    var fixed: Int64 = 0
    var rework: Int64 = 0
    var activeSeconds: Int64 = 0
    var billedSeconds: Int64 = 0
    /// All of it, in minor units, also what closing cases charged.
    var amountMinor: Int64 = 0
    /// Of this, what closing cases charged of fixed prices.
    var fixedPriceMinor: Int64 = 0
    /// Time that was worked or billed and that nobody paid for, by reason, in seconds.
    var unbilledSeconds: [String: Int64] = [:]
    /// What was let off, by reason, in minor units.
    var waivedMinor: [String: Int64] = [:]
    /// What quotes took off, in minor units: worked for, and not paid because a price was agreed.
    var quotedOffMinor: Int64 = 0
    /// Cases in which something was fixed.
    var fixedCases: Set<String> = []
    /// Cases in which somebody had to come.
    var visits: Set<String> = []
    /// From request to the moment work could begin, of those that got so far, in milliseconds.
    var waits: [Int64] = []
  }

  let grouping: Grouping
  let month: BillingMonth?
  /// By key, then by currency.
  let rows: [Row]

  /// - Parameter month: only what belongs to that month; nil for all.
  init(_ register: CustomerRegister, by grouping: Grouping, month: BillingMonth?) {
    self.grouping = grouping
    self.month = month
    var zones = Zones()
    var rows: [String: Row] = [:]
    for id in register.closingOrder {
      guard let session = register.sessions[id] else { continue }
      let own = zones.month(of: session)
      guard month == nil || own == month else { continue }
      let key = Self.key(of: session, session.customer, own, by: grouping)
      let currency = session.currency ?? ""
      rows["\(key)\u{0}\(currency)", default: Row(key: key, currency: currency)].add(session)
    }
    for one in register.cases.values where one.closingAmountMinor != 0 {
      guard let closedAt = one.closedAt, let currency = one.closingCurrency else { continue }
      let last = register.closedSessions(of: one.id).last { $0.activeMilliseconds >= 1000 }
      let own = zones.month(of: closedAt, last?.plan)
      guard month == nil || own == month else { continue }
      let key = Self.key(of: last, one.customer, own, by: grouping)
      rows["\(key)\u{0}\(currency)", default: Row(key: key, currency: currency)].add(
        fixedPrice: one.closingAmountMinor)
    }
    self.rows = rows.values.sorted { ($0.key, $0.currency) < ($1.key, $1.currency) }
  }

  /// The group something belongs to; empty where that is not known any more.
  private static func key(
    of session: RegisteredSession?, _ customer: Name?, _ month: BillingMonth, by grouping: Grouping
  ) -> String {
    switch grouping {
    case .customer: customer?.rawValue ?? ""
    case .technician: session?.technician ?? ""
    case .outcome: session?.outcome?.rawValue ?? ""
    case .month: month.description
    }
  }

  /// All groups of a currency together.
  var totals: [Row] {
    var totals: [String: Row] = [:]
    for row in rows { totals[row.currency, default: Row(key: "total", currency: row.currency)].add(row) }
    return totals.values.sorted { $0.currency < $1.currency }
  }

  /// Months by plan, each plan read once.
  private struct Zones {
    private var known: [PlanTerms: PlanTimeZone] = [:]

    mutating func month(of session: RegisteredSession) -> BillingMonth {
      month(
        of: (session.activeMilliseconds >= 1000 ? session.firstActiveAt : nil) ?? session.requestedAt, session.plan)
    }

    mutating func month(of moment: WallTime, _ terms: PlanTerms?) -> BillingMonth {
      guard let terms else { return BillingMonth(PlanTimeZone.utc.date(at: moment)) }
      let zone = known[terms] ?? (try? Plan(json: terms.json))?.timeZone ?? .utc
      known[terms] = zone
      return BillingMonth(zone.date(at: moment))
    }
  }
}

extension BusinessReport.Row {
  /// The middle one of the waits, in milliseconds; of an even number the later of the two. Nil when there is none.
  var medianWait: Int64? { waits.isEmpty ? nil : waits.sorted()[waits.count / 2] }
  /// The longest, in milliseconds.
  var longestWait: Int64? { waits.max() }
  /// Cases in which something was fixed while nobody had to come.
  var visitsAvoided: Int { fixedCases.subtracting(visits).count }
  /// Sessions that fixed it, of those in which somebody worked, in whole percent; nil when nobody worked.
  var fixedPercent: Int64? { worked == 0 ? nil : (fixed * 200 + worked) / (worked * 2) }
  /// All of it, in seconds.
  var unbilledTotal: Int64 { unbilledSeconds.values.reduce(0) { $0.addingSaturated($1) } }
  /// All of it, in minor units.
  var waivedTotal: Int64 { waivedMinor.values.reduce(0) { $0.addingSaturated($1) } }

  mutating func add(_ session: RegisteredSession) {
    sessions += 1
    if let activated = session.activatedAt { waits.append(max(0, activated.milliseconds(since: session.requestedAt))) }
    let active = session.activeMilliseconds / 1000
    activeSeconds = activeSeconds.addingSaturated(active)
    billedSeconds = billedSeconds.addingSaturated(session.billedSeconds)
    amountMinor = amountMinor.addingSaturated(session.amountMinor)
    guard active >= 1 else { return }
    worked += 1
    let one = session.caseID?.rawValue ?? session.id.rawValue
    if session.outcome == .fixed {
      fixed += 1
      fixedCases.insert(one)
    }
    if session.outcome == .onSite { visits.insert(one) }
    if session.rating.isRework { rework += 1 }
    // A quote's line is negative.
    quotedOffMinor = quotedOffMinor.addingSaturated(-max(-Int64.max, min(0, session.sums.quoteMinor)))
    add(unbilled: session, active: active)
  }

  mutating func add(fixedPrice minor: Int64) {
    amountMinor = amountMinor.addingSaturated(minor)
    fixedPriceMinor = fixedPriceMinor.addingSaturated(minor)
  }

  private mutating func add(unbilled session: RegisteredSession, active: Int64) {
    let sums = session.sums
    add(unbilled: active.addingSaturated(-max(0, session.billedSeconds)), "grace")
    if sums.reworkMinor == 0 { add(unbilled: sums.reworkSeconds, "rework") }
    guard sums.allowanceMinor < 0 else { return }
    let reason = sums.allowanceReasons.joined(separator: "; ")
    let waived = Int64(0).subtractingReportingOverflow(sums.allowanceMinor)
    waivedMinor[reason] = waivedMinor[reason, default: 0].addingSaturated(waived.overflow ? .max : waived.partialValue)
    if session.amountMinor == 0 {
      let otherwise = max(0, sums.includedSeconds).addingSaturated(max(0, sums.reworkSeconds))
      add(unbilled: session.billedSeconds.addingSaturated(-otherwise), reason)
    }
  }

  private mutating func add(unbilled seconds: Int64, _ reason: String) {
    guard seconds > 0 else { return }
    unbilledSeconds[reason] = unbilledSeconds[reason, default: 0].addingSaturated(seconds)
  }

  mutating func add(_ other: BusinessReport.Row) {
    sessions += other.sessions
    worked += other.worked
    fixed += other.fixed
    rework += other.rework
    activeSeconds = activeSeconds.addingSaturated(other.activeSeconds)
    billedSeconds = billedSeconds.addingSaturated(other.billedSeconds)
    amountMinor = amountMinor.addingSaturated(other.amountMinor)
    fixedPriceMinor = fixedPriceMinor.addingSaturated(other.fixedPriceMinor)
    unbilledSeconds.merge(other.unbilledSeconds) { $0.addingSaturated($1) }
    waivedMinor.merge(other.waivedMinor) { $0.addingSaturated($1) }
    quotedOffMinor = quotedOffMinor.addingSaturated(other.quotedOffMinor)
    visits.formUnion(other.visits)
    fixedCases.formUnion(other.fixedCases)
    waits += other.waits
  }
}
