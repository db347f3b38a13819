/// A time of day on a day, as a clock on the wall of some time zone shows it, to the minute. It dates documents; nothing is
/// measured with it.
public struct CivilTime: Hashable, Sendable, Comparable {
  /// The day.
  public let date: CivilDate
  /// 0 to 23.
  public let hour: Int64
  /// 0 to 59.
  public let minute: Int64

  /// The time, or nil when no clock shows it.
  public init?(date: CivilDate, hour: Int64, minute: Int64) {
    guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
    self.date = date
    self.hour = hour
    self.minute = minute
  }

  /// The moment as a clock shows it that is `offsetSeconds` ahead of UTC, the seconds cut off.
  public init(_ moment: WallTime, offsetSeconds: Int64 = 0) {
    let local = moment.advanced(byMilliseconds: offsetSeconds * 1000).milliseconds
    let day = local >= 0 ? local / 86_400_000 : (local - 86_399_999) / 86_400_000
    date = CivilDate(daysSince1970: day)
    let minutes = (local - day * 86_400_000) / 60_000
    (hour, minute) = (minutes / 60, minutes % 60)
  }

  /// By day, then by time.
  public static func < (left: CivilTime, right: CivilTime) -> Bool {
    (left.date, left.hour, left.minute) < (right.date, right.hour, right.minute)
  }
}
