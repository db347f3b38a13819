public import SessionModel

/// Everything the ledger says about business: plans, customers, cases, quotes, and sessions as far as later ones rest on
/// them. Folded from entries in order; there are no tables beside the ledger that could differ from it.
///
/// It holds less than two kilobytes a session and a case, with at most ``RegisteredCase/maximumHeld`` promises, pieces of advice,
/// notes and quotes each; plans are held once, however many sessions were agreed under them. Where details were erased it has
/// holes: nil.
public struct CustomerRegister: Hashable, Sendable {
  /// The kinds it is folded from; other entries change nothing.
  public static let kinds: Set<EntryKind> = [
    .sessionRequested, .sessionActivated, .sessionClosed, .note, .payloadErased, .planAdded, .planWithdrawn,
    .customerAdded, .caseOpened, .caseClosed, .sessionAssigned, .identityChecked, .quoteMade, .quoteAnswered,
    .promiseMade, .promiseBroken, .adviceGiven, .allowanceGranted, .questionAnswered, .limitOverridden,
    .amountCorrected,
  ]

  /// The newest entry it knows; 0 for none.
  public private(set) var sequence: UInt64 = 0
  /// Whether details were erased that it still holds: it has to be folded anew.
  public private(set) var isStale = false
  /// Plans by identifier.
  public private(set) var plans: [String: RegisteredPlan] = [:]
  /// Customers by number.
  public internal(set) var customers: [Name: RegisteredCustomer] = [:]
  /// Cases by identifier.
  public internal(set) var cases: [CaseID: RegisteredCase] = [:]
  /// Quotes by name.
  public internal(set) var quotes: [String: RegisteredQuote] = [:]
  /// Sessions by identifier.
  public internal(set) var sessions: [SessionID: RegisteredSession] = [:]
  /// Sessions in the order in which they were closed.
  public internal(set) var closingOrder: [SessionID] = []
  /// Whose machine a key is, by the newest session of it that belongs to anybody.
  var machineOwners: [Fingerprint: Name] = [:]
  /// The newest session of a machine that was charged and closed as fixed.
  var lastFixes: [Fingerprint: SessionID] = [:]
  /// Details erased up to this entry were gone before anything was read.
  private let erasedUpTo: UInt64
  /// Every plan that was agreed, once.
  private var agreedPlans: Set<PlanTerms> = []

  /// Nothing known yet. `head` is the ledger's newest entry before the first is read: what was erased up to there is not
  /// read any more.
  public init(head: UInt64 = 0) { erasedUpTo = head }

  /// The plan `id` as it is offered now; nil when there is none, or it was withdrawn.
  public func plan(_ id: String) -> PlanTerms? { plans[id]?.current }

  /// Whose machine it is, by an earlier session of the same key; nil when nobody knows, or what was known was erased.
  public func customer(machineKey: Fingerprint) -> Name? {
    machineOwners[machineKey].flatMap { customers[$0]?.isErased == false ? $0 : nil }
  }

  /// The newest session of that machine that was charged and closed as fixed, whoever it was for.
  public func lastFix(machineKey: Fingerprint) -> RegisteredSession? { lastFixes[machineKey].flatMap { sessions[$0] } }

  /// A customer's closed sessions, in closing order: what included time, limits and rework are reckoned from.
  public func closedSessions(of customer: Name) -> [RegisteredSession] {
    inClosingOrder(customers[customer]?.sessions ?? [])
  }

  /// A case's closed sessions, in closing order.
  public func closedSessions(of caseID: CaseID) -> [RegisteredSession] { inClosingOrder(cases[caseID]?.sessions ?? []) }

  /// The sessions that are about a customer: his own, and those of his cases that are nobody's still.
  public func sessions(about customer: Name) -> [RegisteredSession] {
    let fellows = (customers[customer]?.cases ?? []).flatMap { cases[$0]?.sessions ?? [] }
      .filter { sessions[$0]?.customer == nil }
    return ((customers[customer]?.sessions ?? []) + fellows).compactMap { sessions[$0] }
  }

