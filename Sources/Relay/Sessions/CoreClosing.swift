import Billing
import Ledger
import Logging
import Metering
import SessionModel
import Signing
import SSHFrontDoor
import TunnelProtocol
import TunnelTransport

/// The end of sessions: channels told, the last checkpoint signed, the record rated and written, the customer told.
extension RelayCore {
  /// How long the agent's signature under the last checkpoint is waited for, in milliseconds.
  static let closingMilliseconds: Int64 = 3000

  func beginClosing(_ id: SessionID, _ closure: Closure, at now: MonotonicInstant) {
    guard let session = sessions[id], session.closing == nil else { return }
    sessions[id]?.closing = LiveSession.Closing(
      closure: closure, deadline: now.advanced(byMilliseconds: Self.closingMilliseconds))
    let outcome = closure.outcome
    // Before the receipt, so that nothing stands behind that on the customer's screen.
    withdrawQuestion(of: id)
    endChannels(of: session, closure)
    let port = machines[session.machineIdentity]?.port
    if session.activatedAt == nil {
      if outcome != .declined {
        port?.post(.control(.consentWithdrawn(session: id, reason: Self.withdrawal(outcome))))
      }
      finishClosing(id)
      return
    }
    sendLastCheckpoint(of: id, at: now)
    if port == nil || !(sessions[id]?.book.isAwaitingAnswer ?? false) { finishClosing(id) }
  }

  private func endChannels(of session: LiveSession, _ closure: Closure) {
    // Technicians were told why when the stop began.
    guard !isStopping else { return }
    let line: String
    switch closure.outcome {
    // The customer's own reason was told before.
    case .declined: return
    // The technician who went away himself has no channel left to read this.
    case .withdrawn: line = (closure.successor ?? .restarted).line
    case .unanswered: line = "The customer did not answer. Call, then try again."
    case .fixed, .onSite, .outOfScope, .customerEquipment, .abandoned, .unclosed:
      line =
        switch closure.by {
        case .customer: "The customer ended the session."
        case .technician: "This session is closed."
        case .relay: closure.successor?.line ?? "This session is closed: \(closure.note)."
        }
    }
    for bridge in session.channels.values {
      bridge.finish(line, end: StreamEnd(code: .sessionClosed, text: line))
    }
  }

  private static func withdrawal(_ outcome: Outcome) -> String {
    outcome == .unanswered ? "there was no answer in time" : "the technician no longer asks"
  }

  /// Rates what was confirmed, writes it down for good, tells everybody.
  func finishClosing(_ id: SessionID, issuingCode: Bool = true) {
    recordReports(of: id)
    guard var session = sessions.removeValue(forKey: id), let closing = session.closing else { return }
    readRegister()
    let billable = session.book.billable(of: session.machine.time)
    var drafts = stillOpen(session).map { $0.draft(session: id) }
    if let end = session.epochEnd { drafts.append(end) }
    if let (terms, assigned) = lowerTerms(of: session, billable) {
      session.terms = terms
      drafts.append(assigned.draft(session: id))
    }
    var closed = closedRecord(of: session, closing, billable)
    drafts.append(closed.draft(session: id))
    let closedAt = WallClock.now()
    let isRecorded = journal.append(drafts, at: closedAt)
    let trouble = isRecorded ? nil : journal.trouble ?? .failed
    // From a damaged ledger nothing is billed, and nobody is told a price that no record will ever hold.
    if trouble == .damaged { closed = closed.unbilled }
    let price = Money(minorUnits: closed.amountMinor, currency: session.terms.currency)
    let charged =
      trouble == .damaged ? "the ledger is damaged, nothing is billed" : "\(closed.billedSeconds) s charged, \(price)"
    services.log.info("Session \(id) is closed (\(closing.closure.outcome.rawValue)): \(charged).")
    for reply in session.replies { reply(session, closed, closedAt, trouble) }
    let isComplete = isRecorded && handOverReceipt(of: id, to: machines[session.machineIdentity])
    unrecorded[id] = isComplete ? nil : closed
    tellClosed(session, closed, isComplete: isComplete)
    tellOthers(of: session.terms)
    releaseCode(of: session, outcome: closing.closure.outcome)
    // A new run of the agent gets its code when all that its earlier run had is ended.
    if issuingCode, closing.closure.successor == nil, machines[session.machineIdentity]?.code == nil {
      issueCode(for: session.machineIdentity)
    }
    updatePinging(of: session.machineIdentity)
    forgetIfUnused(session.machineIdentity)
  }

  /// What this session drew of the included time is gone for the customer's others, and what it left is theirs.
  private func tellOthers(of terms: SessionTerms) {
    guard terms.plan.included != nil, let customer = terms.customer else { return }
    readRegister()
    for other in sessions.values where other.terms.customer == customer && other.activatedAt != nil {
      tellState(of: other.id)
    }
  }

  /// Channels whose end has not been heard of yet: what went through them is on record before the session's end.
  private func stillOpen(_ session: LiveSession) -> [ChannelClosed] {
    guard session.activatedAt != nil else { return [] }
    return session.channels.sorted { $0.key < $1.key }.compactMap { number, bridge in
      guard bridge.wasOpened else { return nil }
      return ChannelClosed(
        channel: number, bytesToMachine: bridge.traffic.bytesToMachine,
        bytesFromMachine: bridge.traffic.bytesFromMachine)
    }
  }

