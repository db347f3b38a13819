import Billing
import SessionModel
import TestSupport

/// A plan, and work on a grid of ticks: long enough to reach several bands, short enough to be gone through tick by tick.
struct RandomCase {
  /// An out-of-hours rule in plain numbers.
  struct Window {
    let days: Set<Int>
    let from: Int
    let to: Int
    let thousandths: Int64
  }

  /// Lengths of a tick that divide a quarter of an hour, in milliseconds: windows and changes of clocks lie on the grid.
  static let tickLengths: [Int64] = [20, 250, 500, 1000, 15_000, 60_000, 900_000]
  /// Most ticks.
  static let maximumTicks = 24

  let zone: ReferenceZone
  let plan: Plan
  /// The same plan with the technicians counted the other way.
  let otherPlan: Plan
  let work: Work
  /// The out-of-hours percentage of each tick, in thousandths, also behind the end; nil outside every rule.
  let outOfHours: [Int64?]
  /// The first tick, in milliseconds since 1970.
  let origin: Int64
  let tick: Int64
  let ticks: Int
  /// Thousandths of a percent of each work type, by name.
  let workTypes: [(name: String, thousandths: Int64)]
  let windows: [Window]
  let holidays: (days: Set<Int>, thousandths: Int64)?
  /// Ticks of each interval.
  let spans: [(from: Int, to: Int, technician: String?, workType: Int)]

