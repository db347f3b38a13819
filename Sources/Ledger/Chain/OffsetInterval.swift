/// A stretch of active time, in milliseconds since its session became active.
public struct OffsetInterval: Hashable, Sendable {
  /// Most intervals read from one checkpoint; a meter makes at most a quarter of it.
  public static let maximumCount = 4096

  /// Where it begins.
  public var fromMilliseconds: Int64
  /// Where it ends; the moment itself no longer counts.
  public var toMilliseconds: Int64

  /// A stretch from one offset to another.
  public init(fromMilliseconds: Int64, toMilliseconds: Int64) {
    self.fromMilliseconds = fromMilliseconds
    self.toMilliseconds = toMilliseconds
  }

  /// Intervals in order and apart as bytes: of each the gap before it and its length, as numbers of seven bits a byte, the
  /// lowest first, the eighth bit set where more follow. What is out of order, and what comes after it, is left out.
  public static func encode(_ intervals: [OffsetInterval]) -> [UInt8] {
    var bytes: [UInt8] = []
    var end: Int64 = 0
    for interval in intervals.prefix(maximumCount) {
      guard interval.fromMilliseconds >= end, interval.toMilliseconds > interval.fromMilliseconds else { break }
      append(interval.fromMilliseconds - end, to: &bytes)
      append(interval.toMilliseconds - interval.fromMilliseconds, to: &bytes)
      end = interval.toMilliseconds
    }
    return bytes
  }

  /// What ``encode(_:)`` wrote; nil when it is something else, or longer in all than `milliseconds`.
  public static func decode(_ bytes: [UInt8], within milliseconds: Int64) -> [OffsetInterval]? {
    var rest = bytes[...]
    var intervals: [OffsetInterval] = []
    var end: Int64 = 0
    var left = milliseconds
    while !rest.isEmpty {
      guard intervals.count < maximumCount, let gap = take(from: &rest), let length = take(from: &rest), length > 0,
        length <= left
      else { return nil }
      let (from, overflow) = end.addingReportingOverflow(gap)
      let (to, secondOverflow) = from.addingReportingOverflow(length)
      guard !overflow, !secondOverflow else { return nil }
      intervals.append(OffsetInterval(fromMilliseconds: from, toMilliseconds: to))
      left -= length
      end = to
    }
    return intervals
  }

  private static func append(_ number: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(number)
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The next number: the shortest writing of one that is not negative.
  private static func take(from bytes: inout ArraySlice<UInt8>) -> Int64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 56, by: 7) {
      guard let byte = bytes.popFirst() else { return nil }
      number |= UInt64(byte & 127) << shift
      if byte < 128 { return byte == 0 && shift > 0 ? nil : Int64(number) }
    }
    return nil
  }
}
