import Billing
import Foundation
import Ledger
import SessionModel
import Signing

/// `fixline-relay customer …`.
public enum CustomerReports {
  /// What the command line says of a customer; nil for what it does not say.
  public struct Change: Sendable {
    let id: String
    let name: String?
    let plan: String?
    let facts: [String]
    let language: String?
    let file: String?

    /// All of it, by hand. `facts` are `KEY=VALUE`.
    public init(id: String, name: String?, plan: String?, facts: [String], language: String?, file: String?) {
      self.id = id
      self.name = name
      self.plan = plan
      self.facts = facts
      self.language = language
      self.file = file
    }
  }

  /// Puts a customer on record, or a new version of one: what is not said stays as it was. Returns the line to print.
  /// `configurationFile` says which plan a customer has who has none of his own; nil for a relay that is not configured.
  public static func add(_ change: Change, configurationFile: String? = nil, state: String) throws -> String {
    guard let id = Name(change.id) else {
      throw RelayFailure(
        .usage,
        "\"\(TextSafety.escaped(change.id))\" is no customer number: use a-z, 0-9 and -, at most \(Name.maximumLength), "
          + "beginning with a letter, and not \(Name.desk).")
    }
    // Read before the user is switched: the file may be root's.
    var yaml: String?
    if let file = change.file {
      yaml = try GivenFile.text(file, "customer file", maximumBytes: YAMLDocument.maximumBytes)
    }
    let defaultPlan = try RelayServer.readConfiguration(configurationFile).defaultPlan
    return try withStores(state) { stores in
      let register = try stores.ledger.register()
      let known = register.customers[id]
      guard known?.isErased != true else {
        throw RelayFailure(
          .refused, "Customer \(id) was erased. A number is never given to anybody else: choose another.")
      }
      let customer = try merged(change, id, yaml, over: known?.details)
      try check(customer, register, defaultPlan: defaultPlan)
      guard customer != known?.details else { return "Customer \(id) is on record just so." }
      try stores.append(customer)
      return known == nil ? "Customer \(id) is on record." : "Customer \(id) is on record anew."
    }
  }

  private static func merged(
    _ change: Change, _ id: Name, _ yaml: String?, over known: CustomerAdded?
  ) throws(RelayFailure) -> CustomerAdded {
    var customer = known ?? CustomerAdded(id: id, name: "", by: PlanReports.author)
    customer.by = PlanReports.author
    var told = CustomerFacts()
    if let yaml, let file = change.file {
      // They are kept hashed: a file that speaks of facts names them all.
      if let facts = try CustomerFile.read(yaml, file: file, into: &customer) {
        customer.facts.removeAll { fact in !facts.told.contains { $0.key == fact.key } }
        told = facts
      }
    }
    if let name = change.name { customer.name = name.allSatisfy(\.isWhitespace) ? "" : name }
    if customer.name.isEmpty { customer.name = customer.legalName ?? "" }
    if let plan = change.plan { customer.plan = plan }
    if let language = change.language {
      guard let known = Language(knownTag: language) else {
        throw RelayFailure(.usage, "--language \(CustomerTexts.languageProblem).")
      }
      customer.language = known.tag
    }
    for fact in change.facts {
      guard let equals = fact.firstIndex(of: "=") else {
        throw RelayFailure(.usage, "--fact takes KEY=VALUE, such as postcode=00100.")
      }
      let key = String(fact[..<equals])
      if let problem = told.add(key, String(fact[fact.index(after: equals)...])) {
        throw RelayFailure(.usage, "--fact \(TextSafety.escaped(key)) \(problem).")
      }
    }
    for fact in told.told {
      customer.facts.removeAll { $0.key == fact.key && !$0.matches(fact.value, digest: SHA256.hash) }
      guard !customer.facts.contains(where: { $0.key == fact.key }) else { continue }
      customer.facts.append(
        CustomerFact(
          key: fact.key, value: fact.value, salt: SecureRandom.bytes(count: StoredPayload.saltLength),
          digest: SHA256.hash))
    }
    return customer
  }

  /// What has to hold together.
  private static func check(
    _ customer: CustomerAdded, _ register: CustomerRegister, defaultPlan: String?
  ) throws(RelayFailure) {
    guard !customer.name.isEmpty else {
      throw RelayFailure(.usage, "A new customer needs a name: --name NAME, or legal_name in the file.")
    }
    if customer.name.count > CustomerTexts.maximumCharacters {
      throw RelayFailure(.usage, "--name is longer than \(CustomerTexts.maximumCharacters) characters.")
    }
    if let problem = TextSafety.problem(inField: customer.name) { throw RelayFailure(.usage, "--name \(problem).") }
    if customer.facts.count > CustomerFacts.maximumFacts {
      throw RelayFailure(.usage, "A customer has at most \(CustomerFacts.maximumFacts) facts.")
    }
    var plan: Plan?
    if let id = customer.plan {
      let known = try PlanReports.known(id, in: register)
      guard let current = known.current else {
        throw RelayFailure(.refused, "Plan \(id) was withdrawn. See: fixline-relay plan list")
      }
      plan = try? Plan(json: current.json)
    } else if let usual = register.plan(defaultPlan ?? Plan.standard.id) {
      plan = try? Plan(json: usual.json)
    }
    if customer.party == .consumer, plan?.prices != .gross {
      throw RelayFailure(
        .refused,
        customer.plan.map { "A consumer needs a plan with prices: gross, and plan \($0) has prices: net." }
          ?? "A consumer needs a plan with prices: gross. Name one: --plan ID, or, where the default_plan is one, the "
          + "relay's configuration: --config FILE")
    }
  }

