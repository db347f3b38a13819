/// Days, times of day and durations as each language writes them. The clock has 24 hours everywhere.
extension Language {
  /// A day: `1 April 2026`, `2026년 4월 1일`, `1.4.2026`, `1 апреля 2026 года`, `1 kwietnia 2026 roku`.
  public func date(_ date: CivilDate) -> String {
    let month = Int(date.month) - 1
    switch self {
    case .english: return "\(date.day) \(Self.englishMonths[month]) \(date.year)"
    case .korean: return "\(date.year)년 \(date.month)월 \(date.day)일"
    case .finnish: return "\(date.day).\(date.month).\(date.year)"
    case .russian:
      return ["\(date.day)", Self.russianMonths[month], "\(date.year)", "года"].joined(separator: "\u{a0}")
    case .polish: return ["\(date.day)", Self.polishMonths[month], "\(date.year)", "roku"].joined(separator: "\u{a0}")
    }
  }

  /// The time of day: `10:02`; in Finnish `10.02`.
  public func clock(_ time: CivilTime) -> String {
    "\(Self.twoDigits(time.hour))\(self == .finnish ? "." : ":")\(Self.twoDigits(time.minute))"
  }

  /// From one time of day to another: `10:02-10:09`, `10:02~10:09`, `10:02–10:09`.
  public func clock(from: CivilTime, to: CivilTime) -> String {
    let dash =
      switch self {
      case .english: "-"
      case .korean: "~"
      case .finnish, .russian, .polish: "–"
      }
    return clock(from) + dash + clock(to)
  }

  /// A duration to the second, in abbreviated units, without what is zero at the end: `1 h 05 min`, `15 min 01 s`,
  /// `1시간 5분`, `1 ч 05 мин`, `1 godz. 05 min`. Negative reads as nothing.
  public func duration(seconds: Int64) -> String {
    let seconds = max(0, seconds)
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
    var parts: [String] = []
    if hours > 0 { parts.append("\(number(hours))\(unitSpace)\(hourMark)") }
    if minutes > 0 || (hours > 0 && rest > 0) {
      parts.append("\(inner(minutes, isFirst: parts.isEmpty))\(unitSpace)\(minuteMark)")
    }
    if rest > 0 || parts.isEmpty { parts.append("\(inner(rest, isFirst: parts.isEmpty))\(unitSpace)\(secondMark)") }
    return parts.joined(separator: self == .english ? " " : Self.noBreakSpace)
  }

  /// The same, cut down to what matters at a glance: `45 s`, `12 min`, `1 h 05 min`.
  public func shortDuration(seconds: Int64) -> String {
    duration(seconds: seconds < 60 ? seconds : seconds / 60 * 60)
  }

  private func inner(_ value: Int64, isFirst: Bool) -> String {
    isFirst || self == .korean ? "\(value)" : Self.twoDigits(value)
  }

  private var hourMark: String {
    switch self {
    case .english, .finnish: "h"
    case .korean: "시간"
    case .russian: "ч"
    case .polish: "godz."
    }
  }

  private var minuteMark: String {
    switch self {
    case .english, .finnish, .polish: "min"
    case .korean: "분"
    case .russian: "мин"
    }
  }

  private var secondMark: String {
    switch self {
    case .english, .finnish, .polish: "s"
    case .korean: "초"
    case .russian: "с"
    }
  }

  private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static let englishMonths = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let russianMonths = [
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
  ]
  private static let polishMonths = [
    "stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
    "listopada", "grudnia",
  ]
}
