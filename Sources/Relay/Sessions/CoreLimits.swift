import Billing
import Ledger
import Logging
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// Limits of the plan: a session stops before the period that would pass one, for everybody alike, and the customer is asked.
/// What the technician types meanwhile is kept.
///
/// ```
///            the next period would pass a limit                 1 go on, or a supervisor: granted once more
///   running ────────────────────────────────────▶ held, asked ─────────────────────────────────────────────▶ running
///                                                   │  │  ▲
///                                 2 stop here: closed  │  │ desk ask
///                                                      ▼  │
///                                        held: 3 a quote is wanted, no answer, nobody to ask
/// ```
/// The quote that the customer takes lifts the limit too; from then on only the limits hold that its price does not answer.
extension RelayCore {
  /// How far ahead is looked, in milliseconds: to the tick after the next.
  private static let lookAheadMilliseconds: Int64 = 2 * tickMilliseconds

  func checkLimits(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], session.machine.state == .active, session.terms.plan.limits != .none,
      case .reached(let limit) = limit(of: session, at: now)
    else { return }
    stop(id, before: limit, at: now)
  }

  /// What the limits of a session say.
  private enum LimitVerdict {
    case clear
    case reached(LimitReached)
    /// The log has why.
    case unknown
  }

  private func limit(of session: LiveSession, at now: MonotonicInstant) -> LimitVerdict {
    do {
      let rating = try runningRating(of: session)
      // Quiet time counts as soon as a byte comes: nothing may be left of a limit then.
      let offset = session.origin.map { now.milliseconds(since: $0) } ?? 0
      let pending = MeterInterval(
        fromMilliseconds: offset - session.machine.pendingMilliseconds(at: now), toMilliseconds: offset)
      let subject = session.subject
      let worked = SessionRating.worked(MeteredTime(intervals: session.machine.intervals + [pending]), subject)
      let grants = register.grants(
        of: session.id, session.terms, month: rating.standing.month)
      let reached = try LimitCheck.reached(
        plan: session.terms.plan, work: rating.standing.work(of: session.terms, worked),
        running: [RunningWork(technician: session.technician.rawValue, workType: session.workTypes.current)],
        at: subject.start.advanced(byMilliseconds: offset), lookAheadMilliseconds: Self.lookAheadMilliseconds,
        monthSeconds: rating.standing.billedThisMonthSeconds + openSeconds(besides: session, rating.standing.month),
        grants: grants)
      return reached.map { .reached($0) } ?? .clear
    } catch {
      services.log.error("Session \(session.id): its limits could not be checked: \(error)")
      return .unknown
    }
  }

  /// What the customer's other open sessions of the month are billed by now, in seconds.
  private func openSeconds(besides session: LiveSession, _ month: BillingMonth) -> Int64 {
    openRatings(besides: session.id, of: session.terms.customer, month).reduce(0) { $0 + $1.work.billedSeconds }
  }

  private func stop(_ id: SessionID, before reached: LimitReached, at now: MonotonicInstant) {
    sessions[id]?.limit = reached
    apply(.limitReached, to: id, at: now)
    guard let session = sessions[id], session.isHeld else { return }
    services.log.info("Session \(id) stops before a limit: \(reached.kind.rawValue).")
    let line =
      "The agreed limit is reached (\(reached.line(session.terms.currency))). No time counts. "
      + "The customer is asked; what you type is kept."
    for bridge in session.channels.values {
      bridge.hold(true)
      // A command's is told too, on its stderr, like one that comes now.
      if !bridge.isForward { bridge.tell(line) }
    }
    // A price that he is being offered comes first: it may make the limit idle.
    if case .quote = session.question?.subject { return }
    askLimit(of: id, at: now)
  }

  /// Puts the limit that holds the session up before the customer, once more.
  func askLimit(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], session.isHeld, let limit = session.limit else { return }
    do {
      let rating = try runningRating(of: session)
      let rated = rating.work
      var facts = LimitFacts(
        limit: limit.words(session.terms.currency), charged: rated.amount, billedSeconds: rated.billedSeconds,
        prices: session.terms.plan.prices)
      facts.isPriceAgreed = rated.quote != nil
      if let type = limit.workType {
        facts.hourly = session.terms.plan.hourly(
          of: type, at: WallClock.now(), rework: rating.standing.rework?.rule.percent)
      }
      ask(
        .limit(limit.kind.name, workType: limit.workType, steps: UInt64(limit.steps)),
        words: LimitQuestion.text(facts, in: session.terms.language), of: id, at: now)
    } catch {
      services.log.error("Session \(id): the price so far could not be reckoned: \(error)")
    }
  }

  func limitAnswered(
    _ id: SessionID, _ answer: QuestionAnswered.Answer, _ reason: String, at now: MonotonicInstant
  ) {
    switch answer {
    case .goOn:
      tellShells(of: id, "The customer says: go on. Time counts again.")
      let kind = sessions[id]?.limit?.kind
      liftLimit(of: id, at: now)
      if kind == .month { monthGranted(in: id, at: now) }
    case .stop:
      feedBytes(id)
      apply(.close(outcome: .unclosed, note: "the customer stopped at the limit", by: .customer), to: id, at: now)
    case .askQuote:
      tellShells(
        of: id,
        "The customer says that this is out of scope and asks for a price: "
          + "ssh desk@RELAY quote \(id) --fixed AMOUNT --text TEXT")
    case .none, .yes, .no:
      let why = reason.isEmpty ? "" : " (\(reason))"
      tellShells(of: id, "The customer could not be asked\(why). Call, then: ssh desk@RELAY ask \(id)")
    }
  }

  /// The limit was granted once more, or a price was agreed: work goes on. That stands on record already.
  func liftLimit(of id: SessionID, at now: MonotonicInstant) {
    readRegister()
    guard let session = sessions[id], session.isHeld else { return }
    sessions[id]?.limit = nil
    apply(.limitGranted, to: id, at: now)
    for (number, bridge) in session.channels.sorted(by: { $0.key < $1.key }) {
      bridge.hold(false)
      if !bridge.isJoined { openStream(number, of: id) }
    }
  }

  /// The month was granted once more in a session: it is the same month for the customer's other sessions, whose question is
  /// answered with it. Where that is not enough, it names what it is about now.
  /// - Parameter override: the supervisor and his reason; nil for the customer's own yes.
  private func monthGranted(
    in id: SessionID, by override: (supervisor: Name, reason: String)? = nil, at now: MonotonicInstant
  ) {
    guard let customer = sessions[id]?.terms.customer else { return }
    for session in sessions.values where session.id != id && session.terms.customer == customer {
      guard session.isHeld, let held = session.limit, held.kind == .month else { continue }
      switch limit(of: session, at: now) {
      case .unknown: continue
      case .reached(let limit):
        sessions[session.id]?.limit = limit
        if case .limit = session.question?.subject { askLimit(of: session.id, at: now) }
      case .clear:
        if case .limit = session.question?.subject {
          withdrawQuestion(of: session.id, override == nil ? .answeredElsewhere : .override)
        }
        // Its own record says why it goes on. What was granted was granted once: no step is added here.
        if let override {
          record(
            LimitOverridden(
              limit: .month, steps: 0, allowed: held.allowed, reason: override.reason, by: override.supervisor.rawValue),
            session.id)
        } else {
          record(
            LedgerNote(
              text: "the customer's answer in session \(id) lifts the month's limit here too", by: Closer.relay.text),
            session.id)
        }
        tellShells(of: session.id, "The limit was lifted in another session of this customer. Time counts again.")
        liftLimit(of: session.id, at: now)
      }
    }
  }

  /// Another kind of work begins while one is asked about that was not agreed: where the new one was, the session goes on
  /// with it; else that one is asked about.
  func workChanged(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], session.isHeld, session.limit?.kind == .scope else { return }
    let verdict = self.limit(of: session, at: now)
    // What cannot be reckoned lifts nothing.
    if case .clear = verdict {
      if case .limit = session.question?.subject { withdrawQuestion(of: id, .agreedWork) }
      tellShells(of: id, "The agreed work goes on. Time counts again.")
      return liftLimit(of: id, at: now)
    }
    if case .reached(let other) = verdict { sessions[id]?.limit = other }
    if case .quote = session.question?.subject { return }
    askLimit(of: id, at: now)
  }

  /// A supervisor lets a session pass the limit that holds it up.
  func overrideLimit(of id: SessionID, by supervisor: Name, reason: String, at now: MonotonicInstant) -> Bool {
    guard let session = sessions[id], session.isHeld, let limit = session.limit else { return false }
    record(
      LimitOverridden(
        limit: limit.kind.name, workType: limit.workType, steps: UInt64(limit.steps),
        allowed: limit.kind == .scope ? nil : limit.allowed, reason: reason, by: supervisor.rawValue), id)
    if case .limit = session.question?.subject { withdrawQuestion(of: id, .override) }
    tellShells(of: id, "\(supervisor) lets this session pass the limit. Time counts again.")
    liftLimit(of: id, at: now)
    if limit.kind == .month { monthGranted(in: id, by: (supervisor, reason), at: now) }
    return true
  }
}

extension LimitKind {
  /// As it stands on record.
  var name: LimitName {
    switch self {
    case .scope: .scope
    case .sessionAmount: .sessionAmount
    case .session: .session
    case .month: .month
    }
  }
}

extension LimitReached {
  /// For the customer.
  func words(_ currency: Currency) -> ReachedLimit {
    return switch kind {
    case .scope: .scope(workType: workType ?? "")
    case .sessionAmount:
      .sessionAmount(
        Money(minorUnits: allowed, currency: currency), granted: Money(minorUnits: granted, currency: currency))
    case .session: .sessionTime(seconds: allowed, grantedSeconds: granted)
    case .month: .monthTime(seconds: allowed, grantedSeconds: granted)
    }
  }

  /// For the technician.
  func line(_ currency: Currency) -> String {
    switch kind {
    case .scope: "\(TextSafety.escaped(workType ?? "")) was not agreed"
    case .sessionAmount: "\(Money(minorUnits: allowed, currency: currency)) a session"
    case .session: "\(DurationText.exact(seconds: allowed)) a session"
    case .month: "\(DurationText.exact(seconds: allowed)) a month"
    }
  }
}
