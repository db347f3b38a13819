public import SessionModel

/// A checkpoint both sides signed, as kept.
public struct StoredCheckpoint: Hashable, Sendable {
  /// Length of a signature, in bytes.
  public static let signatureLength = 64

  /// What was signed.
  public let statement: CheckpointStatement
  /// The relay's Ed25519 signature of ``SessionModel/CheckpointStatement/signedBytes``.
  public let relaySignature: [UInt8]
  /// The agent's, of the same bytes.
  public let agentSignature: [UInt8]
  /// When the relay handed it to the store.
  public let storedAt: WallTime
  /// When the active time was, in order; together not longer than what was signed, which says nothing of it.
  public let intervals: [OffsetInterval]

  /// All of it, by hand. Where `intervals` are not known (earlier programs did not keep them) it is one from the start.
  public init(
    statement: CheckpointStatement, relaySignature: [UInt8], agentSignature: [UInt8], storedAt: WallTime,
    intervals: [OffsetInterval]? = nil
  ) {
    self.statement = statement
    self.relaySignature = relaySignature
    self.agentSignature = agentSignature
    self.storedAt = storedAt
    let active = statement.activeMilliseconds
    self.intervals =
      intervals ?? (active > 0 ? [OffsetInterval(fromMilliseconds: 0, toMilliseconds: active)] : [])
  }

  /// The session measured.
  public var session: SessionID { statement.session }
  /// The epoch it belongs to.
  public var epoch: UInt32 { statement.epoch }
}

/// Checks both signatures of a checkpoint: handed the checkpoint and the agent keys (raw Ed25519) to which the customer said
/// yes in that session; none when that entry is missing or erased. Returns nil when all is well, else one line.
public typealias CheckpointCheck = @Sendable (_ checkpoint: StoredCheckpoint, _ agentKeys: [[UInt8]]) -> String?
