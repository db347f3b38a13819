import Billing
import Ledger
import SessionModel

/// The register in the words of the money rules.
extension CustomerRegister {
  /// What holds for a session at `moment`.
  func standing(of terms: SessionTerms, quote: Quote?, at moment: WallTime) -> Standing {
    Entitlements.standing(
      plan: terms.plan, caseID: terms.caseID, quote: quote, includedSince: terms.includedSince,
      earlier: EarlierSession.all(closedSessions(of: terms.customer, terms.caseID)), at: moment)
  }

  /// The month from which a customer has a plan's included time: the one in which he got that plan, which counts whole. A new
  /// version of the plan changes nothing. One who had it before and has another now keeps it for sessions that were agreed
  /// under it; of one who changes within a month, what he drew under the old plan counts against the new one's time of that
  /// month (``Billing/Entitlements/includedLeft(plan:month:since:earlier:)``), so that a change brings no time twice.
  /// - Parameter moment: when the session was agreed to, whatever he has by now; nil for one agreed to now.
  func includedSince(_ plan: Plan, of customer: Name?, at moment: WallTime? = nil) -> BillingMonth? {
    customer.flatMap { customers[$0]?.planSince(plan.id, at: moment) }.map { plan.month(of: $0) }
  }

  /// The quotes that were accepted for a session's case, the last one binding, and when they were; none in another currency
  /// than the plan's. What closing the case already charged of a fixed price is not charged again.
  func quotes(of terms: SessionTerms) -> [(quote: Quote, acceptedAt: WallTime, owed: RegisteredQuote.Owed?)] {
    guard let caseID = terms.caseID else { return [] }
    let charged = cases[caseID]?.closingAmountMinor ?? 0
    return acceptedQuotes(of: caseID).compactMap { bound in
      guard bound.made.currency == terms.currency.code, case .accepted(let time) = bound.state else { return nil }
      return (Quote(bound.made, chargedMinor: charged), time, bound.owed)
    }
  }

  /// How often limits were lifted for a session: by its customer or a supervisor, and, for the month, in any of the
  /// customer's sessions.
  func grants(of id: SessionID, _ terms: SessionTerms, month: BillingMonth) -> LimitGrants {
    var grants = LimitGrants()
    for grant in sessions[id]?.grants ?? [] {
      switch grant.limit {
      case .session: grants.session = grants.session.addingSaturated(grant.steps)
      case .sessionAmount: grants.sessionAmount = grants.sessionAmount.addingSaturated(grant.steps)
      case .scope: grant.workType.map { _ = grants.scope.insert($0) }
      case .month: break
      }
    }
    grants.month = monthGrants(of: terms, for: id, month)
    return grants
  }

  /// How often the month's limit was lifted: in the session itself, whose month it is, and in the customer's other sessions
  /// of that month. What counts is the session's month, not the moment of the yes: after midnight of the last day a session
  /// still belongs to the month in which it began.
  func monthGrants(of terms: SessionTerms, for id: SessionID? = nil, _ month: BillingMonth) -> Int64 {
    let family = terms.customer.flatMap { customers[$0]?.sessions } ?? [id].compactMap { $0 }
    return family.compactMap { sessions[$0] }.reduce(0) { sum, session in
      let granted = session.grants.filter { $0.limit == .month }
      guard let first = granted.first else { return sum }
      if session.id != id {
        // While it is open, it is taken to have begun with its first moment.
        let begun = session.firstActiveAt ?? session.activatedAt ?? first.grantedAt
        let plan = session.plan.flatMap { try? Plan(json: $0.json) } ?? terms.plan
        guard plan.month(of: begun) == month else { return sum }
      }
      return granted.reduce(sum) { $0.addingSaturated($1.steps) }
    }
  }

  /// The strictest price that was promised on a case and not taken back, and what is left of it: sessions that closed since
  /// have used it up.
  /// - Parameters:
  ///   - currency: A price in another one does not count.
  ///   - closed: A session that was closed already and is rated again; it does not use up its own price, and what was
  ///     promised after it closed was not promised for it.
  func promisedPrice(
    on caseID: CaseID?, in currency: Currency, for closed: RegisteredSession? = nil
  ) -> (promise: PromiseMade, leftMinor: Int64)? {
    guard let caseID, let one = cases[caseID] else { return nil }
    let others = closedSessions(of: caseID).filter { $0.id != closed?.id }
    let prices = one.promises.compactMap { promise -> (promise: PromiseMade, leftMinor: Int64)? in
      guard promise.broken == nil, let amount = promise.made.amountMinor, promise.made.currency == currency.code,
        promise.madeAt <= closed?.closedAt ?? promise.madeAt
      else { return nil }
      let since = others.filter { ($0.closedAt ?? $0.requestedAt) >= promise.madeAt }
      return (promise.made, since.reduce(amount) { max(0, $0 - max(0, $1.amountMinor)) })
    }
    return prices.min { $0.leftMinor < $1.leftMinor }
  }

