public import SessionModel

extension Plan {
  private static let keys: Set<String> = [
    "id", "name", "currency", "prices", "rate_per_hour", "first", "then", "grace", "call_out", "idle", "merge_gap",
    "technicians",
  ]

  /// The plan with the keys and the texts of its file: what is kept with a session, so that it is rated as agreed.
  public var json: JSONValue {
    [
      "id": .string(id), "name": .string(name), "currency": .string(currency.code), "prices": .string(prices.rawValue),
      "rate_per_hour": .string(ratePerHour.decimalText), "first": .string(PlanDuration.text(seconds: firstSeconds)),
      "then": .string(PlanDuration.text(seconds: thenSeconds)),
      "grace": .string(PlanDuration.text(seconds: graceSeconds)), "call_out": .string(callOut.decimalText),
      "idle": ["after": .string(PlanDuration.text(seconds: idleSeconds))],
      "merge_gap": .string(PlanDuration.text(seconds: mergeGapSeconds)), "technicians": "union",
    ]
  }

  /// Reads a plan. Keys that are left out have the defaults of the money rules.
  /// - Throws: ``PlanError`` naming an unknown key, a missing one or one with an impossible value.
  public init(json: JSONValue) throws(PlanError) {
    guard let object = json.object else { throw PlanError(key: "plan", reason: "must be keys with values") }
    if let unknown = object.keys.first(where: { !Self.keys.contains($0) }) {
      throw PlanError(key: unknown, reason: "is not a key this version knows")
    }
    let currencyCode = try Self.text("currency", in: object)
    guard let currency = Currency(currencyCode) else {
      throw PlanError(
        key: "currency", reason: "\"\(TextSafety.escaped(currencyCode))\" is not a currency with a minor unit")
    }
    var basis = PriceBasis.net
    if object["prices"] != nil {
      guard let value = PriceBasis(rawValue: try Self.text("prices", in: object)) else {
        throw PlanError(key: "prices", reason: "must be net or gross")
      }
      basis = value
    }
    if let technicians = object["technicians"], technicians.string != "union" {
      throw PlanError(key: "technicians", reason: "must be union")
    }
    var idleSeconds = Self.standardIdleSeconds
    if let idle = object["idle"] {
      guard let members = idle.object, members.keys == ["after"] else {
        throw PlanError(key: "idle", reason: "must have exactly the key after")
      }
      idleSeconds = try Self.seconds("after", in: members, otherwise: nil)
    }
    try self.init(
      id: Self.text("id", in: object), name: Self.text("name", in: object), currency: currency,
      ratePerHourMinor: Self.amount("rate_per_hour", in: object, currency, otherwise: nil),
      firstSeconds: Self.seconds("first", in: object, otherwise: nil),
      thenSeconds: Self.seconds("then", in: object, otherwise: nil),
      graceSeconds: Self.seconds("grace", in: object, otherwise: 0),
      callOutMinor: Self.amount("call_out", in: object, currency, otherwise: 0), prices: basis,
      idleSeconds: idleSeconds,
      mergeGapSeconds: Self.seconds("merge_gap", in: object, otherwise: Self.standardMergeGapSeconds))
  }

  private static func text(_ key: String, in object: JSONObject) throws(PlanError) -> String {
    guard let value = object[key] else { throw PlanError(key: key, reason: "is missing") }
    guard let text = value.string else { throw PlanError(key: key, reason: "must be text") }
    return text
  }

  private static func seconds(
    _ key: String, in object: JSONObject, otherwise: Int64?
  ) throws(PlanError) -> Int64 {
    if object[key] == nil, let otherwise { return otherwise }
    guard let seconds = PlanDuration.seconds(try text(key, in: object)) else {
      throw PlanError(key: key, reason: "must be a duration such as 30s, 15m, 2h or 30d")
    }
    return seconds
  }

  private static func amount(
    _ key: String, in object: JSONObject, _ currency: Currency, otherwise: Int64?
  ) throws(PlanError) -> Int64 {
    if object[key] == nil, let otherwise { return otherwise }
    let text = try text(key, in: object)
    do {
      return try Money(decimal: text, currency: currency).minorUnits
    } catch {
      throw PlanError(key: key, reason: error.description)
    }
  }
}

/// Durations as plans write them: a whole number and one unit of `s`, `m`, `h`, `d`.
public enum PlanDuration {
  private static let units: [(letter: String, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  /// Seconds of `15m`; nil when the text is no duration or too large.
  public static func seconds(_ text: String) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.letter) }) else { return nil }
    let digits = text.utf8.dropLast()
    guard !digits.isEmpty, digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
      let count = Int64(String(text.dropLast()))
    else { return nil }
    let (seconds, overflow) = count.multipliedReportingOverflow(by: unit.seconds)
    return overflow ? nil : seconds
  }

  /// The shortest way to write `seconds` exactly: `15m`, `90s`, `1d`. Zero and less is `0s`.
  public static func text(seconds: Int64) -> String {
    guard seconds > 0, let unit = units.first(where: { seconds % $0.seconds == 0 }) else { return "0s" }
    return "\(seconds / unit.seconds)\(unit.letter)"
  }
}
