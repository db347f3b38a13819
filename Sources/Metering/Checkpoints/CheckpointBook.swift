public import SessionModel

/// A statement of time that the relay has signed.
public struct SignedStatement: Hashable, Sendable {
  /// What is stated.
  public let statement: CheckpointStatement
  /// The relay's signature of its bytes.
  public let signature: [UInt8]

  /// Both, by hand.
  public init(statement: CheckpointStatement, signature: [UInt8]) {
    self.statement = statement
    self.signature = signature
  }
}

/// A statement of time that both sides have signed, with what the meter had when it was made.
public struct ConfirmedCheckpoint: Hashable, Sendable {
  /// What both signed.
  public let statement: CheckpointStatement
  /// The relay's signature.
  public let relaySignature: [UInt8]
  /// The agent's signature.
  public let agentSignature: [UInt8]
  /// When the time stated was; not longer than that.
  public let time: MeteredTime
  /// When the relay had both signatures.
  public let confirmedAt: WallTime

  /// All of it, by hand; `time` is cut to what is stated.
  public init(
    statement: CheckpointStatement, relaySignature: [UInt8], agentSignature: [UInt8], time: MeteredTime,
    confirmedAt: WallTime
  ) {
    self.statement = statement
    self.relaySignature = relaySignature
    self.agentSignature = agentSignature
    self.time = time.limited(toMilliseconds: statement.activeMilliseconds)
    self.confirmedAt = confirmedAt
  }
}

/// The relay's side of one session's checkpoints: which statement is due, what an answer means, what may be billed.
///
/// ```
///            due, or a transition                      signed: confirmed, and billable
///   quiet ─────────────────────────▶ unanswered ─────────────────────────────────────▶ quiet
///     ▲                               │  │   ▲      refused: not stated again
///     │  none pending                 │  └───┘      a transition, or due: made when answered
///     └──── link back ◀── link lost ◀─┘             15 s without an answer, 3 refused in a row: the session is to end
/// ```
///
/// While the link is lost nothing is stated: a transition then is owed, and one statement is made when the link is back.
/// Those sent before are answered after a resume; when the tunnel is gone for good, ``answersLost()`` gives them up. An
/// answer to anything that is not pending (late, repeated, invented) changes nothing.
public struct CheckpointBook: Sendable {
  /// Statements the agent may refuse in a row before its session ends: each is made with less time than the one before.
  public static let maximumRefusals = 3
  /// How long the agent may leave one unanswered over a sound link before its session ends, in milliseconds.
  public static let confirmationMilliseconds: Int64 = 15_000
  /// Makes the relay's signature; nil when it cannot, and then nothing is stated.
  public typealias Sign = (_ bytes: [UInt8]) -> [UInt8]?

  private struct Pending: Sendable {
    let signed: SignedStatement
    /// What the meter had; more than is stated when the agent did not confirm all of it.
    let time: MeteredTime
    let sentAt: MonotonicInstant
    var isForged = false
  }

  /// What an agent's signature came to.
  public enum Answer: Hashable, Sendable {
    /// It confirms this.
    case confirmed(ConfirmedCheckpoint)
    /// It is not the agent's signature; the statement stays unanswered. `isFirst`: nobody tried that with it before.
    case forged(CheckpointStatement, isFirst: Bool)
    /// Nothing of that number is pending.
    case unknown
  }

  /// A statement the agent did not sign.
  public struct Refused: Hashable, Sendable {
    /// What it was asked to sign.
    public let statement: CheckpointStatement
    /// Whether the session is to end: going on would be work nobody can be charged for.
    public let endsSession: Bool
  }

  /// The newest one both signed: nothing beyond it is billed.
  public private(set) var confirmed: ConfirmedCheckpoint?
  /// Active time the agent did not confirm, in milliseconds; it is not stated again.
  public private(set) var forgoneMilliseconds: Int64 = 0
  private var schedule: CheckpointSchedule
  /// Unanswered, oldest first: at most one, and at the close the one that overtakes it.
  private var pending: [Pending] = []
  /// Refused in a row.
  private var refusals = 0
  /// A transition that has not been stated.
  private var isOwed = false
  private var isLinkUp: Bool
  private var linkUpSince: MonotonicInstant
  private var isClosing = false

