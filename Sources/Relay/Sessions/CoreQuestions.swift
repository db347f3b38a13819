import Billing
import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Something a customer is being asked in an open session.
struct OpenQuestion: Sendable {
  let number: UInt32
  let kind: QuestionKind
  let subject: QuestionSubject
  let words: String
  let wordsHash: Fingerprint
  /// Of a quote: what stays owed by now, before anything is let off, in minor units.
  let chargedMinor: Int64?
  /// When it was on the customer's screen for as long as it may be.
  var deadline: MonotonicInstant
}

/// What a customer is asked after his consent: one question at a time, answered with his machine's signature.
///
/// ```
///  none ──ask──▶ open ──answered, deadline, withdrawn──▶ none
///                 │ ▲
///                 └─┘ the machine comes back with a new tunnel, or after the deadline: asked again
/// ```
extension RelayCore {
  /// How much longer than the customer's screen shows a question this side waits for its answer, in milliseconds.
  static let answerMarginMilliseconds: Int64 = 2_000

  private var questionMilliseconds: Int64 { services.configuration.consentTimeoutSeconds * 1000 }

  /// Puts a question before the customer, in the place of one that is open.
  func ask(
    _ subject: QuestionSubject, words: String, chargedMinor: Int64? = nil, of id: SessionID, at now: MonotonicInstant
  ) {
    withdrawQuestion(of: id, .replaced)
    guard let session = sessions[id], !session.isClosing, session.lastQuestion < .max else { return }
    let kind: QuestionKind = if case .limit = subject { .limit } else { .quote }
    let question = OpenQuestion(
      number: session.lastQuestion + 1, kind: kind, subject: subject, words: words,
      wordsHash: SHA256.hash(Array(words.utf8)), chargedMinor: chargedMinor, deadline: now)
    sessions[id]?.lastQuestion = question.number
    sessions[id]?.question = question
    record(
      QuestionAsked(
        number: UInt64(question.number), subject: subject, words: words, wordsHash: question.wordsHash,
        options: kind.answers), id)
    show(of: id, at: now)
  }

  /// Shows the open question, once more where the machine has lost it.
  func show(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], let question = session.question else { return }
    sessions[id]?.question?.deadline = now.advanced(
      byMilliseconds: questionMilliseconds + Self.answerMarginMilliseconds)
    machines[session.machineIdentity]?.port?.post(
      .control(
        .question(
          session: id, number: question.number, kind: question.kind, words: question.words,
          timeoutSeconds: UInt32(clamping: questionMilliseconds / 1000))))
  }

  /// The machine's line is back. With a new tunnel everything on its way was lost; with the old one only a question that
  /// stood too long is gone from the screen.
  func showAgain(of id: SessionID, isNewTunnel: Bool, at now: MonotonicInstant) {
    guard let session = sessions[id] else { return }
    if let question = session.question {
      if isNewTunnel || now >= question.deadline { show(of: id, at: now) }
    } else if isNewTunnel, session.activatedAt != nil, let quote = openQuote(of: session) {
      // This relay is another one than the one that asked, and an answer may have been on its way to that one.
      askQuote(quote, of: id, at: now)
    }
  }

  func checkQuestion(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], let question = session.question, now >= question.deadline,
      machines[session.machineIdentity]?.isConnected == true
    else { return }
    // On a line that is down it waits: the customer is asked again on its return.
    withdrawQuestion(of: id)
    tellShells(of: id, "The customer did not answer. Call, then: ssh desk@RELAY ask \(id)")
  }

  func withdrawQuestion(of id: SessionID, _ why: QuestionWithdrawal? = nil) {
    guard let session = sessions[id], let question = session.question else { return }
    sessions[id]?.question = nil
    machines[session.machineIdentity]?.port?.post(
      .control(
        .questionWithdrawn(
          session: id, number: question.number, reason: why?.text(in: session.terms.language) ?? "")))
    record(
      QuestionAnswered(
        number: UInt64(question.number), subject: question.subject, answer: .none, choice: nil, signature: []), id)
  }

  func questionAnswered(
    _ id: SessionID, by machine: Machine, number: UInt32, choice: UInt8?, reason: String, signature: [UInt8],
    at now: MonotonicInstant = BootClock.now()
  ) {
    // Of an earlier question, or of nobody's: whatever it was an answer to is settled.
    guard let session = sessions[id], session.machineIdentity == machine.spki, let question = session.question,
      question.number == number
    else { return }
    sessions[id]?.question = nil
    var answer = QuestionAnswered.Answer.none
    var reason = TextSafety.escaped(reason)
    if let choice {
      let statement = AnswerStatement(
        relaySigningKey: services.signingKey.publicKey.fingerprint, session: id, number: number,
        wordsHash: question.wordsHash, choice: choice)
      if let known = question.kind.answer(choice),
        machine.publicKey.isValid(signature: signature, for: statement.signedBytes)
      {
        answer = known
      } else {
        reason = "the answer is not one of the choices, or not signed by the machine's key"
        services.log.warning("Session \(id), question \(number): \(reason).")
      }
    }
    record(
      QuestionAnswered(
        number: UInt64(number), subject: question.subject, answer: answer,
        choice: answer == .none ? nil : choice.map { UInt64($0) }, signature: answer == .none ? [] : signature), id)
    switch question.subject {
    case .limit: limitAnswered(id, answer, reason, at: now)
    case .quote(let quote): quoteAnswered(id, quote, answer, reason, owedMinor: question.chargedMinor, at: now)
    }
  }

  /// One line in every shell of a session.
  func tellShells(of id: SessionID, _ line: String) {
    for bridge in sessions[id]?.channels.values.map({ $0 }) ?? [] where bridge.isShell { bridge.tell(line) }
  }
}

extension QuestionKind {
  /// What each choice means, from choice 1 on.
  var answers: [QuestionAnswered.Answer] {
    switch self {
    case .limit: [.goOn, .stop, .askQuote]
    case .quote: [.yes, .no]
    }
  }

  func answer(_ choice: UInt8) -> QuestionAnswered.Answer? {
    answers.indices.contains(Int(choice) - 1) ? answers[Int(choice) - 1] : nil
  }
}
