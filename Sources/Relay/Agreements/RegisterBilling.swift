import Billing
import Ledger
import SessionModel

/// The register in the words of the money rules.
extension CustomerRegister {
  /// The closed sessions that bear on another one: all of the customer's, or, of a guest, those of the case.
  func earlier(customer: Name?, caseID: CaseID?) -> [EarlierSession] {
    let closed = customer.map { closedSessions(of: $0) } ?? caseID.map { closedSessions(of: $0) } ?? []
    return closed.compactMap { EarlierSession($0) }
  }

  /// What holds for a session at `moment`.
  func standing(of terms: SessionTerms, quote: Quote?, at moment: WallTime) -> Standing {
    Entitlements.standing(
      plan: terms.plan, caseID: terms.caseID, quote: quote, includedSince: includedSince(of: terms),
      earlier: earlier(customer: terms.customer, caseID: terms.caseID), at: moment)
  }

  /// The month from which the customer has the included time of his plan: since he has had that plan.
  private func includedSince(of terms: SessionTerms) -> BillingMonth? {
    guard let customer = terms.customer.flatMap({ customers[$0] }), customer.details?.plan == terms.plan.id else {
      return nil
    }
    return terms.plan.month(of: customer.planSince)
  }

  /// The quote that binds a case, and when the customer took it; nil for one in another currency than the plan's.
  func quote(of terms: SessionTerms) -> (quote: Quote, acceptedAt: WallTime)? {
    guard let caseID = terms.caseID, let bound = bindingQuote(of: caseID), case .accepted(let time) = bound.state,
      bound.made.currency == terms.currency.code
    else { return nil }
    return (Quote(bound.made), time)
  }

  /// How often limits were lifted for a session: by its customer or a supervisor, and, for the month, in any of the
  /// customer's sessions.
  func grants(of id: SessionID, _ terms: SessionTerms, month: BillingMonth) -> LimitGrants {
    var grants = LimitGrants()
    for grant in sessions[id]?.grants ?? [] {
      switch grant.limit {
      case .session: grants.session += 1
      case .sessionAmount: grants.sessionAmount += 1
      case .scope: grant.workType.map { _ = grants.scope.insert($0) }
      case .month: break
      }
    }
    let family = terms.customer.flatMap { customers[$0]?.sessions } ?? [id]
    for grant in family.flatMap({ sessions[$0]?.grants ?? [] })
    where grant.limit == .month && terms.plan.month(of: grant.grantedAt) == month {
      grants.month += 1
    }
    return grants
  }

  /// The strictest price that was promised on a case and not taken back, and what is left of it: sessions that closed since
  /// have used it up.
  func promisedPrice(of terms: SessionTerms) -> (promise: PromiseMade, leftMinor: Int64)? {
    guard let caseID = terms.caseID, let one = cases[caseID] else { return nil }
    let prices = one.promises.compactMap { promise -> (promise: PromiseMade, leftMinor: Int64)? in
      guard promise.broken == nil, let amount = promise.made.amountMinor, promise.made.currency == terms.currency.code
      else { return nil }
      let since = closedSessions(of: caseID).filter { ($0.closedAt ?? $0.requestedAt) >= promise.madeAt }
      return (promise.made, since.reduce(amount) { max(0, $0 - max(0, $1.amountMinor)) })
    }
    return prices.min { $0.leftMinor < $1.leftMinor }
  }

  /// The case a customer's technician most likely comes back for: the newest one that a session worked on within the time
  /// that `terms` allows for rework, or ``recentDays``.
  func recentCase(of customer: Name, plan: Plan, at now: WallTime) -> (one: RegisteredCase, last: RegisteredSession)? {
    let window = max((plan.rework?.windowSeconds ?? 0) * 1000, Self.recentDays * 86_400_000)
    let last = closedSessions(of: customer).last { session in
      guard session.activeMilliseconds >= 1000, let caseID = session.caseID, cases[caseID]?.isOpen == true,
        let closedAt = session.closedAt
      else { return false }
      return now.milliseconds(since: closedAt) <= window
    }
    return last.flatMap { session in session.caseID.flatMap { cases[$0] }.map { ($0, session) } }
  }

  /// A customer who was here within so many days is asked about.
  static let recentDays: Int64 = 30
}

extension EarlierSession {
  /// A closed session as the register has it; nil when what is needed of it was erased.
  init?(_ session: RegisteredSession) {
    guard let caseID = session.caseID, let closedAt = session.closedAt, let terms = session.plan,
      let plan = try? Plan(json: terms.json)
    else { return nil }
    self.init(
      caseID: caseID, plan: plan, firstActiveAt: session.activeMilliseconds >= 1000 ? session.firstActiveAt : nil,
      closedAt: closedAt, outcome: session.outcome ?? .unclosed, isRework: session.rating.isRework,
      billedSeconds: session.billedSeconds, includedSeconds: session.rating.includedSeconds,
      quote: session.rating.quote.map { QuoteUse(id: $0.quote, usedMinor: $0.usedMinor) })
  }
}

extension Quote {
  /// A quote as it stands on record.
  init(_ made: QuoteMade, owedBeforeMinor: Int64 = 0) {
    self.init(
      id: made.quote, binding: made.binding == .fixed ? .fixed : .notToExceed, amountMinor: made.amountMinor,
      owedBeforeMinor: owedBeforeMinor)
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
