import Foundation
import SessionModel
import TestSupport
import Testing

struct WallTimeTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (1_795_292_930_000, "2026-11-21T20:28:50Z"),
    (1_795_292_930_120, "2026-11-21T20:28:50.120Z"), (1_795_292_930_007, "2026-11-21T20:28:50.007Z"),
    (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
    (-2_203_891_200_000, "1900-03-01T00:00:00Z"), (WallTime.minimumMilliseconds, "0000-01-01T00:00:00Z"),
    (WallTime.maximumMilliseconds, "9999-12-31T23:59:59.999Z"),
  ])
  func textAndMillisecondsGoBothWays(milliseconds: Int64, text: String) {
    #expect(WallTime(milliseconds: milliseconds).rfc3339 == text)
    #expect(WallTime(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test func dateAndClockAreOfTheSameMoment() {
    let time = WallTime(milliseconds: 1_795_292_930_120)
    #expect(time.date == "2026-11-21")
    #expect(time.clock == "20:28")
    #expect(time.description == time.rfc3339)
    #expect(WallTime(milliseconds: -1).clock == "23:59")
  }

  @Test func fractionsAreCutToMilliseconds() {
    #expect(WallTime(rfc3339: "1970-01-01T00:00:00.5Z")?.milliseconds == 500)
    #expect(WallTime(rfc3339: "1970-01-01T00:00:00.05Z")?.milliseconds == 50)
    #expect(WallTime(rfc3339: "1970-01-01T00:00:00.999999999Z")?.milliseconds == 999)
    #expect(WallTime(rfc3339: "1969-12-31T23:59:59.9999Z")?.milliseconds == -1)
  }

  @Test(arguments: [
    "", "Z", "2026-11-21", "2026-11-21T20:28:50", "2026-11-21 20:28:50Z", "2026-11-21t20:28:50z",
    "2026-11-21T20:28:50+00:00", "2026-11-21T20:28Z", "2026-11-21T20:28:50.Z", "2026-11-21T20:28:50.1234567890Z",
    "2026-11-21T20:28:60Z", "2026-11-21T24:00:00Z", "2026-11-21T20:60:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z", "+026-11-21T20:28:50Z", "-026-11-21T20:28:50Z", "2026-11-21T20:28:50Zx",
    " 2026-11-21T20:28:50Z", "2026-11-21T20:28:50Z\n", "٢٠٢٦-11-21T20:28:50Z", "2026-11-21T20:28:50,5Z",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(WallTime(rfc3339: text) == nil)
  }

  @Test func everyDayAgreesWithTheNextAndWithFoundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    var generator = SeededGenerator()
    for _ in 0..<2000 {
      // After 1583, where Foundation's calendar is Gregorian too.
      let days = Int64.random(in: -141_000...2_932_895, using: &generator)
      let date = CivilDate(daysSince1970: days)
      #expect(date.daysSince1970 == days, "seed \(Seed.current)")
      #expect(CivilDate(year: date.year, month: date.month, day: date.day) == date)
      #expect(date < CivilDate(daysSince1970: days + 1))
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
      #expect(parts.year == Int(date.year) && parts.month == Int(date.month) && parts.day == Int(date.day))
    }
    for days in Int64(-719_528)...(-718_000) { #expect(CivilDate(daysSince1970: days).daysSince1970 == days) }
  }

  @Test func everyMomentSurvivesItsText() {
    var generator = SeededGenerator()
    for _ in 0..<2000 {
      let range = WallTime.minimumMilliseconds...WallTime.maximumMilliseconds
      let time = WallTime(milliseconds: .random(in: range, using: &generator))
      #expect(WallTime(rfc3339: time.rfc3339) == time, "seed \(Seed.current)")
    }
  }

  @Test func extremesAreClampedAndNeverTrap() {
    #expect(WallTime(milliseconds: .max).milliseconds == WallTime.maximumMilliseconds)
    #expect(WallTime(milliseconds: .min).milliseconds == WallTime.minimumMilliseconds)
    #expect(WallTime(milliseconds: 0).advanced(byMilliseconds: .max).milliseconds == WallTime.maximumMilliseconds)
    #expect(WallTime(milliseconds: -5).advanced(byMilliseconds: .min).milliseconds == WallTime.minimumMilliseconds)
    #expect(WallTime(milliseconds: .max).milliseconds(since: WallTime(milliseconds: .min)) > 0)
    #expect(CivilDate(daysSince1970: .max).year == 9999)
    #expect(CivilDate(daysSince1970: .min).year == 0)
  }
}

struct MonotonicInstantTests {
  @Test func arithmeticSaturates() {
    let end = MonotonicInstant(nanoseconds: .max)
    let start = MonotonicInstant(nanoseconds: .min)
    #expect(end.advanced(byMilliseconds: 1) == end)
    #expect(start.advanced(byMilliseconds: -1) == start)
    #expect(MonotonicInstant(nanoseconds: 0).advanced(byMilliseconds: .max) == end)
    #expect(MonotonicInstant(nanoseconds: 0).advanced(byMilliseconds: .min) == start)
    #expect(end.milliseconds(since: start) == .max / 1_000_000)
    #expect(start.milliseconds(since: end) == .min / 1_000_000)
  }

  @Test func textHasThreeDecimals() {
    #expect(MonotonicInstant(nanoseconds: 1_005_000_000).description == "1.005s")
    #expect(MonotonicInstant(nanoseconds: -1_005_000_000).description == "-1.005s")
    #expect(MonotonicInstant(nanoseconds: .min).description.hasPrefix("-"))
  }
}
