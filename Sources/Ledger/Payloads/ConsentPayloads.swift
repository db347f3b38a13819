public import SessionModel

/// A technician asked for a machine: a session's first entry.
public struct SessionRequested: EntryPayload {
  /// ``EntryKind/sessionRequested``.
  public static let kind = EntryKind.sessionRequested
  /// The machine, as the relay calls it.
  public var machine: String
  /// The technician.
  public var technician: Name
  /// SHA-256 of the blob of the key he proved to hold.
  public var technicianKey: Fingerprint
  /// Why he asks, as the customer is told.
  public var purpose: String
  /// The price agreed to, as it stood when the session was opened.
  public var plan: PlanTerms
  /// The technician's address, numeric.
  public var address: String

  /// All of it, by hand.
  public init(
    machine: String, technician: Name, technicianKey: Fingerprint, purpose: String, plan: PlanTerms, address: String
  ) {
    self.machine = machine
    self.technician = technician
    self.technicianKey = technicianKey
    self.purpose = purpose
    self.plan = plan
    self.address = address
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      machine: try members.text("machine"), technician: try members.name("technician"),
      technicianKey: try members.fingerprint("technician_key"), purpose: try members.text("purpose"),
      plan: try PlanTerms(members: try members.object("plan")), address: try members.text("address"))
  }

  /// Members: `machine`, `technician`, `technician_key`, `purpose`, `plan`, `address`.
  public var json: JSONValue {
    var members = Members()
    members.put("machine", .string(machine))
    members.put("technician", .string(technician.rawValue))
    members.put("technician_key", .string(technicianKey.description))
    members.put("purpose", .string(purpose))
    members.put("plan", plan.json)
    members.put("address", .string(address))
    return members.json
  }
}

/// What a session costs, as agreed when it was opened: a change of the plan afterwards does not touch it.
public struct PlanTerms: Hashable, Sendable {
  /// The basis of all amounts.
  public enum Prices: String, Hashable, Sendable {
    /// Without value added tax.
    case net
    /// With value added tax.
    case gross
  }

  /// The plan's identifier.
  public var id: String
  /// The plan's name.
  public var name: String
  /// ISO 4217, three capital letters.
  public var currency: String
  /// Price of an hour, in minor units of ``currency``.
  public var rateMinor: Int64
  /// The first period, in seconds.
  public var firstSeconds: Int64
  /// Each further period, in seconds.
  public var thenSeconds: Int64
  /// The overrun into a new period that is forgiven, in seconds.
  public var graceSeconds: Int64
  /// The basis of all amounts.
  public var prices: Prices

  /// All of it, by hand.
  public init(
    id: String, name: String, currency: String, rateMinor: Int64, firstSeconds: Int64, thenSeconds: Int64,
    graceSeconds: Int64, prices: Prices
  ) {
    self.id = id
    self.name = name
    self.currency = currency
    self.rateMinor = rateMinor
    self.firstSeconds = firstSeconds
    self.thenSeconds = thenSeconds
    self.graceSeconds = graceSeconds
    self.prices = prices
  }

  init(members: Members) throws(PayloadError) {
    self.init(
      id: try members.text("id"), name: try members.text("name"), currency: try members.text("currency"),
      rateMinor: try members.integer("rate_minor"), firstSeconds: try members.integer("first_seconds"),
      thenSeconds: try members.integer("then_seconds"), graceSeconds: try members.integer("grace_seconds"),
      prices: try members.word("prices"))
  }

  /// As it is written.
  public var json: JSONValue {
    var members = Members()
    members.put("id", .string(id))
    members.put("name", .string(name))
    members.put("currency", .string(currency))
    members.put("rate_minor", .integer(rateMinor))
    members.put("first_seconds", .integer(firstSeconds))
    members.put("then_seconds", .integer(thenSeconds))
    members.put("grace_seconds", .integer(graceSeconds))
    members.put("prices", .string(prices.rawValue))
    return members.json
  }
}

/// The customer was asked.
public struct ConsentAsked: EntryPayload {
  /// ``EntryKind/consentAsked``.
  public static let kind = EntryKind.consentAsked
  /// The words sent to be shown, exactly.
  public var words: String
  /// SHA-256 of their UTF-8 bytes.
  public var wordsHash: Fingerprint
  /// What is asked for.
  public var allowances: Allowances

  /// All of it, by hand.
  public init(words: String, wordsHash: Fingerprint, allowances: Allowances) {
    self.words = words
    self.wordsHash = wordsHash
    self.allowances = allowances
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      words: try members.text("words"), wordsHash: try members.fingerprint("words_hash"),
      allowances: try members.allowances("allowances"))
  }

  /// Members: `words`, `words_hash`, `allowances`.
  public var json: JSONValue {
    var members = Members()
    members.put("words", .string(words))
    members.put("words_hash", .string(wordsHash.description))
    members.put("allowances", .integer(Int64(allowances.rawValue)))
    return members.json
  }
}

/// The customer said yes or no, or did not answer.
public struct ConsentAnswered: EntryPayload {
  /// ``EntryKind/consentAnswered``.
  public static let kind = EntryKind.consentAnswered
  /// True for yes.
  public var accepted: Bool
  /// Why not; empty for yes.
  public var reason: String
  /// The agent's Ed25519 signature of the ``SessionModel/ConsentStatement``, 64 bytes; empty for no.
  public var signature: [UInt8]
  /// The agent's raw Ed25519 key, 32 bytes: what the session's checkpoints are checked against.
  public var agentKey: [UInt8]

  /// All of it, by hand.
  public init(accepted: Bool, reason: String, signature: [UInt8], agentKey: [UInt8]) {
    self.accepted = accepted
    self.reason = reason
    self.signature = signature
    self.agentKey = agentKey
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      accepted: try members.bool("accepted"), reason: try members.text("reason"),
      signature: try members.bytes("signature"), agentKey: try members.bytes("agent_key"))
  }

  /// Members: `accepted`, `reason`, `signature`, `agent_key`.
  public var json: JSONValue {
    var members = Members()
    members.put("accepted", .bool(accepted))
    members.put("reason", .string(reason))
    members.put("signature", .string(Hex.encode(signature)))
    members.put("agent_key", .string(Hex.encode(agentKey)))
    return members.json
  }
}
