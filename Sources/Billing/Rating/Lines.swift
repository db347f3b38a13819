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
  /// What somebody waived, with a reason.
  case allowance
}

/// One line of a rated session.
public struct RatedLine: Hashable, Sendable {
  /// What it is for.
  public let kind: LineKind
  /// The same in words, for people.
  public let description: String
  /// Billed seconds; 0 on lines that are no time.
  public let seconds: Int64
  /// The percentage of the plan's price that held.
  public let percent: Percent
  /// The amount in minor units, rounded once; negative for what reduces the sum.
  public let amountMinor: Int64
  /// Whose time it is, where each technician is rated by himself.
  public let technician: String?

  /// All of it, by hand.
  public init(
    kind: LineKind, description: String, seconds: Int64, percent: Percent, amountMinor: Int64, technician: String? = nil
  ) {
    self.kind = kind
    self.description = description
    self.seconds = seconds
    self.percent = percent
    self.amountMinor = amountMinor
    self.technician = technician
  }

  /// The line as scripts read it. A key whose value is unknown is left out.
  public var json: JSONValue {
    var value: JSONValue = [
      "kind": .string(kind.rawValue), "description": .string(description), "seconds": .integer(seconds),
      "percent": percent.json, "amount_minor": .integer(amountMinor),
    ]
    if let technician { value["technician"] = .string(technician) }
    return value
  }
}

/// A session's work in money.
public struct RatedWork: Hashable, Sendable {
  /// What was worked, in whole seconds; it stays on record beside what was billed.
  public let activeSeconds: Int64
  /// What was billed, in seconds.
  public let billedSeconds: Int64
  /// The lines in their order.
  public let lines: [RatedLine]
  /// The sum of the lines, in minor units.
  public let amountMinor: Int64
  /// The currency of every amount.
  public let currency: Currency

  /// Sums the lines.
  /// - Throws: ``RatingError/overflow`` when the sum does not fit.
  init(
    activeSeconds: Int64, billedSeconds: Int64, lines: [RatedLine], currency: Currency
  ) throws(RatingError) {
    var sum: Int64 = 0
    for line in lines { sum = try Checked.sum(sum, line.amountMinor) }
    self.activeSeconds = activeSeconds
    self.billedSeconds = billedSeconds
    self.lines = lines
    self.currency = currency
    amountMinor = sum
  }

  /// The sum of the lines.
  public var amount: Money { Money(minorUnits: amountMinor, currency: currency) }

  /// The work as scripts read it.
  public var json: JSONValue {
    [
      "active_seconds": .integer(activeSeconds), "billed_seconds": .integer(billedSeconds),
      "amount_minor": .integer(amountMinor), "currency": .string(currency.code), "lines": .array(lines.map(\.json)),
    ]
  }
}
