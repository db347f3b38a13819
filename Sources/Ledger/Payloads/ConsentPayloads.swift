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
  /// The case it belongs to; nil where an earlier program wrote the entry.
  public var caseID: CaseID?
  /// The customer it belongs to; nil when he was not known yet.
  public var customer: Name?
  /// The agent's key (SHA-256 of its SPKI), by which the machine is known again.
  public var machineKey: Fingerprint?
  /// How it is known who the customer is.
  public var identity: Identity
  /// The language of what the customer reads: `en`, `fi`, …
  public var language: String?

  /// All of it, by hand.
  public init(
    machine: String, technician: Name, technicianKey: Fingerprint, purpose: String, plan: PlanTerms, address: String,
    caseID: CaseID? = nil, customer: Name? = nil, machineKey: Fingerprint? = nil, identity: Identity = .unknown,
    language: String? = nil
  ) {
    self.machine = machine
    self.technician = technician
    self.technicianKey = technicianKey
    self.purpose = purpose
    self.plan = plan
    self.address = address
    self.caseID = caseID
    self.customer = customer
    self.machineKey = machineKey
    self.identity = identity
    self.language = language
  }

  /// Reads what ``json`` writes, and what is left of it when it was erased: then texts are empty.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      machine: try members.optionalText("machine") ?? "", technician: try members.name("technician"),
      technicianKey: try members.fingerprint("technician_key"), purpose: try members.optionalText("purpose") ?? "",
      plan: try PlanTerms(members: try members.object("plan")), address: try members.optionalText("address") ?? "",
      caseID: try members.ifPresent("case", members.caseID),
      customer: try members.ifPresent("customer", members.name),
      machineKey: try members.ifPresent("machine_key", members.fingerprint),
      identity: try members.ifPresent("identity", members.word) ?? .unknown,
      language: try members.optionalText("language"))
  }

  /// Members: `machine`, `technician`, `technician_key`, `purpose`, `plan`, `address`, and where they are known `case`,
  /// `customer`, `machine_key`, `identity`, `language`.
  public var json: JSONValue {
    var members = Members()
    members.put("machine", .string(machine))
    members.put("technician", .string(technician.rawValue))
    members.put("technician_key", .string(technicianKey.description))
    members.put("purpose", .string(purpose))
    members.put("plan", plan.json)
    members.put("address", .string(address))
    members.put("case", ifPresent: caseID?.rawValue)
    members.put("customer", ifPresent: customer?.rawValue)
    members.put("machine_key", ifPresent: machineKey?.description)
    if identity != .unknown { members.put("identity", .string(identity.rawValue)) }
    members.put("language", ifPresent: language)
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
      accepted: try members.bool("accepted"), reason: try members.optionalText("reason") ?? "",
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
