import SessionModel

extension Plan {
  /// Longest first or further period, and longest time included or allowed in a month, in seconds: 31 days.
  public static let maximumPeriodSeconds: Int64 = 31 * 86_400
  /// Highest amount of any key, in minor units.
  public static let maximumAmountMinor: Int64 = 1_000_000_000_000
  /// Highest percentage: a hundredfold.
  public static let maximumPercent = Percent(10_000)
  /// Longest identifier, in Unicode scalars.
  public static let maximumIDScalars = 64
  /// Longest name of a work type, in Unicode scalars.
  public static let maximumWorkTypeScalars = 32
  /// Most work types, and most of them in scope.
  public static let maximumWorkTypes = 32
  /// Most out-of-hours rules.
  public static let maximumRules = 64
  /// Most holidays.
  public static let maximumHolidays = 1000
  /// Longest rework window, in seconds: ten years.
  public static let maximumReworkSeconds: Int64 = 3660 * 86_400
  /// Most months that included time rolls over.
  public static let maximumRolloverMonths: Int64 = 36
  /// Quiet time that still counts, in seconds, unless the plan says otherwise.
  public static let standardIdleSeconds: Int64 = 600
  /// How long a session without a channel stays open, in seconds, unless the plan says otherwise.
  public static let standardMergeGapSeconds: Int64 = 600

  /// Every rule about single values and how they go together.
  func check() throws(PlanError) {
    try checkNames()
    try Self.check("rate_per_hour", amount: ratePerHourMinor)
    try Self.check("call_out", amount: callOutMinor)
    try Self.check("first", seconds: firstSeconds)
    try Self.check("then", seconds: thenSeconds)
    try Self.check("idle.after", seconds: idleSeconds)
    // A merge gap of nothing is possible: a session then closes with its last channel.
    try Self.check("merge_gap", seconds: mergeGapSeconds, minimum: 0)
    if graceSeconds < 0 { throw PlanError(key: "grace", reason: "must not be negative") }
    if graceSeconds >= thenSeconds { throw PlanError(key: "grace", reason: "must be shorter than then") }
    try checkWorkTypes()
    try checkOutOfHours()
    try checkEntitlements()
    try checkTax()
  }

  private func checkNames() throws(PlanError) {
    if id.unicodeScalars.count > Self.maximumIDScalars {
      throw PlanError(key: "id", reason: "is longer than \(Self.maximumIDScalars) characters")
    }
    for (key, text) in [("id", id), ("name", name)] {
      if text.isEmpty { throw PlanError(key: key, reason: "must not be empty") }
      if let problem = TextSafety.problem(inField: text) { throw PlanError(key: key, reason: problem) }
    }
  }

  private func checkWorkTypes() throws(PlanError) {
    if workTypes.isEmpty { throw PlanError(key: "work_types", reason: "must name at least one") }
    if workTypes.count > Self.maximumWorkTypes {
      throw PlanError(key: "work_types", reason: "are more than \(Self.maximumWorkTypes)")
    }
    for (index, workType) in workTypes.enumerated() {
      let key = "work_types[\(index)]"
      if workType.type.isEmpty { throw PlanError(key: "\(key).type", reason: "must not be empty") }
      if workType.type.unicodeScalars.count > Self.maximumWorkTypeScalars {
        throw PlanError(key: "\(key).type", reason: "is longer than \(Self.maximumWorkTypeScalars) characters")
      }
      if let problem = TextSafety.problem(inField: workType.type) {
        throw PlanError(key: "\(key).type", reason: problem)
      }
      if workTypes[..<index].contains(where: { $0.type == workType.type }) {
        throw PlanError(key: "\(key).type", reason: "is given twice")
      }
      try Self.check("\(key).percent", workType.percent)
    }
  }

