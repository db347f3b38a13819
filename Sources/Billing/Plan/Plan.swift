public import SessionModel

/// Whether the amounts of a plan contain value added tax.
public enum PriceBasis: String, Hashable, Sendable, CaseIterable {
  /// Tax comes on top: for businesses.
  case net
  /// Tax is inside: what a consumer is told is what he pays.
  case gross
}

/// The rate card that was agreed: how active time becomes money. A value of this type has passed every check of the money
/// rules, so that rating it can fail only by overflow. A session keeps the plan it was opened with.
public struct Plan: Hashable, Sendable {
  /// Longest first or further period, in seconds: 31 days.
  public static let maximumPeriodSeconds: Int64 = 31 * 86_400
  /// Highest price of an hour or a call-out, in minor units.
  public static let maximumAmountMinor: Int64 = 1_000_000_000_000
  /// Longest identifier, in Unicode scalars.
  public static let maximumIDScalars = 64
  /// Quiet time that still counts, in seconds, unless the plan says otherwise.
  public static let standardIdleSeconds: Int64 = 600
  /// How long a session without a channel stays open, in seconds, unless the plan says otherwise.
  public static let standardMergeGapSeconds: Int64 = 600

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
  public let graceSeconds: Int64
  /// The fee of a session that reached work, in minor units.
  public let callOutMinor: Int64
  /// Whether the amounts contain tax.
  public let prices: PriceBasis
  /// Quiet time up to this counts once a byte ends it, in seconds.
  public let idleSeconds: Int64
  /// How long a session without a channel stays open, in seconds.
  public let mergeGapSeconds: Int64

  /// The plan a relay starts with: 90.00 EUR an hour without tax, 15 minutes at least, then every 6 minutes begun.
  public static let standard = Plan(
    checkedID: "standard", name: "Standard remote support", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900,
    thenSeconds: 360)

  /// A plan from its values.
  /// - Throws: ``PlanError`` naming the first key whose value is impossible.
  public init(
    id: String, name: String, currency: Currency, ratePerHourMinor: Int64, firstSeconds: Int64, thenSeconds: Int64,
    graceSeconds: Int64 = 0, callOutMinor: Int64 = 0, prices: PriceBasis = .net,
    idleSeconds: Int64 = Plan.standardIdleSeconds, mergeGapSeconds: Int64 = Plan.standardMergeGapSeconds
  ) throws(PlanError) {
    self.init(
      checkedID: id, name: name, currency: currency, ratePerHourMinor: ratePerHourMinor, firstSeconds: firstSeconds,
      thenSeconds: thenSeconds, graceSeconds: graceSeconds, callOutMinor: callOutMinor, prices: prices,
      idleSeconds: idleSeconds, mergeGapSeconds: mergeGapSeconds)
    try check()
  }

  private init(
    checkedID id: String, name: String, currency: Currency, ratePerHourMinor: Int64, firstSeconds: Int64,
    thenSeconds: Int64, graceSeconds: Int64 = 0, callOutMinor: Int64 = 0, prices: PriceBasis = .net,
    idleSeconds: Int64 = Plan.standardIdleSeconds, mergeGapSeconds: Int64 = Plan.standardMergeGapSeconds
  ) {
    self.id = id
    self.name = name
    self.currency = currency
    self.ratePerHourMinor = ratePerHourMinor
    self.firstSeconds = firstSeconds
    self.thenSeconds = thenSeconds
    self.graceSeconds = graceSeconds
    self.callOutMinor = callOutMinor
    self.prices = prices
    self.idleSeconds = idleSeconds
    self.mergeGapSeconds = mergeGapSeconds
  }

  /// The price of an hour.
  public var ratePerHour: Money { Money(minorUnits: ratePerHourMinor, currency: currency) }
  /// The fee of a session that reached work.
  public var callOut: Money { Money(minorUnits: callOutMinor, currency: currency) }

  private func check() throws(PlanError) {
    if id.isEmpty { throw PlanError(key: "id", reason: "must not be empty") }
    if id.unicodeScalars.count > Self.maximumIDScalars {
      throw PlanError(key: "id", reason: "is longer than \(Self.maximumIDScalars) characters")
    }
    if name.isEmpty { throw PlanError(key: "name", reason: "must not be empty") }
    for (key, text) in [("id", id), ("name", name)] {
      if let problem = TextSafety.problem(inField: text) { throw PlanError(key: key, reason: problem) }
    }
    for (key, amount) in [("rate_per_hour", ratePerHourMinor), ("call_out", callOutMinor)] {
      if amount < 0 { throw PlanError(key: key, reason: "must not be negative") }
      if amount > Self.maximumAmountMinor { throw PlanError(key: key, reason: "is too large") }
    }
    for (key, seconds) in [
      ("first", firstSeconds), ("then", thenSeconds), ("idle", idleSeconds), ("merge_gap", mergeGapSeconds),
    ] {
      // A merge gap of nothing is possible: a session then closes with its last channel.
      if seconds < (key == "merge_gap" ? 0 : 1) { throw PlanError(key: key, reason: "must be at least 1s") }
      if seconds > Self.maximumPeriodSeconds { throw PlanError(key: key, reason: "must be at most 31d") }
    }
    if graceSeconds < 0 { throw PlanError(key: "grace", reason: "must not be negative") }
    if graceSeconds >= thenSeconds { throw PlanError(key: "grace", reason: "must be shorter than then") }
  }
}

/// A key of a plan with an impossible value. The description is one line.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key as written in the plan's file.
  public let key: String
  /// What is wrong with its value, to stand behind the key.
  public let reason: String

  /// A key and what is wrong with its value.
  public init(key: String, reason: String) {
    self.key = key
    self.reason = reason
  }

  /// `first: must be at least 1s`
  public var description: String { "\(TextSafety.escaped(key)): \(reason)" }
}
