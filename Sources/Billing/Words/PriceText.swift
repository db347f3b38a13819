import SessionModel

/// The price in words, made from the values that are billed.
public enum PriceText {
  /// One sentence: `Price, VAT included: 22.50 EUR for the first 15 minutes, then 9.00 EUR for every 6 minutes begun.`
  public static func english(plan: Plan) -> String { parts(plan: plan).joined(separator: " ") }

  /// The same in lines of at most `columns`, broken before "then" where that fits, and said shorter when it would take
  /// more than `maximumLines`.
  static func englishLines(plan: Plan, columns: Int, maximumLines: Int) -> [String] {
    let parts = parts(plan: plan)
    if parts.count <= maximumLines && parts.allSatisfy({ TextWidth.columns(of: $0) <= columns }) { return parts }
    let long = TextWidth.wrapped(parts.joined(separator: " "), toColumns: columns)
    return long.count <= maximumLines ? long : TextWidth.wrapped(shortest(plan: plan), toColumns: columns)
  }

  /// The amount of so many seconds at the full price, or nil when it is not exact in the minor unit.
  static func exactPrice(ofSeconds seconds: Int64, plan: Plan) -> Money? {
    guard LineAmount.isExact(seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor),
      let minor = try? LineAmount.minorUnits(
        seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor, percent: .hundred)
    else { return nil }
    return Money(minorUnits: minor, currency: plan.currency)
  }

  /// The sentence in the pieces between which a line break reads best.
  private static func parts(plan: Plan) -> [String] {
    let head = plan.prices == .gross ? "Price, VAT included:" : "Price, without VAT:"
    let callOut = plan.callOutMinor > 0 ? " \(plan.callOut) call-out," : ""
    let (first, then) = (PeriodWords.english(plan.firstSeconds), PeriodWords.english(plan.thenSeconds))
    guard let firstPrice = exactPrice(ofSeconds: plan.firstSeconds, plan: plan),
      let thenPrice = exactPrice(ofSeconds: plan.thenSeconds, plan: plan)
    else {
      return [
        "\(head)\(callOut) \(plan.ratePerHour) an hour.", "The first \(first) counts whole, then every \(then) begun.",
      ]
    }
    if plan.firstSeconds == plan.thenSeconds { return ["\(head)\(callOut) \(firstPrice) for every \(first) begun."] }
    return ["\(head)\(callOut) \(firstPrice) for the first \(first),", "then \(thenPrice) for every \(then) begun."]
  }

  private static func shortest(plan: Plan) -> String {
    let head = plan.prices == .gross ? "VAT included:" : "Without VAT:"
    let callOut = plan.callOutMinor > 0 ? " \(plan.callOut) call-out," : ""
    let first = DurationText.exact(seconds: plan.firstSeconds)
    let then = DurationText.exact(seconds: plan.thenSeconds)
    guard let firstPrice = exactPrice(ofSeconds: plan.firstSeconds, plan: plan),
      let thenPrice = exactPrice(ofSeconds: plan.thenSeconds, plan: plan)
    else { return "\(head)\(callOut) \(plan.ratePerHour)/h, first \(first) whole, then per \(then) begun." }
    return "\(head)\(callOut) \(firstPrice) first \(first), then \(thenPrice) per \(then) begun."
  }
}

/// Lengths of periods in words that fit behind "the first" and "every".
enum PeriodWords {
  /// `15 minutes`, `minute`, `2 hours`, `90 seconds`, `1 h 05 min 10 s`.
  static func english(_ seconds: Int64) -> String {
    for (unit, length) in [("hour", Int64(3600)), ("minute", 60), ("second", 1)] where seconds % length == 0 {
      let count = seconds / length
      if length == 1 && count > 120 { break }
      return count == 1 ? unit : "\(count) \(unit)s"
    }
    return DurationText.exact(seconds: seconds)
  }
}