  /// The closed sessions that a session of that customer and case rests on, in closing order: the customer's, and the
  /// case's, some of which may be nobody's still.
  public func closedSessions(of customer: Name?, _ caseID: CaseID?) -> [RegisteredSession] {
    let own = customer.flatMap { customers[$0]?.sessions } ?? []
    let fellows = (caseID.flatMap { cases[$0]?.sessions } ?? [])
      .filter { customer == nil || sessions[$0]?.customer != customer }
    return inClosingOrder(own + fellows)
  }

  private func inClosingOrder(_ ids: [SessionID]) -> [RegisteredSession] {
    ids.compactMap { sessions[$0] }.filter { !$0.isOpen }.sorted { $0.closingSequence < $1.closingSequence }
  }

  /// A customer's cases, the one with the newest session first.
  public func cases(of customer: Name) -> [RegisteredCase] {
    (customers[customer]?.cases ?? []).compactMap { cases[$0] }.sorted { lastMoment(of: $0) > lastMoment(of: $1) }
  }

  /// When something last happened in a case.
  private func lastMoment(of one: RegisteredCase) -> WallTime {
    one.sessions.last.flatMap { sessions[$0]?.requestedAt } ?? one.openedAt
  }

  /// The quote that binds a case's sessions: the one accepted last.
  public func bindingQuote(of caseID: CaseID) -> RegisteredQuote? { acceptedQuotes(of: caseID).last }

  /// The quotes a customer accepted for a case, in the order in which he did: each takes the place of the one before.
  public func acceptedQuotes(of caseID: CaseID) -> [RegisteredQuote] {
    (cases[caseID]?.quotes ?? []).compactMap { quotes[$0] }.filter(\.isAccepted)
      .sorted { $0.answerSequence < $1.answerSequence }
  }

  /// Takes the next entry; one that is known already, or of another kind, changes nothing.
  public mutating func apply(_ entry: Entry) {
    guard entry.sequence > sequence else { return }
    sequence = entry.sequence
    switch entry.kind {
    case .payloadErased: if entry.sequence > erasedUpTo { isStale = true }
    case .planAdded: PlanAdded(entry).map { add($0.plan, entry) }
    case .planWithdrawn: PlanWithdrawn(entry).map { plans[$0.id]?.withdraw(at: entry.time) }
    case .customerAdded: customerAdded(entry)
    case .identityChecked:
      guard let checked = IdentityChecked(entry), checked.result == .wrong else { break }
      customers[checked.customer]?.wrongFact(at: entry.time)
    case .caseOpened, .caseClosed, .promiseMade, .promiseBroken, .adviceGiven, .note: applyToCase(entry)
    case .quoteMade: applyToQuote(entry)
    case .quoteAnswered:
      applyToQuote(entry)
      if let session = entry.session { apply(entry, to: session) }
    case .sessionRequested, .sessionActivated, .sessionClosed, .sessionAssigned, .amountCorrected, .allowanceGranted,
      .questionAnswered, .limitOverridden:
      if let session = entry.session { apply(entry, to: session) }
    case .relayStarted, .technicianAdded, .technicianRemoved, .consentAsked, .consentAnswered, .sessionSuspended,
      .sessionResumed, .channelOpened, .channelClosed, .checkpointEpochEnd, .checkpointRefused, .filesReported,
      .forwardRefused, .sessionRestored, .reconciled, .linkRefused, .questionAsked, .receiptIssued,
      .receiptCountersigned, .receiptProvisional, .workChanged, .agentDisplaced, .unknown:
      break
    }
  }

  private mutating func add(_ terms: PlanTerms, _ entry: Entry) {
    let version = RegisteredPlan.Version(sequence: entry.sequence, addedAt: entry.time, terms: shared(terms))
    if plans[terms.id] == nil {
      plans[terms.id] = RegisteredPlan(version)
    } else {
      plans[terms.id]?.add(version)
    }
  }

  private mutating func customerAdded(_ entry: Entry) {
    // Of erased details the number is kept.
    guard let id = entry.details?["id"]?.string.flatMap({ Name($0) }) else { return }
    let details = CustomerAdded(entry)
    if customers[id] == nil {
      customers[id] = RegisteredCustomer(id: id, details: details, at: entry.time)
    } else {
      customers[id]?.change(details, at: entry.time)
    }
  }

  /// The same plan as ever: many sessions hold one copy.
  mutating func shared(_ terms: PlanTerms) -> PlanTerms { agreedPlans.insert(terms).memberAfterInsert }
}
