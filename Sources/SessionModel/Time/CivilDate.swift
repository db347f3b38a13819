/// A day of the proleptic Gregorian calendar in the years 0000 to 9999.
///
/// The conversions are the era-based ones of Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years are
/// counted from March, so that the leap day is the last of the year, in eras of 400 years (146,097 days).
public struct CivilDate: Hashable, Sendable, Comparable {
  /// 0 to 9999.
  public let year: Int64
  /// 1 to 12.
  public let month: Int64
  /// 1 to 28, 29, 30 or 31.
  public let day: Int64

  /// The date, or nil when there is no such day.
  public init?(year: Int64, month: Int64, day: Int64) {
    guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.days(inMonth: month, ofYear: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day `days` after 1970-01-01, clamped to the years 0000 to 9999.
  public init(daysSince1970 days: Int64) {
    let first: Int64 = -719_528
    let last: Int64 = 2_932_896
    let shifted = min(max(days, first), last) + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to this day; negative before it.
  public var daysSince1970: Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// By day.
  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  private static func days(inMonth month: Int64, ofYear year: Int64) -> Int64 {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }
}

extension CivilDate: CustomStringConvertible {
  /// Reads `2026-12-25` (RFC 3339 full-date); nil for anything else and for days that do not exist.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard parts.map(\.count) == [4, 2, 2], parts.allSatisfy({ $0.allSatisfy(digits.contains) }) else { return nil }
    let numbers = parts.map { part in part.reduce(Int64(0)) { $0 * 10 + Int64($1 - digits.lowerBound) } }
    self.init(year: numbers[0], month: numbers[1], day: numbers[2])
  }

  /// `2026-12-25`
  public var description: String {
    let fields = [(year, 4), (month, 2), (day, 2)].map { number, width in
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
    return fields.joined(separator: "-")
  }
}
