import SessionModel

/// Rules 1 to 5 for one clock: the session's, or with `technicians: each` that of one technician.
struct RatedClock {
  /// Whose clock it is, where each technician has one.
  let technician: String?
  let activeMilliseconds: Int64
  /// Whole seconds worked; below one nothing is billed.
  let activeSeconds: Int64
  /// What is billed and why.
  let billed: BilledSeconds
  /// Included time, rework and time by percentage, in this order.
  let lines: [RatedLine]

  /// What was drawn of included time.
  var includedSeconds: Int64 { lines.reduce(0) { $1.kind == .included ? $0 + $1.seconds : $0 } }

  /// - Parameter includedLeft: Included time that may be drawn, in seconds.
  init(
    intervals: [WorkInterval], technician: String?, plan: Plan, work: Work, includedLeft: Int64
  ) throws(RatingError) {
    let active = try ActiveTime(unionOf: intervals, plan: plan)
    self.technician = technician
    activeMilliseconds = active.milliseconds
    activeSeconds = active.seconds
    billed = try BilledSeconds(active: active.seconds, plan: plan, continues: work.continues)
    guard active.seconds >= 1 else {
      lines = []
      return
    }
    if work.isRework {
      guard let rule = plan.rework else { throw .reworkWithoutRule }
      lines = try Self.rework(billed.seconds, rule, plan: plan, technician: technician)
      return
    }
    var bands = try Bands(active, plan: plan).seconds(active: active.seconds, billed: billed.seconds)
    let drawn = Self.draw(
      from: &bands, atMost: includedLeft, coversOutOfHours: plan.included?.coversOutOfHours ?? false)
    var lines: [RatedLine] = []
    if drawn > 0 {
      lines.append(
        RatedLine(
          kind: .included, description: "Included time, \(DurationText.exact(seconds: drawn))", seconds: drawn,
          percent: .zero, amountMinor: 0, technician: technician))
    }
    // Bands at one percentage, inside and outside the rules, are one line. They stand side by side.
    var index = 0
    while index < bands.count {
      let percent = bands[index].band.percent
      var seconds: Int64 = 0
      while index < bands.count, bands[index].band.percent == percent {
        seconds += bands[index].seconds
        index += 1
      }
      if seconds > 0 { lines.append(try Self.time(seconds, percent, plan: plan, technician: technician)) }
    }
    self.lines = lines
  }

  /// Rule 4: takes billed seconds out of the bands that included time pays, and says how many. Bands outside the
  /// out-of-hours rules come first, the cheapest first.
  private static func draw(
    from bands: inout [(band: Bands.Band, seconds: Int64)], atMost left: Int64, coversOutOfHours: Bool
  ) -> Int64 {
    var drawn: Int64 = 0
    for isOutOfHours in coversOutOfHours ? [false, true] : [false] {
      for index in bands.indices where bands[index].band.isOutOfHours == isOutOfHours {
        let share = min(left - drawn, bands[index].seconds)
        bands[index].seconds -= share
        drawn += share
      }
    }
    return drawn
  }

  private static func rework(
    _ seconds: Int64, _ rule: ReworkRule, plan: Plan, technician: String?
  ) throws(RatingError) -> [RatedLine] {
    guard seconds > 0 else { return [] }
    return [
      RatedLine(
        kind: .rework, description: "Rework, \(DurationText.exact(seconds: seconds))", seconds: seconds,
        percent: rule.percent,
        amountMinor: try LineAmount.minorUnits(
          seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor, percent: rule.percent), technician: technician)
    ]
  }

  private static func time(
    _ seconds: Int64, _ percent: Percent, plan: Plan, technician: String?
  ) throws(RatingError) -> RatedLine {
    let share = percent == .hundred ? "" : ", \(percent) %"
    return RatedLine(
      kind: .time,
      description: "\(plan.name), \(DurationText.exact(seconds: seconds)) at \(plan.ratePerHour) an hour\(share)",
      seconds: seconds, percent: percent,
      amountMinor: try LineAmount.minorUnits(
        seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor, percent: percent), technician: technician)
  }
}
