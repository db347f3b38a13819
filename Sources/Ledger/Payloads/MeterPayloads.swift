public import SessionModel

/// Time accrues from here on.
public struct SessionActivated: EntryPayload {
  /// ``EntryKind/sessionActivated``.
  public static let kind = EntryKind.sessionActivated

  /// What another relay needs to go on with the session. The civil time of the moment is the entry's own.
  public struct Continuation: Hashable, Sendable {
    /// The code the technician claimed it by.
    public var code: JoinCode
    /// The run of the agent that gave the consent.
    public var agentInstance: InstanceID
    /// Names the run of the relay's machine; empty where nobody knows.
    public var bootID: String
    /// The moment on that machine's clock that never jumps: active time is measured from it.
    public var instant: MonotonicInstant

    /// All of it, by hand.
    public init(code: JoinCode, agentInstance: InstanceID, bootID: String, instant: MonotonicInstant) {
      self.code = code
      self.agentInstance = agentInstance
      self.bootID = bootID
      self.instant = instant
    }
  }

  /// Nil when a program wrote it that could not go on with sessions.
  public var continuation: Continuation?

  /// All of it, by hand; when it was, the header says.
  public init(continuation: Continuation? = nil) { self.continuation = continuation }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    guard members.value("code") != nil else { return }
    guard let code = JoinCode(try members.text("code")) else { throw members.wrong("code", "nine digits") }
    guard let agent = InstanceID(try members.bytes("agent_instance", count: InstanceID.length)) else {
      throw members.wrong("agent_instance", "sixteen bytes in hexadecimal")
    }
    continuation = Continuation(
      code: code, agentInstance: agent, bootID: try members.text("boot_id"),
      instant: MonotonicInstant(nanoseconds: try members.integer("monotonic_ns")))
  }

  /// Members: `code`, `agent_instance`, `boot_id`, `monotonic_ns`; none when there is no ``continuation``.
  public var json: JSONValue {
    var members = Members()
    guard let continuation else { return members.json }
    members.put("code", .string(continuation.code.rawValue))
    members.put("agent_instance", .string(continuation.agentInstance.description))
    members.put("boot_id", .string(continuation.bootID))
    members.put("monotonic_ns", .integer(continuation.instant.nanoseconds))
    return members.json
  }
}

/// A relay that was started anew goes on with a session an earlier one had left open: it waits for the agent and for a
/// technician, and no time accrues. Channels that were open ended with that relay; what went through them is not known.
public struct SessionRestored: EntryPayload {
  /// ``EntryKind/sessionRestored``.
  public static let kind = EntryKind.sessionRestored
  /// The epoch that begins.
  public var epoch: UInt32
  /// Active time carried over, in milliseconds: what both sides had signed, as far as it was stored.
  public var activeMilliseconds: Int64
  /// Why, in a few words.
  public var reason: String

  /// All of it, by hand.
  public init(epoch: UInt32, activeMilliseconds: Int64, reason: String) {
    self.epoch = epoch
    self.activeMilliseconds = activeMilliseconds
    self.reason = reason
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      epoch: try members.epoch("epoch"), activeMilliseconds: try members.integer("active_ms"),
      reason: try members.text("reason"))
  }

  /// Members: `epoch`, `active_ms`, `reason`.
  public var json: JSONValue {
    var members = Members()
    members.put("epoch", .integer(Int64(epoch)))
    members.put("active_ms", .integer(activeMilliseconds))
    members.put("reason", .string(reason))
    return members.json
  }
}

/// Something on the line of a session's machine was turned away: a connection that wanted to go on with its tunnel, words against
/// the protocol, a signature that is not the machine's.
public struct LinkRefused: EntryPayload {
  /// ``EntryKind/linkRefused``.
  public static let kind = EntryKind.linkRefused
  /// The machine, as the relay calls it.
  public var machine: String
  /// Where it came from, numeric.
  public var address: String
  /// Why it was turned away.
  public var reason: String

  /// All of it, by hand.
  public init(machine: String, address: String, reason: String) {
    self.machine = machine
    self.address = address
    self.reason = reason
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      machine: try members.text("machine"), address: try members.text("address"), reason: try members.text("reason"))
  }

  /// Members: `machine`, `address`, `reason`.
  public var json: JSONValue {
    var members = Members()
    members.put("machine", .string(machine))
    members.put("address", .string(address))
    members.put("reason", .string(reason))
    return members.json
  }
}

/// Two agents with one key: a second one connected while the first still was, took over, and the first was sent away.
public struct AgentDisplaced: EntryPayload {
  /// ``EntryKind/agentDisplaced``.
  public static let kind = EntryKind.agentDisplaced
  /// The machine, as the relay calls it.
  public var machine: String
  /// Where the second one came from, numeric.
  public var address: String
  /// Where the first one was connected from, numeric.
  public var displacedAddress: String
  /// How long the first one had not been heard of when the second came, in milliseconds.
  public var silentMilliseconds: Int64

  /// All of it, by hand.
  public init(machine: String, address: String, displacedAddress: String, silentMilliseconds: Int64) {
    self.machine = machine
    self.address = address
    self.displacedAddress = displacedAddress
    self.silentMilliseconds = silentMilliseconds
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      machine: try members.text("machine"), address: try members.text("address"),
      displacedAddress: try members.text("displaced_address"), silentMilliseconds: try members.integer("silent_ms"))
  }

  /// Members: `machine`, `address`, `displaced_address`, `silent_ms`.
  public var json: JSONValue {
    var members = Members()
    members.put("machine", .string(machine))
    members.put("address", .string(address))
    members.put("displaced_address", .string(displacedAddress))
    members.put("silent_ms", .integer(silentMilliseconds))
    return members.json
  }

  /// What happened, for people.
  public var line: String {
    "a second agent with this machine's key connected from \(address) and took over; the first one, connected from "
      + "\(displacedAddress) and heard \(silentMilliseconds) ms before, was sent away"
  }
}

