import SessionModel
import Synchronization

/// What went through one channel or one session, counted by the relay itself as it passes. Written from the data path's
/// threads without a lock, read by the core when it meters.
final class Traffic: Sendable {
  private let toMachine = Atomic<Int64>(0)
  private let fromMachine = Atomic<Int64>(0)
  private let lastByte = Atomic<Int64>(0)

  /// Counts on from what an earlier relay has on record.
  init(bytesToMachine: Int64 = 0, bytesFromMachine: Int64 = 0) {
    toMachine.store(bytesToMachine, ordering: .relaxed)
    fromMachine.store(bytesFromMachine, ordering: .relaxed)
  }

  /// Bytes the technician sent to the machine.
  var bytesToMachine: Int64 { toMachine.load(ordering: .relaxed) }
  /// Bytes the machine sent to the technician.
  var bytesFromMachine: Int64 { fromMachine.load(ordering: .relaxed) }
  /// When the last byte passed, either way; nil when none has.
  var lastByteAt: MonotonicInstant? {
    let nanoseconds = lastByte.load(ordering: .relaxed)
    return nanoseconds == 0 ? nil : MonotonicInstant(nanoseconds: nanoseconds)
  }

  func countToMachine(_ bytes: Int, at now: MonotonicInstant) {
    toMachine.wrappingAdd(Int64(bytes), ordering: .relaxed)
    lastByte.max(now.nanoseconds, ordering: .relaxed)
  }

  func countFromMachine(_ bytes: Int, at now: MonotonicInstant) {
    fromMachine.wrappingAdd(Int64(bytes), ordering: .relaxed)
    lastByte.max(now.nanoseconds, ordering: .relaxed)
  }
}
