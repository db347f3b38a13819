public import SessionModel

extension Plan {
  private static let keys: Set<String> = [
    "id", "name", "currency", "prices", "rate_per_hour", "first", "then", "grace", "call_out", "timezone", "work_types",
    "out_of_hours", "included", "rework", "idle", "merge_gap", "technicians", "limits", "tax", "verify",
  ]

  /// `verify: required`, the only word of its key.
  private enum Verification: String, CaseIterable {
    case required
  }

  /// `per: month`, the only word of its key.
  private enum Per: String, CaseIterable {
    case month
  }

  /// Reads a plan. Keys that are left out have the defaults of the money rules.
  /// - Throws: ``PlanError`` naming an unknown key, a missing one or one with an impossible value.
  public init(json: JSONValue) throws(PlanError) {
    let members = try KeyedMembers(json, at: "", keys: Self.keys)
    let code = try members.text("currency")
    guard let currency = Currency(code) else {
      throw members.error("currency", "\"\(TextSafety.escaped(code))\" is not a currency with a minor unit")
    }
    var verification: Verification?
    if members.has("verify") { verification = try members.word("verify") }
    var idleSeconds = Self.standardIdleSeconds
    if members.has("idle") {
      idleSeconds = try KeyedMembers(members.value("idle"), at: "idle", keys: ["after"]).seconds("after")
    }
    try self.init(
      id: members.text("id"), name: members.text("name"), currency: currency,
      ratePerHourMinor: members.amount("rate_per_hour", currency), firstSeconds: members.seconds("first"),
      thenSeconds: members.seconds("then"), graceSeconds: members.seconds("grace", otherwise: 0),
      callOutMinor: members.amount("call_out", currency, otherwise: 0),
      prices: members.word("prices", otherwise: PriceBasis.net), timeZone: Self.timeZone(members),
      workTypes: Self.workTypes(members), outOfHours: Self.outOfHours(members),
      included: Self.included(members, currency), rework: Self.rework(members), idleSeconds: idleSeconds,
      mergeGapSeconds: members.seconds("merge_gap", otherwise: Self.standardMergeGapSeconds),
      technicians: members.word("technicians", otherwise: TechnicianClocks.union),
      limits: Self.limits(members, currency), tax: Self.tax(members), requiresVerification: verification == .required)
  }

  private static func timeZone(_ members: KeyedMembers) throws(PlanError) -> PlanTimeZone {
    guard members.has("timezone") else { return .utc }
    let text = try members.text("timezone")
    guard let zone = PlanTimeZone(text) else {
      throw members.error(
        "timezone", "\"\(TextSafety.escaped(text))\" is not a time zone; write it like Europe/Helsinki or UTC")
    }
    return zone
  }

  private static func workTypes(_ members: KeyedMembers) throws(PlanError) -> [WorkType] {
    guard members.has("work_types") else { return [.remote] }
    var workTypes: [WorkType] = []
    for (way, value) in try members.list("work_types") {
      let item = try KeyedMembers(value, at: way, keys: ["type", "percent"])
      workTypes.append(WorkType(type: try item.text("type"), percent: try item.percent("percent")))
    }
    return workTypes
  }

  private static func outOfHours(_ members: KeyedMembers) throws(PlanError) -> OutOfHoursRules {
    guard members.has("out_of_hours") else { return .none }
    let parts = try KeyedMembers(members.value("out_of_hours"), at: "out_of_hours", keys: ["rules", "holidays"])
    var rules: [OutOfHoursRules.Rule] = []
    for (way, value) in parts.has("rules") ? try parts.list("rules") : [] {
      let rule = try KeyedMembers(value, at: way, keys: ["days", "from", "to", "percent"])
      let text = try rule.text("days")
      guard let days = Weekdays(text) else {
        throw rule.error(
          "days",
          "\"\(TextSafety.escaped(text))\" must be days such as fri, mon-fri or sat,sun; the names are "
            + Weekdays.names.joined(separator: " "))
      }
      rules.append(
        OutOfHoursRules.Rule(
          days: days, from: try rule.timeOfDay("from"), to: try rule.timeOfDay("to"),
          percent: try rule.percent("percent")))
    }
    guard parts.has("holidays") else { return OutOfHoursRules(rules: rules) }
    let holidays = try KeyedMembers(parts.value("holidays"), at: parts.way("holidays"), keys: ["dates", "percent"])
    var dates: [CivilDate] = []
    for (way, value) in try holidays.list("dates") {
      guard let date = value.string.flatMap({ CivilDate($0) }) else {
        throw PlanError(key: way, reason: "must be a date such as 2026-12-25")
      }
      dates.append(date)
    }
    return OutOfHoursRules(rules: rules, holidays: .init(dates: dates, percent: try holidays.percent("percent")))
  }

  private static func included(_ members: KeyedMembers, _ currency: Currency) throws(PlanError) -> IncludedTime? {
    guard members.has("included") else { return nil }
    let parts = try KeyedMembers(
      members.value("included"), at: "included",
      keys: ["per", "amount", "covers_out_of_hours", "rollover_months", "fee"])
    let _: Per = try parts.word("per", otherwise: .month)
    return IncludedTime(
      amountSeconds: try parts.seconds("amount"),
      coversOutOfHours: try parts.bool("covers_out_of_hours", otherwise: false),
      rolloverMonths: try parts.integer("rollover_months", otherwise: 0),
      feeMinor: try parts.amount("fee", currency, otherwise: 0))
  }

  private static func rework(_ members: KeyedMembers) throws(PlanError) -> ReworkRule? {
    guard members.has("rework") else { return nil }
    let parts = try KeyedMembers(members.value("rework"), at: "rework", keys: ["window", "percent"])
    return ReworkRule(windowSeconds: try parts.seconds("window"), percent: try parts.percent("percent"))
  }

  private static func limits(_ members: KeyedMembers, _ currency: Currency) throws(PlanError) -> Limits {
    guard members.has("limits") else { return .none }
    let parts = try KeyedMembers(
      members.value("limits"), at: "limits", keys: ["session", "month", "session_amount", "in_scope"])
    var inScope: [String]?
    if parts.has("in_scope") {
      var names: [String] = []
      for (way, value) in try parts.list("in_scope") {
        guard let name = value.string else { throw PlanError(key: way, reason: "must be text") }
        names.append(name)
      }
      inScope = names
    }
    return Limits(
      sessionSeconds: parts.has("session") ? try parts.seconds("session") : nil,
      monthSeconds: parts.has("month") ? try parts.seconds("month") : nil,
      sessionAmountMinor: parts.has("session_amount") ? try parts.amount("session_amount", currency) : nil,
      inScope: inScope)
  }

  private static func tax(_ members: KeyedMembers) throws(PlanError) -> PlanTax? {
    guard members.has("tax") else { return nil }
    let parts = try KeyedMembers(members.value("tax"), at: "tax", keys: ["category", "percent"])
    let category: PlanTax.Category = try parts.word("category")
    return PlanTax(
      category: category, percent: try parts.percent("percent", otherwise: category.hasRate ? nil : Percent.zero))
  }
}
