import Billing
import Ledger
import Metering
import SessionModel

/// A customer who was told only while his session was open.
extension RelayCore {
  /// By his own plan, with what he is entitled to, if that costs less than what was agreed: the terms his session is closed
  /// by, and the entry that says so. Nil when what was agreed stays.
  func lowerTerms(
    of session: LiveSession, _ billable: MeteredTime
  ) -> (terms: SessionTerms, assigned: SessionAssigned)? {
    guard session.terms.isCustomerLate, let customer = session.terms.customer, let caseID = session.terms.caseID,
      let agreed = try? rating(of: session, billable), let first = agreed.intervals.map(\.from).min(),
      let plan = try? plan(of: customer)
    else { return nil }
    var own = session
    own.terms.plan = plan
    own.terms.includedSince = register.includedSince(plan, of: customer)
    let standing = register.standing(of: own.terms, quote: nil, at: first)
    own.terms.plan = standing.plan
    (own.terms.continues, own.terms.isRework) = (standing.continues, standing.rework != nil)
    guard let computed = try? rating(of: own, billable),
      Entitlements.neverRaised(agreed.work, computed.work) != agreed.work
    else { return nil }
    let assigned = SessionAssigned(
      customer: customer, caseID: caseID, plan: PlanTerms(own.terms.plan), by: Closer.relay.text)
    return (own.terms, assigned)
  }
}
