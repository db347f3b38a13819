import SessionModel

/// Rule 1: active time is the union of the intervals, and where work of different types overlaps, the cheaper counts.
struct ActiveTime: Hashable, Sendable {
  /// A stretch of wall time in milliseconds since 1970, `from` < `to`, and the percentage of its work type.
  struct Span: Hashable, Sendable {
    var from: Int64
    var to: Int64
    var percent: Percent
  }

  /// Disjoint and in order; two that touch differ in percentage.
  let spans: [Span]
  /// The sum of the spans.
  let milliseconds: Int64
  /// The sum cut down to whole seconds. Zero means that nothing is billed.
  var seconds: Int64 { milliseconds / 1000 }

  /// The union of `intervals`; neither their order nor how they are split changes anything.
  init(unionOf intervals: [WorkInterval], plan: Plan) throws(RatingError) {
    /// Where an interval begins or ends.
    struct Edge {
      let at: Int64
      let percent: Percent
      let step: Int
    }
    var edges: [Edge] = []
    edges.reserveCapacity(intervals.count * 2)
    for interval in intervals {
      guard let workType = plan.workType(interval.workType) else {
        throw .unknownWorkType(interval.workType ?? "")
      }
      if interval.to < interval.from { throw .reversedInterval(from: interval.from, to: interval.to) }
      guard interval.from < interval.to else { continue }
      edges.append(Edge(at: interval.from.milliseconds, percent: workType.percent, step: 1))
      edges.append(Edge(at: interval.to.milliseconds, percent: workType.percent, step: -1))
    }
    edges.sort { $0.at < $1.at }
    // How many intervals are open, by percentage, the cheapest first; as many rows as the plan has work types.
    var open: [(percent: Percent, count: Int)] = []
    for percent in Set(edges.map(\.percent)).sorted() { open.append((percent, 0)) }
    var spans: [Span] = []
    var since: Int64 = 0
    var sum: Int64 = 0
    for edge in edges {
      if edge.at > since, let cheapest = open.first(where: { $0.count > 0 })?.percent {
        sum = try Checked.sum(sum, try Checked.difference(edge.at, since))
        if let last = spans.last, last.to == since, last.percent == cheapest {
          spans[spans.count - 1].to = edge.at
        } else {
          spans.append(Span(from: since, to: edge.at, percent: cheapest))
        }
      }
      since = edge.at
      for index in open.indices where open[index].percent == edge.percent { open[index].count += edge.step }
    }
    if sum > Rating.maximumActiveMilliseconds { throw .tooLong }
    self.spans = spans
    milliseconds = sum
  }
}
