import SessionModel

/// A technician asks to be let in, in the relay's words.
struct ConsentRequest: Hashable, Sendable {
  /// The longest a relay may let a question stand, in seconds.
  static let maximumTimeoutSeconds: UInt32 = 3_600

  var session: SessionID
  var technician: String
  /// The SHA-256 of his public key.
  var technicianKey: Fingerprint
  var purpose: String
  /// What the customer is shown, word for word.
  var words: String
  /// What the relay wants to be allowed.
  var allowances: Allowances
  var timeoutSeconds: UInt32

  /// How long the question stands, in milliseconds.
  var timeoutMilliseconds: Int64 { Int64(min(timeoutSeconds, Self.maximumTimeoutSeconds)) * 1_000 }

  /// Nil when it may be put before a person; otherwise why not, for the relay.
  var problem: String? {
    if let problem = TextSafety.problem(inShownText: words) { return "the text for the customer \(problem)" }
    if let problem = TextSafety.problem(inField: technician) { return "the technician's name \(problem)" }
    if let problem = TextSafety.problem(inField: purpose) { return "the purpose \(problem)" }
    if words.unicodeScalars.allSatisfy({ $0 == " " || $0 == "\n" }) { return "the text for the customer is empty" }
    return nil
  }
}

/// What a person typed.
enum TypedAnswer: Hashable, Sendable {
  case yes, no
  /// Neither: the question is put again.
  case unclear

  /// `y`, `yes`, `n`, `no` in either case, spaces around them left out.
  init(line: String) {
    switch line.drop(while: { $0 == " " || $0 == "\t" }).lowercased().trimmingEnd {
    case "y", "yes": self = .yes
    case "n", "no": self = .no
    default: self = .unclear
    }
  }
}

extension String {
  fileprivate var trimmingEnd: Substring {
    var rest = self[...]
    while let last = rest.last, last == " " || last == "\t" || last == "\r" { rest.removeLast() }
    return rest
  }
}
