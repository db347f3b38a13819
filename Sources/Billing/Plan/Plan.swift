public import SessionModel

/// The rate card that was agreed: how active time becomes money. A value of this type has passed every check of the money
/// rules, so that rating by it can fail only by what the work is, or by overflow. A session keeps the plan it was opened
/// with.
public struct Plan: Hashable, Sendable {
  /// What the plan is called in commands and records.
  public let id: String
  /// What people call it.
  public let name: String
  /// The currency of every amount of the plan.
  public let currency: Currency
  /// The price of an hour, in minor units.
  public let ratePerHourMinor: Int64
  /// The first period, billed whole as soon as any work was done, in seconds.
  public let firstSeconds: Int64
  /// Each further period, billed whole once begun, in seconds.
  public let thenSeconds: Int64
  /// An overrun of at most this into a new period is not billed, in seconds.
  public private(set) var graceSeconds: Int64 = 0
  /// The fee of a session that reached work, in minor units.
  public private(set) var callOutMinor: Int64 = 0
  /// Whether the amounts contain tax.
  public private(set) var prices = PriceBasis.net
  /// Where the clock hangs that out-of-hours rules, months and days on documents go by.
  public private(set) var timeZone = PlanTimeZone.utc
  /// The kinds of work; never empty, the first is the default.
  public private(set) var workTypes = [WorkType.remote]
  /// When work costs more.
  public private(set) var outOfHours = OutOfHoursRules.none
  /// Time that is paid for in advance, if any.
  public private(set) var included: IncludedTime?
  /// What it costs when a fix did not last; nil means that this is work like any other.
  public private(set) var rework: ReworkRule?
  /// Quiet time up to this counts once a byte ends it, in seconds.
  public private(set) var idleSeconds = Plan.standardIdleSeconds
  /// How long a session without a channel stays open, and how soon after its close the next one continues it, in seconds.
  public private(set) var mergeGapSeconds = Plan.standardMergeGapSeconds
  /// What two technicians at once cost.
  public private(set) var technicians = TechnicianClocks.union
  /// Before what the customer is asked again.
  public private(set) var limits = Limits.none
  /// The tax, if the plan names it.
  public private(set) var tax: PlanTax?
  /// Whether the customer has to prove by facts who he is before a session of this plan begins (`verify: required`).
  public private(set) var requiresVerification = false

  /// The plan a relay starts with: 90.00 EUR an hour without tax, 15 minutes at least, then every 6 minutes begun.
  public static let standard = Plan(
    "standard", "Standard remote support", .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 360)

  /// A plan from its values.
  /// - Throws: ``PlanError`` naming the first key whose value is impossible.
  public init(
    id: String, name: String, currency: Currency, ratePerHourMinor: Int64, firstSeconds: Int64, thenSeconds: Int64,
    graceSeconds: Int64 = 0, callOutMinor: Int64 = 0, prices: PriceBasis = .net, timeZone: PlanTimeZone = .utc,
    workTypes: [WorkType] = [.remote], outOfHours: OutOfHoursRules = .none, included: IncludedTime? = nil,
    rework: ReworkRule? = nil, idleSeconds: Int64 = Plan.standardIdleSeconds,
    mergeGapSeconds: Int64 = Plan.standardMergeGapSeconds, technicians: TechnicianClocks = .union,
    limits: Limits = .none, tax: PlanTax? = nil, requiresVerification: Bool = false
  ) throws(PlanError) {
    self.init(
      id, name, currency, ratePerHourMinor: ratePerHourMinor, firstSeconds: firstSeconds, thenSeconds: thenSeconds)
    self.graceSeconds = graceSeconds
    self.callOutMinor = callOutMinor
    self.prices = prices
    self.timeZone = timeZone
    self.workTypes = workTypes
    self.outOfHours = outOfHours
    self.included = included
    self.rework = rework
    self.idleSeconds = idleSeconds
    self.mergeGapSeconds = mergeGapSeconds
    self.technicians = technicians
    self.limits = limits
    self.tax = tax
    self.requiresVerification = requiresVerification
    try check()
  }

  private init(
    _ id: String, _ name: String, _ currency: Currency, ratePerHourMinor: Int64, firstSeconds: Int64,
    thenSeconds: Int64
  ) {
    self.id = id
    self.name = name
    self.currency = currency
    self.ratePerHourMinor = ratePerHourMinor
    self.firstSeconds = firstSeconds
    self.thenSeconds = thenSeconds
  }

  /// The price of an hour.
  public var ratePerHour: Money { Money(minorUnits: ratePerHourMinor, currency: currency) }
  /// The fee of a session that reached work.
  public var callOut: Money { Money(minorUnits: callOutMinor, currency: currency) }

  /// The work type of that name; nil stands for the default.
  public func workType(_ name: String?) -> WorkType? {
    guard let name else { return workTypes.first }
    return workTypes.first { $0.type == name }
  }

  /// The same plan with another rework rule, for a session whose rework was promised under an earlier plan.
  func promising(_ rule: ReworkRule) -> Plan {
    var plan = self
    plan.rework = rule
    return plan
  }
}