  private func checkOutOfHours() throws(PlanError) {
    if outOfHours.rules.count > Self.maximumRules {
      throw PlanError(key: "out_of_hours.rules", reason: "are more than \(Self.maximumRules)")
    }
    for (index, rule) in outOfHours.rules.enumerated() {
      let key = "out_of_hours.rules[\(index)]"
      if rule.from.minutes == TimeOfDay.minutesPerDay {
        throw PlanError(key: "\(key).from", reason: "must be before 24:00")
      }
      if rule.from == rule.to {
        throw PlanError(key: "\(key).to", reason: "must differ from from; a whole day is 00:00 to 24:00")
      }
      try Self.check("\(key).percent", rule.percent, minimum: .hundred)
    }
    if let holidays = outOfHours.holidays {
      if holidays.dates.count > Self.maximumHolidays {
        throw PlanError(key: "out_of_hours.holidays.dates", reason: "are more than \(Self.maximumHolidays)")
      }
      try Self.check("out_of_hours.holidays.percent", holidays.percent, minimum: .hundred)
    }
  }

  private func checkEntitlements() throws(PlanError) {
    if let included {
      try Self.check("included.amount", seconds: included.amountSeconds)
      try Self.check("included.fee", amount: included.feeMinor)
      if !(0...Self.maximumRolloverMonths).contains(included.rolloverMonths) {
        throw PlanError(key: "included.rollover_months", reason: "must be 0 to \(Self.maximumRolloverMonths)")
      }
    }
    if let rework {
      try Self.check("rework.window", seconds: rework.windowSeconds, maximum: Self.maximumReworkSeconds)
      try Self.check("rework.percent", rework.percent)
    }
    if let seconds = limits.sessionSeconds { try Self.check("limits.session", seconds: seconds) }
    if let seconds = limits.monthSeconds { try Self.check("limits.month", seconds: seconds) }
    if let amount = limits.sessionAmountMinor {
      try Self.check("limits.session_amount", amount: amount)
      if amount == 0 { throw PlanError(key: "limits.session_amount", reason: "must be more than zero") }
    }
    if let inScope = limits.inScope {
      if inScope.isEmpty { throw PlanError(key: "limits.in_scope", reason: "must name at least one work type") }
      if inScope.count > Self.maximumWorkTypes {
        throw PlanError(key: "limits.in_scope", reason: "are more than \(Self.maximumWorkTypes)")
      }
      for (index, name) in inScope.enumerated() where workType(name) == nil {
        throw PlanError(key: "limits.in_scope[\(index)]", reason: "is none of work_types")
      }
    }
  }

  private func checkTax() throws(PlanError) {
    guard let tax else { return }
    try Self.check("tax.percent", tax.percent)
    if tax.percent > .hundred { throw PlanError(key: "tax.percent", reason: "must be at most 100") }
    if !tax.category.hasRate && tax.percent != .zero {
      throw PlanError(key: "tax.percent", reason: "must be 0 in category \(tax.category.rawValue)")
    }
    if tax.category == .standard && tax.percent == .zero {
      throw PlanError(key: "tax.percent", reason: "must be more than 0 in category S")
    }
  }

  private static func check(_ key: String, amount: Int64) throws(PlanError) {
    if amount < 0 { throw PlanError(key: key, reason: "must not be negative") }
    if amount > maximumAmountMinor { throw PlanError(key: key, reason: "is too large") }
  }

  private static func check(
    _ key: String, seconds: Int64, minimum: Int64 = 1, maximum: Int64 = maximumPeriodSeconds
  ) throws(PlanError) {
    if seconds < minimum {
      throw PlanError(key: key, reason: minimum > 0 ? "must be at least \(minimum)s" : "must not be negative")
    }
    if seconds > maximum {
      throw PlanError(key: key, reason: "must be at most \(PlanDuration.text(seconds: maximum))")
    }
  }

  private static func check(_ key: String, _ percent: Percent, minimum: Percent = .zero) throws(PlanError) {
    if percent < minimum { throw PlanError(key: key, reason: "must be at least \(minimum)") }
    if percent > maximumPercent { throw PlanError(key: key, reason: "must be at most \(maximumPercent)") }
    if percent.scale > Percent.maximumWrittenScale {
      throw PlanError(key: key, reason: "has more than \(Percent.maximumWrittenScale) decimals")
    }
  }
}
