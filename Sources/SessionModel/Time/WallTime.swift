/// A moment of civil time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX). Pure code is handed
/// moments; only adapters read the clock. It dates entries and documents, and never measures a duration that is billed.
///
/// Every value lies in the years 0000 to 9999, so that its RFC 3339 text always exists; what lies outside is clamped.
public struct WallTime: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// 0000-01-01T00:00:00Z in milliseconds.
  public static let minimumMilliseconds: Int64 = -62_167_219_200_000
  /// 9999-12-31T23:59:59.999Z in milliseconds.
  public static let maximumMilliseconds: Int64 = 253_402_300_799_999

  /// Milliseconds since 1970-01-01T00:00:00Z, within the limits above.
  public let milliseconds: Int64

  /// The moment `milliseconds` after 1970-01-01T00:00:00Z, clamped to the years 0000 to 9999.
  public init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, Self.minimumMilliseconds), Self.maximumMilliseconds)
  }

  /// The moment `milliseconds` later (earlier when negative), clamped.
  public func advanced(byMilliseconds milliseconds: Int64) -> WallTime {
    let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
    return WallTime(milliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
  }

  /// Milliseconds from `earlier` to this moment; negative when `earlier` is later. Cannot overflow.
  public func milliseconds(since earlier: WallTime) -> Int64 { milliseconds - earlier.milliseconds }

  /// By time.
  public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

  /// RFC 3339 in UTC: `2026-11-21T20:28:50Z`, or `2026-11-21T20:28:50.120Z` when there are milliseconds.
  public var rfc3339: String {
    let parts = dayAndMillisecond
    let seconds = parts.millisecond / 1000
    let rest = parts.millisecond % 1000
    let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Self.padded($0, to: 2) }.joined(separator: ":")
    return "\(date)T\(time)\(rest == 0 ? "" : "." + Self.padded(rest, to: 3))Z"
  }

  /// The same as ``rfc3339``.
  public var description: String { rfc3339 }

  /// The day in UTC: `2026-11-21`.
  public var date: String {
    let civil = CivilDate(daysSince1970: dayAndMillisecond.day)
    return "\(Self.padded(civil.year, to: 4))-\(Self.padded(civil.month, to: 2))-\(Self.padded(civil.day, to: 2))"
  }

  /// The time of day in UTC, cut to the minute: `20:28`.
  public var clock: String {
    let minutes = dayAndMillisecond.millisecond / 60_000
    return "\(Self.padded(minutes / 60, to: 2)):\(Self.padded(minutes % 60, to: 2))"
  }

  /// Reads RFC 3339 text in UTC: `YYYY-MM-DDTHH:MM:SS`, a fraction of one to nine digits (cut to milliseconds), capital `Z`.
  /// Nil for anything else: other offsets, lower case, impossible days, hour 24 and leap seconds.
  public init?(rfc3339 text: String) {
    var reader = TimestampReader(bytes: Array(text.utf8))
    guard let year = reader.number(digits: 4), reader.skip("-"), let month = reader.number(digits: 2),
      reader.skip("-"), let day = reader.number(digits: 2), reader.skip("T"), let hour = reader.number(digits: 2),
      reader.skip(":"), let minute = reader.number(digits: 2), reader.skip(":"),
      let second = reader.number(digits: 2), let fraction = reader.fractionMilliseconds(), reader.skip("Z"),
      reader.isAtEnd
    else { return nil }
    guard let date = CivilDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60 else {
      return nil
    }
    let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
    self.init(milliseconds: seconds * 1000 + fraction)
  }

  private var dayAndMillisecond: (day: Int64, millisecond: Int64) {
    let perDay: Int64 = 86_400_000
    let (quotient, remainder) = milliseconds.quotientAndRemainder(dividingBy: perDay)
    return remainder < 0 ? (quotient - 1, remainder + perDay) : (quotient, remainder)
  }

  private static func padded(_ number: Int64, to width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

/// Walks over a timestamp's bytes.
private struct TimestampReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  mutating func number(digits: Int) -> Int64? {
    guard position + digits <= bytes.count else { return nil }
    var value: Int64 = 0
    for byte in bytes[position..<position + digits] {
      guard let digit = Self.digit(byte) else { return nil }
      value = value * 10 + digit
    }
    position += digits
    return value
  }

  /// 0 without a fraction; nil for a point with no digit or more than nine behind it.
  mutating func fractionMilliseconds() -> Int64? {
    guard skip(".") else { return 0 }
    var value: Int64 = 0
    var count = 0
    while position < bytes.count, let digit = Self.digit(bytes[position]) {
      if count < 3 { value = value * 10 + digit }
      count += 1
      position += 1
      if count > 9 { return nil }
    }
    guard count > 0 else { return nil }
    return count == 1 ? value * 100 : count == 2 ? value * 10 : value
  }

  private static func digit(_ byte: UInt8) -> Int64? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
  }
}
