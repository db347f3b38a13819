public import SessionModel

/// The agent's own record of a session differed from the relay's when they met again: both values, and what was done. It
/// is written for an open session and for a closed one; a bill on record never changes by it.
public struct Reconciled: EntryPayload {
  /// What was done about the difference.
  public enum Decision: String, Hashable, Sendable, CaseIterable {
    /// The agent's newest checkpoint bears both signatures and the relay had lost it: it is the relay's now as well.
    case takenOver = "taken-over"
    /// It is on record here and changes nothing.
    case noted
    /// What the agent said is not genuine, or not its business.
    case refused
  }

  /// ``EntryKind/reconciled``.
  public static let kind = EntryKind.reconciled
  /// Active time both sides had signed by the relay's record, in milliseconds; of a closed session as billed.
  public var relayMilliseconds: Int64
  /// Active time of the newest checkpoint the agent showed, in milliseconds; nil when it had none.
  public var agentSignedMilliseconds: Int64?
  /// The most there can have been by the agent's own measure, in milliseconds.
  public var agentMeasuredMilliseconds: Int64
  /// The shown checkpoint's epoch.
  public var epoch: UInt32?
  /// The shown checkpoint's number within it.
  public var sequence: UInt64?
  /// What was done.
  public var decision: Decision
  /// Why, in words.
  public var reason: String

  /// All of it, by hand.
  public init(
    relayMilliseconds: Int64, agentSignedMilliseconds: Int64?, agentMeasuredMilliseconds: Int64, epoch: UInt32?,
    sequence: UInt64?, decision: Decision, reason: String
  ) {
    self.relayMilliseconds = relayMilliseconds
    self.agentSignedMilliseconds = agentSignedMilliseconds
    self.agentMeasuredMilliseconds = agentMeasuredMilliseconds
    self.epoch = epoch
    self.sequence = sequence
    self.decision = decision
    self.reason = reason
  }

  /// Reads what ``json`` writes.
  public init(json: JSONValue) throws(PayloadError) {
    let members = try Members(json)
    var epoch: UInt32?
    if members.value("epoch") != nil {
      epoch = UInt32(exactly: try members.integer("epoch"))
      if epoch == nil { throw PayloadError(key: "epoch", expected: "a number of 32 bits") }
    }
    self.init(
      relayMilliseconds: try members.integer("relay_ms"),
      agentSignedMilliseconds: members.value("agent_signed_ms") == nil ? nil : try members.integer("agent_signed_ms"),
      agentMeasuredMilliseconds: try members.integer("agent_measured_ms"), epoch: epoch,
      sequence: members.value("sequence") == nil ? nil : try members.count("sequence"),
      decision: try members.word("decision"), reason: try members.text("reason"))
  }

  /// Members: `relay_ms`, `agent_signed_ms`, `agent_measured_ms`, `epoch`, `sequence`, `decision`, `reason`; what there is
  /// not is left out.
  public var json: JSONValue {
    var members = Members()
    members.put("relay_ms", .integer(relayMilliseconds))
    if let agentSignedMilliseconds { members.put("agent_signed_ms", .integer(agentSignedMilliseconds)) }
    members.put("agent_measured_ms", .integer(agentMeasuredMilliseconds))
    if let epoch { members.put("epoch", .integer(Int64(epoch))) }
    if let sequence { members.put("sequence", .integer(Int64(clamping: sequence))) }
    members.put("decision", .string(decision.rawValue))
    members.put("reason", .string(reason))
    return members.json
  }

  /// One line for people.
  public var line: String {
    let signed = agentSignedMilliseconds.map { "signed \($0) ms" } ?? "signed nothing"
    let done =
      switch decision {
      case .takenOver: "taken over"
      case .noted: "noted"
      case .refused: "refused"
      }
    return
      "relay \(relayMilliseconds) ms, agent \(signed), measured \(agentMeasuredMilliseconds) ms; \(done): \(reason)"
  }
}
