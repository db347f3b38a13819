import NIOCore
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Questions, answers, and what is signed.
extension AgentRun {
  func asked(_ request: ConsentRequest) {
    reporter.script(
      .consent(session: request.session, technician: request.technician, words: request.words))
    perform(questions.handle(.asked(request)))
  }

  func answer(_ event: ConsentQueue.Event) { perform(questions.handle(event)) }

  /// The agent is being ended: nobody is asked any more.
  func cancelQuestions() {
    questionTimer?.cancel()
    screen?.close()
    while let request = questions.shown {
      _ = questions.handle(.withdrawn(request.session, reason: ""))
      refuse(request, "the customer ended the agent")
    }
  }

  func perform(_ actions: [ConsentQueue.Action]) {
    for action in actions {
      switch action {
      case .announce(let request): reporter.tell(Wording.standingYes(request))
      case .show(let request):
        startTimer(request)
        screen?.show(request)
      case .askAgain: screen?.askAgain()
      case .cancel(let line):
        questionTimer?.cancel()
        screen?.cancel(line)
      case .hide:
        questionTimer?.cancel()
        screen?.close()
      case .answer(let request, true, _): accept(request)
      case .answer(let request, false, let reason): decline(request, reason)
      }
    }
  }

  private func startTimer(_ request: ConsentRequest) {
    questionTimer?.cancel()
    questionTimer = loop.assumeIsolated().scheduleTask(in: .milliseconds(request.timeoutMilliseconds)) { [weak self] in
      self?.answer(.timedOut(request.session))
    }
  }

  private func accept(_ request: ConsentRequest) {
    guard let tunnel, let relayKey else { return }
    let statement = ConsentStatement(
      relaySigningKey: relayKey.fingerprint, session: request.session, technicianKey: request.technicianKey,
      wordsHash: SHA256.hash(Array(request.words.utf8)),
      allowances: request.allowances.intersection(parts.options.allowances))
    let signature: [UInt8]
    do throws(SigningError) {
      signature = try parts.signingKey.sign(statement.signedBytes)
    } catch {
      decline(request, "the agent could not sign the answer")
      return
    }
    guard book.accept(ConsentBook.Entry(statement: statement, technician: request.technician)) else {
      decline(request, "too many sessions are open on this computer")
      return
    }
    sessions[request.session] = AgentSession(
      id: request.session, technician: request.technician, consentAt: BootClock.now(), guardian: parts.guardian,
      shell: parts.shell, loop: loop, owner: self)
    if parts.options.consent == .ask { reporter.tell(Wording.accepted(request.technician)) }
    tunnel.post(
      .consentAnswer(
        session: request.session, accepted: true, reason: "", wordsHash: statement.wordsHash,
        allowances: statement.allowances, signature: signature))
  }

  private func decline(_ request: ConsentRequest, _ reason: String) {
    reporter.tell(reason.isEmpty ? Wording.declined : Wording.refused(request.technician, because: reason))
    refuse(request, reason)
  }

  private func refuse(_ request: ConsentRequest, _ reason: String) {
    tunnel?.post(
      .consentAnswer(
        session: request.session, accepted: false, reason: reason, wordsHash: SHA256.hash(Array(request.words.utf8)),
        allowances: [], signature: []))
  }
}
