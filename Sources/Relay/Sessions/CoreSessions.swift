import Billing
import Ledger
import Logging
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// Feeding a session's state machine and doing what it asks.
extension RelayCore {
  /// An agent heard within this is taken for present, in milliseconds: it answers a ping a second, and the core looks
  /// every second.
  static let heardMilliseconds: Int64 = 2500

  /// Hands `event` to the session and performs the actions, in their order.
  func apply(_ event: SessionEvent, to id: SessionID, at now: MonotonicInstant) {
    do {
      let actions = try sessions[id]?.machine.handle(event, at: now) ?? []
      for action in actions { perform(action, for: id, at: now) }
    } catch {
      // Events cross: a channel may end in the moment in which its session is closed.
      services.log.debug("Session \(id): \(error).")
    }
  }

  private func perform(_ action: SessionAction, for id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id] else { return }
    switch action {
    case .ask:
      ask(session)
    case .activate:
      sessions[id]?.activatedAt = WallClock.now()
      record(SessionActivated(), id)
      services.log.info("Session \(id) is active: \(session.technician) on \(session.machineName).")
      updatePinging(of: session.machineIdentity)
      tellState(of: id)
    case .suspend(let reasons):
      record(SessionSuspended(reasons: reasons), id)
      services.log.info("Session \(id) is suspended: \(reasons.map(\.rawValue).joined(separator: ", ")).")
      sendCheckpoint(of: id, at: now, isTransition: true)
      updatePinging(of: session.machineIdentity)
      tellState(of: id)
    case .resume:
      record(SessionResumed(), id)
      updatePinging(of: session.machineIdentity)
      tellState(of: id)
    case .close(let closure):
      beginClosing(id, closure, at: now)
    }
  }

  func tickSession(_ id: SessionID, at now: MonotonicInstant) {
    recordReports(of: id)
    guard let session = sessions[id] else { return }
    if let closing = session.closing {
      if now >= closing.deadline { finishClosing(id) }
      return
    }
    feedBytes(id)
    apply(.tick, to: id, at: now)
    guard sessions[id]?.closing == nil else { return }
    sendCheckpoint(of: id, at: now, isTransition: false)
    checkConfirmation(of: id, at: now)
  }

  /// Tells the meter when the last byte passed. The data path only leaves the instant behind; this is where it counts.
  func feedBytes(_ id: SessionID) {
    guard let session = sessions[id], let last = session.traffic.lastByteAt else { return }
    // What is typed into a line that has gone dead is no work on the machine.
    let counted = min(last, provenInstant(of: session, at: last))
    guard counted != session.fedByte else { return }
    sessions[id]?.fedByte = counted
    apply(.bytes, to: id, at: counted)
  }

  /// The latest instant up to which time may count: `now` while the agent is being heard, else when it last was.
  func provenInstant(of session: LiveSession, at now: MonotonicInstant) -> MonotonicInstant {
    guard let port = machines[session.machineIdentity]?.port else { return now }
    let heard = port.lastHeard
    return now.milliseconds(since: heard) <= Self.heardMilliseconds ? now : heard
  }

  /// The active time to be stated: what the meter has, less what the agent did not confirm.
  func statedMilliseconds(of session: LiveSession) -> Int64 {
    max(0, session.machine.activeMilliseconds - session.forgoneMilliseconds)
  }

  /// Tells the agent, and through it the customer, where the session stands.
  func tellState(of id: SessionID) {
    guard let session = sessions[id], let port = machines[session.machineIdentity]?.port else { return }
    let amount = (try? rating(of: session))?.work.amountMinor ?? 0
    port.post(
      .control(
        .sessionState(
          session: id, state: session.machine.state, reasons: session.machine.suspendedReasons,
          activeMilliseconds: statedMilliseconds(of: session), amountMinor: amount,
          currency: plan.currency.code, exponent: UInt8(clamping: plan.currency.exponent))))
  }

  /// What the session costs by now.
  func rating(of session: LiveSession, limitMilliseconds: Int64 = .max) throws(RatingError) -> SessionRating {
    try SessionRating(
      offsets: session.machine.intervals, start: session.activatedAt ?? session.openedAt,
      limitMilliseconds: limitMilliseconds, technician: session.technician, plan: plan)
  }
}
