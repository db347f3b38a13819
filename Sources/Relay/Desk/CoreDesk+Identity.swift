import Ledger
import LedgerSQLite
import SessionModel
import TunnelTransport

/// Who is on the phone: a customer number and one more fact that only he tells.
extension RelayCore {
  func verify(
    _ place: DeskPlace, _ id: Name, fact: String, value: String, for visit: DeskVisit
  ) throws(DeskRefusal) {
    var session: SessionID?
    var spki: Fingerprint?
    switch place {
    case .session(let id): session = try openSession(id, visit, isActive: false).id
    case .code(let code): spki = try machine(behind: code, for: visit)
    }
    let outcome = try check(id, fact: fact, value: value)
    let checked = IdentityChecked(
      customer: id, identity: .facts, result: outcome, fact: fact, by: visit.technician.rawValue)
    try keep([checked.draft(session: session)])
    switch outcome {
    case .verified:
      if let spki { machines[spki]?.verified = id }
      visit.answer(
        "It is \(id)\(register.customers[id]?.details.map { ", \($0.name)" } ?? "").",
        ["customer": .string(id.rawValue), "result": .string(outcome.rawValue)])
    case .wrong: throw DeskRefusal("That is not what is on record of \(id).")
    case .locked:
      throw DeskRefusal("Too many wrong facts were told of \(id). Nothing is looked up for an hour after the last.")
    }
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
    switch codes.claim(code, key: visit.key, address: visit.address, at: BootClock.now()) {
    case .granted(let spki):
      releaseClaim(code, of: spki)
      return spki
    case .unknown: throw DeskRefusal("No machine waits under this code. Ask the customer to read it out again.")
    case .tooMany:
      throw DeskRefusal("Too many wrong codes. Wait ten minutes, then try again with the right one.")
    }
  }
}