  /// What closing a case charges: what its sessions fell short of a fixed price, but no more than is left of a price that was
  /// promised on it; nil when that is nothing.
  func shortfall(of caseID: CaseID) -> (line: LedgerLine, currency: Currency)? {
    guard let bound = bindingQuote(of: caseID), let currency = Currency(bound.made.currency),
      let missing = Entitlements.shortfall(
        of: Quote(bound.made), earlier: EarlierSession.all(closedSessions(of: caseID)))
    else { return nil }
    var line = LedgerLine(missing)
    if let promised = promisedPrice(on: caseID, in: currency) {
      line.amountMinor = min(line.amountMinor, promised.leftMinor)
    }
    return line.amountMinor > 0 ? (line, currency) : nil
  }

  /// The case a customer's technician most likely comes back for: the newest one that a session worked on within the time
  /// that `terms` allows for rework, or ``recentDays``.
  func recentCase(of customer: Name, plan: Plan, at now: WallTime) -> (one: RegisteredCase, last: RegisteredSession)? {
    let window = max((plan.rework?.windowSeconds ?? 0) * 1000, Self.recentDays * 86_400_000)
    let last = closedSessions(of: customer).last { session in
      guard session.activeMilliseconds >= 1000, let caseID = session.caseID, let closedAt = session.closedAt else {
        return false
      }
      return now.milliseconds(since: closedAt) <= window && takesSessions(caseID, at: now)
    }
    return last.flatMap { session in session.caseID.flatMap { cases[$0] }.map { ($0, session) } }
  }

  /// The case of a guest's machine whose last fix still promises rework: nobody knows him, and his receipt counts all the same.
  func promisedCase(machineKey: Fingerprint, at now: WallTime) -> (one: RegisteredCase, last: RegisteredSession)? {
    guard let last = lastFix(machineKey: machineKey), let caseID = last.caseID, let one = cases[caseID] else {
      return nil
    }
    let earlier = EarlierSession.all(closedSessions(of: caseID))
    return Entitlements.promise(caseID: caseID, earlier: earlier, at: now).map { _ in (one, last) }
  }

  /// Whether work on a case can go on: while it is open, and then as long as a receipt promises rework.
  func takesSessions(_ caseID: CaseID, at now: WallTime) -> Bool {
    guard let one = cases[caseID] else { return false }
    let earlier = EarlierSession.all(closedSessions(of: caseID))
    return one.isOpen || Entitlements.promise(caseID: caseID, earlier: earlier, at: now) != nil
  }

  /// A customer who was here within so many days is asked about.
  static let recentDays: Int64 = 30
}

extension EarlierSession {
  /// Closed sessions as the register has them, without those of which needed details were erased. A customer's limits are
  /// checked once a second against everything he ever had: each plan is read once, not once a session.
  static func all(_ sessions: [RegisteredSession]) -> [EarlierSession] {
    var last: (terms: PlanTerms, plan: Plan?)?
    return sessions.compactMap { session in
      guard let terms = session.plan else { return nil }
      // Sessions of one plan share its text, and mostly follow each other.
      if last?.terms != terms { last = (terms, try? Plan(json: terms.json)) }
      return last?.plan.flatMap { EarlierSession(session, $0) }
    }
  }

  private init?(_ session: RegisteredSession, _ plan: Plan) {
    guard let caseID = session.caseID, let closedAt = session.closedAt else { return nil }
    self.init(
      caseID: caseID, plan: plan, receiptPlan: session.receiptPlan.flatMap { try? Plan(json: $0.json) },
      firstActiveAt: session.activeMilliseconds >= 1000 ? session.firstActiveAt : nil, closedAt: closedAt,
      outcome: session.outcome ?? .unclosed, isRework: session.rating.isRework,
      billedSeconds: session.billedSeconds, includedSeconds: session.rating.includedSeconds,
      quote: session.rating.quote.map { QuoteUse(id: $0.quote, usedMinor: $0.usedMinor) })
  }
}

extension Quote {
  /// A quote as it stands on record.
  /// - Parameter chargedMinor: what closing its case has charged of it, in minor units.
  init(_ made: QuoteMade, chargedMinor: Int64 = 0) {
    self.init(
      id: made.quote, binding: made.binding == .fixed ? .fixed : .notToExceed,
      amountMinor: max(0, made.amountMinor - max(0, chargedMinor)))
  }
}

extension QuoteTerms {
  /// A quote in the words a customer reads, with what earlier sessions left of it.
  init(_ quote: RegisteredQuote, _ currency: Currency) {
    self.init(
      kind: quote.made.binding == .fixed ? .fixed : .notToExceed,
      amount: Money(minorUnits: quote.made.amountMinor, currency: currency),
      left: Money(minorUnits: quote.leftMinor, currency: currency))
  }
}

extension Allowance {
  /// An allowance as it stands on record.
  init(_ granted: AllowanceGranted) {
    let size: Size =
      switch granted.reduction {
      case .waiver: .all
      case .amount(let minor): .amount(minor: minor)
      case .percent(let text): .share(Percent(text) ?? .zero)
      }
    self.init(
      kind: granted.reduction == .waiver ? .waiver : .discount, size: size, reason: granted.reason, author: granted.by)
  }
}
