import Billing
import Ledger
import SessionModel

/// `fixline-relay plan …`.
public enum PlanReports {
  /// Who puts entries on record by way of a command.
  static let author = "operator"

  /// Puts the plan in `file` on record, or a new version of it; returns the line to print.
  public static func add(file: String, state: String) throws -> String {
    // Read before the user is switched: the file may be root's.
    let plan = try PlanFile.read(file)
    return try withStores(state) { stores in
      let register = try stores.ledger.register()
      let terms = PlanTerms(plan)
      if register.plan(plan.id) == terms { return "Plan \(plan.id) is on record just so." }
      if plan.prices == .net, let consumer = register.holders(ofPlan: plan.id).first(where: { $0.party == .consumer }) {
        throw RelayFailure(
          .refused, "Customer \(consumer.id) is a consumer and has plan \(plan.id): it needs prices: gross.")
      }
      try stores.append(PlanAdded(plan: terms, by: author))
      let versions = (register.plans[plan.id]?.versions.count ?? 0) + 1
      return versions == 1
        ? "Plan \(plan.id) is on record."
        : "Plan \(plan.id) is on record in version \(versions). Sessions opened before keep theirs."
    }
  }

  /// Every plan, aligned or as JSON.
  public static func list(json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let register = try stores.ledger.register()
      let plans = register.plans.values.sorted { $0.id < $1.id }
      if json { return JSONValue.array(plans.map { self.json($0) }).text }
      guard !plans.isEmpty else { return "No plan is on record. Add one: plan add --file PLAN.yaml" }
      return Columns.aligned(
        [["PLAN", "NAME", "PRICE/HOUR", "PRICES", "VERSION", "SINCE", "CUSTOMERS", "STATE"]]
          + plans.map { row($0, customers: register.holders(ofPlan: $0.id).count) })
    }
  }

  /// One plan with all its keys.
  public static func show(_ id: String, json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let plan = try known(id, in: try stores.ledger.register())
      return json ? self.json(plan).text : text(plan)
    }
  }

  /// Takes a plan out of the offer; returns the line to print.
  public static func withdraw(_ id: String, state: String) throws -> String {
    try withStores(state) { stores in
      let register = try stores.ledger.register()
      let plan = try known(id, in: register)
      guard plan.withdrawnAt == nil else { return "Plan \(plan.id) was withdrawn before." }
      try stores.append(PlanWithdrawn(id: plan.id, by: author))
      let holders = register.holders(ofPlan: plan.id).map(\.id.rawValue)
      return "Plan \(plan.id) is withdrawn. Sessions opened before keep it."
        + (holders.isEmpty ? "" : " Give these customers another: \(holders.joined(separator: ", ")).")
    }
  }

  static func known(_ id: String, in register: CustomerRegister) throws(RelayFailure) -> RegisteredPlan {
    guard let plan = register.plans[id] else {
      throw RelayFailure(.refused, "There is no plan \"\(TextSafety.escaped(id))\". See: fixline-relay plan list")
    }
    return plan
  }

  private static func row(_ plan: RegisteredPlan, customers: Int) -> [String] {
    // A newer program may have written what this one cannot read.
    let read = plan.versions.last.flatMap { try? Plan(json: $0.terms.json) }
    return [
      plan.id, plan.versions.last?.terms.name ?? "", read?.ratePerHour.description ?? "", read?.prices.rawValue ?? "",
      String(plan.versions.count), plan.versions.last?.addedAt.rfc3339 ?? "", String(customers),
      plan.withdrawnAt == nil ? "offered" : "withdrawn",
    ]
  }

  private static func text(_ plan: RegisteredPlan) -> String {
    let keys = plan.versions.last.map { flat($0.terms.json) } ?? []
    let history = plan.versions.enumerated().map { number, version in
      ["version \(number + 1)", version.addedAt.rfc3339]
    }
    let end = plan.withdrawnAt.map { [["withdrawn", $0.rfc3339]] } ?? []
    return Columns.aligned(keys) + "On record\n" + Columns.aligned((history + end).map { ["  \($0[0])", $0[1]] })
  }

  /// A value's keys with dots between, each with its text.
  private static func flat(_ value: JSONValue, _ path: String = "") -> [[String]] {
    switch value {
    case .object(let object):
      object.members.flatMap { flat($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
    case .array(let elements):
      elements.enumerated().flatMap { flat($0.element, "\(path).\($0.offset + 1)") }
    case .string(let text): [[path, text]]
    case .null, .bool, .integer: [[path, value.text]]
    }
  }

  private static func json(_ plan: RegisteredPlan) -> JSONValue {
    [
      "id": .string(plan.id), "name": JSONValue(plan.versions.last?.terms.name),
      "currency": JSONValue(plan.versions.last?.terms.currency),
      "withdrawn_at": JSONValue(plan.withdrawnAt?.rfc3339),
      "versions": .array(
        plan.versions.map { version in
          [
            "sequence": .integer(Int64(clamping: version.sequence)), "added_at": .string(version.addedAt.rfc3339),
            "plan": version.terms.json,
          ]
        }),
    ]
  }
}

extension CustomerRegister {
  /// The customers who have a plan, by number.
  func holders(ofPlan id: String) -> [CustomerAdded] {
    customers.values.compactMap(\.details).filter { $0.plan == id }.sorted { $0.id < $1.id }
  }
}
