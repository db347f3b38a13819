import SessionModel

/// The relay asks the customer of an open session to choose: whether to go on past a limit, whether to take a price.
struct ChoiceRequest: Hashable, Sendable {
  var session: SessionID
  /// The question's number in its session; from 1.
  var number: UInt32
  var kind: QuestionKind
  /// What the customer is shown, word for word, with what each choice means.
  var words: String
  var timeoutSeconds: UInt32
}

/// Something the customer is asked at his terminal.
enum Question: Hashable, Sendable {
  /// May a technician come in?
  case consent(ConsentRequest)
  /// What is to be done in a session that he agreed to?
  case choice(ChoiceRequest)

  /// The longest a relay may let a question stand, in seconds.
  static let maximumTimeoutSeconds: UInt32 = 3_600

  var session: SessionID {
    switch self {
    case .consent(let request): request.session
    case .choice(let request): request.session
    }
  }

  /// Its number in the session; nil for the consent that comes before all others.
  var number: UInt32? {
    switch self {
    case .consent: nil
    case .choice(let request): request.number
    }
  }

  /// What the customer is shown, word for word.
  var words: String {
    switch self {
    case .consent(let request): request.words
    case .choice(let request): request.words
    }
  }

  /// How long it stands, in milliseconds.
  var timeoutMilliseconds: Int64 {
    let seconds =
      switch self {
      case .consent(let request): request.timeoutSeconds
      case .choice(let request): request.timeoutSeconds
      }
    return Int64(min(seconds, Self.maximumTimeoutSeconds)) * 1_000
  }

  /// Nil when it may be put before a person; otherwise why not, for the relay.
  var problem: String? {
    if let problem = TextSafety.problem(inShownText: words) { return "the text for the customer \(problem)" }
    if words.unicodeScalars.allSatisfy({ $0 == " " || $0 == "\n" }) { return "the text for the customer is empty" }
    guard case .consent(let request) = self else { return nil }
    if let problem = TextSafety.problem(inField: request.technician) { return "the technician's name \(problem)" }
    if let problem = TextSafety.problem(inField: request.purpose) { return "the purpose \(problem)" }
    return nil
  }

  /// Whether it is answered by yes or no rather than by a number.
  var isYesOrNo: Bool {
    switch self {
    case .consent: true
    case .choice(let request): request.kind.isYesOrNo
    }
  }

  /// What was chosen, by its number; nil when what was typed is none of the answers.
  func choice(_ typed: TypedAnswer) -> UInt8? {
    switch (self, typed) {
    case (.choice(let request), .number(let number)) where !request.kind.isYesOrNo:
      (1...request.kind.choiceCount).contains(number) ? number : nil
    case (_, .yes): isYesOrNo ? QuestionKind.agreeing : nil
    case (_, .no): isYesOrNo ? QuestionKind.declining : nil
    case (_, .number), (_, .unclear): nil
    }
  }

  /// Whether it is the question meant: the session's with that number, or any of the session.
  func isMeant(by session: SessionID, _ number: UInt32?) -> Bool {
    self.session == session && (number == nil || number == self.number)
  }
}
