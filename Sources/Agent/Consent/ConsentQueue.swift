import SessionModel

/// One question at a time, in the order in which they came.
///
/// ```
///            asked (fit to be shown)
///   idle ───────────────────────────▶ showing(request)
///    ▲                                  │   ▲
///    │  answered, withdrawn, timedOut,  │   │ the next one waiting
///    └──────── dropped, unaskable ◀─────┴───┘
/// ```
/// With a standing yes nothing is ever shown as a question: the words are announced and the answer follows at once.
struct ConsentQueue: Sendable {
  /// Questions waiting behind the one shown. More are declined: nobody answers nine questions in a row with care.
  static let maximumWaiting = 8
  /// How often an unclear answer is asked again before it counts as a no.
  static let maximumUnclear = 5

  private enum State: Hashable, Sendable {
    case idle
    case showing(ConsentRequest, unclear: Int)
  }

  enum Event: Hashable, Sendable {
    case asked(ConsentRequest)
    case typed(TypedAnswer)
    /// The terminal is gone, or there is none: the reason for the relay.
    case unaskable(reason: String)
    case withdrawn(SessionID, reason: String)
    case timedOut(SessionID)
    /// The tunnel is down: the relay asks again when it is back.
    case linkLost
  }

  enum Action: Hashable, Sendable {
    /// Announce the words without asking (the standing yes).
    case announce(ConsentRequest)
    /// Put the words and the question on the terminal, and start its timer.
    case show(ConsentRequest)
    /// Neither yes nor no was typed: put the question again.
    case askAgain
    /// Give the terminal back: the question on it is answered.
    case hide
    /// Take the question away and say this instead.
    case cancel(line: String)
    case answer(ConsentRequest, accepted: Bool, reason: String)
  }

  /// Who answers.
  let mode: ConsentMode
  private var state = State.idle
  private var waiting: [ConsentRequest] = []

  init(mode: ConsentMode) { self.mode = mode }

  /// The request on the screen.
  var shown: ConsentRequest? {
    switch state {
    case .idle: nil
    case .showing(let request, _): request
    }
  }

  mutating func handle(_ event: Event) -> [Action] {
    switch (state, event) {
    case (.idle, .asked(let request)):
      return asked(request)
    case (.showing(let current, _), .asked(let request)):
      if request.session == current.session || waiting.contains(where: { $0.session == request.session }) {
        return request == current || waiting.contains(request)
          ? [] : [.answer(request, accepted: false, reason: "this session is being asked for already")]
      }
      if let problem = request.problem { return [.answer(request, accepted: false, reason: problem)] }
      if waiting.count >= Self.maximumWaiting {
        return [.answer(request, accepted: false, reason: "too many are waiting for an answer here")]
      }
      waiting.append(request)
      return []
    case (.showing(let request, let unclear), .typed(let answer)):
      return typed(answer, request, unclear)
    case (.showing(let request, _), .unaskable(let reason)):
      return [.hide, .answer(request, accepted: false, reason: reason)] + next()
    case (.showing(let request, _), .withdrawn(let session, let reason)) where session == request.session:
      let why = reason.isEmpty ? "" : " \(Wording.sentence(reason))"
      return [.cancel(line: "The question was taken back.\(why) Nothing happened.")] + next()
    case (.showing(let request, _), .timedOut(let session)) where session == request.session:
      return [.cancel(line: "The question stood too long and was taken back. Nothing happened.")] + next()
    case (.showing, .linkLost):
      waiting = []
      state = .idle
      return [.cancel(line: "The connection was lost before you answered. Nothing happened.")]
    case (.idle, .withdrawn(let session, _)), (.showing, .withdrawn(let session, _)),
      (.idle, .timedOut(let session)), (.showing, .timedOut(let session)):
      waiting.removeAll { $0.session == session }
      return []
    case (.idle, .typed), (.idle, .unaskable), (.idle, .linkLost):
      return []
    }
  }

  private mutating func asked(_ request: ConsentRequest) -> [Action] {
    if let problem = request.problem { return [.answer(request, accepted: false, reason: problem)] }
    switch mode {
    case .yes:
      return [.announce(request), .answer(request, accepted: true, reason: "")]
    case .ask:
      state = .showing(request, unclear: 0)
      return [.show(request)]
    }
  }

  private mutating func typed(_ answer: TypedAnswer, _ request: ConsentRequest, _ unclear: Int) -> [Action] {
    switch answer {
    case .yes:
      return [.hide, .answer(request, accepted: true, reason: "")] + next()
    case .no:
      return [.hide, .answer(request, accepted: false, reason: "")] + next()
    case .unclear where unclear + 1 < Self.maximumUnclear:
      state = .showing(request, unclear: unclear + 1)
      return [.askAgain]
    case .unclear:
      return [
        .cancel(line: "That was neither y nor n, so it counts as no. Nothing happened."),
        .answer(request, accepted: false, reason: "the customer's answers were neither yes nor no"),
      ] + next()
    }
  }

  private mutating func next() -> [Action] {
    state = .idle
    return waiting.isEmpty ? [] : asked(waiting.removeFirst())
  }
}
