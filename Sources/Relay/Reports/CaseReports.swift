import Ledger
import SessionModel

/// `fixline-relay case …`: read from the ledger, whether or not a relay is running. The desk opens and closes cases.
public enum CaseReports {
  /// Every case, the newest first; of one customer, when he is named.
  public static func list(customer: String?, json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let register = try stores.ledger.register()
      var cases = Array(register.cases.values)
      if let customer {
        let owner = try CustomerReports.known(customer, in: register).id
        cases.removeAll { $0.customer != owner }
      }
      cases.sort { ($0.openedAt, $0.id) > ($1.openedAt, $1.id) }
      return json ? DeskText.json(cases) : DeskText.list(cases, register)
    }
  }

  /// Everything on record about one case.
  public static func show(_ id: String, json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let register = try stores.ledger.register()
      let one = try known(id, in: register)
      return json ? DeskText.json(one, register) : DeskText.text(one, register)
    }
  }

  static func known(_ id: String, in register: CustomerRegister) throws(RelayFailure) -> RegisteredCase {
    guard let one = CaseID(id).flatMap({ register.cases[$0] }) else {
      throw RelayFailure(.refused, "There is no case \"\(TextSafety.escaped(id))\". See: fixline-relay case list")
    }
    return one
  }
}
