import SessionModel

/// One question at a time, in the order in which they came: consents, and choices in open sessions.
///
/// ```
///            asked (fit to be shown)
///   idle ───────────────────────────▶ showing(question)
///    ▲                                  │   ▲
///    │  answered, withdrawn, timedOut,  │   │ the next one waiting
///    └──────── dropped, unaskable ◀─────┴───┘
/// ```
/// With a standing yes nothing is ever shown as a question: the words are announced and the answer follows at once. It is a
/// yes to consents only; of a choice it takes the one that grants nothing new.
struct QuestionQueue: Sendable {
  /// Questions waiting behind the one shown. More are declined: nobody answers nine questions in a row with care.
  static let maximumWaiting = 8
  /// How often an unclear answer is asked again before it counts as none.
  static let maximumUnclear = 5

  private enum State: Hashable, Sendable {
    case idle
    case showing(Question, unclear: Int)
  }

  enum Event: Hashable, Sendable {
    case asked(Question)
    case typed(TypedAnswer)
    /// The terminal is gone, or there is none: the reason for the relay.
    case unaskable(reason: String)
    /// Taken back: the session's question with that number, or all of the session.
    case withdrawn(SessionID, number: UInt32? = nil, reason: String)
    /// It stood for as long as it may.
    case timedOut(SessionID, number: UInt32? = nil)
    /// The tunnel is down: the relay asks again when it is back.
    case linkLost
  }

  enum Action: Hashable, Sendable {
    /// Announce the words without asking (the standing yes).
    case announce(Question)
    /// Put the words and the question on the terminal, and start its timer.
    case show(Question)
    /// What was typed is none of the answers: put the question again.
    case askAgain
    /// Give the terminal back: the question on it is answered.
    case hide
    /// Take the question away and say this instead.
    case cancel(Cancellation)
    /// This was chosen; nil for nothing, then the reason says why.
    case answer(Question, choice: UInt8?, reason: String)
  }

  /// Why a question is taken away without an answer.
  enum Cancellation: Hashable, Sendable {
    /// By the relay, with its reason.
    case withdrawn(Question, reason: String)
    case timedOut(Question)
    case linkLost
    /// What was typed was none of the answers, too often.
    case unclear(Question)
  }

  /// Who answers.
  let mode: ConsentMode
  private var state = State.idle
  private var waiting: [Question] = []

  init(mode: ConsentMode) { self.mode = mode }

  /// The question on the screen.
  var shown: Question? {
    switch state {
    case .idle: nil
    case .showing(let question, _): question
    }
  }

  mutating func handle(_ event: Event) -> [Action] {
    switch (state, event) {
    case (.idle, .asked(let question)):
      return asked(question)
    case (.showing(let current, _), .asked(let question)):
      return askedMeanwhile(question, current)
    case (.showing(let question, let unclear), .typed(let answer)):
      return typed(answer, question, unclear)
    case (.showing(let question, _), .unaskable(let reason)):
      return [.hide, .answer(question, choice: nil, reason: reason)] + next()
    case (.showing(let question, _), .withdrawn(let session, let number, let reason))
    where question.isMeant(by: session, number):
      drop(session, number)
      return [.cancel(.withdrawn(question, reason: reason))] + next()
    case (.showing(let question, _), .timedOut(let session, let number)) where question.isMeant(by: session, number):
      return [.cancel(.timedOut(question))] + next()
    case (.showing, .linkLost):
      waiting = []
      state = .idle
      return [.cancel(.linkLost)]
    case (.idle, .withdrawn(let session, let number, _)), (.showing, .withdrawn(let session, let number, _)),
      (.idle, .timedOut(let session, let number)), (.showing, .timedOut(let session, let number)):
      drop(session, number)
      return []
    case (.idle, .typed), (.idle, .unaskable), (.idle, .linkLost):
      return []
    }
  }

  private mutating func askedMeanwhile(_ question: Question, _ current: Question) -> [Action] {
    let known = [current] + waiting
    if known.contains(question) { return [] }
    if known.contains(where: { $0.session == question.session && $0.number == question.number }) {
      return [.answer(question, choice: nil, reason: "this session is being asked for already")]
    }
    if let problem = question.problem { return [.answer(question, choice: nil, reason: problem)] }
    if waiting.count >= Self.maximumWaiting {
      return [.answer(question, choice: nil, reason: "too many are waiting for an answer here")]
    }
    waiting.append(question)
    return []
  }

  private mutating func asked(_ question: Question) -> [Action] {
    if let problem = question.problem { return [.answer(question, choice: nil, reason: problem)] }
    switch (mode, question) {
    case (.yes, .consent):
      return [.announce(question), .answer(question, choice: QuestionKind.agreeing, reason: "")]
    case (.yes, .choice):
      return [.announce(question), .answer(question, choice: QuestionKind.declining, reason: "")]
    case (.ask, _):
      state = .showing(question, unclear: 0)
      return [.show(question)]
    }
  }

  private mutating func typed(_ answer: TypedAnswer, _ question: Question, _ unclear: Int) -> [Action] {
    if let choice = question.choice(answer) {
      return [.hide, .answer(question, choice: choice, reason: "")] + next()
    }
    guard unclear + 1 >= Self.maximumUnclear else {
      state = .showing(question, unclear: unclear + 1)
      return [.askAgain]
    }
    return [
      .cancel(.unclear(question)),
      .answer(question, choice: nil, reason: "what the customer typed was none of the answers"),
    ] + next()
  }

  private mutating func drop(_ session: SessionID, _ number: UInt32?) {
    waiting.removeAll { $0.isMeant(by: session, number) }
  }

  private mutating func next() -> [Action] {
    state = .idle
    return waiting.isEmpty ? [] : asked(waiting.removeFirst())
  }
}
