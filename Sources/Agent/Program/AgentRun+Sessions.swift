import Metering
import PTY
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// What the relay says of sessions, and what becomes of them.
extension AgentRun {
  func report(_ report: SessionReport) {
    let session = sessions[report.session]
    let isNews = session?.lastReport.map { !$0.isSameState(as: report) } ?? true
    session?.lastReport = report
    reporter.emit(
      .session(report),
      text: isNews ? session.flatMap { Wording.session(report, technician: $0.technician) } : nil)
  }

  func closed(_ report: SessionReport, text: String) {
    perform(questions.handle(.withdrawn(report.session, reason: "")))
    let hadConsent = book.remove(report.session) != nil
    reporter.emit(.session(report), text: hadConsent ? Wording.closed(text: text) : nil)
    if let session = sessions[report.session] {
      session.end(at: BootClock.now())
      forget(session)
    }
    if case .closing = link.state { settle() }
  }

  func checkpoint(_ statement: CheckpointStatement, _ signature: [UInt8]) {
    guard let tunnel, let relayKey, let session = sessions[statement.session],
      book[statement.session] != nil
    else { return }
    let now = BootClock.now()
    if relayKey.isValid(signature: signature, for: statement.signedBytes), session.accepts(statement, at: now),
      let own = try? parts.signingKey.sign(statement.signedBytes)
    {
      tunnel.post(
        .checkpointSigned(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence, signature: own))
    } else {
      tunnel.post(
        .checkpointRefused(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence,
          measuredMilliseconds: session.measure.measuredMilliseconds(at: now)))
    }
  }
}

extension AgentRun: AgentSessionOwner {
  func sessionLostDetachedShell(_ session: AgentSession) {
    tunnel?.post(.detachedShellEnded(session: session.id))
  }

  func session(_ session: AgentSession, ended processes: EndedProcesses?) {
    if let processes, let line = Wording.ended(processes) { reporter.tell(line) }
    forget(session)
    finishWhenEnded()
  }

  /// A session is forgotten when nothing of it runs and the relay has closed it: until then its last checkpoint may come.
  func forget(_ session: AgentSession) {
    if session.isEnded, book[session.id] == nil { sessions[session.id] = nil }
  }
}
