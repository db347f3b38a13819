public import SessionModel

/// A price was offered for a case.
public struct QuoteMade: EntryPayload {
  /// ``EntryKind/quoteMade``.
  public static let kind = EntryKind.quoteMade

  /// How it binds.
  public enum Binding: String, Hashable, Sendable, CaseIterable {
    /// The case costs exactly this.
    case fixed
    /// The case costs at most this.
    case notToExceed = "not_to_exceed"
  }

  /// What the quote is called: the case and a number, `k3x9q7-1`. There is one of these for each, for ever.
  public var quote: String
  /// The case.
  public var caseID: CaseID
  /// How it binds.
  public var binding: Binding
  /// How much, in minor units of ``currency``, on the price basis of the plan.
  public var amountMinor: Int64
  /// ISO 4217, three capital letters.
  public var currency: String
  /// What it covers.
  public var text: String
  /// Who made it.
  public var by: String

  /// All of it, by hand.
  public init(
    quote: String, caseID: CaseID, binding: Binding, amountMinor: Int64, currency: String, text: String, by: String
  ) {
    self.quote = quote
    self.caseID = caseID
    self.binding = binding
    self.amountMinor = amountMinor
    self.currency = currency
    self.text = text
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      quote: try members.text("quote"), caseID: try members.caseID("case"), binding: try members.word("binding"),
      amountMinor: try members.integer("amount_minor"), currency: try members.text("currency"),
      text: try members.optionalText("text") ?? "", by: try members.text("by"))
  }

  /// Members: `quote`, `case`, `binding` (`fixed`, `not_to_exceed`), `amount_minor`, `currency`, `text`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("quote", .string(quote))
    members.put("case", .string(caseID.rawValue))
    members.put("binding", .string(binding.rawValue))
    members.put("amount_minor", .integer(amountMinor))
    members.put("currency", .string(currency))
    members.put("text", .string(text))
    members.put("by", .string(by))
    return members.json
  }
}

/// The customer took a quote, or did not. There is one answer to a quote, for ever; who thinks again is made a new one.
public struct QuoteAnswered: EntryPayload {
  /// ``EntryKind/quoteAnswered``.
  public static let kind = EntryKind.quoteAnswered
  /// The quote; see ``QuoteMade/quote``.
  public var quote: String
  /// True for yes.
  public var isAccepted: Bool
  /// How his answer came: `customer` on his screen, or the technician who heard it and the way he did.
  public var by: String
  /// Of a yes: the limit that held the session up. It is granted once more.
  public var limit: LimitName?
  /// Of ``LimitName/scope``, which type of work is covered from then on.
  public var workType: String?
  /// Of a yes: what the session had cost by then, as the question said, in minor units: that stays owed, and what turns out to
  /// have been worked before, quiet time that a later byte ended, is the quote's. Nil where nobody named a sum.
  public var owedMinor: Int64?

  /// All of it, by hand.
  public init(
    quote: String, isAccepted: Bool, by: String, limit: LimitName? = nil, workType: String? = nil,
    owedMinor: Int64? = nil
  ) {
    self.quote = quote
    self.isAccepted = isAccepted
    self.by = by
    self.limit = limit
    self.workType = workType
    self.owedMinor = owedMinor
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      quote: try members.text("quote"), isAccepted: try members.bool("accepted"), by: try members.text("by"),
      limit: try members.ifPresent("limit", members.word), workType: try members.optionalText("work_type"),
      owedMinor: try members.ifPresent("owed_minor", members.integer))
  }

  /// Members: `quote`, `accepted`, `by`, `limit?`, `work_type?`, `owed_minor?`.
  public var json: JSONValue {
    var members = Members()
    members.put("quote", .string(quote))
    members.put("accepted", .bool(isAccepted))
    members.put("by", .string(by))
    members.put("limit", ifPresent: limit?.rawValue)
    members.put("work_type", ifPresent: workType)
    members.put("owed_minor", ifPresent: owedMinor)
    return members.json
  }
}
