import Billing
import Ledger
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// What a session costs, said at the desk: prices offered, kinds of work, what is taken off, limits.
extension RelayCore {
  func quote(_ target: DeskTarget, _ quote: DeskQuote, for visit: DeskVisit) throws(DeskRefusal) {
    let now = BootClock.now()
    let one: RegisteredCase
    var open: LiveSession?
    switch target {
    case .session(let id):
      let session = try openSession(id, visit)
      guard let caseID = session.terms.caseID else { throw DeskRefusal("Session \(id) has no case to quote for.") }
      (one, open) = (try openCase(caseID), session)
    case .caseID(let id):
      one = try openCase(id)
      open = sessions.values.first { $0.terms.caseID == id && $0.activatedAt != nil && !$0.isClosing }
    }
    let plan = try plan(ofCase: one)
    let made = QuoteMade(
      quote: one.nextQuote, caseID: one.id, binding: quote.isFixed ? .fixed : .notToExceed,
      amountMinor: try amount(quote.amount, plan.currency), currency: plan.currency.code, text: quote.text,
      by: visit.technician.rawValue)
    try keep([made.draft()])
    if let open, let kept = register.quotes[made.quote] { askQuote(kept, of: open.id, at: now) }
    visit.answer(
      open == nil
        ? "Quote \(made.quote) is made. The customer is asked when somebody comes for case \(one.id)."
        : "Quote \(made.quote) is made. The customer is asked now.",
      ["quote": .string(made.quote), "case": .string(one.id.rawValue), "asked": .bool(open != nil)])
  }

  /// Something off the price, with reason and author: of an open session when it is closed, of a closed one at once.
  func allow(_ id: SessionID, _ reduction: DeskReduction, reason: String, for visit: DeskVisit) throws(DeskRefusal) {
    let id = try knownSession(id, visit)
    guard let known = register.sessions[id], let code = known.currency, let currency = Currency(code) else {
      throw DeskRefusal("Session \(id) is not on record yet.")
    }
    guard known.allowances.count < LiveSession.maximumAllowances else {
      throw DeskRefusal(
        "Session \(id) has \(LiveSession.maximumAllowances) allowances, and its receipt has room for no more. One waive "
          + "takes all off.")
    }
    let size: AllowanceGranted.Reduction
    switch reduction {
    case .all: size = .waiver
    case .amount(let text): size = .amount(try amount(text, currency))
    case .percent(let text):
      guard let percent = Percent(text), percent > .zero, percent <= .hundred else {
        throw DeskRefusal(
          "\"\(TextSafety.escaped(text))\" is no share: above 0, at most 100 percent.", status: DeskVisit.usageStatus)
      }
      size = .percent(percent.description)
    }
    let granted = AllowanceGranted(reduction: size, reason: reason, by: visit.technician.rawValue)
    if known.isOpen {
      if let session = sessions[id], session.isClosing { throw DeskRefusal("Session \(id) is being closed already.") }
      guard size != .amount(0) else { throw DeskRefusal(AllowanceError.impossibleSize.description) }
      try keep([granted.draft(session: id)])
      tellState(of: id)
      return visit.answer(
        "Taken off when session \(id) is closed; it stands on the receipt.",
        ["session": .string(id.rawValue), "amount_minor": .null])
    }
    let price = try lowered(id, known, by: granted, currency)
    try keep([
      granted.draft(session: id),
      AmountCorrected(
        corrects: known.priceSequence, price: price, reason: reason, by: visit.technician.rawValue
      ).draft(session: id),
    ])
    visit.answer(
      "Session \(id) now costs \(Money(minorUnits: price.amountMinor, currency: currency)).",
      [
        "session": .string(id.rawValue), "amount_minor": .integer(price.amountMinor), "currency": .string(code),
      ])
  }

