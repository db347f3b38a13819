import Ledger
import Metering
import SessionModel
import TunnelProtocol

/// The relay's record of one session beside the agent's: what differs, and what is to be done. A value: whoever asks has
/// looked the records up and checked the signatures.
struct Reconciliation: Hashable, Sendable {
  /// The newest checkpoint that both sides signed, by the relay's record.
  var stored: CheckpointStatement?
  /// Active time by the relay's record: what ``stored`` states, or of a closed session what was billed.
  var relayMilliseconds: Int64
  /// A bill that is written does not change any more.
  var isClosed: Bool

  /// Who really signed what the agent shows.
  struct Signatures: Hashable, Sendable {
    var isRelays: Bool
    var isAgents: Bool
  }

  /// What goes on record; nil when the two records agree. ``Ledger/Reconciled/Decision/takenOver`` means that the agent's
  /// checkpoint is the relay's from now on.
  ///
  /// A damaged journal proves nothing, not even by genuine signatures: what it lacks nobody knows. A genuine checkpoint that
  /// is older than the relay's is no reason to believe less than both had signed.
  func difference(from held: HeldSession, _ signatures: Signatures) -> Reconciled? {
    if held.isJournalDamaged { return found(.refused, held, Self.damagedReason) }
    guard let shown = held.newest?.statement else {
      return stored == nil ? nil : found(.noted, held, "the agent has no checkpoint of this session")
    }
    guard shown.session == held.session else { return found(.refused, held, "the checkpoint is another session's") }
    guard signatures.isRelays else { return found(.refused, held, "the relay's signature is not genuine") }
    guard signatures.isAgents else { return found(.refused, held, "the agent's signature is not genuine") }
    if let stored {
      if shown == stored { return measured(held, shown) }
      let (new, old) = ((shown.epoch, shown.sequence), (stored.epoch, stored.sequence))
      guard new != old else { return found(.refused, held, "another checkpoint bears this number") }
      guard new > old else { return found(.noted, held, "the agent's newest checkpoint is older than the relay's") }
      guard shown.activeMilliseconds >= stored.activeMilliseconds else {
        return found(.refused, held, "it states less time than the checkpoint before it")
      }
    }
    // The last number there is leaves no room for the next epoch.
    guard shown.epoch < .max, shown.sequence >= 1 else { return found(.refused, held, "no checkpoint has this number") }
    return isClosed
      ? found(.noted, held, "the session was closed before the relay had this checkpoint; the bill stands")
      : found(.takenOver, held, "both sides signed it, and the relay did not have it any more")
  }

  /// The same checkpoint on both sides: the agent's own measure should bear it out.
  private func measured(_ held: HeldSession, _ shown: CheckpointStatement) -> Reconciled? {
    let bound = AgentMeasure.acceptableMilliseconds(ofMeasured: held.measuredMilliseconds)
    return shown.activeMilliseconds <= bound ? nil : found(.noted, held, "the agent signed more than it measured")
  }

  /// Why nothing that a damaged journal says is taken.
  private static let damagedReason = "the agent's journal is damaged"

  /// A session of which nothing is left in a damaged journal.
  static func damaged(relayMilliseconds: Int64) -> Reconciled {
    unspoken(.refused, damagedReason, relayMilliseconds: relayMilliseconds)
  }

  /// A session of an earlier run, of which the agent has nothing to say: its journal was cut, lost, or never written.
  static func missing(relayMilliseconds: Int64) -> Reconciled {
    unspoken(.noted, "the agent has no record of this session", relayMilliseconds: relayMilliseconds)
  }

  private static func unspoken(
    _ decision: Reconciled.Decision, _ reason: String, relayMilliseconds: Int64
  ) -> Reconciled {
    Reconciled(
      relayMilliseconds: relayMilliseconds, agentSignedMilliseconds: nil, agentMeasuredMilliseconds: 0, epoch: nil,
      sequence: nil, decision: decision, reason: reason)
  }

  /// Why a stranger is refused.
  static let strangersReason = "the customer of this session said yes on another machine"

  /// Somebody speaks of a session that was another machine's.
  static func stranger(_ held: HeldSession, relayMilliseconds: Int64) -> Reconciled {
    Reconciliation(stored: nil, relayMilliseconds: relayMilliseconds, isClosed: true)
      .found(.refused, held, strangersReason)
  }

  /// This relay signed the agent's checkpoint, and has no such session on record.
  static func lost(_ held: HeldSession) -> Reconciled {
    Reconciliation(stored: nil, relayMilliseconds: 0, isClosed: true)
      .found(
        .noted, held, "this relay signed it and has no record of the session; the ledger may be an older copy")
  }

  private func found(_ decision: Reconciled.Decision, _ held: HeldSession, _ reason: String) -> Reconciled {
    Reconciled(
      relayMilliseconds: relayMilliseconds, agentSignedMilliseconds: held.newest?.statement.activeMilliseconds,
      agentMeasuredMilliseconds: held.measuredMilliseconds, epoch: held.newest?.statement.epoch,
      sequence: held.newest?.statement.sequence, decision: decision, reason: reason)
  }
}

/// What an agent has said, on its present tunnel, of the sessions it holds.
struct HeldTalk: Hashable, Sendable {
  /// How long a session's statements wait for what the agent has of it, in milliseconds.
  static let waitMilliseconds: Int64 = 5_000
  /// Differences written down of one session, those that take a checkpoint over aside: an agent that comes back again and
  /// again does not fill the ledger.
  static let maximumRecorded = 16
  /// Likewise of what strangers say of it, who must not use up the room for what its own machine says.
  static let maximumRecordedOfStrangers = 4

  /// How often it may tell of its journal as a whole: each is a line in the log.
  static let maximumJournalReports = 16

  /// Open sessions it said in its HELLO to hold, and has not spoken of yet.
  private var awaited: Set<SessionID>
  /// Sessions it was told to be over when it came.
  var told: Set<SessionID> = []
  private var heard: Set<SessionID> = []
  /// Sessions of its earlier run that it has not spoken of.
  private(set) var unspoken: Set<SessionID>
  private var journalReports = 0
  private let deadline: MonotonicInstant

  init(awaiting: Set<SessionID>, unspoken: Set<SessionID> = [], at now: MonotonicInstant) {
    awaited = awaiting
    self.unspoken = unspoken
    deadline = now.advanced(byMilliseconds: Self.waitMilliseconds)
  }

  /// Whether `session` still waits for its agent's word. Not for long: an agent may have nothing to say.
  func isAwaiting(_ session: SessionID, at now: MonotonicInstant) -> Bool {
    awaited.contains(session) && now < deadline
  }

  /// It speaks of `session`. False when it did before, or of too many.
  mutating func hear(_ session: SessionID) -> Bool {
    guard heard.count < HeldSession.maximumSessions, heard.insert(session).inserted else { return false }
    awaited.remove(session)
    unspoken.remove(session)
    return true
  }

  /// Its earlier run had these open, and this one should have them on record.
  mutating func expect(_ sessions: [SessionID]) { unspoken.formUnion(sessions) }

  /// Whether it has had the time to say what it has.
  func isOver(at now: MonotonicInstant) -> Bool { now >= deadline }

  /// What it has not spoken of, each once, in order.
  mutating func takeUnspoken() -> [SessionID] {
    defer { unspoken = [] }
    return unspoken.sorted()
  }

  /// It tells how it stands with its journal. False when it did too often.
  mutating func hearOfJournal() -> Bool {
    journalReports += 1
    return journalReports <= Self.maximumJournalReports
  }
}
