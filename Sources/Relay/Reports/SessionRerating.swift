import Billing
import Ledger
import SessionModel

/// What a closed session costs under the plan of the customer it is assigned to.
enum SessionRerating {
  /// What becomes of its price.
  enum Verdict {
    /// It falls, and rests on that plan.
    case lower(NewPrice, PlanTerms)
    /// What was agreed stays; with the reason, to stand behind a colon, where the two prices cannot be compared.
    case stays(because: String?)
  }

  /// The lower price, with all that the customer is entitled to on that case: included time, rework, a quote, a promised
  /// price. Where the price on record is not higher, where the work cannot be rated by the plan, or where the sums do not
  /// compare, being in two currencies or with tax and without, what was agreed stays: nobody pays more than he said yes to.
  static func verdict(
    on session: RegisteredSession, _ intervals: [LedgerInterval], for customer: RegisteredCustomer, _ caseID: CaseID,
    _ register: CustomerRegister
  ) -> Verdict {
    let work = intervals.map {
      WorkInterval(from: $0.from, to: $0.to, technician: $0.technician, workType: $0.workType)
    }
    guard let first = intervals.map(\.from).min(), session.activeMilliseconds >= 1000,
      let agreed = session.plan.flatMap({ try? Plan(json: $0.json) }),
      let terms = customer.details?.plan.flatMap({ register.plan($0) }) ?? session.plan,
      let plan = try? Plan(json: terms.json)
    else { return .stays(because: nil) }
    guard plan.currency.code == session.currency else {
      return .stays(because: "plan \(plan.id) is in \(plan.currency.code)")
    }
    guard plan.prices == agreed.prices else {
      return .stays(
        because: "it was agreed \(agreed.prices.words), and the prices of plan \(plan.id) are \(plan.prices.words)")
    }
    let standing = standing(plan, customer, caseID, register, at: first, except: session.id)
    if session.rating.quote != nil, standing.quote == nil {
      return .stays(because: "a price was agreed while it was open")
    }
    guard let rated = try? Rating.rate(plan: standing.plan, work: standing.work(work)) else {
      return .stays(because: nil)
    }
    let price = AgreedPrice(
      rated, allowances: session.allowances,
      promised: register.promisedPrice(on: caseID, in: plan.currency, for: session)
    ).work
    guard price.amountMinor < session.amountMinor else { return .stays(because: nil) }
    return .lower(
      NewPrice(
        billedSeconds: price.billedSeconds, amountMinor: price.amountMinor, currency: plan.currency.code,
        lines: price.lines.map { LedgerLine($0) },
        rating: RatingFacts(
          isRework: standing.rework != nil, continues: standing.continues, includedSeconds: price.includedSeconds,
          quote: standing.quote.map { RatingFacts.QuoteUse(quote: $0.id, usedMinor: price.quoteUsedMinor) })),
      PlanTerms(standing.plan))
  }

  private static func standing(
    _ plan: Plan, _ customer: RegisteredCustomer, _ caseID: CaseID, _ register: CustomerRegister, at first: WallTime,
    except id: SessionID
  ) -> Standing {
    var quote: Quote?
    if let bound = register.bindingQuote(of: caseID), case .accepted(let time) = bound.state, time <= first,
      bound.made.currency == plan.currency.code
    {
      quote = Quote(bound.made)
    }
    return Entitlements.standing(
      plan: plan, caseID: caseID, quote: quote,
      // The plan he has now, whenever the work was done.
      includedSince: register.includedSince(plan, of: customer.id),
      earlier: EarlierSession.all(register.closedSessions(of: customer.id).filter { $0.id != id }),
      at: first)
  }
}

extension PriceBasis {
  /// For the operator.
  fileprivate var words: String {
    switch self {
    case .net: "without tax"
    case .gross: "with tax"
    }
  }
}
