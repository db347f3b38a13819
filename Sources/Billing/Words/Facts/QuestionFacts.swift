public import SessionModel

/// A limit that the next period would pass: what it allows so far, and what it allows after a yes.
public enum ReachedLimit: Hashable, Sendable {
  /// What the session may cost.
  case sessionAmount(Money, granted: Money)
  /// What the session may take, in billed seconds.
  case sessionTime(seconds: Int64, grantedSeconds: Int64)
  /// What the month's sessions may take together, in billed seconds.
  case monthTime(seconds: Int64, grantedSeconds: Int64)
  /// Work of a kind the plan does not cover.
  case scope(workType: String)
}

/// Everything the question says that is asked before a limit would be passed.
public struct LimitFacts: Hashable, Sendable {
  /// Which limit.
  public var limit: ReachedLimit
  /// The sum of the session's lines so far.
  public var charged: Money
  /// Its billed time so far, in seconds.
  public var billedSeconds: Int64
  /// Whether the sum contains tax.
  public var prices: PriceBasis
  /// What an hour of the work costs that is not part of what was agreed; nothing where that is not what is asked.
  public var hourly: Money
  /// Whether a quote binds the session, whose price covers every kind of work.
  public var isPriceAgreed = false

  /// All of it, by hand.
  public init(limit: ReachedLimit, charged: Money, billedSeconds: Int64, prices: PriceBasis) {
    self.limit = limit
    self.charged = charged
    self.billedSeconds = billedSeconds
    self.prices = prices
    hourly = Money(minorUnits: 0, currency: charged.currency)
  }
}

/// Everything the question says that offers a price.
public struct QuoteFacts: Hashable, Sendable {
  /// Who offers it.
  public var technician: String
  /// What it is for.
  public var work: String
  /// The price and how it binds.
  public var terms: QuoteTerms
  /// Whether it contains tax.
  public var prices: PriceBasis
  /// What the session costs by now, which stays owed beside the price that is offered.
  public var charged: Money
  /// For how much billed time, in seconds.
  public var billedSeconds: Int64

  /// All of it, by hand.
  public init(
    technician: String, work: String, terms: QuoteTerms, prices: PriceBasis, charged: Money, billedSeconds: Int64
  ) {
    self.technician = technician
    self.work = work
    self.terms = terms
    self.prices = prices
    self.charged = charged
    self.billedSeconds = billedSeconds
  }
}
