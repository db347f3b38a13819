/// Active time as a meter has it, and when it was: what is stated, signed, stored and billed.
public struct MeteredTime: Hashable, Sendable {
  /// No time at all.
  public static let none = MeteredTime(intervals: [])

  /// The length of ``intervals``, in milliseconds.
  public let activeMilliseconds: Int64
  /// When it was, in milliseconds since the session became active: in order and apart from each other.
  public let intervals: [MeterInterval]

  /// Time in `intervals`; what is empty, out of order or before the session's start is left out or cut to what is sound.
  public init(intervals: [MeterInterval]) {
    var list = IntervalList(maximumCount: .max)
    for interval in intervals { list.add(from: max(0, interval.fromMilliseconds), to: interval.toMilliseconds) }
    self.init(list)
  }

  init(_ list: IntervalList) {
    activeMilliseconds = list.milliseconds
    intervals = list.intervals
  }

  private init(activeMilliseconds: Int64, intervals: [MeterInterval]) {
    self.activeMilliseconds = activeMilliseconds
    self.intervals = intervals
  }

  /// The first `milliseconds` of it; all of it when there is no more.
  public func limited(toMilliseconds milliseconds: Int64) -> MeteredTime {
    if activeMilliseconds <= milliseconds { return self }
    var left = max(0, milliseconds)
    var kept: [MeterInterval] = []
    for interval in intervals where left > 0 {
      let length = min(interval.milliseconds, left)
      left -= length
      let from = interval.fromMilliseconds
      kept.append(MeterInterval(fromMilliseconds: from, toMilliseconds: from + length))
    }
    return MeteredTime(activeMilliseconds: max(0, milliseconds), intervals: kept)
  }
}
