public import SessionModel

/// One thing a customer can tell to show who he is, kept so that it cannot be read back from the record.
///
/// Whoever has the file can still try values one by one: a fact of few possible values is hidden from a glance, not from
/// an attack.
public struct CustomerFact: Hashable, Sendable {
  /// What is asked for: `postcode`, `born`.
  public let key: String
  /// Random bytes, ``StoredPayload/saltLength`` of them.
  public let salt: [UInt8]
  /// SHA-256(salt ‖ key ‖ 00 ‖ value), the value in lower case without spaces.
  public let hash: Fingerprint

  /// A fact to be kept.
  public init(key: String, value: String, salt: [UInt8], digest: Digest) {
    self.key = key
    self.salt = salt
    hash = Self.hash(key: key, value: value, salt: salt, digest: digest)
  }

  init(members: Members) throws(PayloadError) {
    key = try members.text("key")
    salt = try members.bytes("salt", count: StoredPayload.saltLength)
    hash = try members.fingerprint("hash")
  }

  /// Whether `value` is what was kept; capitals and spaces do not matter.
  public func matches(_ value: String, digest: Digest) -> Bool {
    Self.hash(key: key, value: value, salt: salt, digest: digest) == hash
  }

  var json: JSONValue {
    ["key": .string(key), "salt": .string(Hex.encode(salt)), "hash": .string(hash.description)]
  }

  private static func hash(key: String, value: String, salt: [UInt8], digest: Digest) -> Fingerprint {
    let told = value.lowercased().filter { !$0.isWhitespace }
    return digest(salt + Array(key.utf8) + [0] + Array(told.utf8))
  }
}

/// A customer was put on record: a new one, or a new version of one, which replaces the one before as a whole.
public struct CustomerAdded: EntryPayload {
  /// ``EntryKind/customerAdded``.
  public static let kind = EntryKind.customerAdded

  /// Who he is before the law.
  public enum Party: String, Hashable, Sendable, CaseIterable {
    /// A private person: his prices contain tax, and he may withdraw from a contract made at a distance.
    case consumer
    /// Anybody else.
    case business
  }

  /// His customer number: what everything else on record calls him by. It is never erased, so it should not be his name.
  public var id: Name
  /// How people call him.
  public var name: String
  /// The name on documents; nil when it is ``name``.
  public var legalName: String?
  /// The address, line by line.
  public var address: [String]
  /// ISO 3166-1 alpha-2.
  public var country: String?
  /// Consumer or business.
  public var party: Party
  /// The identifier for value added tax.
  public var vatID: String?
  /// Where invoices go.
  public var email: String?
  /// The language of what he reads; nil for what his machine asks for.
  public var language: String?
  /// The plan's identifier; nil for the relay's own.
  public var plan: String?
  /// What he can tell to show who he is.
  public var facts: [CustomerFact]
  /// Who wrote this.
  public var by: String

  /// All of it, by hand.
  public init(
    id: Name, name: String, legalName: String? = nil, address: [String] = [], country: String? = nil,
    party: Party = .business, vatID: String? = nil, email: String? = nil, language: String? = nil, plan: String? = nil,
    facts: [CustomerFact] = [], by: String
  ) {
    self.id = id
    self.name = name
    self.legalName = legalName
    self.address = address
    self.country = country
    self.party = party
    self.vatID = vatID
    self.email = email
    self.language = language
    self.plan = plan
    self.facts = facts
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var facts: [CustomerFact] = []
    for fact in try members.objects("facts") { facts.append(try CustomerFact(members: fact)) }
    self.init(
      id: try members.name("id"), name: try members.text("name"), legalName: try members.optionalText("legal_name"),
      address: try members.texts("address"), country: try members.optionalText("country"),
      party: try members.word("party"), vatID: try members.optionalText("vat_id"),
      email: try members.optionalText("email"), language: try members.optionalText("language"),
      plan: try members.optionalText("plan"), facts: facts, by: try members.text("by"))
  }

  /// Members: `id`, `name`, `legal_name?`, `address[]`, `country?`, `party`, `vat_id?`, `email?`, `language?`, `plan?`,
  /// `facts[{key, salt, hash}]`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("id", .string(id.rawValue))
    members.put("name", .string(name))
    members.put("legal_name", ifPresent: legalName)
    members.put("address", .array(address.map { .string($0) }))
    members.put("country", ifPresent: country)
    members.put("party", .string(party.rawValue))
    members.put("vat_id", ifPresent: vatID)
    members.put("email", ifPresent: email)
    members.put("language", ifPresent: language)
    members.put("plan", ifPresent: plan)
    members.put("facts", .array(facts.map(\.json)))
    members.put("by", .string(by))
    return members.json
  }
}

/// Somebody said who he is, and it was looked up. In a session, the entry is that session's.
public struct IdentityChecked: EntryPayload {
  /// ``EntryKind/identityChecked``.
  public static let kind = EntryKind.identityChecked

  /// What came of it.
  public enum Result: String, Hashable, Sendable, CaseIterable {
    /// It is he.
    case verified
    /// The fact was wrong.
    case wrong
    /// Too many facts had been wrong: nothing was looked up.
    case locked
  }

  /// Who he said he is.
  public var customer: Name
  /// By what.
  public var identity: Identity
  /// What came of it.
  public var result: Result
  /// The key of the fact that was told.
  public var fact: String?
  /// The case, when one was named.
  public var caseID: CaseID?
  /// The technician who asked, or `relay`.
  public var by: String

  /// All of it, by hand.
  public init(
    customer: Name, identity: Identity, result: Result, fact: String? = nil, caseID: CaseID? = nil, by: String
  ) {
    self.customer = customer
    self.identity = identity
    self.result = result
    self.fact = fact
    self.caseID = caseID
    self.by = by
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      customer: try members.name("customer"), identity: try members.word("identity"),
      result: try members.word("result"), fact: try members.optionalText("fact"),
      caseID: try members.ifPresent("case", members.caseID), by: try members.text("by"))
  }

  /// Members: `customer`, `identity`, `result`, `fact?`, `case?`, `by`.
  public var json: JSONValue {
    var members = Members()
    members.put("customer", .string(customer.rawValue))
    members.put("identity", .string(identity.rawValue))
    members.put("result", .string(result.rawValue))
    members.put("fact", ifPresent: fact)
    members.put("case", ifPresent: caseID?.rawValue)
    members.put("by", .string(by))
    return members.json
  }
}
