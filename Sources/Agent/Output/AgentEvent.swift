import SessionModel

/// What `--json` prints, one object a line. Scripts rely on the names: keys may be added, none changed.
enum AgentEvent: Hashable, Sendable {
  /// The relay gave a join code.
  case ready(JoinCode)
  /// A technician asks; the words are the relay's, unchanged.
  case consent(session: SessionID, technician: String, words: String)
  /// A choice in an open session; the words are the relay's, unchanged.
  case question(ChoiceRequest)
  /// What was chosen; nil for nothing, then the reason says why.
  case answer(session: SessionID, number: UInt32, choice: UInt8?, reason: String)
  /// What the relay says about a session.
  case session(SessionReport)
  /// The tunnel is down; the next try comes in this many milliseconds.
  case disconnected(reason: String, retryMilliseconds: Int64)
  /// A line from the relay for the customer.
  case notice(String)
  /// A receipt came, or was made; nil for the file when it could not be written.
  case receipt(session: SessionID, file: String?, isProvisional: Bool, isCountersigned: Bool)

  var json: JSONValue {
    switch self {
    case .ready(let code):
      ["event": "ready", "code": .string(code.rawValue)]
    case .consent(let session, let technician, let words):
      [
        "event": "consent", "session": .string(session.rawValue), "technician": .string(technician),
        "text": .string(words),
      ]
    case .question(let request):
      [
        "event": "question", "session": .string(request.session.rawValue), "number": .integer(Int64(request.number)),
        "kind": .string(request.kind.rawValue), "choices": .integer(Int64(request.kind.choiceCount)),
        "text": .string(request.words),
      ]
    case .answer(let session, let number, let choice, let reason):
      [
        "event": "answer", "session": .string(session.rawValue), "number": .integer(Int64(number)),
        "choice": choice.map { .integer(Int64($0)) } ?? .null, "reason": .string(reason),
      ]
    case .session(let report): report.json
    case .disconnected(let reason, let retry):
      ["event": "disconnected", "retry_ms": .integer(retry), "reason": .string(reason)]
    case .notice(let line):
      ["event": "notice", "text": .string(line)]
    case .receipt(let session, let file, let isProvisional, let isCountersigned):
      [
        "event": "receipt", "session": .string(session.rawValue), "file": JSONValue(file),
        "provisional": .bool(isProvisional), "countersigned": .bool(isCountersigned),
      ]
    }
  }
}

/// A session as the relay last described it.
struct SessionReport: Hashable, Sendable {
  var session: SessionID
  var state: SessionState
  var reasons: [SuspendReason] = []
  var activeMilliseconds: Int64
  var amountMinor: Int64
  var currency: String
  /// Decimals of the currency, as the relay says.
  var exponent: UInt8
  /// Only of a closed session.
  var closing: Closing?

  /// How it ended.
  struct Closing: Hashable, Sendable {
    var outcome: Outcome
    var billedSeconds: Int64
  }

  /// The same state, whatever the figures: a person is told only changes of this.
  func isSameState(as other: SessionReport) -> Bool { state == other.state && reasons == other.reasons }

  /// Whether the relay says by it that the customer's yes has arrived.
  var showsArrivedYes: Bool {
    switch state {
    case .active, .suspended: true
    case .requested, .awaitingConsent, .closed: false
    }
  }

  /// Whether neither time nor money is told of.
  var isOfNothing: Bool { activeMilliseconds == 0 && amountMinor == 0 && (closing?.billedSeconds ?? 0) == 0 }

  var json: JSONValue {
    var object: JSONValue = [
      "event": "session", "session": .string(session.rawValue), "state": .string(state.rawValue),
    ]
    if state == .suspended { object["suspended_reasons"] = .array(reasons.map { .string($0.rawValue) }) }
    object["active_ms"] = .integer(activeMilliseconds)
    object["amount_minor"] = .integer(amountMinor)
    object["currency"] = .string(currency)
    if let closing {
      object["outcome"] = .string(closing.outcome.rawValue)
      object["billed_seconds"] = .integer(closing.billedSeconds)
    }
    return object
  }
}
