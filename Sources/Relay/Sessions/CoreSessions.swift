import Billing
import Ledger
import Logging
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// Feeding a session's state machine and doing what it asks.
extension RelayCore {
  /// Hands `event` to the session and performs the actions, in their order.
  func apply(_ event: SessionEvent, to id: SessionID, at now: MonotonicInstant) {
    noticeStandstill(at: now)
    // Whatever stops the clock stops it where the machine was there for certain.
    let instant = sessions[id].map { event.stopsTheClock ? provenInstant(of: $0, at: now) : now } ?? now
    if case .linkLost = event { sessions[id]?.book.linkLost() }
    if case .linkRestored = event { sessions[id]?.book.linkRestored(at: now) }
    do {
      let actions = try sessions[id]?.machine.handle(event, at: instant) ?? []
      for action in actions { perform(action, for: id, at: now) }
    } catch {
      // Events cross: a channel may end in the moment in which its session is closed.
      services.log.debug("Session \(id): \(error).")
    }
    // The one statement that settles a cut.
    if case .linkRestored = event { sendCheckpoint(of: id, at: now, isTransition: false) }
  }

  private func perform(_ action: SessionAction, for id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id] else { return }
    switch action {
    case .ask:
      ask(session)
    case .activate:
      recordActivation(of: session, at: now)
      sessions[id]?.runningSince = now
      services.log.info("Session \(id) is active: \(session.technician) on \(session.machineName).")
      updatePinging(of: session.machineIdentity)
      tellState(of: id)
      // A price offered before he came is put before the customer now.
      if let quote = openQuote(of: session) { askQuote(quote, of: id, at: now) }
    case .suspend(let reasons):
      // Up to where time counted, which is where it has stood still since.
      let counted = session.machine.intervals.last?.toMilliseconds ?? 0
      let since = (session.activatedAt ?? session.openedAt).advanced(byMilliseconds: counted)
      record(SessionSuspended(reasons: reasons, since: since), id)
      services.log.info("Session \(id) is suspended: \(reasons.map(\.rawValue).joined(separator: ", ")).")
      sendCheckpoint(of: id, at: now, isTransition: true)
      updatePinging(of: session.machineIdentity)
      tellState(of: id)
    case .resume:
      record(SessionResumed(), id)
      sessions[id]?.runningSince = now
      updatePinging(of: session.machineIdentity)
      // A limit that stood before stands again before a moment has gone by: after a restart, say, nobody remembers it. Then
      // the customer must not read that time counts.
      checkLimits(of: id, at: now)
      if sessions[id]?.machine.state == .active { tellState(of: id) }
    case .close(let closure):
      beginClosing(id, closure, at: now)
    }
  }

  /// Written down so that another relay can go on with the session.
  private func recordActivation(of session: LiveSession, at now: MonotonicInstant) {
    let wall = WallClock.now()
    sessions[session.id]?.activatedAt = wall
    sessions[session.id]?.origin = now
    let continuation = machines[session.machineIdentity].map { machine in
      SessionActivated.Continuation(
        code: session.code, agentInstance: machine.instance, bootID: SystemClocks.bootID, instant: now)
    }
    journal.append([SessionActivated(continuation: continuation).draft(session: session.id)], at: wall)
  }

  func tickSession(_ id: SessionID, at now: MonotonicInstant) {
    // One copy serves all the looks: of many sessions nearly every one has nothing to do in a tick.
    guard var session = sessions[id] else { return }
    if !session.reports.isEmpty { recordReports(of: id) }
    if let closing = session.closing {
      if now >= closing.deadline { finishClosing(id) }
      return
    }
    if noticeSilence(of: session, at: now) {
      guard let moved = sessions[id], !moved.isClosing else { return }
      session = moved
    }
    let isDue = session.machine.nextDeadline.map { now >= $0 } ?? false
    let hasByte = session.traffic.lastByteAt != session.fedByte
    if hasByte { feedBytes(id) }
    if isDue { apply(.tick, to: id, at: now) }
    if hasByte || isDue {
      guard let moved = sessions[id], !moved.isClosing else { return }
      session = moved
    }
    if session.terms.plan.limits != .none { checkLimits(of: id, at: now) }
    if session.question != nil { checkQuestion(of: id, at: now) }
    if session.book.mayState(at: now, session.machine.time) { sendCheckpoint(of: id, at: now, isTransition: false) }
    if session.book.isUnconfirmed(at: now) { checkConfirmation(of: id, at: now) }
  }

  /// Tells the meter when the last byte passed. The data path only leaves the instant behind; this is where it counts.
  func feedBytes(_ id: SessionID) {
    guard let session = sessions[id], let last = session.traffic.lastByteAt else { return }
    // What is typed into a line that has gone dead is no work on the machine: a byte counts when the machine was heard after it.
    let heard = machines[session.machineIdentity]?.port?.lastHeard ?? last
    // Nor does it end idleness before that, and not earlier than it came.
    if last > heard, session.machine.suspendedReasons.contains(.idle) { return }
    let counted = min(last, heard)
    guard counted != session.fedByte else { return }
    sessions[id]?.fedByte = counted
    apply(.bytes, to: id, at: counted)
  }

  /// The latest instant up to which time may count: `now` while the agent is being heard, else when it last was.
  func provenInstant(of session: LiveSession, at now: MonotonicInstant) -> MonotonicInstant {
    guard let port = machines[session.machineIdentity]?.port else { return now }
    return Hearing.provenInstant(lastHeard: port.lastHeard, at: now)
  }

  /// The active time to be stated: what the meter has, less what the agent did not confirm.
  func statedMilliseconds(of session: LiveSession) -> Int64 {
    session.book.statedMilliseconds(of: session.machine.time)
  }

  /// Tells the agent, and through it the customer, where the session stands.
  func tellState(of id: SessionID) {
    // What would be stale when it arrives is not said: the state is told when the line is back.
    guard let session = sessions[id], let machine = machines[session.machineIdentity], machine.isConnected,
      let port = machine.port
    else { return }
    let amount = (try? runningRating(of: session))?.work.amountMinor ?? 0
    port.post(
      .control(
        .sessionState(
          session: id, state: session.machine.state, reasons: session.machine.suspendedReasons,
          activeMilliseconds: statedMilliseconds(of: session), amountMinor: amount,
          currency: session.terms.currency.code, exponent: UInt8(clamping: session.terms.currency.exponent))))
  }

  /// What the session costs by now, or for `time`.
  func rating(of session: LiveSession, _ time: MeteredTime? = nil) throws(RatingError) -> SessionRating {
    try SessionRating(time ?? session.machine.time, of: session.subject, register, now: WallClock.now())
  }

  /// What it costs by now, as the customer is told and his limits are held against: included time that his other open
  /// sessions have used is not this one's any more. Whichever is closed first draws it, by the rule, whatever each was told; all
  /// of them together cost no more than he was told of all.
  func runningRating(of session: LiveSession) throws(RatingError) -> SessionRating {
    let rated = try rating(of: session)
    guard rated.work.includedSeconds > 0 else { return rated }
    let elsewhere = includedElsewhere(besides: session.id, session.terms, rated.standing.month)
    guard elsewhere > 0 else { return rated }
    return try SessionRating(
      session.machine.time, of: session.subject, register, includedElsewhere: elsewhere, now: WallClock.now())
  }

  /// What the customer's open sessions of the month have used of his included time, in seconds.
  func includedElsewhere(besides id: SessionID?, _ terms: SessionTerms, _ month: BillingMonth) -> Int64 {
    guard terms.plan.included != nil else { return 0 }
    return openRatings(besides: id, of: terms.customer, month).reduce(0) { $0 + $1.work.includedSeconds }
  }

  /// What the customer's other open sessions of the month cost by now.
  func openRatings(besides id: SessionID?, of customer: Name?, _ month: BillingMonth) -> [SessionRating] {
    guard let customer else { return [] }
    return sessions.values.compactMap { other in
      guard other.id != id, other.terms.customer == customer, other.activatedAt != nil,
        let rating = try? rating(of: other), rating.standing.month == month
      else { return nil }
      return rating
    }
  }
}
