public import SessionModel

/// A price that replaces the one a session was closed with. It is never higher.
public struct NewPrice: Hashable, Sendable {
  /// Seconds that are charged for.
  public var billedSeconds: Int64
  /// The sum of ``lines``, in minor units of ``currency``.
  public var amountMinor: Int64
  /// ISO 4217, three capital letters.
  public var currency: String
  /// The bill, line by line.
  public var lines: [LedgerLine]
  /// How it was rated.
  public var rating: RatingFacts

  /// All of it, by hand.
  public init(
    billedSeconds: Int64, amountMinor: Int64, currency: String, lines: [LedgerLine], rating: RatingFacts = RatingFacts()
  ) {
    self.billedSeconds = billedSeconds
    self.amountMinor = amountMinor
    self.currency = currency
    self.lines = lines
    self.rating = rating
  }

  init(members: Members) throws(PayloadError) {
    self.init(
      billedSeconds: try members.integer("billed_seconds"), amountMinor: try members.integer("amount_minor"),
      currency: try members.text("currency"), lines: try members.lines("lines"),
      rating: try RatingFacts(members: members))
  }

  /// Whether it may replace `amountMinor` of `currency`.
  func isLower(than amountMinor: Int64, _ currency: String?) -> Bool {
    currency == self.currency && self.amountMinor <= amountMinor
  }

  func put(into members: inout Members) {
    members.put("billed_seconds", .integer(billedSeconds))
    members.put("amount_minor", .integer(amountMinor))
    members.put("currency", .string(currency))
    members.put("lines", .array(lines.map(\.json)))
    rating.put(into: &members)
  }
}

/// A session was assigned to a customer who was not known, or known wrongly, when it was opened.
public struct SessionAssigned: EntryPayload {
  /// ``EntryKind/sessionAssigned``.
  public static let kind = EntryKind.sessionAssigned
  /// The customer.
  public var customer: Name
  /// The case.
  public var caseID: CaseID
  /// The plan it is rated by from now on; nil when it keeps the one it was agreed under.
  public var plan: PlanTerms?
  /// What it costs by that plan; nil when the price stays, because it would not be lower or the session is open.
  public var price: NewPrice?
  /// Who assigned it.
  public var by: String

  /// All of it, by hand.
  public init(customer: Name, caseID: CaseID, plan: PlanTerms? = nil, price: NewPrice? = nil, by: String) {
    self.customer = customer
    self.caseID = caseID
    self.plan = plan
    self.price = price
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var plan: PlanTerms?
    if members.value("plan") != nil { plan = try PlanTerms(members: try members.object("plan")) }
    var price: NewPrice?
    if members.value("price") != nil { price = try NewPrice(members: try members.object("price")) }
    self.init(
      customer: try members.name("customer"), caseID: try members.caseID("case"), plan: plan, price: price,
      by: try members.text("by"))
  }

  /// Members: `customer`, `case`, `plan?`, `price?{billed_seconds, amount_minor, currency, lines[], …}`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("customer", .string(customer.rawValue))
    members.put("case", .string(caseID.rawValue))
    if let plan { members.put("plan", plan.json) }
    if let price {
      var inner = Members()
      price.put(into: &inner)
      members.put("price", inner.json)
    }
    members.put("by", .string(by))
    return members.json
  }
}

/// A closed session costs less than its closing says.
public struct AmountCorrected: EntryPayload {
  /// ``EntryKind/amountCorrected``.
  public static let kind = EntryKind.amountCorrected
  /// The entry it corrects, by sequence: the session's closing, or the correction before.
  public var corrects: UInt64
  /// What it costs now.
  public var price: NewPrice
  /// Why.
  public var reason: String
  /// Who says so.
  public var by: String

  /// All of it, by hand.
  public init(corrects: UInt64, price: NewPrice, reason: String, by: String) {
    self.corrects = corrects
    self.price = price
    self.reason = reason
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      corrects: try members.count("corrects"), price: try NewPrice(members: members),
      reason: try members.optionalText("reason") ?? "", by: try members.text("by"))
  }

  /// Members: `corrects`, `billed_seconds`, `amount_minor`, `currency`, `lines[]`, those of ``RatingFacts``, `reason`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("corrects", .integer(Int64(clamping: corrects)))
    price.put(into: &members)
    members.put("reason", .string(reason))
    members.put("by", .string(by))
    return members.json
  }
}

/// A part of a session's price was let off, or is to be. The reason is on every document.
public struct AllowanceGranted: EntryPayload {
  /// ``EntryKind/allowanceGranted``.
  public static let kind = EntryKind.allowanceGranted

  /// How much is let off.
  public enum Reduction: Hashable, Sendable {
    /// All of it.
    case waiver
    /// So much, in minor units of the session's currency; at most what there is.
    case amount(Int64)
    /// So many percent: an exact decimal such as `10` or `12.5`.
    case percent(String)
  }

  /// How much.
  public var reduction: Reduction
  /// Why.
  public var reason: String
  /// The author.
  public var by: String

  /// All of it, by hand.
  public init(reduction: Reduction, reason: String, by: String) {
    self.reduction = reduction
    self.reason = reason
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    let reduction: Reduction
    switch try members.text("reduction") {
    case "waiver": reduction = .waiver
    case "amount": reduction = .amount(try members.integer("amount_minor"))
    case "percent": reduction = .percent(try members.text("percent"))
    default: throw members.wrong("reduction", "a word of its list")
    }
    self.init(
      reduction: reduction, reason: try members.optionalText("reason") ?? "", by: try members.text("by"))
  }

  /// Members: `reduction` (`waiver`, `amount`, `percent`), `amount_minor?`, `percent?`, `reason`, `by`.
  public var json: JSONValue {
    var members = Members()
    switch reduction {
    case .waiver: members.put("reduction", "waiver")
    case .amount(let minor):
      members.put("reduction", "amount")
      members.put("amount_minor", .integer(minor))
    case .percent(let percent):
      members.put("reduction", "percent")
      members.put("percent", .string(percent))
    }
    members.put("reason", .string(reason))
    members.put("by", .string(by))
    return members.json
  }
}