  /// The book of a new session; its link is up.
  public init(_ schedule: CheckpointSchedule, at instant: MonotonicInstant) {
    self.schedule = schedule
    isLinkUp = true
    linkUpSince = instant
  }

  /// The book of a session another relay left behind with `last` as its newest checkpoint; its link is lost. `schedule`
  /// has an epoch that was not used before.
  public init(restoring last: ConfirmedCheckpoint?, _ schedule: CheckpointSchedule, at instant: MonotonicInstant) {
    self.schedule = schedule
    isLinkUp = false
    linkUpSince = instant
    confirmed = last
    if let last { self.schedule.follow(last.statement, signature: last.agentSignature) }
  }

  /// The epoch of the statements to come.
  public var epoch: UInt32 { schedule.epoch }

  /// What of `time` is stated: all but what the agent did not confirm.
  public func statedMilliseconds(of time: MeteredTime) -> Int64 {
    max(0, time.activeMilliseconds - forgoneMilliseconds)
  }

  /// What of `time` is billed: as much as both sides signed, and not more than there is.
  public func billable(of time: MeteredTime) -> MeteredTime {
    time.limited(toMilliseconds: confirmed?.statement.activeMilliseconds ?? 0)
  }

  /// What the agent has not answered, oldest first.
  public var unanswered: [SignedStatement] { pending.map(\.signed) }

  /// Whether there is an answer to wait for.
  public var isAwaitingAnswer: Bool { isLinkUp && !pending.isEmpty }

  // MARK: Stating

  /// Whether ``next(at:_:sign:)`` may give a statement: one is due by the clock or owed, and no answer is waited for.
  public func mayState(at instant: MonotonicInstant, _ time: MeteredTime) -> Bool {
    isLinkUp && !isClosing && pending.isEmpty
      && (isOwed || schedule.isDue(at: instant, activeMilliseconds: statedMilliseconds(of: time)))
  }

  /// The statement that is due by the clock, or owed; nil when there is none.
  public mutating func next(at instant: MonotonicInstant, _ time: MeteredTime, sign: Sign) -> SignedStatement? {
    // With one unanswered the due time stands until it is.
    guard isLinkUp, !isClosing, pending.isEmpty else { return nil }
    let stated = statedMilliseconds(of: time)
    guard isOwed else { return send(schedule.next(at: instant, activeMilliseconds: stated), time, at: instant, sign) }
    isOwed = false
    guard stated > schedule.signedMilliseconds || confirmed == nil else { return nil }
    return send(schedule.settle(at: instant, activeMilliseconds: stated), time, at: instant, sign)
  }

  /// A transition: time stopped accruing, or its reasons changed. Stated now or as soon as that is possible; nil when
  /// nothing new is to be said, or not yet.
  public mutating func settle(at instant: MonotonicInstant, _ time: MeteredTime, sign: Sign) -> SignedStatement? {
    isOwed = true
    return next(at: instant, time, sign: sign)
  }

  /// The session is over: the last statement, which overtakes whatever is unanswered; nil when all is said. Nothing is
  /// stated after it; see ``isAwaitingAnswer``.
  public mutating func close(at instant: MonotonicInstant, _ time: MeteredTime, sign: Sign) -> SignedStatement? {
    guard !isClosing else { return nil }
    isClosing = true
    let stated = statedMilliseconds(of: time)
    guard isLinkUp, stated > newestStated || (pending.isEmpty && confirmed == nil) else { return nil }
    schedule.withdraw()
    return send(schedule.settle(at: instant, activeMilliseconds: stated), time, at: instant, sign)
  }

  /// The most that was stated and may yet be confirmed, or is.
  private var newestStated: Int64 {
    max(schedule.signedMilliseconds, pending.last?.signed.statement.activeMilliseconds ?? 0)
  }

  private mutating func send(
    _ statement: CheckpointStatement?, _ time: MeteredTime, at instant: MonotonicInstant, _ sign: Sign
  ) -> SignedStatement? {
    guard let statement else { return nil }
    guard let signature = sign(statement.signedBytes) else {
      schedule.withdraw()
      return nil
    }
    let signed = SignedStatement(statement: statement, signature: signature)
    pending.append(Pending(signed: signed, time: time, sentAt: instant))
    return signed
  }

  // MARK: Answers

