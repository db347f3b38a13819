public import SessionModel

/// What a plan limits.
public enum LimitName: String, Hashable, Sendable, CaseIterable {
  /// Billed time of one session.
  case session
  /// Billed time of a customer's month.
  case month
  /// The amount of one session.
  case sessionAmount = "session_amount"
  /// The kinds of work that are covered.
  case scope
}

/// What a question put before the customer is about.
public enum QuestionSubject: Hashable, Sendable {
  /// A limit would be passed; of ``LimitName/scope``, by which type of work.
  /// `steps` is how often as much again a yes grants: once, or more often where the next period needs that.
  case limit(LimitName, workType: String? = nil, steps: UInt64 = 1)
  /// A quote; see ``QuoteMade/quote``.
  case quote(String)

  init(members: Members) throws(PayloadError) {
    if members.value("limit") != nil {
      self = .limit(
        try members.word("limit"), workType: try members.optionalText("work_type"),
        steps: try members.ifPresent("steps", members.count) ?? 1)
    } else {
      self = .quote(try members.text("quote"))
    }
  }

  func put(into members: inout Members) {
    switch self {
    case .limit(let name, let workType, let steps):
      members.put("limit", .string(name.rawValue))
      members.put("work_type", ifPresent: workType)
      if steps != 1 { members.put("steps", .integer(Int64(clamping: steps))) }
    case .quote(let quote): members.put("quote", .string(quote))
    }
  }
}

/// Something was put before the customer after his first yes.
public struct QuestionAsked: EntryPayload {
  /// ``EntryKind/questionAsked``.
  public static let kind = EntryKind.questionAsked
  /// Counts the session's questions from 1.
  public var number: UInt64
  /// What it is about.
  public var subject: QuestionSubject
  /// The words shown, exactly.
  public var words: String
  /// SHA-256 of their UTF-8 bytes.
  public var wordsHash: Fingerprint
  /// What each choice means, from choice 1 on.
  public var options: [QuestionAnswered.Answer]

  /// All of it, by hand.
  public init(
    number: UInt64, subject: QuestionSubject, words: String, wordsHash: Fingerprint, options: [QuestionAnswered.Answer]
  ) {
    self.number = number
    self.subject = subject
    self.words = words
    self.wordsHash = wordsHash
    self.options = options
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var options: [QuestionAnswered.Answer] = []
    for text in try members.texts("options") {
      guard let option = QuestionAnswered.Answer(rawValue: text) else {
        throw members.wrong("options", "words of their list")
      }
      options.append(option)
    }
    self.init(
      number: try members.count("number"), subject: try QuestionSubject(members: members),
      words: try members.optionalText("words") ?? "", wordsHash: try members.fingerprint("words_hash"),
      options: options)
  }

  /// Members: `number`, `limit?`, `work_type?`, `quote?`, `words`, `words_hash`, `options[]`.
  public var json: JSONValue {
    var members = Members()
    members.put("number", .integer(Int64(clamping: number)))
    subject.put(into: &members)
    members.put("words", .string(words))
    members.put("words_hash", .string(wordsHash.description))
    members.put("options", .array(options.map { .string($0.rawValue) }))
    return members.json
  }
}

/// The customer chose, or did not.
public struct QuestionAnswered: EntryPayload {
  /// ``EntryKind/questionAnswered``.
  public static let kind = EntryKind.questionAnswered

  /// What his choice means.
  public enum Answer: String, Hashable, Sendable, CaseIterable {
    /// Go on at this price: the limit's amount is granted once more.
    case goOn = "go-on"
    /// Stop here.
    case stop
    /// This is something else: make a quote.
    case askQuote = "ask-quote"
    /// Yes, to a quote.
    case yes
    /// No, to a quote.
    case no
    /// There was none: the question was withdrawn, or the time was up.
    case none
  }

  /// The question; see ``QuestionAsked/number``.
  public var number: UInt64
  /// What it was about.
  public var subject: QuestionSubject
  /// What the choice means.
  public var answer: Answer
  /// The choice that was signed, from 1; nil for ``Answer/none``.
  public var choice: UInt64?
  /// The agent's Ed25519 signature, 64 bytes; empty for ``Answer/none``.
  public var signature: [UInt8]

  /// All of it, by hand.
  public init(number: UInt64, subject: QuestionSubject, answer: Answer, choice: UInt64?, signature: [UInt8]) {
    self.number = number
    self.subject = subject
    self.answer = answer
    self.choice = choice
    self.signature = signature
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      number: try members.count("number"), subject: try QuestionSubject(members: members),
      answer: try members.word("answer"), choice: try members.ifPresent("choice", members.count),
      signature: try members.bytes("signature"))
  }

  /// Members: `number`, `limit?`, `work_type?`, `quote?`, `answer`, `choice?`, `signature`.
  public var json: JSONValue {
    var members = Members()
    members.put("number", .integer(Int64(clamping: number)))
    subject.put(into: &members)
    members.put("answer", .string(answer.rawValue))
    if let choice { members.put("choice", .integer(Int64(clamping: choice))) }
    members.put("signature", .string(Hex.encode(signature)))
    return members.json
  }
}

/// A supervisor let a session pass a limit. The limit's amount is granted once more.
public struct LimitOverridden: EntryPayload {
  /// ``EntryKind/limitOverridden``.
  public static let kind = EntryKind.limitOverridden
  /// The limit.
  public var limit: LimitName
  /// Of ``LimitName/scope``, which type of work is covered from now on.
  public var workType: String?
  /// How often as much again is granted.
  public var steps: UInt64
  /// What had been allowed until then: minor units of the session's currency, or seconds; nil for ``LimitName/scope``.
  public var allowed: Int64?
  /// Why.
  public var reason: String
  /// The supervisor.
  public var by: String

  /// All of it, by hand.
  public init(
    limit: LimitName, workType: String? = nil, steps: UInt64 = 1, allowed: Int64? = nil, reason: String, by: String
  ) {
    self.limit = limit
    self.workType = workType
    self.steps = steps
    self.allowed = allowed
    self.reason = reason
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      limit: try members.word("limit"), workType: try members.optionalText("work_type"),
      steps: try members.ifPresent("steps", members.count) ?? 1,
      allowed: try members.ifPresent("allowed", members.integer), reason: try members.optionalText("reason") ?? "",
      by: try members.text("by"))
  }

  /// Members: `limit`, `work_type?`, `steps?` (1 where it is not named), `allowed?`, `reason`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("limit", .string(limit.rawValue))
    members.put("work_type", ifPresent: workType)
    if steps != 1 { members.put("steps", .integer(Int64(clamping: steps))) }
    if let allowed { members.put("allowed", .integer(allowed)) }
    members.put("reason", .string(reason))
    members.put("by", .string(by))
    return members.json
  }
}
