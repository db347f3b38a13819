import SessionModel

/// Rule 2: active time by what it costs. A band is a percentage inside or outside the out-of-hours rules.
struct Bands: Sendable {
  /// What an instant costs. Ordered by price; of two at one price the one outside comes first.
  struct Band: Hashable, Sendable, Comparable {
    let percent: Percent
    let isOutOfHours: Bool

    static func < (left: Band, right: Band) -> Bool {
      left.percent == right.percent ? !left.isOutOfHours && right.isOutOfHours : left.percent < right.percent
    }
  }

  /// The milliseconds of each band touched, the cheapest first.
  private(set) var milliseconds: [(band: Band, milliseconds: Int64)] = []

  /// Lays the out-of-hours rules of `plan` over `active`.
  init(_ active: ActiveTime, plan: Plan) throws(RatingError) {
    for span in active.spans {
      if plan.outOfHours.isEmpty {
        add(span.to - span.from, to: Band(percent: span.percent, isOutOfHours: false))
      } else {
        try add(span, plan: plan)
      }
    }
    milliseconds.sort { $0.band < $1.band }
  }

  /// Cuts each band to whole seconds; what is left over goes to the cheapest band touched (rule 2), padding too, and what
  /// grace forgives comes off it, then off the next (rule 3). The sum is `billed`.
  func seconds(active: Int64, billed: Int64) throws(RatingError) -> [(band: Band, seconds: Int64)] {
    var bands = milliseconds.map { (band: $0.band, seconds: $0.milliseconds / 1000) }
    guard !bands.isEmpty else { return [] }
    let cut = bands.reduce(0) { $0 + $1.seconds }
    bands[0].seconds = try Checked.sum(bands[0].seconds, active - cut)
    if billed >= active {
      bands[0].seconds = try Checked.sum(bands[0].seconds, billed - active)
    } else {
      var forgiven = active - billed
      for index in bands.indices {
        let share = min(forgiven, bands[index].seconds)
        bands[index].seconds -= share
        forgiven -= share
      }
    }
    return bands
  }

  private mutating func add(_ span: ActiveTime.Span, plan: Plan) throws(RatingError) {
    var from = span.from
    while from < span.to {
      let cell = plan.cell(at: from, before: span.to)
      add(
        cell.end - from,
        to: Band(percent: try span.percent.times(cell.percent ?? .hundred), isOutOfHours: cell.percent != nil))
      from = cell.end
    }
  }

  private mutating func add(_ length: Int64, to band: Band) {
    if let index = milliseconds.firstIndex(where: { $0.band == band }) {
      milliseconds[index].milliseconds += length
    } else {
      milliseconds.append((band, length))
    }
  }
}

extension Plan {
  /// Until when the out-of-hours percentage of a moment surely holds, at most until `end`; all in milliseconds since 1970.
  /// - Returns: The percentage, nil outside every rule, and the end of the cell, later than `start`.
  func cell(at start: Int64, before end: Int64) -> (percent: Percent?, end: Int64) {
    let offset = timeZone.offsetMilliseconds(at: start)
    let day = FloorDivision.quotient(start + offset, 86_400_000)
    let ofDay = start + offset - day * 86_400_000
    let (percent, until) = outOfHours.percent(day: day, millisecondOfDay: ofDay)
    // A cell ends where the window does, or the day; or where clocks are set, since then the wall shows another time.
    let edge = min(end, start + until - ofDay)
    return (percent, timeZone.change(after: start, before: edge, offset: offset) ?? edge)
  }
}

extension OutOfHoursRules {
  /// The percentage at a time of a local day, nil outside every rule, and until when on that day it surely holds, in
  /// milliseconds of the day.
  /// - Parameters:
  ///   - day: Days since 1970-01-01.
  ///   - millisecondOfDay: 0 to 86,399,999.
  func percent(day: Int64, millisecondOfDay now: Int64) -> (percent: Percent?, until: Int64) {
    var highest: Percent?
    var until: Int64 = 86_400_000
    let weekday = Weekdays.weekday(ofDaysSince1970: day)
    func hold(_ percent: Percent) { highest = max(highest ?? percent, percent) }
    for rule in rules {
      let (from, to) = (rule.from.minutes * 60_000, rule.to.minutes * 60_000)
      for edge in [from, to] where edge > now { until = min(until, edge) }
      if from < to {
        if rule.days.contains(weekday), (from..<to).contains(now) { hold(rule.percent) }
      } else if now >= from && rule.days.contains(weekday) || now < to && rule.days.contains((weekday + 6) % 7) {
        hold(rule.percent)
      }
    }
    if let holidays, holidays.dates.contains(CivilDate(daysSince1970: day)) { hold(holidays.percent) }
    return (highest, until)
  }
}
