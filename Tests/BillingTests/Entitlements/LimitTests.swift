import Billing
import SessionModel
import TestSupport
import Testing

@Suite("Limits")
struct LimitTests {
  private func plan(_ limits: JSONValue, _ more: [String: JSONValue] = [:]) throws -> Plan {
    try CustomerHistory.plan(more.merging(["limits": limits]) { given, _ in given })
  }

  private func reached(
    _ plan: Plan, activeMilliseconds: Int64, lookAhead: Int64 = 1000, month: Int64 = 0, grants: LimitGrants = .init(),
    workType: String? = nil, quote: QuoteLeft? = nil, isRunning: Bool = true
  ) throws -> LimitReached? {
    let now = WallTime(milliseconds: activeMilliseconds)
    let work = Work(
      intervals: activeMilliseconds > 0 ? [WorkInterval(from: WallTime(milliseconds: 0), to: now)] : [], quote: quote)
    return try LimitCheck.reached(
      plan: plan, work: work, running: isRunning ? [RunningWork(technician: nil, workType: workType)] : [], at: now,
      lookAheadMilliseconds: lookAhead, monthSeconds: month, grants: grants)
  }

  @Test("a session stops before the period that would pass its limit, and a yes grants the same again")
  func session() throws {
    let plan = try plan(["session": "27m"])
    // 15 and two times 6 minutes are 27: the next period begins with second 1,621.
    #expect(try reached(plan, activeMilliseconds: 1_619_999) == nil)
    let stop = try #require(try reached(plan, activeMilliseconds: 1_620_000))
    #expect(stop.kind == .session && stop.allowed == 1620 && stop.step == 1620 && stop.next == 1980)
    #expect(try reached(plan, activeMilliseconds: 1_620_000, isRunning: false) == nil)
    let once = LimitGrants(session: 1)
    #expect(try reached(plan, activeMilliseconds: 1_620_000, grants: once) == nil)
    let again = try #require(try reached(plan, activeMilliseconds: 3_240_000, grants: once))
    #expect(again.allowed == 3240 && again.step == 1620)
  }

