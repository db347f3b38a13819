import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel

/// Cases at the desk: one problem each, seen by every technician.
extension RelayCore {
  /// Most cases in one list, the newest.
  private static let maximumListed = 200

  func openCase(_ id: CaseID) throws(DeskRefusal) -> RegisteredCase {
    guard let one = register.cases[id] else { throw DeskRefusal("There is no case \(id). See: case list") }
    guard one.isOpen else { throw DeskRefusal("Case \(id) is closed.") }
    return one
  }

  func knownCustomer(_ id: Name) throws(DeskRefusal) -> RegisteredCustomer {
    guard let customer = register.customers[id], !customer.isErased else {
      throw DeskRefusal("There is no customer \(id).")
    }
    return customer
  }

  func newCase(_ title: String, _ customer: Name?, for visit: DeskVisit) throws(DeskRefusal) {
    if let customer { _ = try knownCustomer(customer) }
    let id = newCaseID()
    try keep([
      CaseOpened(caseID: id, title: title, customer: customer, by: visit.technician.rawValue).draft()
    ])
    visit.answer("Case \(id) is open. Come with: ssh CODE+\(id)@RELAY", ["case": .string(id.rawValue)])
  }

  func listCases(_ customer: Name?, all: Bool, for visit: DeskVisit) throws(DeskRefusal) {
    if let customer { _ = try knownCustomer(customer) }
    let cases = (customer.map { register.cases(of: $0) } ?? Array(register.cases.values))
      .filter { all || $0.isOpen }.sorted { $0.openedAt > $1.openedAt }.prefix(Self.maximumListed)
    visit.channel.finish(visit.json ? DeskText.json(Array(cases)) : DeskText.list(Array(cases), register))
  }

  func show(_ id: CaseID, for visit: DeskVisit) throws(DeskRefusal) {
    guard let one = register.cases[id] else { throw DeskRefusal("There is no case \(id). See: case list --all") }
    visit.channel.finish(visit.json ? DeskText.json(one, register) : DeskText.text(one, register))
  }

  func closeCase(_ id: CaseID, breakingPromise reason: String?, for visit: DeskVisit) throws(DeskRefusal) {
    let one = try openCase(id)
    if let open = sessions.values.first(where: { $0.terms.caseID == id }) {
      throw DeskRefusal("Session \(open.id) of case \(id) is open. Close it first.")
    }
    let broken = try promisesBroken(closing: one, reason: reason).map {
      PromiseBroken(caseID: id, number: $0.number, reason: reason ?? "", by: visit.technician.rawValue).draft()
    }
    let shortfall = register.shortfall(of: id)
    let currency = shortfall?.currency.code
    let closed = CaseClosed(
      caseID: id, lines: shortfall.map { [$0.line] } ?? [], currency: currency, by: visit.technician.rawValue)
    try keep(broken + [closed.draft()])
    let cost = shortfall.map {
      " \(Money(minorUnits: $0.line.amountMinor, currency: $0.currency)) of the fixed price is charged."
    }
    visit.answer(
      "Case \(id) is closed.\(cost ?? "")",
      [
        "case": .string(id.rawValue), "amount_minor": .integer(shortfall?.line.amountMinor ?? 0),
        "currency": JSONValue(currency),
      ])
  }

  func note(_ target: DeskTarget, _ text: String, for visit: DeskVisit) throws(DeskRefusal) {
    let session: SessionID
    switch target {
    case .session(let id): session = try knownSession(id, visit)
    case .caseID(let id):
      guard let one = register.cases[id] else { throw DeskRefusal("There is no case \(id). See: case list") }
      // A note is a session's: of a case it goes to the newest.
      guard let newest = one.sessions.last else {
        throw DeskRefusal("Case \(id) has no session yet to write a note to.")
      }
      session = newest
    }
    try keep([LedgerNote(text: text, by: visit.technician.rawValue).draft(session: session)])
    visit.answer("Written down.", ["session": .string(session.rawValue)])
  }

  /// A session, open or closed, that the visitor may see.
  func knownSession(_ id: SessionID, _ visit: DeskVisit) throws(DeskRefusal) -> SessionID {
    if let open = sessions[id], visit.sees(open) { return id }
    guard let known = register.sessions[id],
      visit.role != .technician || known.technician == visit.technician.rawValue
    else { throw DeskRefusal("No session \(id) is yours. See: list") }
    return id
  }

  func show(_ id: SessionID, for visit: DeskVisit) throws(DeskRefusal) {
    let id = try knownSession(id, visit)
    let record: SessionRecord?
    do {
      record = try services.ledger.record(session: id)
    } catch {
      throw DeskRefusal("The record of session \(id) cannot be read: \(error)")
    }
    guard let record else { throw DeskRefusal("Session \(id) is not on record yet.") }
    feedBytes(id)
    let live = sessions[id]
    let view = DeskText.SessionView(
      record: record, live: live, rating: live.flatMap { try? runningRating(of: $0) },
      one: register.sessions[id]?.caseID.flatMap { register.cases[$0] })
    visit.channel.finish(visit.json ? view.json : view.text)
  }

  func advise(_ id: SessionID, _ text: String, isDeclined: Bool, for visit: DeskVisit) throws(DeskRefusal) {
    let session = try openSession(id, visit)
    guard let caseID = session.terms.caseID else { throw DeskRefusal("Session \(id) has no case.") }
    try keep([
      AdviceGiven(caseID: caseID, text: text, isDeclined: isDeclined, by: visit.technician.rawValue).draft(session: id)
    ])
    visit.answer(
      isDeclined ? "Written down; it will stand on his receipt." : "Written down.", ["case": .string(caseID.rawValue)])
  }

  /// The plan in whose currency a case's prices are: that of its open or newest session, else its customer's.
  func plan(ofCase one: RegisteredCase) throws(DeskRefusal) -> Plan {
    if let open = sessions.values.first(where: { $0.terms.caseID == one.id }) { return open.terms.plan }
    if let terms = one.sessions.last.flatMap({ register.sessions[$0]?.plan }), let plan = try? Plan(json: terms.json) {
      return plan
    }
    do throws(Refusal) { return try plan(of: one.customer) } catch { throw DeskRefusal(error.line) }
  }

  func amount(_ text: String, _ currency: Currency) throws(DeskRefusal) -> Int64 {
    let minor: Int64
    do throws(MoneyError) {
      minor = try Money(decimal: text, currency: currency).minorUnits
    } catch {
      throw DeskRefusal(
        "\"\(TextSafety.escaped(text))\" is no amount in \(currency.code): \(error).", status: DeskVisit.usageStatus)
    }
    guard (0...Plan.maximumAmountMinor).contains(minor) else {
      throw DeskRefusal("\"\(TextSafety.escaped(text))\" is too large.", status: DeskVisit.usageStatus)
    }
    return minor
  }
}