  /// The agent signed. `isValid` checks its signature of the statement it answers.
  public mutating func signed(
    epoch: UInt32, sequence: UInt64, signature: [UInt8], at wall: WallTime, isValid: (CheckpointStatement) -> Bool
  ) -> Answer {
    guard let index = index(epoch: epoch, sequence: sequence) else { return .unknown }
    let answered = pending[index]
    let statement = answered.signed.statement
    guard isValid(statement) else {
      defer { pending[index].isForged = true }
      return .forged(statement, isFirst: !answered.isForged)
    }
    // They are answered in order; whatever stood before was skipped for good.
    pending.removeFirst(index + 1)
    _ = schedule.record(statement, signature: signature)
    refusals = 0
    let checkpoint = ConfirmedCheckpoint(
      statement: statement, relaySignature: answered.signed.signature, agentSignature: signature,
      time: answered.time, confirmedAt: wall)
    confirmed = checkpoint
    return .confirmed(checkpoint)
  }

  /// The agent refused, and measured so much itself. What it does not confirm is not stated again; what it signed before
  /// stands, whatever it says now. Nil when nothing of that number is pending.
  public mutating func refused(epoch: UInt32, sequence: UInt64, measuredMilliseconds: Int64) -> Refused? {
    guard let index = index(epoch: epoch, sequence: sequence) else { return nil }
    let answered = pending[index]
    let statement = answered.signed.statement
    pending.removeFirst(index + 1)
    if schedule.outstanding == statement { schedule.withdraw() }
    let granted = max(measuredMilliseconds, schedule.signedMilliseconds)
    forgoneMilliseconds = max(forgoneMilliseconds, answered.time.activeMilliseconds - granted)
    refusals += 1
    return Refused(statement: statement, endsSession: !isClosing && refusals >= Self.maximumRefusals)
  }

  /// Whether the agent, though connected, has left a statement unanswered for too long at `instant`.
  public func isUnconfirmed(at instant: MonotonicInstant) -> Bool {
    guard isLinkUp, !isClosing, let oldest = pending.first else { return false }
    return instant.milliseconds(since: max(oldest.sentAt, linkUpSince)) >= Self.confirmationMilliseconds
  }

  private func index(epoch: UInt32, sequence: UInt64) -> Int? {
    pending.firstIndex { $0.signed.statement.epoch == epoch && $0.signed.statement.sequence == sequence }
  }

  // MARK: The link

  /// The link is lost. What is unanswered is answered when it is back.
  public mutating func linkLost() { isLinkUp = false }

  /// The link goes on at `instant`: what is unanswered may take as long as if it were sent now.
  public mutating func linkRestored(at instant: MonotonicInstant) {
    guard !isLinkUp else { return }
    isLinkUp = true
    linkUpSince = instant
  }

  /// The tunnel is gone for good, and with it the answers: what was unanswered is stated anew when the link is back.
  public mutating func answersLost() {
    guard !pending.isEmpty else { return }
    pending = []
    schedule.withdraw()
    isOwed = true
  }

  // MARK: Going on behind another relay

  /// The agent holds a checkpoint that is newer than ``confirmed`` and carries both signatures, which the caller has
  /// checked: the relay stopped, or the tunnel went, before its answer was kept. It counts as if it had been answered, and
  /// what follows comes behind it.
  /// - Returns: false, and nothing changed, when it is of another session, not newer, or states less.
  public mutating func takeOver(_ checkpoint: ConfirmedCheckpoint) -> Bool {
    let statement = checkpoint.statement
    guard statement.session == schedule.session, statement.epoch < .max else { return false }
    if let own = confirmed?.statement {
      guard (statement.epoch, statement.sequence) > (own.epoch, own.sequence) else { return false }
    }
    guard statement.activeMilliseconds >= schedule.signedMilliseconds else { return false }
    pending.removeAll {
      let other = $0.signed.statement
      return (other.epoch, other.sequence) <= (statement.epoch, statement.sequence)
    }
    if let outstanding = schedule.outstanding,
      !pending.contains(where: { $0.signed.statement == outstanding })
    {
      schedule.withdraw()
    }
    schedule.follow(statement, signature: checkpoint.agentSignature)
    confirmed = checkpoint
    refusals = 0
    return true
  }
}
