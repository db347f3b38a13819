import Billing
import SessionModel

/// A time zone in the year 2026, written out by hand: what the clocks show is not taken from the code under test.
struct ReferenceZone {
  let identifier: String
  /// Minutes ahead of UTC on 1 January.
  let winterMinutes: Int64
  /// When clocks were set in 2026, and how far ahead of UTC they are from then on, in minutes.
  let changes: [(at: String, minutes: Int64)]

  static let all = [
    ReferenceZone(identifier: "UTC", winterMinutes: 0, changes: []),
    ReferenceZone(
      identifier: "Europe/Helsinki", winterMinutes: 120,
      changes: [("2026-03-29T01:00:00Z", 180), ("2026-10-25T01:00:00Z", 120)]),
    ReferenceZone(
      identifier: "America/New_York", winterMinutes: -300,
      changes: [("2026-03-08T07:00:00Z", -240), ("2026-11-01T06:00:00Z", -300)]),
    ReferenceZone(identifier: "Asia/Seoul", winterMinutes: 540, changes: []),
    ReferenceZone(identifier: "Asia/Kathmandu", winterMinutes: 345, changes: []),
    // Half an hour, in the other half of the year.
    ReferenceZone(
      identifier: "Australia/Lord_Howe", winterMinutes: 660,
      changes: [("2026-04-04T15:00:00Z", 630), ("2026-10-03T15:30:00Z", 660)]),
  ]

  /// 2026-01-01T00:00:00Z, a Thursday.
  static let newYear: Int64 = 1_767_225_600_000

  /// The moments of ``changes`` in milliseconds since 1970.
  let moments: [(at: Int64, minutes: Int64)]

  init(identifier: String, winterMinutes: Int64, changes: [(at: String, minutes: Int64)]) {
    self.identifier = identifier
    self.winterMinutes = winterMinutes
    self.changes = changes
    moments = changes.map { (WallTime(rfc3339: $0.at)?.milliseconds ?? 0, $0.minutes) }
  }

  /// What the clock on the wall shows at a moment of 2026 or the first day after it: the day of the year from 0, the day of
  /// the week from Monday = 0, the minute of the day. New Year's Eve before counts as day -1.
  func clock(at moment: Int64) -> (day: Int, weekday: Int, minute: Int) {
    var ahead = winterMinutes
    for change in moments where moment >= change.at { ahead = change.minutes }
    // Counted from a week before the year, so that nothing is negative.
    let minutes = (moment - Self.newYear) / 60_000 + ahead + 7 * 1440
    let day = Int(minutes / 1440) - 7
    return (day, (day + 7 + 3) % 7, Int(minutes % 1440))
  }

  /// The date of a day of the year, from 0.
  static func date(_ day: Int) -> CivilDate? {
    var day = day
    for (index, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
      if day < length { return CivilDate(year: 2026, month: Int64(index + 1), day: Int64(day + 1)) }
      day -= length
    }
    return nil
  }
}
