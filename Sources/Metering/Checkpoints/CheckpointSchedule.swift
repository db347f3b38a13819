public import SessionModel

/// The chain over a session's checkpoints: each statement holds the hash over the one before it.
public enum CheckpointChain {
  /// SHA-256, passed in so that this room needs no cryptography.
  public typealias Digest = @Sendable ([UInt8]) -> Fingerprint

  /// What a session's first checkpoint holds: the digest of its identifier's bytes behind a context and NUL.
  public static func origin(session: SessionID, digest: Digest) -> Fingerprint {
    digest(Array("fixline checkpoints 1".utf8) + [0] + Array(session.rawValue.utf8))
  }

  /// digest(previous hash ‖ the statement's signed bytes ‖ its signature).
  public static func next(
    after previous: Fingerprint, statement: CheckpointStatement, signature: [UInt8], digest: Digest
  ) -> Fingerprint {
    digest(previous.bytes + statement.signedBytes + signature)
  }
}

/// When the relay states a session's active time, and with what numbers.
///
/// At most one statement is in the making: ``next(at:activeMilliseconds:)`` gives it, and nothing more until
/// ``record(_:signature:)`` has chained it or ``withdraw()`` given it up; its sequence number is used up either way.
public struct CheckpointSchedule: Sendable {
  /// Longest time between two checkpoints while active, in milliseconds.
  public static let intervalMilliseconds: Int64 = 5000

  /// The session stated about.
  public let session: SessionID
  /// The time between two checkpoints while active, in milliseconds.
  public let intervalMilliseconds: Int64
  /// The epoch of the statements.
  public private(set) var epoch: UInt32
  /// The hash the next statement will hold.
  public private(set) var chainHash: Fingerprint
  /// When the next statement is due.
  public private(set) var nextDeadline: MonotonicInstant
  /// The statement in the making.
  public private(set) var outstanding: CheckpointStatement?
  /// The most that was signed: nothing below it is stated, in milliseconds.
  public private(set) var signedMilliseconds: Int64 = 0
  private var sequence: UInt64 = 0
  private let digest: CheckpointChain.Digest

  /// Checkpoints from `instant` on.
  /// - Parameters:
  ///   - epoch: The first is 1; a relay that takes a session over from another begins one that was not used before.
  ///   - intervalMilliseconds: The time between two checkpoints; less than the standard by as much as the caller may come
  ///     late to ask for one.
  public init(
    session: SessionID, epoch: UInt32, intervalMilliseconds: Int64 = CheckpointSchedule.intervalMilliseconds,
    at instant: MonotonicInstant, digest: @escaping CheckpointChain.Digest
  ) {
    self.session = session
    self.epoch = epoch
    self.intervalMilliseconds = max(1, intervalMilliseconds)
    chainHash = CheckpointChain.origin(session: session, digest: digest)
    self.digest = digest
    nextDeadline = instant.advanced(byMilliseconds: self.intervalMilliseconds)
  }

  /// Whether it is time to look whether there is something to state.
  public func isDue(at instant: MonotonicInstant, activeMilliseconds: Int64) -> Bool {
    // A byte after a long quiet makes much time confirmed at once: that does not wait for its turn.
    instant >= nextDeadline || activeMilliseconds - signedMilliseconds >= intervalMilliseconds
  }

  /// The statement that is due: nil before its time, while one is in the making, and when no active time has been added
  /// since the last signed one, as in quiet or suspended time.
  public mutating func next(at instant: MonotonicInstant, activeMilliseconds: Int64) -> CheckpointStatement? {
    guard isDue(at: instant, activeMilliseconds: activeMilliseconds) else { return nil }
    nextDeadline = instant.advanced(byMilliseconds: intervalMilliseconds)
    guard activeMilliseconds > signedMilliseconds else { return nil }
    return settle(at: instant, activeMilliseconds: activeMilliseconds)
  }

  /// A statement now, whatever the time: at a transition, at a resume, at the close. Nil while one is in the making.
  public mutating func settle(at instant: MonotonicInstant, activeMilliseconds: Int64) -> CheckpointStatement? {
    guard outstanding == nil, sequence < .max else { return nil }
    sequence += 1
    nextDeadline = instant.advanced(byMilliseconds: intervalMilliseconds)
    let statement = CheckpointStatement(
      session: session, epoch: epoch, sequence: sequence,
      activeMilliseconds: max(signedMilliseconds, activeMilliseconds),
      chainHash: chainHash)
    outstanding = statement
    return statement
  }

  /// The statement in the making was signed: it joins the chain. Any other signed statement only sets the floor of later
  /// ones, and gives false.
  public mutating func record(_ statement: CheckpointStatement, signature: [UInt8]) -> Bool {
    signedMilliseconds = max(signedMilliseconds, statement.activeMilliseconds)
    guard statement == outstanding else { return false }
    chainHash = CheckpointChain.next(
      after: statement.chainHash, statement: statement, signature: signature, digest: digest)
    outstanding = nil
    return true
  }

  /// The statement in the making was refused or its answer will not come: it does not join the chain.
  public mutating func withdraw() { outstanding = nil }

  /// Goes on behind a statement that an earlier relay made, or that this one made and never saw the answer to: the next
  /// one follows it in the chain, with an epoch and sequence that come later.
  public mutating func follow(_ statement: CheckpointStatement, signature: [UInt8]) {
    signedMilliseconds = max(signedMilliseconds, statement.activeMilliseconds)
    chainHash = CheckpointChain.next(
      after: statement.chainHash, statement: statement, signature: signature, digest: digest)
    if (epoch, sequence) < (statement.epoch, statement.sequence) {
      begin(epoch: statement.epoch == .max ? .max : statement.epoch + 1)
    }
  }

  /// Another relay took the session on: sequence numbers start again. Epochs only grow.
  public mutating func begin(epoch: UInt32) {
    guard epoch > self.epoch else { return }
    self.epoch = epoch
    sequence = 0
    outstanding = nil
  }
}
