import Billing
import Ledger
import SessionModel

/// What was agreed to before a session began, and holds to its end: a change of the plan or of the customer afterwards does
/// not touch it.
struct SessionTerms: Hashable, Sendable {
  /// How its time becomes money; with the rework rule that an earlier session promised, where that holds.
  var plan: Plan
  /// The problem; nil where an earlier program opened the session.
  var caseID: CaseID?
  /// Who pays; nil when he is not known yet.
  var customer: Name?
  /// The month from which he has the plan's included time; nil when he has none.
  var includedSince: BillingMonth?
  /// How he is known.
  var identity = Identity.unknown
  /// What the customer reads.
  var language = Language.english
  /// Whether the law of consumers holds.
  var isConsumer = false
  /// Whether it continues an earlier session: no first period, no call-out.
  var continues = false
  /// Whether an earlier session ought to have fixed it.
  var isRework = false
  /// Whether who pays was told only after the price was agreed.
  var isCustomerLate = false

  var currency: Currency { plan.currency }

  init(plan: Plan) { self.plan = plan }

  /// As they stand on record of the session `id`. Whether it is rework, or continues another, follows from what was on
  /// record then.
  init(_ request: SessionRequested, of id: SessionID, at openedAt: WallTime, _ register: CustomerRegister) {
    // A plan that cannot be read was written by another program: the price agreed to is in its lines and words.
    self.init(plan: (try? Plan(json: request.plan.json)) ?? .standard)
    caseID = request.caseID
    customer = request.customer
    identity = request.identity
    language = request.language.map { Language(tag: $0) } ?? .english
    isConsumer = plan.prices == .gross
    includedSince = register.includedSince(plan, of: customer, at: openedAt)
    let standing = register.standing(of: self, quote: nil, at: openedAt)
    (continues, isRework) = (standing.continues, standing.rework != nil)
    if let known = register.sessions[id]?.customer, known != customer { tell(known, register) }
  }

  /// The customer proved who he is, after the price was agreed: it stays, and what he is entitled to by its plan is his.
  mutating func tell(_ customer: Name, _ register: CustomerRegister) {
    (self.customer, identity, isCustomerLate) = (customer, .facts, true)
    includedSince = register.includedSince(plan, of: customer)
  }
}
