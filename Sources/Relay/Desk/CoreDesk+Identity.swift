import Ledger
import LedgerSQLite
import SessionModel
import TunnelTransport

/// Who is on the phone: a customer number and one more fact that only he tells.
extension RelayCore {
  func verify(
    _ place: DeskPlace, _ id: Name, fact: String, value: String, for visit: DeskVisit
  ) throws(DeskRefusal) {
    var session: LiveSession?
    let spki: Fingerprint
    switch place {
    case .session(let id):
      let open = try openSession(id, visit, isActive: false)
      (session, spki) = (open, open.machineIdentity)
    case .code(let code): spki = try machine(behind: code, for: visit)
    }
    let outcome = try check(id, fact: fact, value: value)
    let checked = IdentityChecked(
      customer: id, identity: .facts, result: outcome, fact: fact, by: visit.technician.rawValue)
    var drafts = [checked.draft(session: session?.id)]
    var change: Takeover?
    if let session, outcome == .verified { change = takeover(of: session, by: id) }
    if let session, case .becomesHis(let caseID) = change {
      drafts.append(
        SessionAssigned(customer: id, caseID: caseID, by: visit.technician.rawValue).draft(session: session.id))
    }
    try keep(drafts)
    switch outcome {
    case .verified:
      machines[spki]?.verified = id
      if let session, let change { take(session.id, change, by: id) }
      let name = register.customers[id]?.details.map { ", \($0.name)" } ?? ""
      visit.answer(
        "It is \(id)\(name).\(change?.line(session?.id, id) ?? "")",
        [
          "customer": .string(id.rawValue), "result": .string(outcome.rawValue),
          "session": JSONValue(session?.id.rawValue), "session_customer": JSONValue(change?.customer(id)?.rawValue),
        ])
    case .wrong: throw DeskRefusal("That is not what is on record of \(id).")
    case .locked:
      throw DeskRefusal("Too many wrong facts were told of \(id). Nothing is looked up for an hour after the last.")
    }
  }

  /// What the proof of who the customer is does to a session that is open.
  private enum Takeover {
    /// It was nobody's, and is his from now on, with its case.
    case becomesHis(CaseID)
    /// It was his before.
    case isHis
    /// It stays another customer's.
    case isOf(Name)
    /// An earlier program opened it without a case; it can be assigned once it is closed.
    case hasNoCase

    /// Whose the session is then, if anybody's.
    func customer(_ told: Name) -> Name? {
      switch self {
      case .becomesHis, .isHis: told
      case .isOf(let other): other
      case .hasNoCase: nil
      }
    }

    func line(_ session: SessionID?, _ told: Name) -> String {
      let name = session?.rawValue ?? ""
      let later = "To change that when it is closed: fixline-relay session assign \(name) --customer \(told)"
      return switch self {
      case .becomesHis:
        " Session \(name) is his now: at the price he agreed to or, if that is less, by his own plan."
      case .isHis: ""
      case .isOf(let other): " The session stays \(other)'s."
      case .hasNoCase: " The session stays nobody's, it has no case. \(later)"
      }
    }
  }

  private func takeover(of session: LiveSession, by customer: Name) -> Takeover {
    if let owner = session.terms.customer { return owner == customer ? .isHis : .isOf(owner) }
    guard let caseID = session.terms.caseID else { return .hasNoCase }
    if let owner = register.cases[caseID]?.customer, owner != customer { return .isOf(owner) }
    return .becomesHis(caseID)
  }

  private func take(_ id: SessionID, _ takeover: Takeover, by customer: Name) {
    switch takeover {
    case .becomesHis: sessions[id]?.terms.tell(customer, register)
    case .isHis: sessions[id]?.terms.identity = .facts
    case .isOf, .hasNoCase: return
    }
    tellState(of: id)
  }

  /// A fact that does not exist is as wrong as one that is not right, and a lock stands before either.
  private func check(_ id: Name, fact: String, value: String) throws(DeskRefusal) -> IdentityChecked.Result {
    let customer = try knownCustomer(id)
    guard !customer.isLocked(at: WallClock.now()) else { return .locked }
    let facts = customer.details?.facts ?? []
    return facts.contains { $0.key == fact && $0.matches(value, digest: SQLiteLedger.digest) } ? .verified : .wrong
  }

  /// The machine behind a code: claimed as by an ssh, so that guessing codes here is counted with guessing them there.
  private func machine(behind code: JoinCode, for visit: DeskVisit) throws(DeskRefusal) -> Fingerprint {
    let claim = codes.claim(code, key: visit.key, address: visit.address, at: BootClock.now())
    switch claim {
    case .granted(let spki):
      releaseClaim(code, of: spki)
      return spki
    case .spent, .unknown, .tooMany: throw DeskRefusal(claim.line)
    }
  }
}
