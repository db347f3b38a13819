import SessionModel
import Testing

@testable import Billing

struct OutOfHoursOutlookTests {
  private func plan(limits: Limits = .none) throws -> Plan {
    func time(_ text: String) throws -> TimeOfDay { try #require(TimeOfDay(text)) }
    let evenings = OutOfHoursRules.Rule(
      days: .all, from: try time("18:00"), to: try time("08:00"), percent: Percent(150))
    let sundays = OutOfHoursRules.Rule(
      days: try #require(Weekdays("sun")), from: try time("00:00"), to: try time("24:00"), percent: Percent(200))
    return try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 360,
      timeZone: try #require(PlanTimeZone("Europe/Helsinki")), outOfHours: OutOfHoursRules(rules: [evenings, sundays]),
      limits: limits)
  }

  private func outlook(_ moment: String, limits: Limits = .none) throws -> OutOfHoursOutlook {
    OutOfHoursOutlook(try plan(limits: limits), at: try #require(WallTime(rfc3339: moment)))
  }

  /// 15:00 in Helsinki on a Monday, and on a Saturday that Sunday follows.
  @Test func whatGetsDearerWithinTheDayIsForeseen() throws {
    let monday = try outlook("2026-03-02T13:00:00Z")
    #expect(monday == OutOfHoursOutlook(rises: [.init(percent: Percent(150), from: Samples.clock("18:00"))]))
    let saturday = try outlook("2026-03-07T13:00:00Z")
    #expect(
      saturday.rises == [
        .init(percent: Percent(150), from: Samples.clock("18:00", on: "2026-03-07")),
        .init(percent: Percent(200), from: Samples.clock("00:00", on: "2026-03-08"), isTomorrow: true),
      ])
  }

  /// However many there are, what is told is never less than what comes: the last one told has the highest of the others.
  @Test func theHighestIsAlwaysTold() throws {
    func rule(_ from: String, _ to: String, _ percent: Int64) throws -> OutOfHoursRules.Rule {
      .init(
        days: .all, from: try #require(TimeOfDay(from)), to: try #require(TimeOfDay(to)), percent: Percent(percent))
    }
    let rules = [
      try rule("14:00", "15:00", 110), try rule("15:00", "16:00", 120), try rule("16:00", "17:00", 130),
      try rule("17:00", "18:00", 500), try rule("18:00", "19:00", 400),
    ]
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 360,
      outOfHours: OutOfHoursRules(rules: rules))
    let outlook = OutOfHoursOutlook(plan, at: try #require(WallTime(rfc3339: "2026-03-02T13:00:00Z")))
    #expect(outlook.rises.map(\.percent) == [Percent(110), Percent(120), Percent(500)])
    #expect(outlook.rises.last?.from == Samples.clock("16:00"))
  }

  @Test func anEveningIsNamedAsWhatItIsNow() throws {
    #expect(try outlook("2026-03-02T17:00:00Z") == OutOfHoursOutlook(now: Percent(150)))
  }

  /// A limit counts billed time: an hour of it can lie on both sides of an evening, with pauses between.
  @Test func aLimitOfTimeDoesNotEndTheOutlook() throws {
    let limited = try outlook("2026-03-02T13:00:00Z", limits: Limits(sessionSeconds: 3600))
    #expect(limited.rises == [.init(percent: Percent(150), from: Samples.clock("18:00"))])
  }
}
