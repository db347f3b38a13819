/// A reading of the clock that never jumps and counts through suspend (CLOCK_BOOTTIME, Swift's `ContinuousClock`), in
/// nanoseconds since some fixed but unknown moment. Pure code is handed instants; only adapters read the clock.
///
/// Arithmetic saturates at the ends of the range (292 years either way) and never traps, whatever a peer made us add.
public struct MonotonicInstant: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Nanoseconds since the clock's origin.
  public var nanoseconds: Int64

  /// An instant at `nanoseconds` after the clock's origin.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The instant `milliseconds` later; earlier when negative.
  public func advanced(byMilliseconds milliseconds: Int64) -> MonotonicInstant {
    let (step, stepOverflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
    let (sum, sumOverflow) = nanoseconds.addingReportingOverflow(step)
    if stepOverflow || sumOverflow { return MonotonicInstant(nanoseconds: milliseconds < 0 ? .min : .max) }
    return MonotonicInstant(nanoseconds: sum)
  }

  /// Whole milliseconds from `earlier` to this instant, cut toward zero; negative when `earlier` is later.
  public func milliseconds(since earlier: MonotonicInstant) -> Int64 {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    if overflow { return (self < earlier ? Int64.min : Int64.max) / 1_000_000 }
    return difference / 1_000_000
  }

  /// By time.
  public static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Seconds with three decimals, for logs.
  public var description: String {
    let milliseconds = nanoseconds / 1_000_000
    let rest = String((milliseconds % 1000).magnitude)
    let sign = milliseconds < 0 ? "-" : ""
    return "\(sign)\((milliseconds / 1000).magnitude).\(String(repeating: "0", count: 3 - rest.utf8.count))\(rest)s"
  }
}
