public import SessionModel

/// What a line of a rated session is for, in the order in which lines stand.
public enum LineKind: String, Hashable, Sendable, CaseIterable {
  /// Time that a month's included time pays.
  case included
  /// Time spent on what an earlier session ought to have fixed.
  case rework
  /// Time at a price.
  case time
  /// The fee for coming at all.
  case callOut = "call_out"
  /// What a quote takes off, or adds.
  case quote
  /// What somebody waived or took off, with a reason.
  case allowance
}

/// One line of a rated session.
public struct RatedLine: Hashable, Sendable {
  /// What it is for.
  public let kind: LineKind
  /// The same in English words, for records.
  public let description: String
  /// Billed seconds; 0 on lines that are no time.
  public let seconds: Int64
  /// The percentage of the plan's price that held.
  public let percent: Percent
  /// The amount in minor units, rounded once; negative for what reduces the sum.
  public let amountMinor: Int64
  /// Why the line is there: the quote's identifier, or the reason of an allowance.
  public let reason: String?
  /// Whose time it is, where each technician is rated by himself; on an allowance, who gave it.
  public let technician: String?

  /// All of it, by hand.
  public init(
    kind: LineKind, description: String, seconds: Int64, percent: Percent, amountMinor: Int64, reason: String? = nil,
    technician: String? = nil
  ) {
    self.kind = kind
    self.description = description
    self.seconds = seconds
    self.percent = percent
    self.amountMinor = amountMinor
    self.reason = reason
    self.technician = technician
  }

  /// The line as scripts read it: every member is there, `null` where there is nothing to say.
  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "description": .string(description), "seconds": .integer(seconds),
      "percent": percent.json, "amount_minor": .integer(amountMinor), "reason": JSONValue(reason),
      "technician": JSONValue(technician),
    ]
  }
}

/// A session's work in money.
public struct RatedWork: Hashable, Sendable {
  /// What was worked, in milliseconds, the technicians' sum.
  public let activeMilliseconds: Int64
  /// The same by whole seconds; it stays on record beside what was billed. Seconds are cut once a clock.
  public let activeSeconds: Int64
  /// What was billed, in seconds.
  public let billedSeconds: Int64
  /// What was billed beyond what was worked, in seconds: the minimum, and periods begun.
  public let paddingSeconds: Int64
  /// What was worked and not billed, in seconds; at most the plan's grace a clock.
  public let forgivenSeconds: Int64
  /// Why billed differs from active; nil where technicians are rated by themselves and it differs for different reasons.
  public let billedReason: BilledSeconds.Reason?
  /// The lines in their order.
  public let lines: [RatedLine]
  /// The sum of the lines, in minor units.
  public let amountMinor: Int64
  /// The currency of every amount.
  public let currency: Currency
  /// Whether the amounts contain tax.
  public let prices: PriceBasis
  /// The quote that binds, and what was left of it before this session.
  public let quote: QuoteLeft?

  init(clocks: [RatedClock], lines: [RatedLine], plan: Plan, quote: QuoteLeft?) throws(RatingError) {
    var (milliseconds, active, billed, padding, forgiven) = (Int64(0), Int64(0), Int64(0), Int64(0), Int64(0))
    for clock in clocks {
      milliseconds = try Checked.sum(milliseconds, clock.activeMilliseconds)
      active = try Checked.sum(active, clock.activeSeconds)
      billed = try Checked.sum(billed, clock.billed.seconds)
      padding = try Checked.sum(padding, max(0, clock.billed.seconds - clock.activeSeconds))
      forgiven = try Checked.sum(forgiven, max(0, clock.activeSeconds - clock.billed.seconds))
    }
    activeMilliseconds = milliseconds
    activeSeconds = active
    billedSeconds = billed
    paddingSeconds = padding
    forgivenSeconds = forgiven
    let reasons = Set(clocks.filter { $0.activeSeconds >= 1 }.map(\.billed.reason))
    billedReason = reasons.count > 1 ? nil : reasons.first ?? .exact
    self.lines = lines
    amountMinor = try Self.sum(lines)
    currency = plan.currency
    prices = plan.prices
    self.quote = quote
  }

  /// The same work with one more line at the end.
  init(_ work: RatedWork, adding line: RatedLine) throws(RatingError) {
    activeMilliseconds = work.activeMilliseconds
    activeSeconds = work.activeSeconds
    billedSeconds = work.billedSeconds
    paddingSeconds = work.paddingSeconds
    forgivenSeconds = work.forgivenSeconds
    billedReason = work.billedReason
    lines = work.lines + [line]
    amountMinor = try Self.sum(lines)
    currency = work.currency
    prices = work.prices
    quote = work.quote
  }

  private static func sum(_ lines: [RatedLine]) throws(RatingError) -> Int64 {
    var sum: Int64 = 0
    for line in lines { sum = try Checked.sum(sum, line.amountMinor) }
    return sum
  }

  /// The sum of the lines.
  public var amount: Money { Money(minorUnits: amountMinor, currency: currency) }
  /// What was drawn of included time, in seconds.
  public var includedSeconds: Int64 { lines.reduce(0) { $1.kind == .included ? $0 + $1.seconds : $0 } }
  /// What the session uses up of its quote, in minor units: its sum before allowances, which come on top, without what was
  /// owed before the quote. 0 without one.
  public var quoteUsedMinor: Int64 {
    guard let quote else { return 0 }
    let sum = lines.reduce(Int64(0)) { $1.kind == .allowance ? $0 : $0 + $1.amountMinor }
    return max(0, sum - quote.owedBeforeMinor)
  }

  /// The work as scripts read it.
  public var json: JSONValue {
    [
      "active_seconds": .integer(activeSeconds), "billed_seconds": .integer(billedSeconds),
      "amount_minor": .integer(amountMinor), "currency": .string(currency.code), "lines": .array(lines.map(\.json)),
    ]
  }
}
