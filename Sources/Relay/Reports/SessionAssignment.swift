import Billing
import Ledger
import LedgerSQLite
import SessionModel

/// `fixline-relay session assign`: a guest's session becomes a customer's. It is rated again under his plan, with what he is
/// entitled to, and costs the less of the two.
public enum SessionAssignment {
  /// Assigns a session, and with it the others of its case that are nobody's; returns what to print.
  public static func run(_ id: String, customer: String, caseID: String?, state: String) throws -> String {
    try withStores(state) { stores in
      var register = try stores.ledger.register()
      guard let session = SessionID(id).flatMap({ register.sessions[$0] }) else {
        throw RelayFailure(
          .refused, "There is no session \"\(TextSafety.escaped(id))\". See: fixline-relay sessions --state \(state)")
      }
      let owner = try CustomerReports.known(customer, in: register)
      guard !owner.isErased else { throw RelayFailure(.refused, "Customer \(owner.id) was erased.") }
      if let other = session.customer, other != owner.id {
        throw RelayFailure(
          .refused, "Session \(session.id) is customer \(other)'s. Only a session that is nobody's can be assigned.")
      }
      let target = try target(of: session, for: owner, named: caseID, register)
      let moved = try movedSessions(with: session, to: target, owner, register)
      guard !moved.isEmpty else { return "Session \(session.id) is \(owner.id)'s already, case \(target.id)." }
      var opening = target.opened.map { [$0.draft()] } ?? []
      var lines: [String] = []
      for one in moved {
        let (entry, line) = try assigned(one, to: owner, target.id, register, stores.ledger)
        try stores.ledger.append(opening + [entry.draft(session: one.id)], at: WallClock.now())
        opening = []
        // The next one is rated knowing this one.
        try stores.ledger.update(&register)
        lines.append(line)
      }
      return lines.joined(separator: "\n")
    }
  }

  /// The case it goes to, and the entry that opens it, if it is a new one.
  private struct Target {
    let id: CaseID
    var opened: CaseOpened?
  }

  private static func target(
    of session: RegisteredSession, for owner: RegisteredCustomer, named: String?, _ register: CustomerRegister
  ) throws(RelayFailure) -> Target {
    if let named {
      let one = try CaseReports.known(named, in: register)
      if let other = one.customer, other != owner.id {
        throw RelayFailure(.refused, "Case \(one.id) is customer \(other)'s. Name one of \(owner.id)'s, or none.")
      }
      return Target(id: one.id)
    }
    if let own = session.caseID.flatMap({ register.cases[$0] }), own.customer == nil || own.customer == owner.id {
      return Target(id: own.id)
    }
    // A session of an earlier program, or one that somebody else's case holds: a case of its own.
    var random = SystemRandomNumberGenerator()
    var id = CaseID(using: &random)
    while register.cases[id] != nil { id = CaseID(using: &random) }
    let title = session.caseID.flatMap { register.cases[$0]?.title } ?? ""
    return Target(id: id, opened: CaseOpened(caseID: id, title: title, customer: owner.id, by: PlanReports.author))
  }

  /// The session, and the others of a case that becomes the customer's with it.
  private static func movedSessions(
    with session: RegisteredSession, to target: Target, _ owner: RegisteredCustomer, _ register: CustomerRegister
  ) throws(RelayFailure) -> [RegisteredSession] {
    let fellows = (register.cases[target.id]?.sessions ?? []).compactMap { register.sessions[$0] }
      .filter { $0.customer == nil && $0.id != session.id }
    let isMoved = session.customer != owner.id || session.caseID != target.id
    let moved = (isMoved ? [session] : []) + fellows
    if let open = moved.first(where: \.isOpen) {
      throw RelayFailure(
        .refused,
        "Session \(open.id) is open. Assign it when it is closed, or now at the desk: ssh desk@RELAY "
          + "verify \(open.id) --customer \(owner.id) --fact KEY=VALUE")
    }
    return moved.sorted { ($0.closedAt ?? $0.requestedAt) < ($1.closedAt ?? $1.requestedAt) }
  }

  private static func assigned(
    _ session: RegisteredSession, to owner: RegisteredCustomer, _ caseID: CaseID, _ register: CustomerRegister,
    _ ledger: SQLiteLedger
  ) throws(StoreError) -> (SessionAssigned, line: String) {
    let head = "Session \(session.id) is \(owner.id)'s now, case \(caseID)"
    let plain = SessionAssigned(customer: owner.id, caseID: caseID, by: PlanReports.author)
    guard let code = session.currency, let currency = Currency(code) else { return (plain, "\(head).") }
    let before = Money(minorUnits: session.amountMinor, currency: currency)
    let intervals = try ledger.record(session: session.id)?.intervals ?? []
    switch SessionRerating.verdict(on: session, intervals, for: owner, caseID, register) {
    case .stays(let reason): return (plain, "\(head). The price stays \(before)\(reason.map { ": \($0)" } ?? "").")
    case .lower(let price, let plan):
      let after = Money(minorUnits: price.amountMinor, currency: currency)
      let entry = SessionAssigned(
        customer: owner.id, caseID: caseID, plan: plan, price: price, by: PlanReports.author)
      return (entry, "\(head): \(after) instead of \(before).")
    }
  }
}
