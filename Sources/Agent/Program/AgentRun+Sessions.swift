import PTY
import SessionModel
import TunnelProtocol
import TunnelTransport

/// What the relay says of sessions, and what becomes of them.
extension AgentRun {
  func report(_ report: SessionReport) {
    let session = sessions[report.session]
    let isNews = session?.lastReport.map { !$0.isSameState(as: report) } ?? true
    session?.lastReport = report
    updatePinging()
    if !(session?.isWorking ?? false) { clearStatus(of: report.session) }
    reporter.emit(
      .session(report),
      text: isNews ? session.flatMap { wording.session(report, technician: $0.technician) } : nil)
    guard let session, session.isWorking else { return }
    let isAlone = sessions.values.count(where: \.isWorking) == 1
    status.show(report, technician: session.technician, isAlone: isAlone, at: BootClock.now()).map(reporter.status)
  }

  /// While time counts, a line that is dead without a word has to be noticed within seconds on this side too: only this
  /// side dials.
  func updatePinging() {
    let isActive = sessions.values.contains(where: \.isWorking)
    if let tunnel, tunnel.activePinging != isActive { tunnel.activePinging = isActive }
  }

  /// Nothing more is shown of a session's time and price.
  func clearStatus(of session: SessionID) {
    if status.clear(session) { reporter.status(nil) }
  }

  func closed(_ report: SessionReport, text: String) {
    given.forget(report.session)
    perform(questions.handle(.withdrawn(report.session, reason: "")))
    let hadConsent = book[report.session] != nil
    let hasReceipt = receipts.has(report.session)
    let isKnown = hadConsent || hasReceipt || journal.book.ids.contains(report.session)
    clearStatus(of: report.session)
    expectReceipt(of: report.session)
    let isOwed = settle(report)
    // Who ends the program waits for nothing more: what he is handed instead says how he gets it.
    let saysLast = hadConsent && !hasReceipt && !(isOwed && isClosing)
    if isKnown { reporter.emit(.session(report), text: saysLast ? lastWords(of: report, text) : nil) }
    drop(report.session)
    if hadConsent { tellCodes { $0.visitEnded(othersRun: !book.sessions.isEmpty) } }
    if isClosing { settle() }
  }

  private var isClosing: Bool {
    if case .closing = link.state { true } else { false }
  }

  /// What is said of a session that is over and has no receipt. Of one whose yes was lost on its way, that it never began: he
  /// said yes to a price, and must not wonder what he owes.
  private func lastWords(of report: SessionReport, _ text: String) -> String {
    guard let session = sessions[report.session], !session.hasBegun, report.isOfNothing else {
      return wording.closed(text: text)
    }
    return wording.takenBack(session.technician, reason: "")
  }

  /// Takes the customer's consent away and ends what runs under it; nothing opens in this session any more. What is
  /// being ended is kept in ``leaving`` until nothing of it is left.
  /// - Returns: what was agreed to; nil when nothing was.
  @discardableResult
  func drop(_ id: SessionID) -> ConsentBook.Entry? {
    let entry = book.remove(id)
    clearStatus(of: id)
    if let session = sessions.removeValue(forKey: id), !session.isEnded {
      leaving.append(session)
      session.end(at: BootClock.now())
    }
    updatePinging()
    return entry
  }

  /// A code came, or a visit ended: says what a person is to know of codes now.
  func tellCodes(_ event: (inout CodeNews) -> CodeNews.Action) {
    switch event(&codes) {
    case .none: break
    case .ready(let code): reporter.tell(wording.ready(code))
    case .again(let code): reporter.tell(wording.readyAgain(code))
    }
  }
}

extension AgentRun: AgentSessionOwner {
  func sessionLostDetachedShell(_ session: AgentSession) {
    tunnel?.post(.detachedShellEnded(session: session.id))
  }

  func session(_ session: AgentSession, ended processes: EndedProcesses?) {
    if let processes, let line = wording.ended(processes) { reporter.tell(line) }
    // One that the customer ended himself stays until the relay has closed it: its last checkpoint may come.
    leaving.removeAll { $0 === session }
    finishWhenEnded()
  }
}
