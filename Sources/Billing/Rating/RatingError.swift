public import SessionModel

/// Why work cannot be rated by a plan. The description is one line.
public enum RatingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An interval ends before it begins.
  case reversedInterval(from: WallTime, to: WallTime)
  /// The plan has no such work type.
  case unknownWorkType(String)
  /// Rework by a plan that has no rule for it.
  case reworkWithoutRule
  /// Included time by a plan that includes none.
  case includedWithoutRule
  /// Less than nothing is left of included time or of a quote.
  case negativeLeft
  /// More activity than ``Rating/maximumActiveMilliseconds``.
  case tooLong
  /// A sum does not fit 64 bits.
  case overflow

  /// What was wrong.
  public var description: String {
    switch self {
    case .reversedInterval(let from, let to): "an interval ends at \(to) before it begins at \(from)"
    case .unknownWorkType(let name): "the plan has no work type \"\(TextSafety.escaped(name))\""
    case .reworkWithoutRule: "the work is rework, and the plan has no rework rule"
    case .includedWithoutRule: "there is included time left, and the plan includes none"
    case .negativeLeft: "what is left of included time or of a quote must not be negative"
    case .tooLong: "the session is longer than ten years"
    case .overflow: "the amount is too large to be computed"
    }
  }
}

/// Integer arithmetic that throws instead of trapping.
enum Checked {
  static func sum(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    if overflow { throw .overflow }
    return value
  }

  static func difference(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.subtractingReportingOverflow(right)
    if overflow { throw .overflow }
    return value
  }

  static func product(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    if overflow { throw .overflow }
    return value
  }
}
