/// A stretch of active time in milliseconds since the meter's start; `fromMilliseconds` < `toMilliseconds`.
public struct MeterInterval: Hashable, Sendable {
  /// Where it begins.
  public var fromMilliseconds: Int64
  /// Where it ends; the moment itself no longer counts.
  public var toMilliseconds: Int64

  /// A stretch from one offset to another.
  public init(fromMilliseconds: Int64, toMilliseconds: Int64) {
    self.fromMilliseconds = fromMilliseconds
    self.toMilliseconds = toMilliseconds
  }

  /// Its length in milliseconds.
  public var milliseconds: Int64 { toMilliseconds - fromMilliseconds }
}

/// Disjoint intervals in order, never more than ``maximumCount``. Adding never loses a millisecond and never makes one: when
/// there would be too many, the two with the shortest gap become one, the earlier moved up to the later.
struct IntervalList: Hashable, Sendable {
  let maximumCount: Int
  private(set) var intervals: [MeterInterval] = []
  private(set) var milliseconds: Int64 = 0

  init(maximumCount: Int) { self.maximumCount = max(1, maximumCount) }

  /// Adds a stretch that begins at or after the end of the last; anything else, and an empty one, is cut to that.
  mutating func add(from: Int64, to: Int64) {
    let from = max(from, intervals.last?.toMilliseconds ?? from)
    guard from < to else { return }
    milliseconds += to - from
    if let last = intervals.indices.last, intervals[last].toMilliseconds == from {
      intervals[last].toMilliseconds = to
      return
    }
    intervals.append(MeterInterval(fromMilliseconds: from, toMilliseconds: to))
    if intervals.count > maximumCount { joinClosest() }
  }

  /// Lengthens the interval that ends at `end` by `length`, for which there is room before the next; with none, begins one
  /// there. False, and nothing changed, when something else stands there.
  mutating func lengthen(at end: Int64, by length: Int64) -> Bool {
    guard length > 0 else { return false }
    let next = intervals.firstIndex { $0.fromMilliseconds >= end } ?? intervals.endIndex
    let to = end + length
    if next < intervals.endIndex, intervals[next].fromMilliseconds < to { return false }
    if next > 0, intervals[next - 1].toMilliseconds > end { return false }
    if next > 0, intervals[next - 1].toMilliseconds == end {
      intervals[next - 1].toMilliseconds = to
    } else {
      intervals.insert(MeterInterval(fromMilliseconds: end, toMilliseconds: to), at: next)
      if intervals.count > maximumCount { joinClosest() }
    }
    milliseconds += length
    return true
  }

  private mutating func joinClosest() {
    let gaps = zip(intervals, intervals.dropFirst()).map { $1.fromMilliseconds - $0.toMilliseconds }
    guard let shortest = gaps.min(), let index = gaps.firstIndex(of: shortest) else { return }
    intervals[index].fromMilliseconds += shortest
    intervals[index].toMilliseconds = intervals[index + 1].toMilliseconds
    intervals.remove(at: index + 1)
  }
}
