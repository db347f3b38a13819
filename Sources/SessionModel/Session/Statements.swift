/// What the agent signs when the customer said yes, and keeps until the session closes. It binds the relay's signing key,
/// the session, the technician's key, the words shown and what is allowed; change one and it is another consent.
public struct ConsentStatement: Hashable, Sendable {
  /// Keeps this signature from being taken for any other.
  public static let context = "fixline consent 1"
  /// The SHA-256 of the relay's raw Ed25519 signing key.
  public var relaySigningKey: Fingerprint
  /// The session consented to.
  public var session: SessionID
  /// The SHA-256 of the technician's SSH public key blob.
  public var technicianKey: Fingerprint
  /// The SHA-256 of the UTF-8 words the customer was shown.
  public var wordsHash: Fingerprint
  /// What the customer's side permits.
  public var allowances: Allowances

  /// All of it, by hand.
  public init(
    relaySigningKey: Fingerprint, session: SessionID, technicianKey: Fingerprint, wordsHash: Fingerprint,
    allowances: Allowances
  ) {
    self.relaySigningKey = relaySigningKey
    self.session = session
    self.technicianKey = technicianKey
    self.wordsHash = wordsHash
    self.allowances = allowances
  }

  /// The exact bytes that are signed: context, NUL, signing key (32), session (8), technician key (32), words (32),
  /// allowances (2, big endian).
  public var signedBytes: [UInt8] {
    var bytes = Array(Self.context.utf8) + [0]
    bytes += relaySigningKey.bytes + Array(session.rawValue.utf8) + technicianKey.bytes + wordsHash.bytes
    bytes += [UInt8(allowances.rawValue >> 8), UInt8(allowances.rawValue & 255)]
    return bytes
  }
}

/// A statement of how much active time a session has, made by the relay and countersigned by the agent.
public struct CheckpointStatement: Hashable, Sendable {
  /// Keeps this signature from being taken for any other.
  public static let context = "fixline checkpoint 1"
  /// The session measured.
  public var session: SessionID
  /// Counts the session's tunnels: it grows by one each time another relay or agent instance takes the session on.
  public var epoch: UInt32
  /// Grows by one with each checkpoint of the epoch, from 1.
  public var sequence: UInt64
  /// Active time from the session's start, in milliseconds. Never shrinks.
  public var activeMilliseconds: Int64
  /// The hash over the session's checkpoint before this one.
  public var chainHash: Fingerprint

  /// All of it, by hand.
  public init(
    session: SessionID, epoch: UInt32, sequence: UInt64, activeMilliseconds: Int64, chainHash: Fingerprint
  ) {
    self.session = session
    self.epoch = epoch
    self.sequence = sequence
    self.activeMilliseconds = activeMilliseconds
    self.chainHash = chainHash
  }

  /// The exact bytes that are signed: context, NUL, session (8), epoch (4), sequence (8), active milliseconds (8), chain
  /// hash (32); numbers big endian.
  public var signedBytes: [UInt8] {
    var bytes = Array(Self.context.utf8) + [0] + Array(session.rawValue.utf8)
    bytes += (0..<4).reversed().map { UInt8(truncatingIfNeeded: epoch >> (8 * UInt32($0))) }
    bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: sequence >> (8 * UInt64($0))) }
    bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: activeMilliseconds >> (8 * Int64($0))) }
    return bytes + chainHash.bytes
  }
}
