public import SessionModel

extension Work {
  /// Most intervals of one session.
  public static let maximumIntervals = 10_000

  /// Reads a work file: `intervals` of `from`, `to`, optional `technician`, `work_type`; optional `rework`, `continues`,
  /// `included_left_seconds`, `quote` with `id` and `left`.
  /// - Parameter currency: The plan's, which `left` is an amount of.
  /// - Throws: ``PlanError`` naming an unknown key, a missing one or one with an impossible value.
  public init(json: JSONValue, currency: Currency) throws(PlanError) {
    let members = try KeyedMembers(
      json, at: "", keys: ["intervals", "rework", "continues", "included_left_seconds", "quote"])
    let elements = try members.list("intervals")
    if elements.count > Self.maximumIntervals {
      throw members.error("intervals", "are more than \(Self.maximumIntervals)")
    }
    var intervals: [WorkInterval] = []
    for (way, value) in elements {
      let item = try KeyedMembers(value, at: way, keys: ["from", "to", "technician", "work_type"])
      let interval = WorkInterval(
        from: try Self.time("from", in: item), to: try Self.time("to", in: item),
        technician: item.has("technician") ? try Self.name("technician", in: item) : nil,
        workType: item.has("work_type") ? try Self.name("work_type", in: item) : nil)
      if interval.to < interval.from { throw item.error("to", "is before from") }
      intervals.append(interval)
    }
    let left = try members.integer("included_left_seconds", otherwise: 0)
    if left < 0 { throw members.error("included_left_seconds", "must not be negative") }
    var quote: QuoteLeft?
    if members.has("quote") {
      let parts = try KeyedMembers(members.value("quote"), at: "quote", keys: ["id", "left"])
      quote = QuoteLeft(id: try Self.name("id", in: parts), leftMinor: try parts.amount("left", currency))
    }
    self.init(
      intervals: intervals, isRework: try members.bool("rework", otherwise: false),
      continues: try members.bool("continues", otherwise: false), includedLeftSeconds: left, quote: quote)
  }

  private static func time(_ key: String, in members: KeyedMembers) throws(PlanError) -> WallTime {
    guard let time = WallTime(rfc3339: try members.text(key)) else {
      throw members.error(key, "must be a time in UTC such as 2026-03-02T09:00:00Z")
    }
    return time
  }

  private static func name(_ key: String, in members: KeyedMembers) throws(PlanError) -> String {
    let name = try members.text(key)
    if name.isEmpty { throw members.error(key, "must not be empty") }
    if let problem = TextSafety.problem(inField: name) { throw members.error(key, problem) }
    return name
  }
}
