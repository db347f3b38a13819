import SessionModel

/// How many control messages, pings, good-byes and frames of unknown types the peer may send: a bucket of ``TunnelLimits/controlBurst`` that fills by
/// ``TunnelLimits/controlPerSecond``. They are under no credit, and whoever handles them may be slower than the line.
struct ControlAllowance: Hashable, Sendable {
  private static let nanosecondsPerSecond: Int64 = 1_000_000_000
  private let burst: Int64
  private let nanosecondsEach: Int64
  private var available: Int64
  private var filled: MonotonicInstant

  init(limits: TunnelLimits, now: MonotonicInstant) {
    burst = max(1, limits.controlBurst)
    nanosecondsEach = Self.nanosecondsPerSecond / min(max(1, limits.controlPerSecond), Self.nanosecondsPerSecond)
    available = burst
    filled = now
  }

  /// One more came. False when that is one too many.
  mutating func take(at now: MonotonicInstant) -> Bool {
    let earned = max(0, now.nanoseconds - filled.nanoseconds) / nanosecondsEach
    if earned >= burst - available {
      available = burst
      filled = now
    } else {
      available += earned
      filled.nanoseconds += earned * nanosecondsEach
    }
    guard available > 0 else { return false }
    available -= 1
    return true
  }
}
