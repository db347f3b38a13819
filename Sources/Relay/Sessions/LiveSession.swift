import Billing
import Ledger
import Metering
import SessionModel

/// One session while it is open at this relay, confined to the core.
struct LiveSession {
  /// Channels of one session at once, waiting ones included.
  static let maximumChannels = 160
  /// Forwards among them: a browser that opens one after the other must not keep the technician out of his shell.
  static let maximumForwards = 128
  /// Most changes of the kind of work.
  static let maximumWorkChanges = 1000
  /// Most allowances, before its close and after it: what its receipt has room for, at their longest.
  static let maximumAllowances = 16
  /// False attempts on its line that are put on record; all are in the log.
  static let maximumLinkRefusals = 100

  /// What still has to come before a closed session is put on record.
  struct Closing {
    let closure: Closure
    /// When the agent's last signature is no longer waited for.
    let deadline: MonotonicInstant
  }

  let id: SessionID
  let machineIdentity: Fingerprint
  let machineName: String
  let technician: Name
  let technicianKey: Fingerprint
  /// The code it was claimed by; released when it closes.
  let code: JoinCode
  let purpose: String
  let words: String
  let wordsHash: Fingerprint
  let allowances: Allowances
  let openedAt: WallTime
  /// What was agreed to.
  var terms: SessionTerms
  let traffic: Traffic

  var machine: SessionMachine
  /// Channels by their number in this session, those that wait for the customer included.
  var channels: [UInt64: ChannelBridge] = [:]
  var lastChannel: UInt64 = 0
  /// What was reported of file work and is not on record yet, by channel.
  var reports: [UInt64: PendingReports] = [:]
  /// The wall time at which it first became active: intervals are this plus monotonic offsets.
  var activatedAt: WallTime?
  /// What was stated and signed of its time.
  var book: CheckpointBook
  /// The highest epoch whose last checkpoint is on record as its end; 0 for none.
  var endedEpoch: UInt32 = 0
  var closing: Closing?
  /// Who asked at the desk and waits for the result; `trouble` is why it is not on record.
  var replies: [@Sendable (LiveSession, SessionClosed, _ closedAt: WallTime, _ trouble: Journal.Change?) -> Void] = []
  /// Since when its machine is pinged every second: it is active since then, or was.
  var runningSince = MonotonicInstant(nanoseconds: 0)
  /// The instant that offsets of its time count from; nil before it became active.
  var origin: MonotonicInstant?
  /// What kinds of work there were.
  var workTypes = WorkTypes()
  /// What the customer is asked now.
  var question: OpenQuestion?
  /// The number of the newest question.
  var lastQuestion: UInt32 = 0
  /// What holds it up.
  var limit: LimitReached?
  /// False attempts on its line that are on record.
  var linkRefusals = 0
  /// The last byte the machine was told of.
  var fedByte: MonotonicInstant?

  var isClosing: Bool { closing != nil }
  /// Whether a limit holds it up.
  var isHeld: Bool { machine.suspendedReasons.contains(.limit) }

  /// What is rated.
  var subject: SessionRating.Subject {
    SessionRating.Subject(
      id: id, technician: technician, terms: terms, start: activatedAt ?? openedAt, types: workTypes)
  }

  /// The newest checkpoint as the end of its epoch; nil when there is none, or that epoch's end is on record already.
  var epochEnd: EntryDraft? {
    guard let last = book.confirmed, last.statement.epoch > endedEpoch else { return nil }
    return CheckpointEpochEnd(checkpoint: StoredCheckpoint(last)).draft
  }
}

/// The customer's answer as it came.
struct ConsentAnswer {
  let accepted: Bool
  let reason: String
  let wordsHash: Fingerprint
  let allowances: Allowances
  let signature: [UInt8]
}