  init(using random: inout SeededGenerator) throws {
    func number(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &random) }
    func one<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &random)] }
    func chance(_ percent: Int64) -> Bool { number(1...100) <= percent }

    zone = one(ReferenceZone.all)
    tick = one(Self.tickLengths)
    ticks = Int(number(1...Int64(Self.maximumTicks)))
    // Half of the time close to where clocks are set.
    let quarter: Int64 = 900_000
    let change = zone.moments.isEmpty || chance(50) ? nil : one(zone.moments).at
    let quarters = change.map { ($0 - ReferenceZone.newYear) / quarter + number(-12...12) } ?? number(0...364 * 96)
    origin = ReferenceZone.newYear + quarters * quarter + number(0...(quarter / tick - 1)) * tick

    workTypes = (0..<Int(number(1...3))).map { index in
      // At times two types cost the same, or nothing.
      ("type\(index)", chance(50) ? 100_000 : chance(10) ? 0 : number(1...300_000))
    }
    var windows: [Window] = []
    var rules: [OutOfHoursRules.Rule] = []
    for _ in 0..<(chance(30) ? 0 : number(1...3)) {
      let from = Int(number(0...95)) * 15
      let to = Int(number(0...96)) * 15
      let first = Int(number(0...6))
      let last = Int(number(0...6))
      guard from != to else { continue }
      let thousandths = chance(20) ? 100_000 : number(100_000...250_000)
      let days = Set((0...((last - first + 7) % 7)).map { (first + $0) % 7 })
      windows.append(Window(days: days, from: from, to: to, thousandths: thousandths))
      let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
      rules.append(
        try Self.rule(
          days: "\(names[first])-\(names[last])", from: Int64(from), to: Int64(to), percent: Self.percent(thousandths)))
    }
    self.windows = windows
    var holidays: OutOfHoursRules.Holidays?
    if chance(20) {
      let today = zone.clock(at: origin).day
      let days = Set([today, today + 1, Int(number(0...364))].filter { (0..<365).contains($0) && chance(60) })
      let thousandths = number(100_000...300_000)
      self.holidays = (days, thousandths)
      holidays = OutOfHoursRules.Holidays(
        dates: days.sorted().compactMap { ReferenceZone.date($0) }, percent: Self.percent(thousandths))
    } else {
      self.holidays = nil
    }

    let period = max(1, tick * 10 / 1000)
    let then = number(1...period)
    let each = chance(40)
    let rework = chance(15) ? ReworkRule(windowSeconds: 86_400, percent: Self.percent(number(0...100_000))) : nil
    let included = chance(40) ? IncludedTime(amountSeconds: 7200, coversOutOfHours: chance(50)) : nil
    let currency = one([Currency.eur, Currency("JPY") ?? .eur, Currency("KWD") ?? .eur])
    let rate = chance(5) ? number(0...Plan.maximumAmountMinor) : number(0...30_000)
    let first = number(1...period * 3)
    let grace = chance(50) ? 0 : number(0...then - 1)
    let callOut = chance(70) ? 0 : number(1...5000)
    let types = workTypes
    let timeZone = PlanTimeZone(zone.identifier) ?? .utc
    func plan(_ technicians: TechnicianClocks) throws -> Plan {
      try Plan(
        id: "p", name: "P", currency: currency, ratePerHourMinor: rate, firstSeconds: first, thenSeconds: then,
        graceSeconds: grace, callOutMinor: callOut, timeZone: timeZone,
        workTypes: types.map { WorkType(type: $0.name, percent: Self.percent($0.thousandths)) },
        outOfHours: OutOfHoursRules(rules: rules, holidays: holidays), included: included, rework: rework,
        technicians: technicians)
    }
    self.plan = try plan(each ? .each : .union)
    otherPlan = try plan(each ? .union : .each)

    let names: [String?] = ["anna", "bo", nil]
    let (last, lastType) = (Int64(ticks), Int64(workTypes.count - 1))
    spans = (0..<number(0...5)).map { _ in
      let ends = [Int(number(0...last)), Int(number(0...last))].sorted()
      return (ends[0], ends[1], one(names), Int(number(0...lastType)))
    }
    let (origin, tick) = (origin, tick)
    let intervals = spans.map { span in
      // The default work type needs no name.
      Self.interval(span, origin: origin, tick: tick, named: span.workType == 0 ? nil : types[span.workType].name)
    }
    work = Work(
      intervals: intervals,
      isRework: rework != nil && chance(50), continues: chance(20),
      includedLeftSeconds: included == nil || chance(20) ? 0 : number(0...period * 6),
      quote: chance(15) ? QuoteLeft(id: "Q1", leftMinor: number(0...10_000)) : nil)
    let (zone, closed) = (zone, self.holidays)
    outOfHours = (0..<ticks * 2).map {
      Self.outOfHours(zone.clock(at: origin + Int64($0) * tick), windows: windows, holidays: closed)
    }
  }

  /// The highest percentage of the rules that hold when the clock on the wall shows that, in thousandths.
  private static func outOfHours(
    _ clock: (day: Int, weekday: Int, minute: Int), windows: [Window], holidays: (days: Set<Int>, thousandths: Int64)?
  ) -> Int64? {
    var highest: Int64?
    for window in windows {
      let today = window.days.contains(clock.weekday)
      let yesterday = window.days.contains((clock.weekday + 6) % 7)
      let holds =
        window.from < window.to
        ? today && clock.minute >= window.from && clock.minute < window.to
        : today && clock.minute >= window.from || yesterday && clock.minute < window.to
      if holds { highest = max(highest ?? 0, window.thousandths) }
    }
    if let holidays, holidays.days.contains(clock.day) { highest = max(highest ?? 0, holidays.thousandths) }
    return highest
  }

  /// Work of a technician from one tick to another.
  func interval(_ from: Int, _ to: Int, _ technician: String?, _ workType: Int) -> WorkInterval {
    Self.interval((from, to, technician, workType), origin: origin, tick: tick, named: workTypes[workType].name)
  }

  /// The same case with other intervals.
  func rated(_ intervals: [WorkInterval]) throws -> RatedWork {
    try Rating.rate(
      plan: plan,
      work: Work(
        intervals: intervals, isRework: work.isRework, continues: work.continues,
        includedLeftSeconds: work.includedLeftSeconds, quote: work.quote))
  }

  private static func interval(
    _ span: (from: Int, to: Int, technician: String?, workType: Int), origin: Int64, tick: Int64, named: String?
  ) -> WorkInterval {
    WorkInterval(
      from: WallTime(milliseconds: origin + Int64(span.from) * tick),
      to: WallTime(milliseconds: origin + Int64(span.to) * tick), technician: span.technician, workType: named)
  }

  private static func percent(_ thousandths: Int64) -> Percent {
    Percent(coefficient: thousandths, scale: 3) ?? .hundred
  }

  private static func rule(days: String, from: Int64, to: Int64, percent: Percent) throws -> OutOfHoursRules.Rule {
    struct Impossible: Error {}
    guard let days = Weekdays(days), let from = TimeOfDay(minutes: from), let to = TimeOfDay(minutes: to) else {
      throw Impossible()
    }
    return OutOfHoursRules.Rule(days: days, from: from, to: to, percent: percent)
  }
}
