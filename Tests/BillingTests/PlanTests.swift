import Billing
import SessionModel
import Testing

struct PlanTests {
  private func plan(
    id: String = "p", name: String = "P", rate: Int64 = 9000, first: Int64 = 900, then: Int64 = 360, grace: Int64 = 0,
    callOut: Int64 = 0, idle: Int64 = 600, gap: Int64 = 600
  ) throws -> Plan {
    try Plan(
      id: id, name: name, currency: .eur, ratePerHourMinor: rate, firstSeconds: first, thenSeconds: then,
      graceSeconds: grace, callOutMinor: callOut, idleSeconds: idle, mergeGapSeconds: gap)
  }

  private func key(of make: () throws -> Plan) -> String? {
    do {
      _ = try make()
      return nil
    } catch {
      return (error as? PlanError)?.key
    }
  }

  @Test func theStandardPlanPassesItsOwnChecks() throws {
    let plan = Plan.standard
    #expect(plan.ratePerHour.description == "90.00 EUR" && plan.prices == .net)
    #expect(plan.firstSeconds == 900 && plan.thenSeconds == 360)
    #expect(try Plan(json: plan.json) == plan)
  }

  @Test func impossibleValuesAreRefusedByTheirKey() {
    #expect(key { try plan() } == nil)
    #expect(key { try plan(first: 0) } == "first")
    #expect(key { try plan(first: -1) } == "first")
    #expect(key { try plan(then: 0) } == "then")
    #expect(key { try plan(first: .max) } == "first")
    #expect(key { try plan(then: 360, grace: 359) } == nil)
    #expect(key { try plan(then: 360, grace: 360) } == "grace")
    #expect(key { try plan(grace: -1) } == "grace")
    #expect(key { try plan(rate: -1) } == "rate_per_hour")
    #expect(key { try plan(rate: .max) } == "rate_per_hour")
    #expect(key { try plan(callOut: -1) } == "call_out")
    #expect(key { try plan(idle: 0) } == "idle.after")
    #expect(key { try plan(gap: -1) } == "merge_gap")
    #expect(key { try plan(gap: 0) } == nil)
    #expect(key { try plan(id: "") } == "id")
    #expect(key { try plan(id: String(repeating: "x", count: 65)) } == "id")
    #expect(key { try plan(name: "") } == "name")
    #expect(key { try plan(name: "a\u{202e}b") } == "name")
  }

