public import SessionModel

/// What a session costs, as agreed when it was opened: a change of the plan afterwards does not touch it. It is the whole
/// plan with the keys of its file, which only the Billing room understands; what everybody needs can be read here.
public struct PlanTerms: Hashable, Sendable {
  /// The plan's identifier.
  public let id: String
  /// The plan's name.
  public let name: String
  /// ISO 4217, three capital letters.
  public let currency: String
  /// The plan with the keys of its file.
  public let json: JSONValue

  /// All of it, by hand; the same must stand in `json`.
  public init(id: String, name: String, currency: String, json: JSONValue) {
    self.id = id
    self.name = name
    self.currency = currency
    self.json = json
  }

  /// A plan with the keys of its file. Those of the first version (`rate_minor`, `first_seconds`, …) are rewritten to them.
  /// - Throws: ``PayloadError`` when `id`, `name` or `currency` is missing.
  public init(json: JSONValue) throws(PayloadError) { try self.init(members: try Members(json)) }

  init(members: Members) throws(PayloadError) {
    id = try members.text("id")
    name = try members.text("name")
    currency = try members.text("currency")
    json = members.value("rate_minor") == nil ? members.json : try Self.rewritten(members)
  }

  /// The first version kept the numbers only; its sessions are still rated and shown by them.
  private static func rewritten(_ old: Members) throws(PayloadError) -> JSONValue {
    guard let currency = Currency(try old.text("currency")) else { throw old.wrong("currency", "a currency") }
    func seconds(_ key: String) throws(PayloadError) -> JSONValue { .string("\(try old.count(key))s") }
    return [
      "id": .string(try old.text("id")), "name": .string(try old.text("name")), "currency": .string(currency.code),
      "prices": .string(try old.text("prices")),
      "rate_per_hour": .string(Money(minorUnits: try old.integer("rate_minor"), currency: currency).decimalText),
      "first": try seconds("first_seconds"), "then": try seconds("then_seconds"),
      "grace": try seconds("grace_seconds"),
    ]
  }
}

/// A plan was put on record: a new one, or a new version of one. Sessions opened before keep theirs.
public struct PlanAdded: EntryPayload {
  /// ``EntryKind/planAdded``.
  public static let kind = EntryKind.planAdded
  /// The plan.
  public var plan: PlanTerms
  /// Who added it.
  public var by: String

  /// All of it, by hand.
  public init(plan: PlanTerms, by: String) {
    self.plan = plan
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(plan: try PlanTerms(members: try members.object("plan")), by: try members.text("by"))
  }

  /// Members: `plan`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("plan", plan.json)
    members.put("by", .string(by))
    return members.json
  }
}

/// A plan is not offered any more. Sessions opened under it keep it.
public struct PlanWithdrawn: EntryPayload {
  /// ``EntryKind/planWithdrawn``.
  public static let kind = EntryKind.planWithdrawn
  /// The plan's identifier.
  public var id: String
  /// Who withdrew it.
  public var by: String

  /// All of it, by hand.
  public init(id: String, by: String) {
    self.id = id
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(id: try members.text("id"), by: try members.text("by"))
  }

  /// Members: `id`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("id", .string(id))
    members.put("by", .string(by))
    return members.json
  }
}
