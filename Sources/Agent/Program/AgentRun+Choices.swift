import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// What the customer is asked while a session is open, and the answers he gives.
extension AgentRun {
  func asked(_ request: ChoiceRequest) {
    guard case .up = link.state, let relayKey else {
      return post(request, choice: nil, reason: "the customer ended the agent", signature: [])
    }
    // Somebody who let nobody in is not asked for money.
    guard book[request.session]?.statement.relaySigningKey == relayKey.fingerprint,
      sessions[request.session]?.isOpen == true
    else {
      return post(request, choice: nil, reason: "the customer has not agreed to this session", signature: [])
    }
    reporter.script(.question(request))
    perform(questions.handle(.asked(.choice(request))))
  }

  /// Signs a choice, writes it down and tells the relay; or tells it why there is none.
  func choose(_ request: ChoiceRequest, _ choice: UInt8?, _ reason: String) {
    guard let choice else {
      reporter.tell(wording.notAsked(because: reason))
      return post(request, choice: nil, reason: reason, signature: [])
    }
    guard let relayKey else { return }
    let statement = AnswerStatement(
      relaySigningKey: relayKey.fingerprint, session: request.session, number: request.number,
      wordsHash: SHA256.hash(Array(request.words.utf8)), choice: choice)
    let signature: [UInt8]
    do throws(SigningError) {
      signature = try parts.signingKey.sign(statement.signedBytes)
    } catch {
      return choose(request, nil, "the agent could not sign the answer")
    }
    journal.note(.answered(statement, signature: signature), of: request.session)
    if parts.options.consent == .ask { reporter.tell(wording.chose(.choice(request), choice)) }
    post(request, choice: choice, reason: reason, signature: signature)
  }

  func post(_ request: ChoiceRequest, choice: UInt8?, reason: String, signature: [UInt8]) {
    reporter.script(
      .answer(session: request.session, number: request.number, choice: choice, reason: reason))
    tunnel?.post(
      .questionAnswer(
        session: request.session, number: request.number, choice: choice, reason: reason, signature: signature))
  }
}
