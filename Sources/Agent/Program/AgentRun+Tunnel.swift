import NIOCore
import SessionModel
import Signing
import TLSChannel
import TunnelProtocol
import TunnelTransport

extension AgentRun: TunnelDelegate {
  func tunnelEstablished(_ tunnel: Tunnel, greeting: TunnelGreeting) {
    switch greeting {
    case .hello:
      tunnel.close()
      return
    case .welcome(let welcome):
      step(.established)
      guard case .up = link.state, let key = Ed25519PublicKey(rawBytes: welcome.signingKey) else {
        tunnel.goAway(GoAway(.customer), thenClose: true)
        return
      }
      self.tunnel = tunnel
      relayKey = key
      shop = welcome.shop
      reporter.connected(to: shop)
      remember(key)
      noteLink(isUp: true)
      postHeldSessions()
      // Behind it: whatever is not spoken of is what the damage took.
      postJournalTrouble()
      postProvisionals()
    }
  }

  private func remember(_ key: Ed25519PublicKey) {
    for session in book.removeAll(notOf: key.fingerprint) {
      if let held = sessions[session] { reporter.tell(wording.otherRelay(held.technician)) }
      drop(session)
    }
    let now = BootClock.now()
    for session in sessions.values { session.linkRestored(at: now) }
    do throws(SigningError) {
      try known.remember(key.fingerprint)
    } catch {
      step(.broken(.stateDirectory, error.description))
    }
  }

  /// The line broke: what runs goes on, and waits where it has to.
  func tunnelCut(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    let now = BootClock.now()
    cutSince = now
    reporter.status(nil)
    for session in everySession { session.lineCut(at: now) }
    noteLink(isUp: false)
    step(.failed(failure(closure)))
    if !book.sessions.isEmpty { reporter.tell(wording.lineCut) }
  }

  func tunnelResumed(_ tunnel: Tunnel) {
    let now = BootClock.now()
    cutSince = nil
    given.lineBack(at: now)
    noteLink(isUp: true)
    step(.established)
    guard case .up = link.state else { return tunnel.goAway(GoAway(.customer), thenClose: true) }
    reporter.connected(to: shop)
    for session in sessions.values { session.lineBack(at: now) }
  }

  func tunnelClosed(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    let wasCut = cutSince != nil
    if self.tunnel === tunnel {
      self.tunnel = nil
      relayKey = nil
      cutSince = nil
      given.connectionLost(isAllAcknowledged: tunnel.retainedBytes == 0, lastHeard: tunnel.lastHeard)
      perform(questions.handle(.linkLost))
      let now = BootClock.now()
      reporter.status(nil)
      // What the relay did not acknowledge, the technician has not seen.
      let unseen = tunnel.retainedBytes
      for session in everySession { session.linkLost(unseenBytes: unseen, at: now) }
      if !wasCut { noteLink(isUp: false) }
    }
    // A cut one was given up: the dialling goes on by itself.
    if !wasCut { step(.failed(failure(closure))) }
  }

  func tunnel(_ tunnel: Tunnel, stream: StreamID, freed bytes: Int) {
    switch work(of: stream) {
    case .process(let process): process.freed(bytes)
    case .service(let service): service.freed(bytes)
    case nil: break
    }
  }

  func tunnel(_ tunnel: Tunnel, received event: TunnelEvent) {
    switch event {
    case .open(let stream, let opening): open(StreamPort(tunnel: tunnel, stream: stream), opening)
    case .data(let stream, _, let bytes):
      let port = StreamPort(tunnel: tunnel, stream: stream)
      switch work(of: stream) {
      case .process(let process): process.write(bytes, from: port)
      case .service(let service): service.receive(bytes)
      case nil: port.consumed(bytes.readableBytes)
      }
    case .eof(let stream):
      switch work(of: stream) {
      case .process(let process): process.finishInput()
      case .service(let service): service.finishInput()
      case nil: break
      }
    case .message(let stream, let message):
      if case .process(let process) = work(of: stream) { process.handle(message) }
    case .ended(let stream, let end):
      let now = BootClock.now()
      for session in everySession { session.streamEnded(stream, end, at: now) }
    case .control(let message): control(message)
    // The relay leaves soon: what is open goes on until it closes, and the closure says why. Only the relay opens streams.
    case .goAway, .accepted: break
    }
  }

  private func work(of stream: StreamID) -> StreamWork? {
    for session in sessions.values {
      if let work = session.work(of: stream) { return work }
    }
    for session in leaving {
      if let work = session.work(of: stream) { return work }
    }
    return nil
  }

  private func open(_ port: StreamPort, _ opening: StreamOpening) {
    guard let relayKey else {
      port.end(StreamEnd(.failed, "this computer is not connected"))
      return
    }
    if let refusal = book.refusal(of: opening, signingKey: relayKey.fingerprint) {
      port.end(refusal.end)
    } else if let session = sessions[opening.session], let consent = book[opening.session] {
      session.open(port, opening, consent.statement.allowances, at: BootClock.now())
    } else {
      port.end(StreamEnd(.sessionClosed, "the session is over"))
    }
  }

  private func control(_ message: ControlMessage) {
    switch message {
    case .joinCode(let code, _):
      // A code is for whoever still wants help.
      guard code != codes.code, case .up = link.state else { return }
      reporter.script(.ready(code))
      tellCodes { $0.came(code, visitRuns: !book.sessions.isEmpty) }
    case .consentRequest(let session, let technician, let key, let purpose, let words, let allowances, let timeout):
      asked(
        ConsentRequest(
          session: session, technician: technician, technicianKey: key, purpose: purpose, words: words,
          allowances: allowances, timeoutSeconds: timeout))
    case .consentWithdrawn(let session, let reason):
      withdrawn(session, reason: reason)
    case .question(let session, let number, let kind, let words, let timeout):
      asked(ChoiceRequest(session: session, number: number, kind: kind, words: words, timeoutSeconds: timeout))
    case .questionWithdrawn(let session, let number, let reason):
      perform(questions.handle(.withdrawn(session, number: number, reason: reason)))
    case .sessionState(let session, let state, let reasons, let active, let amount, let currency, let exponent):
      report(
        SessionReport(
          session: session, state: state, reasons: reasons, activeMilliseconds: active, amountMinor: amount,
          currency: currency, exponent: exponent))
    case .checkpoint(let statement, let signature): checkpoint(statement, signature)
    case .sessionClosed(
      let session, let outcome, let active, let billed, let amount, let currency, let exponent, let text):
      let report = SessionReport(
        session: session, state: .closed, activeMilliseconds: active, amountMinor: amount, currency: currency,
        exponent: exponent, closing: SessionReport.Closing(outcome: outcome, billedSeconds: billed))
      afterReceipt(of: session) { $0.closed(report, text: text) }
    case .notice(let line): reporter.emit(.notice(line), text: Wording.notice(line))
    case .receipt(let session, let bytes, let signature): received(session, bytes, signature)
    case .receiptFollows(let session): receiptFollows(session)
    case .consentAnswer, .checkpointSigned, .checkpointRefused, .closeRequest, .detachedShellEnded,
      .heldSession, .questionAnswer, .receiptCountersigned, .receiptProvisional, .journal:
      break  // Said by agents, not to them.
    }
  }
}
