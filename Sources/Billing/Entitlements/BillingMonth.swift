public import SessionModel

/// A month of the calendar on a plan's wall: what included time, limits and invoices go by. A session belongs to the month
/// of its first active second.
public struct BillingMonth: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// 0 to 9999.
  public let year: Int64
  /// 1 to 12.
  public let month: Int64

  /// The month of a day.
  public init(_ date: CivilDate) {
    year = date.year
    month = date.month
  }

  /// Reads `2026-11`; nil for anything else.
  public init?(_ text: String) {
    guard let date = CivilDate("\(text)-01") else { return nil }
    self.init(date)
  }

  /// Months since the year 0, for counting.
  var number: Int64 { year * 12 + month - 1 }

  /// `2026-11`
  public var description: String { String(CivilDate(year: year, month: month, day: 1)?.description.prefix(7) ?? "") }

  /// By time.
  public static func < (left: BillingMonth, right: BillingMonth) -> Bool { left.number < right.number }
}

extension Plan {
  /// The month a moment belongs to, by the plan's clock.
  public func month(of moment: WallTime) -> BillingMonth { BillingMonth(timeZone.date(at: moment)) }
}
