import Billing
import Ledger
import SessionModel

/// What a closed session costs under the plan of the customer it is assigned to.
enum SessionRerating {
  /// The lower price and the plan it rests on; nil when the price on record is not higher, or the work cannot be rated by that
  /// plan: then what was agreed stays.
  static func lowerPrice(
    of session: RegisteredSession, _ intervals: [LedgerInterval], for customer: RegisteredCustomer, _ caseID: CaseID,
    _ register: CustomerRegister
  ) -> (price: NewPrice, plan: PlanTerms)? {
    let work = intervals.map {
      WorkInterval(from: $0.from, to: $0.to, technician: $0.technician, workType: $0.workType)
    }
    guard let first = intervals.map(\.from).min(), session.activeMilliseconds >= 1000,
      let terms = customer.details?.plan.flatMap({ register.plan($0) }) ?? session.plan,
      let plan = try? Plan(json: terms.json), plan.currency.code == session.currency
    else { return nil }
    let standing = standing(plan, customer, caseID, register, at: first, except: session.id)
    guard var rated = try? Rating.rate(plan: standing.plan, work: standing.work(work)) else { return nil }
    for allowance in session.allowances {
      // What has nothing left to reduce takes nothing off.
      if let less = try? rated.adding(Allowance(allowance)) { rated = less }
    }
    guard rated.amountMinor < session.amountMinor else { return nil }
    let price = NewPrice(
      billedSeconds: rated.billedSeconds, amountMinor: rated.amountMinor, currency: plan.currency.code,
      lines: rated.lines.map { LedgerLine($0) },
      rating: RatingFacts(
        isRework: standing.rework != nil, continues: standing.continues, includedSeconds: rated.includedSeconds,
        quote: standing.quote.map { RatingFacts.QuoteUse(quote: $0.id, usedMinor: rated.quoteUsedMinor) }))
    return (price, PlanTerms(standing.plan))
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
      includedSince: customer.details?.plan == plan.id ? plan.month(of: customer.planSince) : nil,
      earlier: EarlierSession.all(register.closedSessions(of: customer.id).filter { $0.id != id }),
      at: first)
  }
}