  @Test(arguments: [
    (#"{}"#, "currency"), (#"[]"#, "the document"), (#"{"curency":"EUR"}"#, "curency"),
    (#"{"currency":"XAU"}"#, "currency"),
    (#"{"currency":"EUR"}"#, "id"), (#"{"currency":978}"#, "currency"),
    (#"{"currency":"EUR","id":"p","name":"P","first":"15m","then":"6m"}"#, "rate_per_hour"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":90,"first":"15m","then":"6m"}"#, "rate_per_hour"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90.001","first":"15m","then":"6m"}"#, "rate_per_hour"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15","then":"6m"}"#, "first"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15m","then":"6 m"}"#, "then"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15m"}"#, "then"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15m","then":"6m","prices":"x"}"#, "prices"),
    (#"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15m","then":"6m","idle":"10m"}"#, "idle"),
    (
      #"{"currency":"EUR","id":"p","name":"P","rate_per_hour":"90","first":"15m","then":"6m","technicians":"both"}"#,
      "technicians"
    ),
  ])
  func aPlanThatCannotBeReadNamesItsKey(text: String, key: String) throws {
    let json = try JSONValue(parsing: text)
    let error = #expect(throws: PlanError.self) { try Plan(json: json) }
    #expect(error?.key == key)
    #expect(TextSafety.problem(inField: error?.description ?? "\n") == nil)
  }

  @Test(arguments: [("15m", 900), ("1s", 1), ("90s", 90), ("2h", 7200), ("30d", 2_592_000), ("0s", 0)])
  func durationsAreANumberAndAUnit(text: String, seconds: Int64) {
    #expect(PlanDuration.seconds(text) == seconds)
    #expect(PlanDuration.seconds(PlanDuration.text(seconds: seconds)) == seconds)
  }

  @Test(arguments: [
    "", "m", "15", "15 m", "-15m", "+15m", "1.5h", "15M", "1h30m", "99999999999999999999s", "1000000000000000000d",
  ])
  func otherDurationsAreRefused(text: String) { #expect(PlanDuration.seconds(text) == nil) }
}

@Suite("Days, times and percentages as plans write them")
struct PlanTextTests {
  @Test("days are read as written, and every set comes back from its text")
  func days() throws {
    func days(_ text: String) -> [Int]? { Weekdays(text).map { set in (0..<7).filter { set.contains($0) } } }
    #expect(days("fri") == [4] && days("mon-fri") == [0, 1, 2, 3, 4] && days("sun-thu") == [0, 1, 2, 3, 6])
    #expect(days("sat, sun") == [5, 6] && days("mon-wed,fri") == [0, 1, 2, 4] && days("sun,mon") == [0, 6])
    #expect(Weekdays("mon-sun") == .all && Weekdays("thu-wed") == .all)
    for text in ["", "mon-", "-fri", "mon-wed-fri", "monday", "Mon", "mon;tue", "mon,,tue", "mo", "mon tue"] {
      #expect(Weekdays(text) == nil, "\(text)")
    }
    for bits in 1..<128 {
      let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].enumerated().filter { bits & 1 << $0.offset != 0 }
      let set = try #require(Weekdays(names.map(\.element).joined(separator: ",")))
      #expect(Weekdays(set.description) == set, "\(set)")
    }
    #expect(Weekdays("sun,mon")?.description == "sun-mon" && Weekdays("mon,wed,thu")?.description == "mon,wed-thu")
    #expect(!Weekdays.all.contains(7) && !Weekdays.all.contains(-1))
  }

  @Test("times of day reach from 00:00 to 24:00")
  func times() {
    #expect(
      TimeOfDay("00:00")?.minutes == 0 && TimeOfDay("24:00")?.minutes == 1440 && TimeOfDay("08:30")?.minutes == 510)
    #expect(TimeOfDay(minutes: 510)?.description == "08:30" && TimeOfDay(minutes: 1441) == nil)
    for text in ["", "8:00", "08:60", "24:01", "25:00", "08:00:00", "-1:00", "0800", "０8:00"] {
      #expect(TimeOfDay(text) == nil, "\(text)")
    }
  }

  @Test("percentages are exact decimals with at most three places")
  func percentages() throws {
    #expect(Percent("150") == Percent(150) && Percent("25.50") == Percent("25.5") && Percent("0") == .zero)
    for text in ["", ".5", "5.", "-1", "+1", "1e2", "01", "1.2345", "1,5", "99999999999999999999", "1.2.3"] {
      #expect(Percent(text) == nil, "\(text)")
    }
  }

  @Test("a time zone is a name of the database, never an abbreviation")
  func zones() throws {
    #expect(PlanTimeZone("UTC") == .utc && PlanTimeZone("Europe/Kyiv") != nil && PlanTimeZone("Etc/GMT-3") != nil)
    for text in ["", "EST", "GMT+3", "europe/helsinki", "Mars/Olympus", "/", "../etc/passwd", "Europe/Helsinki "] {
      #expect(PlanTimeZone(text) == nil, "\(text)")
    }
    let helsinki = try #require(PlanTimeZone("Europe/Helsinki"))
    let change = try #require(WallTime(rfc3339: "2026-03-29T01:00:00Z"))
    #expect(helsinki.offsetSeconds(at: change.advanced(byMilliseconds: -1)) == 7200)
    #expect(helsinki.offsetSeconds(at: change) == 10_800)
    #expect(helsinki.date(at: try #require(WallTime(rfc3339: "2026-03-31T21:00:00Z"))) == CivilDate("2026-04-01"))
    #expect(helsinki.date(at: WallTime(milliseconds: .min)).year == 0)
  }
}