  /// Every customer, aligned or as JSON.
  public static func list(json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let register = try stores.ledger.register()
      let customers = register.customers.values.sorted { $0.id < $1.id }
      if json { return JSONValue.array(customers.map { self.json($0, register) }).text }
      guard !customers.isEmpty else { return "No customer is on record. Add one: customer add ID --name NAME" }
      return Columns.aligned(
        [["CUSTOMER", "NAME", "KIND", "PLAN", "LANGUAGE", "SESSIONS", "LAST SESSION"]]
          + customers.map { customer in
            [
              customer.id.rawValue, customer.details?.name ?? "(erased)", customer.details?.party.rawValue ?? "",
              customer.details?.plan ?? "", customer.details?.language ?? "", String(customer.sessions.count),
              lastSession(customer, register)?.rfc3339 ?? "",
            ]
          })
    }
  }

  /// Everything on record about one customer.
  public static func show(_ id: String, json: Bool, state: String) throws -> String {
    try withStores(state, readOnly: true) { stores in
      let register = try stores.ledger.register()
      let customer = try known(id, in: register)
      return json ? self.json(customer, register).text : text(customer, register)
    }
  }

  static func known(_ id: String, in register: CustomerRegister) throws(RelayFailure) -> RegisteredCustomer {
    guard let customer = Name(id).flatMap({ register.customers[$0] }) else {
      throw RelayFailure(
        .refused, "There is no customer \"\(TextSafety.escaped(id))\". See: fixline-relay customer list")
    }
    return customer
  }

  private static func lastSession(_ customer: RegisteredCustomer, _ register: CustomerRegister) -> WallTime? {
    customer.sessions.compactMap { register.sessions[$0]?.requestedAt }.max()
  }

  private static func text(_ customer: RegisteredCustomer, _ register: CustomerRegister) -> String {
    var rows = [["Customer", customer.id.rawValue]]
    if let details = customer.details {
      rows.append(["Name", details.name])
      if let legalName = details.legalName { rows.append(["Legal name", legalName]) }
      for (number, line) in details.address.enumerated() { rows.append([number == 0 ? "Address" : "", line]) }
      let rest: [(String, String?)] = [
        ("Country", details.country), ("Kind", details.party.rawValue), ("VAT", details.vatID),
        ("E-mail", details.email),
        ("Language", details.language), ("Plan", details.plan),
        ("Facts", details.facts.isEmpty ? nil : details.facts.map(\.key).joined(separator: ", ")),
      ]
      rows += rest.compactMap { label, text in text.map { [label, $0] } }
    } else {
      rows.append(["Name", "(erased)"])
    }
    rows.append(["On record since", customer.addedAt.rfc3339])
    if let until = customer.lockedUntil { rows.append(["Facts locked until", until.rfc3339]) }
    let cases = register.cases(of: customer.id).map { one in
      [
        "  \(one.id)", one.isOpen ? "open" : "closed", one.openedAt.rfc3339,
        CountText.of(one.sessions.count, "session"),
        one.title ?? "(erased)",
      ]
    }
    return Columns.aligned(rows) + (cases.isEmpty ? "" : "Cases\n" + Columns.aligned(cases))
  }

  private static func json(_ customer: RegisteredCustomer, _ register: CustomerRegister) -> JSONValue {
    let details = customer.details
    return [
      "id": .string(customer.id.rawValue), "erased": .bool(customer.isErased), "name": JSONValue(details?.name),
      "legal_name": JSONValue(details?.legalName), "address": .array((details?.address ?? []).map { .string($0) }),
      "country": JSONValue(details?.country), "kind": JSONValue(details?.party.rawValue),
      "vat_id": JSONValue(details?.vatID), "email": JSONValue(details?.email), "language": JSONValue(details?.language),
      "plan": JSONValue(details?.plan), "facts": .array((details?.facts ?? []).map { .string($0.key) }),
      "added_at": .string(customer.addedAt.rfc3339), "changed_at": .string(customer.changedAt.rfc3339),
      "locked_until": JSONValue(customer.lockedUntil?.rfc3339),
      "cases": .array(register.cases(of: customer.id).map { .string($0.id.rawValue) }),
      "sessions": .array(customer.sessions.map { .string($0.rawValue) }),
    ]
  }
}
