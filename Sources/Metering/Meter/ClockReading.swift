public import SessionModel

/// All clocks of one machine, read at one moment: enough to go on measuring after the program, or the machine, was started
/// anew.
public struct ClockReading: Hashable, Sendable {
  /// Longest name of a boot, in bytes; Linux's has 36.
  public static let maximumBootBytes = 64

  /// Names the run of the machine (Linux: `/proc/sys/kernel/random/boot_id`); empty where nobody knows.
  public let boot: String
  /// The clock that never jumps; instants of one boot can be compared.
  public let monotonic: MonotonicInstant
  /// The civil time, which may jump.
  public let wall: WallTime

  /// All of it, by hand.
  public init(boot: String, monotonic: MonotonicInstant, wall: WallTime) {
    self.boot = boot
    self.monotonic = monotonic
    self.wall = wall
  }

  /// Milliseconds from `self` to `now`, and never less than `minimum`: exact within one boot, otherwise by civil time.
  /// Where civil time went back, it is `minimum`: an order of events may become uncertain, their lengths never do.
  public func elapsedMilliseconds(at now: ClockReading, atLeast minimum: Int64) -> Int64 {
    if isSameBoot(as: now) {
      let elapsed = now.monotonic.milliseconds(since: monotonic)
      if elapsed >= max(0, minimum) { return elapsed }
    }
    return max(0, minimum, now.wall.milliseconds(since: wall))
  }

  /// The instant, on the clock of `now`, from which offsets that began at `self` go on; see
  /// ``elapsedMilliseconds(at:atLeast:)``.
  public func origin(at now: ClockReading, atLeast minimum: Int64) -> MonotonicInstant {
    if isSameBoot(as: now), now.monotonic.milliseconds(since: monotonic) >= max(0, minimum) { return monotonic }
    return now.monotonic.advanced(byMilliseconds: -elapsedMilliseconds(at: now, atLeast: minimum))
  }

  private func isSameBoot(as other: ClockReading) -> Bool { !boot.isEmpty && boot == other.boot }
}
