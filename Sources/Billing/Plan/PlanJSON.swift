public import SessionModel

extension Plan {
  /// The plan with the keys and the texts of its file: what is kept with a session, so that it is rated as agreed. Parts
  /// that the plan does not have are left out.
  public var json: JSONValue {
    var json: JSONValue = [
      "id": .string(id), "name": .string(name), "currency": .string(currency.code), "prices": .string(prices.rawValue),
      "rate_per_hour": amount(ratePerHourMinor), "first": duration(firstSeconds), "then": duration(thenSeconds),
      "grace": duration(graceSeconds), "call_out": amount(callOutMinor), "timezone": .string(timeZone.identifier),
      "work_types": .array(workTypes.map { ["type": .string($0.type), "percent": $0.percent.json] }),
    ]
    if outOfHours != .none { json["out_of_hours"] = outOfHoursJSON }
    if let included {
      json["included"] = [
        "per": "month", "amount": duration(included.amountSeconds),
        "covers_out_of_hours": .bool(included.coversOutOfHours), "rollover_months": .integer(included.rolloverMonths),
        "fee": amount(included.feeMinor),
      ]
    }
    if let rework { json["rework"] = ["window": duration(rework.windowSeconds), "percent": rework.percent.json] }
    json["idle"] = ["after": duration(idleSeconds)]
    json["merge_gap"] = duration(mergeGapSeconds)
    json["technicians"] = .string(technicians.rawValue)
    if limits != .none { json["limits"] = limitsJSON }
    if let tax { json["tax"] = ["category": .string(tax.category.rawValue), "percent": tax.percent.json] }
    if requiresVerification { json["verify"] = "required" }
    return json
  }

  private var outOfHoursJSON: JSONValue {
    var json: JSONValue = [
      "rules": .array(
        outOfHours.rules.map { rule in
          [
            "days": .string(rule.days.description), "from": .string(rule.from.description),
            "to": .string(rule.to.description), "percent": rule.percent.json,
          ]
        })
    ]
    if let holidays = outOfHours.holidays {
      json["holidays"] = [
        "dates": .array(holidays.dates.map { .string($0.description) }), "percent": holidays.percent.json,
      ]
    }
    return json
  }

  private var limitsJSON: JSONValue {
    var json = JSONValue.object(JSONObject())
    if let seconds = limits.sessionSeconds { json["session"] = duration(seconds) }
    if let seconds = limits.monthSeconds { json["month"] = duration(seconds) }
    if let minor = limits.sessionAmountMinor { json["session_amount"] = amount(minor) }
    if let inScope = limits.inScope { json["in_scope"] = .array(inScope.map { .string($0) }) }
    return json
  }

  private func amount(_ minor: Int64) -> JSONValue {
    .string(Money(minorUnits: minor, currency: currency).decimalText)
  }

  private func duration(_ seconds: Int64) -> JSONValue { .string(PlanDuration.text(seconds: seconds)) }
}