  /// The price a closed session has with one more allowance.
  private func lowered(
    _ id: SessionID, _ known: RegisteredSession, by granted: AllowanceGranted, _ currency: Currency
  ) throws(DeskRefusal) -> NewPrice {
    let record: SessionRecord?
    do { record = try services.ledger.record(session: id) } catch {
      throw DeskRefusal("The record of session \(id) cannot be read: \(error)")
    }
    let lines = record?.lines ?? []
    do throws(AllowanceError) {
      let line = try Allowance(granted).line(of: known.amountMinor)
      return NewPrice(
        billedSeconds: known.billedSeconds, amountMinor: known.amountMinor + line.amountMinor, currency: currency.code,
        lines: lines + [LedgerLine(line)], rating: known.rating)
    } catch {
      throw DeskRefusal("\(error)".prefix(1).uppercased() + "\(error)".dropFirst() + ".")
    }
  }

  func work(_ id: SessionID, _ type: String, for visit: DeskVisit) throws(DeskRefusal) {
    let session = try openSession(id, visit)
    let plan = session.terms.plan
    guard let known = plan.workType(type) else {
      throw DeskRefusal(
        "Plan \(plan.id) has no work \"\(TextSafety.escaped(type))\", only "
          + "\(plan.workTypes.map(\.type).joined(separator: ", ")).", status: DeskVisit.usageStatus)
    }
    guard session.workTypes.changes.count < LiveSession.maximumWorkChanges else {
      throw DeskRefusal("The kind of work was changed too often in session \(id).")
    }
    feedBytes(id)
    let now = BootClock.now()
    let offset = session.origin.map { max(0, now.milliseconds(since: $0)) } ?? 0
    try keep([
      WorkChanged(workType: known.type, fromMilliseconds: offset, by: visit.technician.rawValue).draft(session: id)
    ])
    sessions[id]?.workTypes.change(to: known.type, fromMilliseconds: offset)
    tellOfWork(known.type, id)
    workChanged(of: id, at: now)
    tellState(of: id)
    visit.answer(
      "From now on session \(id) is \(known.type), at \(known.percent) %.",
      ["session": .string(id.rawValue), "work_type": .string(known.type), "percent": known.percent.json])
  }

  /// The customer reads what the work costs that begins now. Rework has one price for all work, and so has a fixed quote;
  /// work that was not agreed is asked about, with its price.
  private func tellOfWork(_ type: String, _ id: SessionID) {
    guard let session = sessions[id], !session.terms.isRework, isAgreed(type, in: session),
      register.quotes(of: session.terms).last?.quote.binding != .fixed
    else { return }
    let line = WorkNotice.text(type, plan: session.terms.plan, at: WallClock.now(), in: session.terms.language)
    machines[session.machineIdentity]?.port?.post(.control(.notice(line)))
  }

  /// Whether the customer agreed to that kind of work, in his consent or when he was asked; false when that cannot be reckoned.
  func isAgreed(_ type: String, in session: LiveSession) -> Bool {
    guard let inScope = session.terms.plan.limits.inScope, !inScope.contains(type) else { return true }
    guard let month = (try? rating(of: session))?.standing.month else { return false }
    return register.grants(of: session.id, session.terms, month: month).scope.contains(type)
  }

  func askAgain(_ id: SessionID, for visit: DeskVisit) throws(DeskRefusal) {
    let session = try openSession(id, visit)
    let now = BootClock.now()
    if session.question != nil { throw DeskRefusal("The customer of session \(id) is being asked already.") }
    if let quote = openQuote(of: session) {
      askQuote(quote, of: id, at: now)
    } else if session.isHeld {
      askLimit(of: id, at: now)
    } else {
      throw DeskRefusal("There is nothing to ask the customer of session \(id): no limit holds it up.")
    }
    visit.answer("The customer is asked.", ["session": .string(id.rawValue)])
  }

  func override(_ id: SessionID, reason: String, for visit: DeskVisit) throws(DeskRefusal) {
    _ = try openSession(id, visit)
    guard visit.role != .technician else {
      throw DeskRefusal("Only a supervisor may pass a limit. To ask the customer once more: ssh desk@RELAY ask \(id)")
    }
    guard overrideLimit(of: id, by: visit.technician, reason: reason, at: BootClock.now()) else {
      throw DeskRefusal("No limit holds session \(id) up.")
    }
    visit.answer("Session \(id) goes on past its limit; that is on record.", ["session": .string(id.rawValue)])
  }
}
