import SessionModel

/// Rule 1: active time is the union of the intervals.
struct ActiveTime: Hashable, Sendable {
  /// A stretch of wall time in milliseconds since 1970, `from` < `to`.
  struct Span: Hashable, Sendable {
    var from: Int64
    var to: Int64
  }

  /// Disjoint, apart and in order: what the bands of rule 2 are laid over.
  let spans: [Span]
  /// The sum of the spans.
  let milliseconds: Int64
  /// The sum cut down to whole seconds. Zero means that nothing is billed.
  var seconds: Int64 { milliseconds / 1000 }

  /// The union of `intervals`; neither their order nor how they are split changes anything.
  init(unionOf intervals: [WorkInterval]) throws(RatingError) {
    for interval in intervals where interval.to < interval.from {
      throw .reversedInterval(from: interval.from, to: interval.to)
    }
    var spans: [Span] = []
    let sorted = intervals.map { Span(from: $0.from.milliseconds, to: $0.to.milliseconds) }
      .filter { $0.from < $0.to }
      .sorted { ($0.from, $0.to) < ($1.from, $1.to) }
    for span in sorted {
      if let last = spans.last, span.from <= last.to {
        spans[spans.count - 1].to = max(last.to, span.to)
      } else {
        spans.append(span)
      }
    }
    var sum: Int64 = 0
    for span in spans { sum = try Checked.sum(sum, try Checked.difference(span.to, span.from)) }
    self.spans = spans
    milliseconds = sum
  }
}

/// Integer arithmetic that throws instead of trapping.
enum Checked {
  static func sum(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    if overflow { throw .overflow }
    return value
  }

  static func difference(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.subtractingReportingOverflow(right)
    if overflow { throw .overflow }
    return value
  }

  static func product(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    if overflow { throw .overflow }
    return value
  }
}
