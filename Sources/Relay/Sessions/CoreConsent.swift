import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// The question and the customer's answers.
extension RelayCore {
  /// Puts the question before the customer; again when the link was lost meanwhile.
  func ask(_ session: LiveSession) {
    machines[session.machineIdentity]?.port?.post(
      .control(
        .consentRequest(
          session: session.id, technician: session.technician.rawValue, technicianKey: session.technicianKey,
          purpose: session.purpose, words: session.words, allowances: session.allowances,
          timeoutSeconds: UInt32(clamping: services.configuration.consentTimeoutSeconds))))
  }

  func consentAnswered(_ id: SessionID, by machine: Machine, _ answer: ConsentAnswer) {
    guard let session = sessions[id], session.machineIdentity == machine.spki,
      session.machine.state == .awaitingConsent
    else {
      // The yes crossed the end of the question; the agent must not go on believing in it.
      if answer.accepted, sessions[id] == nil, let port = machine.port { tellEnded(id, on: port) }
      return
    }
    let now = BootClock.now()
    let problem = answer.accepted ? flaw(in: answer, to: session, by: machine) : nil
    let reason = TextSafety.escaped(problem ?? answer.reason)
    record(
      ConsentAnswered(
        accepted: answer.accepted && problem == nil, reason: reason, signature: answer.signature,
        agentKey: machine.publicKey.rawBytes), id)
    guard answer.accepted, problem == nil else {
      if let problem { services.log.warning("Session \(id): the agent's consent is not valid: \(problem)") }
      for bridge in session.channels.values {
        bridge.finish(reason.isEmpty ? "The customer declined." : "The customer declined: \(reason)")
      }
      if let problem { machine.port?.post(.control(.consentWithdrawn(session: id, reason: problem))) }
      apply(.declined, to: id, at: now)
      return
    }
    // The consent is on record before anything follows from it.
    flushRecords(at: now)
    apply(.accepted, to: id, at: now)
    for number in session.channels.keys.sorted() { openStream(number, of: id) }
  }

  /// Why a yes does not count; nil when it does.
  private func flaw(in answer: ConsentAnswer, to session: LiveSession, by machine: Machine) -> String? {
    guard answer.wordsHash == session.wordsHash else { return "other words were shown than the relay wrote" }
    guard answer.allowances == session.allowances else { return "something else was allowed than was asked" }
    let statement = ConsentStatement(
      relaySigningKey: services.signingKey.publicKey.fingerprint, session: session.id,
      technicianKey: session.technicianKey, wordsHash: answer.wordsHash, allowances: answer.allowances)
    guard machine.publicKey.isValid(signature: answer.signature, for: statement.signedBytes) else {
      return "the answer is not signed by the machine's key"
    }
    return nil
  }

  /// The customer ended the agent.
  func customerLeft(_ port: TunnelPort) {
    guard let machine = machines.machine(on: port) else { return }
    for id in sessionsOn(machine.spki) { customerClosed(id, by: machine, reason: "") }
  }

  /// The customer ends the session himself.
  func customerClosed(_ id: SessionID, by machine: Machine, reason: String) {
    guard let session = sessions[id], session.machineIdentity == machine.spki else { return }
    guard session.closing == nil else {
      finishClosing(id)
      return
    }
    let reason = TextSafety.escaped(reason)
    guard session.activatedAt != nil else {
      for bridge in session.channels.values { bridge.finish("The customer declined.") }
      apply(.declined, to: id, at: BootClock.now())
      return
    }
    feedBytes(id)
    apply(
      .close(outcome: .unclosed, note: reason, by: .customer), to: id, at: BootClock.now())
  }
}
