import NIOCore
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Questions, answers, and what is signed.
extension AgentRun {
  func asked(_ request: ConsentRequest) {
    guard case .up = link.state, let relayKey else {
      refuse(request, "the customer ended the agent")
      return
    }
    switch book.standing(of: statement(for: request, relayKey)) {
    case .new: break
    case .agreed(let entry) where sessions[request.session]?.isOpen == true:
      post(entry)
      return
    case .agreed, .changed:
      given.forget(request.session)
      if let held = drop(request.session) { reporter.tell(wording.askedAnew(held.technician)) }
    }
    reporter.script(
      .consent(session: request.session, technician: request.technician, words: request.words))
    perform(questions.handle(.asked(.consent(request))))
  }

  func answer(_ event: QuestionQueue.Event) { perform(questions.handle(event)) }

  /// The relay takes a question back; or, when the answer crossed it, what was agreed to.
  func withdrawn(_ session: SessionID, reason: String) {
    given.forget(session)
    perform(questions.handle(.withdrawn(session, reason: reason)))
    let hasBegun = sessions[session]?.hasBegun == true
    guard let held = drop(session) else { return }
    journal.note(.closed(activeMilliseconds: 0), of: session)
    // Whoever was at work is not told that nothing is owed.
    reporter.tell(hasBegun ? wording.closed(text: "") : wording.takenBack(held.technician, reason: reason))
    tellCodes { $0.visitEnded(othersRun: !book.sessions.isEmpty) }
  }

  /// The agent is being ended: nobody is asked any more.
  func cancelQuestions() {
    questionTimer?.cancel()
    screen?.leave()
    while let question = questions.shown {
      _ = questions.handle(.withdrawn(question.session, number: question.number, reason: ""))
      let reason = "the customer ended the agent"
      switch question {
      case .consent(let request): refuse(request, reason)
      case .choice(let request): post(request, choice: nil, reason: reason, signature: [])
      }
    }
  }

  func perform(_ actions: [QuestionQueue.Action]) {
    for action in actions {
      switch action {
      case .announce(let question): reporter.tell(wording.standingYes(question))
      case .show(let question):
        startTimer(question)
        screen?.show(question, wasLost: given.wasLost(question))
      case .askAgain: screen?.askAgain()
      case .cancel(let why):
        questionTimer?.cancel()
        screen?.cancel(wording.cancelled(why))
      case .hide:
        questionTimer?.cancel()
        screen?.close()
      case .answer(let question, let choice, let reason): answered(question, choice, reason)
      }
    }
  }

  private func answered(_ question: Question, _ choice: UInt8?, _ reason: String) {
    // Without a choice nobody answered, and by standing order nobody did so here.
    if choice != nil, parts.options.consent == .ask {
      given.gave(question, lineIsUp: isLineUp, at: BootClock.now())
    }
    switch question {
    case .consent(let request) where choice == QuestionKind.agreeing: accept(request)
    case .consent(let request): decline(request, reason)
    case .choice(let request): choose(request, choice, reason)
    }
  }

  private var isLineUp: Bool {
    if case .up = link.state { true } else { false }
  }

  private func startTimer(_ question: Question) {
    questionTimer?.cancel()
    questionTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(question.timeoutMilliseconds)) {
      [weak self] in
      self?.answer(.timedOut(question.session, number: question.number))
    }
  }

  private func accept(_ request: ConsentRequest) {
    guard tunnel != nil, let relayKey else { return }
    drop(request.session)
    let statement = statement(for: request, relayKey)
    let signature: [UInt8]
    do throws(SigningError) {
      signature = try parts.signingKey.sign(statement.signedBytes)
    } catch {
      decline(request, "the agent could not sign the answer")
      return
    }
    let entry = ConsentBook.Entry(statement: statement, technician: request.technician, signature: signature)
    guard leaving.count < ConsentBook.maximumEntries, book.accept(entry) else {
      decline(request, "too many sessions are open on this computer")
      return
    }
    sessions[request.session] = AgentSession(
      id: request.session, technician: request.technician, purpose: request.purpose, agreedAt: SystemClock.now(),
      consentAt: BootClock.now(), tools: tools, loop: loop, owner: self)
    journal.note(.consent(entry), of: request.session)
    if parts.options.consent == .ask {
      // While the connection is down nobody can start: whether the yes still counts is known when it is back.
      reporter.tell(isLineUp ? wording.accepted(request.technician) : wording.saidYes)
    }
    post(entry)
  }

  private func statement(for request: ConsentRequest, _ relayKey: Ed25519PublicKey) -> ConsentStatement {
    ConsentStatement(
      relaySigningKey: relayKey.fingerprint, session: request.session, technicianKey: request.technicianKey,
      wordsHash: SHA256.hash(Array(request.words.utf8)),
      allowances: request.allowances.intersection(parts.options.allowances))
  }

  private func post(_ yes: ConsentBook.Entry) {
    tunnel?.post(
      .consentAnswer(
        session: yes.statement.session, accepted: true, reason: "", wordsHash: yes.statement.wordsHash,
        allowances: yes.statement.allowances, signature: yes.signature))
  }

  private func decline(_ request: ConsentRequest, _ reason: String) {
    reporter.tell(reason.isEmpty ? wording.declined : wording.refused(request.technician, because: reason))
    refuse(request, reason)
  }

  /// A no leaves no consent behind, whatever was agreed to before.
  private func refuse(_ request: ConsentRequest, _ reason: String) {
    if case .up = link.state { drop(request.session) }
    tunnel?.post(
      .consentAnswer(
        session: request.session, accepted: false, reason: reason, wordsHash: SHA256.hash(Array(request.words.utf8)),
        allowances: [], signature: []))
  }
}
