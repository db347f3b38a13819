import struct Foundation.Date
import struct Foundation.TimeZone
public import SessionModel

/// The time zone a plan is read in. Its rules come with the program, so that the machine's own zone and its zone files
/// change no bill.
public struct PlanTimeZone: Sendable, Hashable, CustomStringConvertible {
  /// The name in the IANA time zone database, as the plan wrote it.
  public let identifier: String
  private let zone: TimeZone

  /// Coordinated universal time.
  public static let utc = PlanTimeZone(identifier: "UTC", zone: .gmt)

  /// The zone of that name, or nil when there is none. Takes `UTC` and names of the form `Area/Place`: abbreviations such
  /// as `EST` mean different things to different people.
  public init?(_ identifier: String) {
    if identifier == Self.utc.identifier {
      self = .utc
      return
    }
    guard identifier.utf8.contains(UInt8(ascii: "/")), let zone = TimeZone(identifier: identifier) else { return nil }
    self.init(identifier: identifier, zone: zone)
  }

  private init(identifier: String, zone: TimeZone) {
    self.identifier = identifier
    self.zone = zone
  }

  /// The identifier.
  public var description: String { identifier }

  /// How far clocks are ahead of UTC at that moment, in seconds; negative west of Greenwich.
  public func offsetSeconds(at moment: WallTime) -> Int64 {
    // A Double holds milliseconds of the years 0000 to 9999 exactly enough: 48 of its 53 bits.
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.milliseconds) / 1000)))
  }

  /// The day clocks and calendars show at that moment.
  public func date(at moment: WallTime) -> CivilDate {
    CivilDate(daysSince1970: FloorDivision.quotient(localMilliseconds(at: moment), 86_400_000))
  }

  /// The same in milliseconds, for a moment in milliseconds since 1970.
  func offsetMilliseconds(at moment: Int64) -> Int64 { offsetSeconds(at: WallTime(milliseconds: moment)) * 1000 }

  /// Milliseconds since 1970-01-01T00:00:00 by the clock on the wall.
  func localMilliseconds(at moment: WallTime) -> Int64 {
    moment.milliseconds + offsetMilliseconds(at: moment.milliseconds)
  }

  /// The first millisecond behind `start` and before `end`, at most a day later, at which clocks are no longer `offset`
  /// milliseconds ahead; nil when they stay so. No zone sets its clocks twice within a day.
  func change(after start: Int64, before end: Int64, offset: Int64) -> Int64? {
    guard offsetMilliseconds(at: end - 1) != offset else { return nil }
    var (same, different) = (start, end - 1)
    while different - same > 1 {
      let middle = same + (different - same) / 2
      if offsetMilliseconds(at: middle) == offset { same = middle } else { different = middle }
    }
    return different
  }

  /// By identifier.
  public static func == (left: PlanTimeZone, right: PlanTimeZone) -> Bool { left.identifier == right.identifier }
  /// By identifier.
  public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}

/// Division that rounds toward the past, also before 1970.
enum FloorDivision {
  static func quotient(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