/// Time does not accrue: written whenever the set of reasons changes and is not empty.
public struct SessionSuspended: EntryPayload {
  /// ``EntryKind/sessionSuspended``.
  public static let kind = EntryKind.sessionSuspended
  /// Every reason that holds from now on, in their order.
  public var reasons: [SuspendReason]
  /// Since when no time has counted, which may lie before the entry: a lost line counts from when the machine was last heard.
  /// Nil in entries of older relays.
  public var since: WallTime?

  /// All reasons that hold; their order and repetitions do not matter.
  public init(reasons: some Sequence<SuspendReason>, since: WallTime? = nil) {
    self.reasons = Set(reasons).sorted()
    self.since = since
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var reasons: [SuspendReason] = []
    for value in try members.array("reasons") {
      guard let word = value.string, let reason = SuspendReason(rawValue: word) else {
        throw PayloadError(key: "reasons", expected: "a list of reasons to suspend")
      }
      reasons.append(reason)
    }
    self.init(reasons: reasons, since: members.value("since") == nil ? nil : try members.time("since"))
  }

  /// Members: `reasons`, `since`.
  public var json: JSONValue {
    var members = Members()
    members.put("reasons", .array(reasons.map { .string($0.rawValue) }))
    members.put("since", ifPresent: since?.rfc3339)
    return members.json
  }
}

/// No reason to suspend is left: time accrues again.
public struct SessionResumed: EntryPayload {
  /// ``EntryKind/sessionResumed``.
  public static let kind = EntryKind.sessionResumed
  /// There is nothing to say but when, which the header does.
  public init() {}
  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) { _ = try Members(json) }
  /// No members.
  public var json: JSONValue { Members().json }
}

/// The last countersigned checkpoint of an epoch.
public struct CheckpointEpochEnd: EntryPayload {
  /// ``EntryKind/checkpointEpochEnd``.
  public static let kind = EntryKind.checkpointEpochEnd
  /// The checkpoint, with both signatures.
  public var checkpoint: StoredCheckpoint

  /// A checkpoint that ends its epoch.
  public init(checkpoint: StoredCheckpoint) { self.checkpoint = checkpoint }

  /// A draft that belongs to the checkpoint's own session.
  public var draft: EntryDraft { draft(session: checkpoint.session) }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    let statement = CheckpointStatement(
      session: try members.session("session"), epoch: try members.epoch("epoch"),
      sequence: try members.count("sequence"),
      activeMilliseconds: try members.integer("active_ms"), chainHash: try members.fingerprint("chain_hash"))
    let length = StoredCheckpoint.signatureLength
    checkpoint = StoredCheckpoint(
      statement: statement, relaySignature: try members.bytes("relay_signature", count: length),
      agentSignature: try members.bytes("agent_signature", count: length), storedAt: try members.time("stored_at"),
      intervals: try members.value("intervals").map { _ throws(PayloadError) in try members.offsets("intervals") })
  }

  /// Members: `session`, `epoch`, `sequence`, `active_ms`, `chain_hash`, `relay_signature`, `agent_signature`,
  /// `stored_at`, `intervals` (pairs of milliseconds since the session became active).
  public var json: JSONValue {
    let statement = checkpoint.statement
    var members = Members()
    members.put("session", .string(statement.session.rawValue))
    members.put("epoch", .integer(Int64(statement.epoch)))
    members.put("sequence", .integer(Int64(clamping: statement.sequence)))
    members.put("active_ms", .integer(statement.activeMilliseconds))
    members.put("chain_hash", .string(statement.chainHash.description))
    members.put("relay_signature", .string(Hex.encode(checkpoint.relaySignature)))
    members.put("agent_signature", .string(Hex.encode(checkpoint.agentSignature)))
    members.put("stored_at", .string(checkpoint.storedAt.description))
    members.put(
      "intervals",
      .array(checkpoint.intervals.map { .array([.integer($0.fromMilliseconds), .integer($0.toMilliseconds)]) }))
    return members.json
  }
}

/// The agent refused to sign a checkpoint, because by its own clock less time has passed.
public struct CheckpointRefused: EntryPayload {
  /// ``EntryKind/checkpointRefused``.
  public static let kind = EntryKind.checkpointRefused
  /// The epoch.
  public var epoch: UInt32
  /// The checkpoint's number within it.
  public var sequence: UInt64
  /// Active time by the relay's measure.
  public var relayMilliseconds: Int64
  /// Active time by the agent's measure.
  public var agentMilliseconds: Int64

  /// All of it, by hand.
  public init(epoch: UInt32, sequence: UInt64, relayMilliseconds: Int64, agentMilliseconds: Int64) {
    self.epoch = epoch
    self.sequence = sequence
    self.relayMilliseconds = relayMilliseconds
    self.agentMilliseconds = agentMilliseconds
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    self.init(
      epoch: try members.epoch("epoch"), sequence: try members.count("sequence"),
      relayMilliseconds: try members.integer("relay_ms"),
      agentMilliseconds: try members.integer("agent_ms"))
  }

  /// Members: `epoch`, `sequence`, `relay_ms`, `agent_ms`.
  public var json: JSONValue {
    var members = Members()
    members.put("epoch", .integer(Int64(epoch)))
    members.put("sequence", .integer(Int64(clamping: sequence)))
    members.put("relay_ms", .integer(relayMilliseconds))
    members.put("agent_ms", .integer(agentMilliseconds))
    return members.json
  }
}
