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
  /// Who asked at the desk and waits for the result.
  var replies: [@Sendable (SessionClosed, _ isRecorded: Bool) -> Void] = []
  /// False attempts on its line that are on record.
  var linkRefusals = 0
  /// The last byte the machine was told of.
  var fedByte: MonotonicInstant?

  var isClosing: Bool { closing != nil }

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

/// What a session costs, from its intervals and the plan: the one place where the relay rates.
struct SessionRating {
  let intervals: [LedgerInterval]
  let work: RatedWork

  /// - Parameter start: the moment the offsets of `time` count from.
  init(_ time: MeteredTime, start: WallTime, technician: Name, plan: Plan) throws(RatingError) {
    intervals = time.intervals.map { offset in
      let from = start.advanced(byMilliseconds: offset.fromMilliseconds)
      return LedgerInterval(from: from, to: from.advanced(byMilliseconds: offset.milliseconds))
    }
    work = try Rating.rate(
      plan: plan,
      intervals: intervals.map { WorkInterval(from: $0.from, to: $0.to, technician: technician.rawValue) },
      continues: false)
  }
}
