public import SessionModel

/// A case was opened: one problem, which sessions belong to.
public struct CaseOpened: EntryPayload {
  /// ``EntryKind/caseOpened``.
  public static let kind = EntryKind.caseOpened
  /// The case. There is one of these for each, for ever.
  public var caseID: CaseID
  /// What it is about.
  public var title: String
  /// The customer; nil when he is not known yet.
  public var customer: Name?
  /// A technician's name, `operator`, or `relay` for the case of a session that named none.
  public var by: String

  /// All of it, by hand.
  public init(caseID: CaseID, title: String, customer: Name? = nil, by: String) {
    self.caseID = caseID
    self.title = title
    self.customer = customer
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      caseID: try members.caseID("case"), title: try members.optionalText("title") ?? "",
      customer: try members.ifPresent("customer", members.name), by: try members.text("by"))
  }

  /// Members: `case`, `title`, `customer?`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("case", .string(caseID.rawValue))
    members.put("title", .string(title))
    members.put("customer", ifPresent: customer?.rawValue)
    members.put("by", .string(by))
    return members.json
  }
}

/// A case was closed.
public struct CaseClosed: EntryPayload {
  /// ``EntryKind/caseClosed``.
  public static let kind = EntryKind.caseClosed
  /// The case.
  public var caseID: CaseID
  /// What closing it costs: the shortfall of a fixed quote, as a `quote` line. Empty otherwise.
  public var lines: [LedgerLine]
  /// Of ``lines``; nil when there are none.
  public var currency: String?
  /// Who closed it.
  public var by: String

  /// All of it, by hand.
  public init(caseID: CaseID, lines: [LedgerLine] = [], currency: String? = nil, by: String) {
    self.caseID = caseID
    self.lines = lines
    self.currency = currency
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      caseID: try members.caseID("case"), lines: try members.lines("lines"),
      currency: try members.optionalText("currency"), by: try members.text("by"))
  }

  /// Members: `case`, `lines[]`, `currency?`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("case", .string(caseID.rawValue))
    members.put("lines", .array(lines.map(\.json)))
    members.put("currency", ifPresent: currency)
    members.put("by", .string(by))
    return members.json
  }
}

/// A price, a date or a condition was told to the customer: it is on the case, and everybody sees it.
public struct PromiseMade: EntryPayload {
  /// ``EntryKind/promiseMade``.
  public static let kind = EntryKind.promiseMade

  /// What was promised.
  public enum Subject: String, Hashable, Sendable, CaseIterable {
    /// What it will cost at most.
    case price
    /// When something will be done.
    case date
    /// Anything else that holds.
    case condition
  }

  /// The case.
  public var caseID: CaseID
  /// Counts the case's promises from 1.
  public var number: UInt64
  /// What was promised.
  public var subject: Subject
  /// The promise in the words the customer was told.
  public var text: String
  /// Of a price: how much, in minor units of ``currency``.
  public var amountMinor: Int64?
  /// ISO 4217, three capital letters.
  public var currency: String?
  /// Of a date: the day, `2026-12-03`.
  public var date: String?
  /// Who promised it.
  public var by: String

  /// All of it, by hand.
  public init(
    caseID: CaseID, number: UInt64, subject: Subject, text: String, amountMinor: Int64? = nil, currency: String? = nil,
    date: String? = nil, by: String
  ) {
    self.caseID = caseID
    self.number = number
    self.subject = subject
    self.text = text
    self.amountMinor = amountMinor
    self.currency = currency
    self.date = date
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      caseID: try members.caseID("case"), number: try members.count("number"), subject: try members.word("subject"),
      text: try members.optionalText("text") ?? "", amountMinor: try members.ifPresent("amount_minor", members.integer),
      currency: try members.optionalText("currency"), date: try members.optionalText("date"),
      by: try members.text("by"))
  }

  /// Members: `case`, `number`, `subject`, `text`, `amount_minor?`, `currency?`, `date?`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("case", .string(caseID.rawValue))
    members.put("number", .integer(Int64(clamping: number)))
    members.put("subject", .string(subject.rawValue))
    members.put("text", .string(text))
    members.put("amount_minor", ifPresent: amountMinor)
    members.put("currency", ifPresent: currency)
    members.put("date", ifPresent: date)
    members.put("by", .string(by))
    return members.json
  }
}

/// A promise was not kept.
public struct PromiseBroken: EntryPayload {
  /// ``EntryKind/promiseBroken``.
  public static let kind = EntryKind.promiseBroken
  /// The case.
  public var caseID: CaseID
  /// The promise; see ``PromiseMade/number``.
  public var number: UInt64
  /// Why.
  public var reason: String
  /// Who broke it.
  public var by: String

  /// All of it, by hand.
  public init(caseID: CaseID, number: UInt64, reason: String, by: String) {
    self.caseID = caseID
    self.number = number
    self.reason = reason
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      caseID: try members.caseID("case"), number: try members.count("number"),
      reason: try members.optionalText("reason") ?? "", by: try members.text("by"))
  }

  /// Members: `case`, `number`, `reason`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("case", .string(caseID.rawValue))
    members.put("number", .integer(Int64(clamping: number)))
    members.put("reason", .string(reason))
    members.put("by", .string(by))
    return members.json
  }
}

/// The customer was advised to do something. What he declined is on the receipt.
public struct AdviceGiven: EntryPayload {
  /// ``EntryKind/adviceGiven``.
  public static let kind = EntryKind.adviceGiven
  /// The case.
  public var caseID: CaseID
  /// The advice.
  public var text: String
  /// Whether he declined it.
  public var isDeclined: Bool
  /// Who gave it.
  public var by: String

  /// All of it, by hand.
  public init(caseID: CaseID, text: String, isDeclined: Bool, by: String) {
    self.caseID = caseID
    self.text = text
    self.isDeclined = isDeclined
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      caseID: try members.caseID("case"), text: try members.optionalText("text") ?? "",
      isDeclined: try members.bool("declined"), by: try members.text("by"))
  }

  /// Members: `case`, `text`, `declined`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("case", .string(caseID.rawValue))
    members.put("text", .string(text))
    members.put("declined", .bool(isDeclined))
    members.put("by", .string(by))
    return members.json
  }
}
