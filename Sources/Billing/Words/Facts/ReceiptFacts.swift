public import SessionModel

/// Everything the text of a receipt says. What is nil or empty has no line. Times of day are those of the plan's time zone.
public struct ReceiptFacts: Hashable, Sendable {
  /// The session it is for.
  public var session: SessionID
  /// Its day.
  public var date: CivilDate
  /// Who is paid.
  public var shop = ""
  /// Where the shop is.
  public var address = ""
  /// Where it is called.
  public var phone = ""
  /// Its VAT identifier.
  public var vatID = ""
  /// Who pays.
  public var customer = ""
  /// What was to be done.
  public var purpose = ""
  /// How it ended.
  public var outcome: Outcome
  /// Who worked.
  public var technicians: [String]
  /// What was worked, in whole seconds.
  public var activeSeconds: Int64
  /// When.
  public var intervals: [ClockInterval] = []
  /// What was charged, in seconds.
  public var billedSeconds: Int64
  /// Why that is not what was worked.
  public var reason = BilledSeconds.Reason.exact
  /// The plan's further period, in seconds: what "begun" refers to.
  public var thenSeconds: Int64
  /// What the sum is made of.
  public var lines: [ReceiptLine]
  /// The sum.
  public var total: Money
  /// Whether it contains tax.
  public var prices: PriceBasis
  /// Which tax.
  public var tax: ReceiptTax?
  /// What is left of this month's included time now, in seconds; nil for one who has none.
  public var includedLeftSeconds: Int64?
  /// A quote that held.
  public var quote: QuoteTerms?
  /// What the session had cost when that quote was agreed to: it is owed beside it.
  public var owedBeforeQuote: Money
  /// What the same problem costs again.
  public var rework: ReworkTerms?
  /// Promises that were not kept, what matters most to him first.
  public var brokenPromises: [BrokenPromise] = []
  /// Advice the customer was given and did not take, the newest last.
  public var adviceDeclined: [String] = []
  /// Where the invoice is sent.
  public var email = ""
  /// When the customer said yes to the price.
  public var consentAt: CivilTime?
  /// False for a receipt the relay has not signed.
  public var isConfirmed = true
  /// Where the receipt's file is on the customer's computer, where that is known.
  public var path = ""

  /// The facts that always exist.
  public init(
    session: SessionID, date: CivilDate, outcome: Outcome, technicians: [String], activeSeconds: Int64,
    billedSeconds: Int64, thenSeconds: Int64, lines: [ReceiptLine], total: Money, prices: PriceBasis
  ) {
    self.session = session
    self.date = date
    self.outcome = outcome
    self.technicians = technicians
    self.activeSeconds = activeSeconds
    self.billedSeconds = billedSeconds
    self.thenSeconds = thenSeconds
    self.lines = lines
    self.total = total
    self.prices = prices
    owedBeforeQuote = Money(minorUnits: 0, currency: total.currency)
  }
}

/// From one time of day to another.
public struct ClockInterval: Hashable, Sendable {
  /// When work began.
  public var from: CivilTime
  /// When it stopped.
  public var to: CivilTime

  /// From one to another.
  public init(from: CivilTime, to: CivilTime) {
    self.from = from
    self.to = to
  }
}

/// A line of a receipt: a rated line without its English words, and with the reason somebody wrote.
public struct ReceiptLine: Hashable, Sendable {
  /// What it is for.
  public var kind: LineKind
  /// Billed seconds; 0 on lines that are no time.
  public var seconds: Int64
  /// The percentage of the plan's price that held.
  public var percent: Percent
  /// The amount.
  public var amount: Money
  /// Whose time it is, where each technician is rated by himself.
  public var technician: String?
  /// Why, for a waiver or a discount.
  public var note: String

  /// All of it, by hand.
  public init(
    kind: LineKind, seconds: Int64, percent: Percent, amount: Money, technician: String? = nil, note: String = ""
  ) {
    self.kind = kind
    self.seconds = seconds
    self.percent = percent
    self.amount = amount
    self.technician = technician
    self.note = note
  }
}

/// The tax of a receipt's sum.
public struct ReceiptTax: Hashable, Sendable {
  /// The rate.
  public var percent: Percent
  /// The amount: inside the sum of gross prices, on top of net ones.
  public var amount: Money

  /// A rate and an amount.
  public init(percent: Percent, amount: Money) {
    self.percent = percent
    self.amount = amount
  }
}
