public import SessionModel

/// Time accrues from here on.
public struct SessionActivated: EntryPayload {
  /// ``EntryKind/sessionActivated``.
  public static let kind = EntryKind.sessionActivated
  /// There is nothing to say but when, which the header does.
  public init() {}
  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) { _ = try Members(json) }
  /// No members.
  public var json: JSONValue { Members().json }
}

/// Time does not accrue: written whenever the set of reasons changes and is not empty.
public struct SessionSuspended: EntryPayload {
  /// ``EntryKind/sessionSuspended``.
  public static let kind = EntryKind.sessionSuspended
  /// Every reason that holds from now on, in their order.
  public var reasons: [SuspendReason]

  /// All reasons that hold; their order and repetitions do not matter.
  public init(reasons: some Sequence<SuspendReason>) { self.reasons = Set(reasons).sorted() }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    var reasons: [SuspendReason] = []
    for value in try Members(json).array("reasons") {
      guard let word = value.string, let reason = SuspendReason(rawValue: word) else {
        throw PayloadError(key: "reasons", expected: "a list of reasons to suspend")
      }
      reasons.append(reason)
    }
    self.init(reasons: reasons)
  }

  /// Members: `reasons`.
  public var json: JSONValue {
    var members = Members()
    members.put("reasons", .array(reasons.map { .string($0.rawValue) }))
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
    guard let epoch = UInt32(exactly: try members.integer("epoch")) else {
      throw PayloadError(key: "epoch", expected: "a number of 32 bits")
    }
    let statement = CheckpointStatement(
      session: try members.session("session"), epoch: epoch, sequence: try members.count("sequence"),
      activeMilliseconds: try members.integer("active_ms"), chainHash: try members.fingerprint("chain_hash"))
    let length = StoredCheckpoint.signatureLength
    checkpoint = StoredCheckpoint(
      statement: statement, relaySignature: try members.bytes("relay_signature", count: length),
      agentSignature: try members.bytes("agent_signature", count: length), storedAt: try members.time("stored_at"))
  }

  /// Members: `session`, `epoch`, `sequence`, `active_ms`, `chain_hash`, `relay_signature`, `agent_signature`,
  /// `stored_at`.
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
    guard let epoch = UInt32(exactly: try members.integer("epoch")) else {
      throw PayloadError(key: "epoch", expected: "a number of 32 bits")
    }
    self.init(
      epoch: epoch, sequence: try members.count("sequence"), relayMilliseconds: try members.integer("relay_ms"),
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
