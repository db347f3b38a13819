public import SessionModel

/// A checkpoint with the relay's signature and the agent's, as the agent kept it.
public struct CountersignedCheckpoint: Hashable, Sendable {
  /// What both signed.
  public var statement: CheckpointStatement
  /// The relay's Ed25519 signature of the statement's signed bytes; ``SignatureLengths/signatureBytes``.
  public var relaySignature: [UInt8]
  /// The agent's, of the same bytes and length.
  public var agentSignature: [UInt8]

  /// All of it, by hand.
  public init(statement: CheckpointStatement, relaySignature: [UInt8], agentSignature: [UInt8]) {
    self.statement = statement
    self.relaySignature = relaySignature
    self.agentSignature = agentSignature
  }
}

/// What the agent has on its own record of one session, for the relay to compare with its own.
public struct HeldSession: Hashable, Sendable {
  /// Most sessions an agent speaks of on one connection; once each.
  public static let maximumSessions = 64

  /// The session.
  public var session: SessionID
  /// The newest checkpoint it signed; nil when it signed none. Of the same session.
  public var newest: CountersignedCheckpoint?
  /// The most active time there can have been by the agent's own measure, in milliseconds; not negative.
  public var measuredMilliseconds: Int64
  /// The agent found its journal altered or incomplete when it started: what it says here may be less than it once knew.
  public var isJournalDamaged: Bool

  /// All of it, by hand.
  public init(
    session: SessionID, newest: CountersignedCheckpoint?, measuredMilliseconds: Int64, isJournalDamaged: Bool
  ) {
    self.session = session
    self.newest = newest
    self.measuredMilliseconds = measuredMilliseconds
    self.isJournalDamaged = isJournalDamaged
  }
}
