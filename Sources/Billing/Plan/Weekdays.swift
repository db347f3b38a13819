/// A set of days of the week, as plans write it: a day, a range, which may wrap (`sun-thu`), or a comma list.
public struct Weekdays: Hashable, Sendable, CustomStringConvertible {
  /// Three letters each, Monday first.
  static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
  /// Every day.
  public static let all = Weekdays(bits: 0b111_1111)

  /// One bit a day, Monday the lowest.
  private let bits: UInt8

  private init(bits: UInt8) { self.bits = bits }

  /// Reads `fri`, `mon-fri`, `sun-thu`, `sat, sun` or `mon-wed, fri`; nil for anything else.
  public init?(_ text: String) {
    var bits: UInt8 = 0
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { Self.index(of: Self.trimmed($0)) }
      guard let first = ends.first, let first, let last = ends.last, let last, ends.count <= 2 else { return nil }
      var day = first
      bits |= 1 << day
      while day != last {
        day = (day + 1) % 7
        bits |= 1 << day
      }
    }
    self.bits = bits
  }

  /// Whether the set has that day, 0 for Monday to 6 for Sunday.
  public func contains(_ weekday: Int) -> Bool { (0...6).contains(weekday) && bits & (1 << UInt8(weekday)) != 0 }

  /// The set as a plan writes it: neighbouring days as a range, the first one beginning behind a gap.
  public var description: String {
    if self == .all { return "mon-sun" }
    // Sunday and Monday touch, so the first run begins behind a gap.
    let start = (0..<7).first { contains($0) && !contains(($0 + 6) % 7) } ?? 0
    var items: [String] = []
    var offset = 0
    while offset < 7 {
      var length = 0
      while offset + length < 7, contains((start + offset + length) % 7) { length += 1 }
      let (first, last) = (Self.names[(start + offset) % 7], Self.names[(start + offset + max(length, 1) - 1) % 7])
      switch length {
      case 0: break
      case 1: items.append(first)
      default: items.append("\(first)-\(last)")
      }
      offset += max(length, 1)
    }
    return items.joined(separator: ",")
  }

  /// 0 for Monday to 6 for Sunday; 1970-01-01 was a Thursday.
  static func weekday(ofDaysSince1970 days: Int64) -> Int { Int(days - 7 * FloorDivision.quotient(days + 3, 7) + 3) }

  private static func index(of name: Substring) -> UInt8? {
    names.firstIndex { $0 == name }.map { UInt8($0) }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return text
  }
}

/// A time of day by the clock on the wall, in minutes from midnight: 0 to 1,440, which is 24:00.
public struct TimeOfDay: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Minutes of a day.
  public static let minutesPerDay: Int64 = 1440
  /// 0 to 1,440.
  public let minutes: Int64

  /// Nil beyond 24:00.
  public init?(minutes: Int64) {
    guard (0...Self.minutesPerDay).contains(minutes) else { return nil }
    self.minutes = minutes
  }

  /// Reads `HH:MM` from `00:00` to `24:00`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let hour = Int64(parts[0]), let minute = Int64(parts[1]), minute < 60
    else { return nil }
    self.init(minutes: hour * 60 + minute)
  }

  /// `08:00`
  public var description: String {
    [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }

  /// By time.
  public static func < (left: TimeOfDay, right: TimeOfDay) -> Bool { left.minutes < right.minutes }
}