  @Test("where one period costs more than the limit, a yes grants it as often as that period needs")
  func largePeriod() throws {
    let amount = try #require(try reached(plan(["session_amount": "10.00"]), activeMilliseconds: 0))
    #expect(amount.allowed == 1000 && amount.next == 2250 && amount.steps == 2 && amount.granted == 3000)
    #expect(
      try reached(
        plan(["session_amount": "10.00"]), activeMilliseconds: 0, grants: LimitGrants(sessionAmount: amount.steps))
        == nil)
    let time = try #require(try reached(plan(["session": "4m"]), activeMilliseconds: 0))
    #expect(time.steps == 3 && time.granted == 960, "15 minutes are within 16")
    let exact = try #require(try reached(plan(["session": "5m"]), activeMilliseconds: 0))
    #expect(exact.steps == 2 && exact.granted == 900)
    let endless = try #require(try reached(plan(["month": "10h"]), activeMilliseconds: 0, month: .max))
    #expect(endless.next == .max && endless.granted == .max)
  }

  @Test("whatever the look-ahead, what is billed when it stops is within the limit")
  func neverPassed() throws {
    var random = SeededGenerator()
    for _ in 0..<50 {
      let limit = Int64.random(in: 900...5000, using: &random)
      let plan = try plan(
        ["session": .string("\(limit)s")], ["grace": .string("\(Int.random(in: 0..<360, using: &random))s")])
      let tick = Int64.random(in: 100...3000, using: &random)
      var active: Int64 = 0
      while try reached(plan, activeMilliseconds: active, lookAhead: tick) == nil { active += tick }
      let billed = try Rating.rate(
        plan: plan,
        intervals: [WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: active))])
      #expect(billed.billedSeconds <= limit, "seed \(Seed.current)")
    }
  }

  @Test("the sum of all lines is limited, and the month over all sessions")
  func amountAndMonth() throws {
    let amount = try plan(["session_amount": "40.00"], ["call_out": "10.00"])
    #expect(try reached(amount, activeMilliseconds: 800_000) == nil)
    let stop = try #require(try reached(amount, activeMilliseconds: 900_000))
    #expect(stop.kind == .sessionAmount && stop.allowed == 4000 && stop.next == 4150)
    #expect(try reached(amount, activeMilliseconds: 900_000, grants: LimitGrants(sessionAmount: 1)) == nil)
    let month = try plan(["month": "10h"])
    #expect(try reached(month, activeMilliseconds: 0, month: 36_000 - 900) == nil)
    #expect(try reached(month, activeMilliseconds: 0, month: 36_000 - 899)?.kind == .month)
    #expect(try reached(month, activeMilliseconds: 0, month: .max)?.next == .max)
    #expect(try reached(month, activeMilliseconds: 0, month: 36_000, grants: LimitGrants(month: 1)) == nil)
  }

  @Test("work that was not agreed stops before it begins, by its type")
  func scope() throws {
    let types: JSONValue = [["type": "remote", "percent": 100], ["type": "consult", "percent": 120]]
    let plan = try plan(["in_scope": ["remote"]], ["work_types": types])
    #expect(try reached(plan, activeMilliseconds: 0) == nil)
    let stop = try #require(try reached(plan, activeMilliseconds: 0, workType: "consult"))
    #expect(stop.kind == .scope && stop.workType == "consult")
    let granted = LimitGrants(scope: ["consult"])
    #expect(try reached(plan, activeMilliseconds: 0, grants: granted, workType: "consult") == nil)
    #expect(throws: RatingError.unknownWorkType("x")) { try reached(plan, activeMilliseconds: 0, workType: "x") }
  }

  @Test("an agreed price answers the limit of the sum, and a fixed one that of the session's time; all others hold on")
  func quote() throws {
    let atMost = QuoteLeft(id: "Q", leftMinor: 100)
    let fixed = QuoteLeft(id: "Q", leftMinor: 100, binding: .fixed)
    func stop(_ limits: JSONValue, _ quote: QuoteLeft, workType: String? = nil) throws -> LimitKind? {
      let types: JSONValue = [["type": "remote", "percent": 100], ["type": "consult", "percent": 120]]
      let plan = try plan(limits, ["work_types": types])
      return try reached(plan, activeMilliseconds: 900_000, workType: workType, quote: quote)?.kind
    }
    for quote in [atMost, fixed] {
      #expect(try stop(["session_amount": "0.01"], quote) == nil)
      #expect(try stop(["session_amount": "0.01", "month": "15m"], quote) == .month)
      #expect(try stop(["in_scope": ["remote"]], quote, workType: "consult") == .scope)
    }
    #expect(try stop(["session": "15m"], atMost) == .session && stop(["session": "15m"], fixed) == nil)
    let made = Quote(id: "Q", binding: .fixed, amountMinor: 100)
    #expect(Entitlements.left(of: made, earlier: []).binding == .fixed)
  }

  @Test("huge grants do not trap")
  func hugeGrants() throws {
    let plan = try plan(["session": "15m", "month": "15m", "session_amount": "0.01"])
    let grants = LimitGrants(sessionAmount: .max, session: .max, month: .max)
    #expect(try reached(plan, activeMilliseconds: 9_000_000, month: .max, grants: grants) == nil)
    #expect(try reached(try CustomerHistory.plan(), activeMilliseconds: 9_000_000) == nil)
  }

  @Test("what is dearer soon is known before the customer says yes")
  func outlook() throws {
    let plan = try CustomerHistory.plan([
      "out_of_hours": ["rules": [["days": "mon-fri", "from": "18:00", "to": "08:00", "percent": 150]]]
    ])
    let five = try CustomerHistory.time("2026-03-02T15:00:00Z")
    let six = try #require(CivilDate("2026-03-02").flatMap { CivilTime(date: $0, hour: 18, minute: 0) })
    let rise = OutOfHoursOutlook.Rise(percent: Percent(150), from: six)
    #expect(OutOfHoursOutlook(plan, at: five) == OutOfHoursOutlook(rises: [rise]))
    let dear = OutOfHoursOutlook(plan, at: five.advanced(byMilliseconds: 3_600_000))
    #expect(dear == OutOfHoursOutlook(now: Percent(150)))
    #expect(OutOfHoursOutlook(try CustomerHistory.plan(), at: five) == OutOfHoursOutlook())
  }
}
