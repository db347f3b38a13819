public import SessionModel

extension CustomerRegister {
  mutating func applyToCase(_ entry: Entry) {
    switch entry.kind {
    case .caseOpened: CaseOpened(entry).map { open($0, at: entry.time) }
    case .caseClosed:
      guard let closed = CaseClosed(entry), cases[closed.caseID]?.isOpen == true else { break }
      cases[closed.caseID]?.closedAt = entry.time
      cases[closed.caseID]?.closingAmountMinor = closed.lines.reduce(0) { $0.addingSaturated($1.amountMinor) }
      cases[closed.caseID]?.closingCurrency = closed.currency
    case .promiseMade: PromiseMade(entry).map { cases[$0.caseID]?.add($0, at: entry.time) }
    case .promiseBroken: PromiseBroken(entry).map { cases[$0.caseID]?.breakPromise($0, in: entry.sequence) }
    case .adviceGiven: AdviceGiven(entry).map { cases[$0.caseID]?.add($0) }
    case .note:
      guard let note = LedgerNote(entry), let session = entry.session, let id = sessions[session]?.caseID else { break }
      cases[id]?.add(RegisteredCase.Note(note: note, writtenAt: entry.time, session: session))
    default: break
    }
  }

  /// The promises of which a closed session's receipt says that they were not kept, as they were broken: all that were by
  /// its end and that the receipt of no earlier session of the case could say.
  public func promisesBroken(by id: SessionID) -> [RegisteredCase.Promise] {
    guard let session = sessions[id], !session.isOpen, let one = session.caseID.flatMap({ cases[$0] }) else {
      return []
    }
    // Of a session that never began there is no receipt.
    let told =
      one.sessions.compactMap { sessions[$0] }.filter { $0.activatedAt != nil && !$0.isOpen }
      .map(\.closingSequence).filter { $0 < session.openingSequence }.max() ?? 0
    return one.promises.filter { $0.brokenSequence > told && $0.brokenSequence < session.closingSequence }
      .sorted { $0.brokenSequence < $1.brokenSequence }
  }

  private mutating func open(_ opened: CaseOpened, at time: WallTime) {
    guard cases[opened.caseID] == nil else { return }
    cases[opened.caseID] = RegisteredCase(
      id: opened.caseID, title: opened.title.isEmpty ? nil : opened.title, customer: nil, openedAt: time)
    if let customer = opened.customer { give(opened.caseID, to: customer) }
  }

  /// The case is the customer's from now on, if it was nobody's.
  mutating func give(_ id: CaseID, to customer: Name) {
    guard cases[id] != nil, cases[id]?.customer == nil else { return }
    cases[id]?.customer = customer
    customers[customer]?.cases.append(id)
  }

  mutating func applyToQuote(_ entry: Entry) {
    if let made = QuoteMade(entry), quotes[made.quote] == nil, cases[made.caseID] != nil {
      for earlier in cases[made.caseID]?.quotes ?? [] where quotes[earlier]?.state == .open {
        quotes[earlier]?.state = .replaced
      }
      quotes[made.quote] = RegisteredQuote(made: made, madeAt: entry.time)
      cases[made.caseID]?.addQuote(made.quote)
      reckonQuotes(of: made.caseID)
    } else if let answered = QuoteAnswered(entry), quotes[answered.quote]?.state == .open {
      quotes[answered.quote]?.state = answered.isAccepted ? .accepted(at: entry.time) : .declined
      quotes[answered.quote]?.answerSequence = entry.sequence
      if let session = entry.session, let minor = answered.owedMinor {
        quotes[answered.quote]?.owed = RegisteredQuote.Owed(session: session, minor: minor)
      }
    }
  }
}
