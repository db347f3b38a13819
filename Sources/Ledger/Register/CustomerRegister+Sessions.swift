import SessionModel

extension CustomerRegister {
  mutating func apply(_ entry: Entry, to id: SessionID) {
    if entry.kind == .sessionRequested, sessions[id] == nil {
      sessions[id] = RegisteredSession(id: id, requestedAt: entry.time, in: entry.sequence)
      SessionRequested(entry).map { request($0, of: id) }
      return
    }
    guard sessions[id] != nil else { return }
    switch entry.kind {
    case .sessionActivated: sessions[id]?.activatedAt = entry.time
    case .sessionClosed: close(id, entry)
    case .sessionAssigned: SessionAssigned(entry).map { assign(id, $0, entry.sequence) }
    case .amountCorrected: AmountCorrected(entry).map { sessions[id]?.lower(to: $0.price, in: entry.sequence) }
    case .allowanceGranted: AllowanceGranted(entry).map { sessions[id]?.allowances.append($0) }
    case .questionAnswered:
      guard let answered = QuestionAnswered(entry), answered.answer == .goOn,
        case .limit(let limit, let workType, let steps) = answered.subject
      else { break }
      sessions[id]?.grants.append(
        .init(
          limit: limit, workType: workType, steps: Int64(clamping: steps), grantedAt: entry.time, supervisor: nil))
    case .quoteAnswered:
      guard let answered = QuoteAnswered(entry), answered.isAccepted, let limit = answered.limit else { break }
      sessions[id]?.grants.append(
        .init(limit: limit, workType: answered.workType, steps: 1, grantedAt: entry.time, supervisor: nil))
    case .limitOverridden:
      guard let overridden = LimitOverridden(entry) else { break }
      sessions[id]?.grants.append(
        .init(
          limit: overridden.limit, workType: overridden.workType, steps: Int64(clamping: overridden.steps),
          grantedAt: entry.time, supervisor: overridden.by))
    default: break
    }
    reckonQuotes(of: sessions[id]?.caseID)
  }

  /// What the sessions of a case used up of its quotes.
  mutating func reckonQuotes(of caseID: CaseID?) {
    guard let one = caseID.flatMap({ cases[$0] }), !one.quotes.isEmpty else { return }
    let uses = one.sessions.compactMap { sessions[$0]?.rating.quote }
    for quote in one.quotes {
      let used = uses.filter { $0.quote == quote }.reduce(Int64(0)) { $0.addingSaturated($1.usedMinor) }
      quotes[quote]?.usedMinor = used
    }
  }

  private mutating func request(_ request: SessionRequested, of id: SessionID) {
    let plan = shared(request.plan)
    sessions[id]?.technician = request.technician.rawValue
    sessions[id]?.machineKey = request.machineKey
    sessions[id]?.identity = request.identity
    sessions[id]?.plan = plan
    sessions[id]?.currency = plan.currency
    if let caseID = request.caseID { put(id, into: caseID) }
    if let customer = request.customer { give(id, to: customer) }
  }

  private mutating func close(_ id: SessionID, _ entry: Entry) {
    guard sessions[id]?.isOpen == true else { return }
    sessions[id]?.closedAt = entry.time
    sessions[id]?.closingSequence = entry.sequence
    sessions[id]?.priceSequence = entry.sequence
    closingOrder.append(id)
    guard let closed = SessionClosed(entry) else { return }
    sessions[id]?.outcome = closed.outcome
    sessions[id]?.activeMilliseconds = closed.activeMilliseconds
    sessions[id]?.firstActiveAt = closed.intervals.map(\.from).min()
    sessions[id]?.billedSeconds = closed.billedSeconds
    sessions[id]?.amountMinor = closed.amountMinor
    sessions[id]?.closedAmountMinor = closed.amountMinor
    sessions[id]?.currency = closed.currency
    sessions[id]?.rating = closed.rating
    sessions[id]?.sums = RegisteredSession.Sums(of: closed.lines)
    if sessions[id]?.isChargedFix == true, let key = sessions[id]?.machineKey { lastFixes[key] = id }
  }

  private mutating func assign(_ id: SessionID, _ assigned: SessionAssigned, _ sequence: UInt64) {
    put(id, into: assigned.caseID)
    give(id, to: assigned.customer)
    if let plan = assigned.plan.map({ shared($0) }), let session = sessions[id] {
      // One that is assigned at its close has no receipt yet, and one that closed unfixed or uncharged promised nothing.
      if session.isOpen == false, session.isChargedFix {
        sessions[id]?.receiptPlan = session.receiptPlan ?? session.plan
      }
      sessions[id]?.plan = plan
    }
    if let price = assigned.price { sessions[id]?.lower(to: price, in: sequence) }
  }

  /// The session is the customer's from now on, and so is its machine and its case, if that was nobody's.
  private mutating func give(_ id: SessionID, to customer: Name) {
    guard let session = sessions[id] else { return }
    if let key = session.machineKey { machineOwners[key] = customer }
    if let caseID = session.caseID { give(caseID, to: customer) }
    guard session.customer != customer else { return }
    if let before = session.customer { customers[before]?.sessions.removeAll { $0 == id } }
    sessions[id]?.customer = customer
    customers[customer]?.sessions.append(id)
  }

  private mutating func put(_ id: SessionID, into caseID: CaseID) {
    guard let before = sessions[id]?.caseID else {
      sessions[id]?.caseID = caseID
      cases[caseID]?.sessions.append(id)
      return
    }
    guard before != caseID else { return }
    cases[before]?.sessions.removeAll { $0 == id }
    sessions[id]?.caseID = caseID
    cases[caseID]?.sessions.append(id)
    reckonQuotes(of: before)
  }
}
