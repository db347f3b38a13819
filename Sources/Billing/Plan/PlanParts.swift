import SessionModel

/// Whether the amounts of a plan contain value added tax.
public enum PriceBasis: String, Hashable, Sendable, CaseIterable {
  /// Tax comes on top: for businesses.
  case net
  /// Tax is inside: what a consumer is told is what he pays.
  case gross
}

/// What two technicians at once cost.
public enum TechnicianClocks: String, Hashable, Sendable, CaseIterable {
  /// One clock: the union of their time.
  case union
  /// A clock each: every technician is rated by himself.
  case each
}

/// A kind of work and what it costs beside the plan's price.
public struct WorkType: Hashable, Sendable {
  /// What it is called in commands and work files.
  public let type: String
  /// Its share of the price of an hour; 0 is possible.
  public let percent: Percent

  /// What there is when a plan names none.
  public static let remote = WorkType(type: "remote", percent: .hundred)

  /// A type and its percentage.
  public init(type: String, percent: Percent) {
    self.type = type
    self.percent = percent
  }
}

/// Time of a month that is paid for in advance.
public struct IncludedTime: Hashable, Sendable {
  /// How much a month brings, in seconds.
  public let amountSeconds: Int64
  /// Whether it also pays time inside the out-of-hours rules.
  public let coversOutOfHours: Bool
  /// For how many months after its own a month's time can still be drawn.
  public let rolloverMonths: Int64
  /// What a month costs, in minor units, whether or not it is used.
  public let feeMinor: Int64

  /// All of it, by hand.
  public init(amountSeconds: Int64, coversOutOfHours: Bool = false, rolloverMonths: Int64 = 0, feeMinor: Int64 = 0) {
    self.amountSeconds = amountSeconds
    self.coversOutOfHours = coversOutOfHours
    self.rolloverMonths = rolloverMonths
    self.feeMinor = feeMinor
  }
}

/// What it costs when a fix did not last.
public struct ReworkRule: Hashable, Sendable {
  /// How long after the close of the session that ended `fixed`, in seconds; the last local day counts whole.
  public let windowSeconds: Int64
  /// The percentage that replaces every other, the call-out's too. 0 is free.
  public let percent: Percent

  /// A window and a percentage.
  public init(windowSeconds: Int64, percent: Percent) {
    self.windowSeconds = windowSeconds
    self.percent = percent
  }
}

/// Before what the customer is asked again. A limit that is nil does not exist.
public struct Limits: Hashable, Sendable {
  /// Billed seconds of one session.
  public let sessionSeconds: Int64?
  /// Billed seconds of one customer in one month.
  public let monthSeconds: Int64?
  /// The sum of one session, in minor units.
  public let sessionAmountMinor: Int64?
  /// The work types that were agreed; nil means all.
  public let inScope: [String]?

  /// No limit at all.
  public static let none = Limits()

  /// All of it, by hand.
  public init(
    sessionSeconds: Int64? = nil, monthSeconds: Int64? = nil, sessionAmountMinor: Int64? = nil,
    inScope: [String]? = nil
  ) {
    self.sessionSeconds = sessionSeconds
    self.monthSeconds = monthSeconds
    self.sessionAmountMinor = sessionAmountMinor
    self.inScope = inScope
  }
}

/// The value added tax of a plan, as an invoice groups it.
public struct PlanTax: Hashable, Sendable {
  /// The VAT categories of EN 16931 (UNCL 5305 as BIS Billing 3 restricts it).
  public enum Category: String, Hashable, Sendable, CaseIterable {
    /// Standard rate.
    case standard = "S"
    /// Zero rated goods.
    case zero = "Z"
    /// Exempt.
    case exempt = "E"
    /// Reverse charge.
    case reverseCharge = "AE"
    /// Intra-community supply.
    case intraCommunity = "K"
    /// Export.
    case export = "G"
    /// Outside the scope of tax.
    case outOfScope = "O"
    /// Canary Islands general indirect tax.
    case canaryIslands = "L"
    /// Tax of Ceuta and Melilla.
    case ceutaMelilla = "M"

    /// Whether a rate above zero is possible: the others have none (BR-Z-5, BR-E-5, BR-AE-5, BR-IC-5, BR-G-5, BR-O-5).
    var hasRate: Bool { self == .standard || self == .canaryIslands || self == .ceutaMelilla }
  }

  /// Why and whether tax is due.
  public let category: Category
  /// The rate.
  public let percent: Percent

  /// A category and its rate.
  public init(category: Category, percent: Percent) {
    self.category = category
    self.percent = percent
  }
}