  private func closedRecord(
    of session: LiveSession, _ closing: LiveSession.Closing, _ billable: MeteredTime
  ) -> SessionClosed {
    let closure = closing.closure
    var note = closure.note.isEmpty ? nil : closure.note
    var rated: SessionRating?
    do {
      rated = try rating(of: session, billable)
    } catch {
      note = [note, "not rated: \(error)"].compactMap { $0 }.joined(separator: "; ")
      services.log.error("Session \(session.id) could not be rated: \(error)")
    }
    return SessionClosed(
      outcome: closure.outcome, note: note, by: closure.by.text,
      activeMilliseconds: billable.activeMilliseconds,
      intervals: rated?.intervals ?? [], billedSeconds: rated?.work.billedSeconds ?? 0,
      amountMinor: rated?.work.amountMinor ?? 0, currency: session.terms.currency.code,
      lines: rated?.work.lines.map { LedgerLine($0) } ?? [], bytesToMachine: session.traffic.bytesToMachine,
      bytesFromMachine: session.traffic.bytesFromMachine, rating: rated?.facts(session.terms) ?? RatingFacts())
  }

  /// Tells the machine the figures. In words the customer has his receipt, handed over before, or reads that it is still to
  /// come. There is no second text that could say something else.
  private func tellClosed(_ session: LiveSession, _ closed: SessionClosed, isComplete: Bool) {
    guard let port = machines[session.machineIdentity]?.port, session.activatedAt != nil else { return }
    if isComplete {
      post(closed, of: session.id, text: "", on: port)
    } else {
      postIncomplete(closed, of: session.id, in: session.terms.language, on: port)
    }
  }

  /// The closing of a session whose receipt is still to come, or will never: there is none from a damaged ledger.
  private func postIncomplete(_ closed: SessionClosed, of id: SessionID, in language: Language, on port: TunnelPort) {
    if journal.isDamaged {
      return post(closed.unbilled, of: id, text: "\(language.visitIsOver)\n\(language.recordsDamaged)", on: port)
    }
    port.post(.control(.receiptFollows(session: id)))
    post(closed, of: id, text: "\(language.visitIsOver)\n\(language.receiptFollows)", on: port)
  }

  private func post(_ closed: SessionClosed, of id: SessionID, text: String, on port: TunnelPort) {
    port.post(
      .control(
        .sessionClosed(
          session: id, outcome: closed.outcome, activeMilliseconds: closed.activeMilliseconds,
          billedSeconds: closed.billedSeconds, amountMinor: closed.amountMinor, currency: closed.currency,
          exponent: Self.exponent(of: closed.currency), text: text)))
  }

  /// A session that ran, or was declined, uses its code up; the customer gets a new one when he may still want help.
  private func releaseCode(of session: LiveSession, outcome: Outcome) {
    let mayAskAgain = outcome == .withdrawn || outcome == .unanswered
    guard !mayAskAgain else { return releaseClaim(session.code, of: session.machineIdentity) }
    codes.release(session.code, used: true)
    machines[session.machineIdentity]?.code = nil
    let code = session.code
    frontDoor?.retire(reason: "session \(session.id) is closed") { Destination(user: $0.user).code == code }
  }

  /// Of a currency as it stands on record.
  private static func exponent(of code: String) -> UInt8 { UInt8(clamping: Currency(code)?.exponent ?? 0) }

  /// The agent holds a session that is over, or that this relay never had.
  func tellEnded(_ id: SessionID, on port: TunnelPort) {
    if let waiting = unrecorded[id] {
      // Closed, and the disk has not taken it yet: it is over all the same.
      return postIncomplete(waiting, of: id, in: machines.machine(on: port)?.language ?? .english, on: port)
    }
    let record: SessionRecord?
    do {
      record = try services.ledger.record(session: id).flatMap { $0.wasRequested ? $0 : nil }
    } catch {
      // Nothing is said about money that cannot be looked up.
      return
    }
    if let record, record.state != .closed { return }
    if record != nil, !handOverReceipt(of: id, to: machines.machine(on: port)) {
      port.post(.control(.receiptFollows(session: id)))
    }
    let amount = record?.amountMinor ?? 0
    let currency = record?.currency ?? Plan.standard.currency.code
    let text = record == nil ? "This relay does not know the session. There is nothing to pay." : ""
    port.post(
      .control(
        .sessionClosed(
          session: id, outcome: record?.outcome ?? .unclosed, activeMilliseconds: record?.activeMilliseconds ?? 0,
          billedSeconds: record?.billedSeconds ?? 0, amountMinor: amount,
          currency: currency, exponent: Self.exponent(of: currency), text: text)))
  }
}

extension SessionClosed {
  /// The same without a price.
  fileprivate var unbilled: SessionClosed {
    var closed = self
    (closed.billedSeconds, closed.amountMinor, closed.lines) = (0, 0, [])
    return closed
  }
}

extension Closer {
  /// As it stands on record.
  var text: String {
    switch self {
    case .technician(let name): name
    case .customer: "customer"
    case .relay: "relay"
    }
  }
}

extension LedgerLine {
  init(_ line: RatedLine) {
    self.init(
      kind: line.kind.rawValue, description: line.description, seconds: line.seconds,
      percent: line.percent.description, amountMinor: line.amountMinor, reason: line.reason, technician: line.technician
    )
  }
}
