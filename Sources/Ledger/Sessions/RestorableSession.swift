public import SessionModel

/// Why a session that was left open cannot be gone on with. The description is one line.
public enum NotRestorable: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is closed.
  case closed
  /// The customer had not said yes, or time had not begun.
  case notActivated
  /// Details are needed that were erased, or that an earlier program did not write down.
  case detailsMissing(EntryKind)
  /// Its epochs are used up.
  case tooManyEpochs

  /// What is the matter.
  public var description: String {
    switch self {
    case .closed: "it is closed"
    case .notActivated: "the customer had not answered"
    case .detailsMissing(let kind): "the details of its entry \(kind) are not on record"
    case .tooManyEpochs: "it was taken over too often"
    }
  }
}

/// All that a relay needs to go on with a session which an earlier one left open, folded from the ledger.
public struct RestorableSession: Hashable, Sendable {
  /// The session.
  public let id: SessionID
  /// What was asked for, and by whom.
  public let request: SessionRequested
  /// The words the customer was shown, and what they allow.
  public let question: ConsentAsked
  /// The agent's raw Ed25519 key.
  public let agentKey: [UInt8]
  /// How time began.
  public let continuation: SessionActivated.Continuation
  /// When the technician asked.
  public let openedAt: WallTime
  /// When time began.
  public let activatedAt: WallTime
  /// The newest checkpoint both sides signed; nil when there is none.
  public let checkpoint: StoredCheckpoint?
  /// The epoch to begin: one that was not used before.
  public let nextEpoch: UInt32
  /// The highest epoch whose end is on record; 0 for none. It must not be put there again.
  public let endedEpoch: UInt32
  /// The highest channel number on record.
  public let lastChannel: UInt64
  /// The kinds of work there were, in order.
  public let workChanges: [WorkChanged]
  /// The number of the newest question; 0 for none.
  public let lastQuestion: UInt64
  /// Bytes carried to the machine by channels whose end is on record.
  public let bytesToMachine: Int64
  /// Bytes carried from the machine, likewise.
  public let bytesFromMachine: Int64

  /// The session of `record`, if it can be gone on with.
  public init(_ record: SessionRecord) throws(NotRestorable) {
    switch record.state {
    case .closed: throw .closed
    case .requested, .awaitingConsent: throw .notActivated
    case .active, .suspended: break
    }
    guard let request = record.request else { throw .detailsMissing(.sessionRequested) }
    guard let question = record.question else { throw .detailsMissing(.consentAsked) }
    guard let consent = record.consent, consent.accepted else { throw .detailsMissing(.consentAnswered) }
    guard let continuation = record.activation?.continuation, let activatedAt = record.activatedAt else {
      throw .detailsMissing(.sessionActivated)
    }
    guard record.epoch < .max else { throw .tooManyEpochs }
    id = record.id
    self.request = request
    self.question = question
    agentKey = consent.agentKey
    self.continuation = continuation
    openedAt = record.openedAt
    self.activatedAt = activatedAt
    checkpoint = record.latestCheckpoint
    nextEpoch = record.epoch + 1
    endedEpoch = record.endedEpoch
    lastChannel = record.lastChannel
    workChanges = record.workChanges
    lastQuestion = record.lastQuestion
    bytesToMachine = record.bytesToMachine
    bytesFromMachine = record.bytesFromMachine
  }

  /// The entry that says so.
  public func restored(reason: String) -> EntryDraft {
    SessionRestored(
      epoch: nextEpoch, activeMilliseconds: checkpoint?.statement.activeMilliseconds ?? 0, reason: reason
    ).draft(session: id)
  }
}
