import Metering
import SessionModel

/// One session at the simulated relay: what RelayCore keeps of it, as far as it bears on time and bytes.
struct LiveSession {
  let id: SessionID
  let machineKey: Fingerprint
  let technicianKey: Fingerprint
  let code: JoinCode
  let words: String
  let wordsHash: Fingerprint
  var machine: SessionMachine
  var book: CheckpointBook
  var channels: [UInt64: TechnicianChannel] = [:]
  var lastChannel: UInt64 = 0
  /// The wall time at which it first became active.
  var activatedAt: WallTime?
  var lastByteAt: MonotonicInstant?
  var fedByte: MonotonicInstant?
  /// Set while the agent's last signature is waited for.
  var closing: (closure: Closure, deadline: MonotonicInstant)?

  /// The last epoch whose end is on record.
  var endedEpoch: UInt32 = 0

  var isClosing: Bool { closing != nil }
}
