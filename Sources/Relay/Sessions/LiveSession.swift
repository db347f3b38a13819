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

  /// What still has to come before a closed session is put on record.
  struct Closing {
    let closure: Closure
    /// When the agent's last signature is no longer waited for.
    let deadline: MonotonicInstant
  }

  /// A checkpoint on its way to the agent and back.
  struct Unsigned {
    var statement: CheckpointStatement
    var relaySignature: [UInt8]
    var sentAt: MonotonicInstant
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
  let traffic = Traffic()

  var machine: SessionMachine
  /// Channels by their number in this session, those that wait for the customer included.
  var channels: [UInt64: ChannelBridge] = [:]
  var lastChannel: UInt64 = 0
  /// What was reported of file work and is not on record yet, by channel.
  var reports: [UInt64: PendingReports] = [:]
  /// The wall time at which it first became active: intervals are this plus monotonic offsets.
  var activatedAt: WallTime?
  var schedule: CheckpointSchedule
  /// Checkpoints the agent has not answered, oldest first.
  var unsigned: [Unsigned] = []
  /// Checkpoints refused in a row.
  var refusals = 0
  /// Active time the agent did not confirm, in milliseconds; it is not stated again.
  var forgoneMilliseconds: Int64 = 0
  /// The newest one it signed: nothing beyond it is billed.
  var confirmed: StoredCheckpoint?
  var closing: Closing?
  /// Who asked at the desk and waits for the result.
  var replies: [@Sendable (SessionClosed, _ isRecorded: Bool) -> Void] = []
  /// The last byte the machine was told of.
  var fedByte: MonotonicInstant?

  var isClosing: Bool { closing != nil }
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

  /// - Parameters:
  ///   - offsets: active time as offsets in milliseconds from `start`, in order.
  ///   - limitMilliseconds: what the agent has confirmed; later time is on record nowhere and not billed.
  init(
    offsets: [MeterInterval], start: WallTime, limitMilliseconds: Int64, technician: Name, plan: Plan
  ) throws(RatingError) {
    var left = limitMilliseconds
    var kept: [LedgerInterval] = []
    for offset in offsets where left > 0 {
      let length = min(offset.toMilliseconds - offset.fromMilliseconds, left)
      left -= length
      let from = start.advanced(byMilliseconds: offset.fromMilliseconds)
      kept.append(LedgerInterval(from: from, to: from.advanced(byMilliseconds: length)))
    }
    intervals = kept
    work = try Rating.rate(
      plan: plan,
      intervals: kept.map { WorkInterval(from: $0.from, to: $0.to, technician: technician.rawValue) },
      continues: false)
  }
}
