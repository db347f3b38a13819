import Glibc
public import SessionModel

/// The clock everything in Fixline is timed by: CLOCK_BOOTTIME, which never jumps and counts through suspend. It is the
/// same clock as Swift's `ContinuousClock`, as a number that can be sent, stored and compared.
public enum BootClock {
  /// The present reading.
  public static func now() -> MonotonicInstant {
    var time = timespec()
    // Cannot fail: the clock exists since Linux 2.6.39 and the room for the answer is ours.
    unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// The system's clock, which may jump: it dates what is written down, and never measures.
public enum SystemClock {
  /// The present reading, in whole milliseconds.
  public static func now() -> WallTime {
    var time = timespec()
    // Cannot fail, as above.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
