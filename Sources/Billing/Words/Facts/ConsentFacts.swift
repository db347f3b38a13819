public import SessionModel

/// Everything the consent screen says. What is nil or empty has no line.
public struct ConsentFacts: Hashable, Sendable {
  /// Who asks to be let in.
  public var technician: String
  /// The shop he works for.
  public var shop = ""
  /// Where it is called.
  public var phone = ""
  /// What he wants to do.
  public var purpose = ""
  /// The price that is agreed to.
  public var plan: Plan
  /// What the yes permits on the machine.
  public var allowances: Allowances
  /// Whether the law of consumers holds: a right to cancel, prices with tax.
  public var isConsumer: Bool
  /// Whether the session continues an earlier one: no first period, no call-out.
  public var continues = false
  /// Whether two technicians at once cost two clocks.
  public var eachTechnician: Bool
  /// What the hour makes of the price.
  public var outOfHours: OutOfHoursOutlook
  /// Kinds of work at another price than the plan's first kind, which is the one that is named.
  public var otherWork: [OtherWork]
  /// What is left of the included time, in seconds. It is not told of while the plan does not let it pay.
  public var includedLeftSeconds: Int64?
  /// Set when this session is rework: what it costs instead, and until when that holds.
  public var rework: ReworkTerms?
  /// A quote that binds this session.
  public var quote: QuoteTerms?
  /// What the session is stopped before.
  public var limits: LimitTerms

  /// Who asks, for what price and what access, and what the plan itself says at that moment. Whoever pays prices with tax is
  /// taken for a consumer until it is said otherwise.
  public init(technician: String, plan: Plan, allowances: Allowances, at now: WallTime) {
    self.technician = technician
    self.plan = plan
    self.allowances = allowances
    isConsumer = plan.prices == .gross
    outOfHours = OutOfHoursOutlook(plan, at: now)
    otherWork = OtherWork.beside(plan)
    eachTechnician = plan.technicians == .each
    limits = LimitTerms(plan)
  }

  /// Whether nothing is charged, whatever it takes: free rework, or an agreed price that earlier sessions have used up.
  var isFree: Bool {
    if let rework, rework.percent <= .zero { return true }
    return quote.map { $0.left.minorUnits <= 0 } ?? false
  }
}

/// A kind of work and its percentage of the plan's price.
public struct OtherWork: Hashable, Sendable {
  /// What the plan calls it.
  public var type: String
  /// Of the plan's hourly price, as the plan has it.
  public var percent: Percent

  /// A kind and its percentage.
  public init(type: String, percent: Percent) {
    self.type = type
    self.percent = percent
  }

  /// The kinds of a plan that cost something else than its first one.
  static func beside(_ plan: Plan) -> [OtherWork] {
    plan.workTypes.dropFirst().filter { $0.percent != plan.workTypes.first?.percent }
      .map { OtherWork(type: $0.type, percent: $0.percent) }
  }

  /// Its share of a price that is named at `named` percent of the plan's, at this hour, rounded up to a tenth of a percent:
  /// nobody is told less than he may pay. Nil for a price of nothing, which has no shares.
  func share(of named: Percent, hour: Percent) -> Percent? {
    guard named > .zero else { return nil }
    let numerator = Int128(percent.coefficient) * Int128(hour.coefficient) * Int128(named.denominator)
    let denominator = Int128(percent.denominator) * Int128(hour.denominator) * Int128(named.coefficient)
    return Percent(coefficient: Int64(clamping: (numerator * 1000 + denominator - 1) / denominator), scale: 1)
  }

  /// What an hour of it costs now, rounded up.
  func hourly(_ plan: Plan, hour: Percent) -> Money {
    let price = Int128(plan.ratePerHourMinor) * Int128(percent.coefficient) * Int128(hour.coefficient)
    let denominator = Int128(percent.denominator) * Int128(hour.denominator)
    return Money(minorUnits: Int64(clamping: (price + denominator - 1) / denominator), currency: plan.currency)
  }
}

extension Plan {
  /// What an hour of a kind of work costs at a moment, rounded up: nobody is told less than he may pay. The plan's first kind
  /// where it does not have that one.
  /// - Parameter rework: what rework costs, in place of every other percentage; nil when it is none.
  public func hourly(of type: String, at now: WallTime, rework: Percent? = nil) -> Money {
    if let rework { return OtherWork(type: type, percent: rework).hourly(self, hour: .hundred) }
    let kind = workType(type) ?? workTypes.first
    return OtherWork(type: type, percent: kind?.percent ?? .hundred)
      .hourly(self, hour: OutOfHoursOutlook(self, at: now).now ?? .hundred)
  }
}

/// What the same problem costs again.
public struct ReworkTerms: Hashable, Sendable {
  /// Of the plan's price, in place of every other percentage.
  public var percent: Percent
  /// The last day on which that holds, in the plan's time zone.
  public var until: CivilDate

  /// A percentage and the last day.
  public init(percent: Percent, until: CivilDate) {
    self.percent = percent
    self.until = until
  }
}

/// A price agreed in advance.
public struct QuoteTerms: Hashable, Sendable {
  /// How it binds.
  public enum Kind: Hashable, Sendable {
    /// No more than that, and less when it took less.
    case notToExceed
    /// Exactly that, whatever it takes.
    case fixed
  }

  /// How it binds.
  public var kind: Kind
  /// The whole price.
  public var amount: Money
  /// What earlier sessions left of it.
  public var left: Money

  /// A price; all of it is left unless it is said otherwise.
  public init(kind: Kind, amount: Money, left: Money? = nil) {
    self.kind = kind
    self.amount = amount
    self.left = left ?? amount
  }
}

/// What is never passed without asking. Nil where there is none.
public struct LimitTerms: Hashable, Sendable {
  /// What one session may cost.
  public var sessionAmount: Money?
  /// What one session may take, in billed seconds.
  public var sessionSeconds: Int64?
  /// What a month's sessions may take together, in billed seconds.
  public var monthSeconds: Int64?

  /// No limit but those named.
  public init(sessionAmount: Money? = nil, sessionSeconds: Int64? = nil, monthSeconds: Int64? = nil) {
    self.sessionAmount = sessionAmount
    self.sessionSeconds = sessionSeconds
    self.monthSeconds = monthSeconds
  }

  /// Those of a plan.
  public init(_ plan: Plan) {
    self.init(
      sessionAmount: plan.limits.sessionAmountMinor.map { Money(minorUnits: $0, currency: plan.currency) },
      sessionSeconds: plan.limits.sessionSeconds, monthSeconds: plan.limits.monthSeconds)
  }
}
