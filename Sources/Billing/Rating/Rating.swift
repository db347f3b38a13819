import SessionModel

/// Turns worked time into money by the plan that was agreed: plan and work in, lines out, nothing else.
///
/// The steps are those of the money rules, each in a file of its own: ``ActiveTime`` (rule 1), ``Bands`` (rule 2),
/// ``BilledSeconds`` (rule 3), ``RatedClock`` (rule 4), ``LineAmount`` (rule 5). Rules 6 and 7 are here.
public enum Rating {
  /// Longest activity of one technician in one session, in milliseconds: ten years.
  public static let maximumActiveMilliseconds: Int64 = 3660 * 86_400_000

  /// The lines and totals of one session.
  /// - Parameters:
  ///   - plan: The plan as agreed when the session was opened.
  ///   - work: What was worked, and what is known about it.
  /// - Throws: ``RatingError`` for work that the plan cannot rate, and for sums that do not fit 64 bits.
  public static func rate(plan: Plan, work: Work) throws(RatingError) -> RatedWork {
    if work.isRework && plan.rework == nil { throw .reworkWithoutRule }
    if work.includedLeftSeconds < 0 || min(work.quote?.leftMinor ?? 0, work.quote?.owedBeforeMinor ?? 0) < 0 {
      throw .negativeLeft
    }
    if work.includedLeftSeconds > 0 && plan.included == nil { throw .includedWithoutRule }
    var clocks: [RatedClock] = []
    var includedLeft = work.includedLeftSeconds
    for (technician, intervals) in clocksOf(work.intervals, plan: plan) {
      let clock = try RatedClock(
        intervals: intervals, technician: technician, plan: plan, work: work, includedLeft: includedLeft)
      includedLeft -= clock.includedSeconds
      clocks.append(clock)
    }
    var lines = clocks.flatMap(\.lines)
    if let callOut = try callOut(plan: plan, work: work, clocks: clocks) { lines.append(callOut) }
    if let quote = work.quote, let line = try cap(lines, quote: quote) { lines.append(line) }
    return try RatedWork(clocks: clocks, lines: lines, plan: plan, quote: work.quote)
  }

  /// The same for work that no earlier session bears on.
  public static func rate(
    plan: Plan, intervals: [WorkInterval], continues: Bool = false
  ) throws(RatingError) -> RatedWork {
    try rate(plan: plan, work: Work(intervals: intervals, continues: continues))
  }

  /// The intervals by clock: one for all, or with `each` one a technician, by first active instant, then by name. What has
  /// no technician belongs to one unnamed one.
  private static func clocksOf(
    _ intervals: [WorkInterval], plan: Plan
  ) -> [(technician: String?, intervals: [WorkInterval])] {
    guard plan.technicians == .each else { return [(nil, intervals)] }
    return Dictionary(grouping: intervals, by: \.technician)
      .map { technician, intervals in
        // An interval of no length is no instant.
        let first = intervals.lazy.filter { $0.from < $0.to }.map(\.from).min()
        return (first: first, technician: technician, intervals: intervals)
      }
      .sorted { left, right in
        let (late, unnamed) = (WallTime(milliseconds: .max), "")
        return (left.first ?? late, left.technician ?? unnamed) < (right.first ?? late, right.technician ?? unnamed)
      }
      .map { ($0.technician, $0.intervals) }
  }

  /// Once a session that reached work, unless it continues another; at the rework percentage if it is rework.
  private static func callOut(plan: Plan, work: Work, clocks: [RatedClock]) throws(RatingError) -> RatedLine? {
    guard !work.continues, clocks.contains(where: { $0.activeSeconds >= 1 }) else { return nil }
    let percent = work.isRework ? plan.rework?.percent ?? .hundred : .hundred
    let amount = try LineAmount.minorUnits(percent, of: plan.callOutMinor)
    guard amount > 0 else { return nil }
    return RatedLine(kind: .callOut, description: "Call-out", seconds: 0, percent: percent, amountMinor: amount)
  }

  /// Rule 6: what is left of a quote caps the sum.
  private static func cap(_ lines: [RatedLine], quote: QuoteLeft) throws(RatingError) -> RatedLine? {
    var sum: Int64 = 0
    for line in lines { sum = try Checked.sum(sum, line.amountMinor) }
    let most = try Checked.sum(quote.leftMinor, quote.owedBeforeMinor)
    guard sum > most else { return nil }
    return RatedLine(
      kind: .quote, description: "Quote \(TextSafety.escaped(quote.id))", seconds: 0, percent: .hundred,
      amountMinor: most - sum, reason: quote.id)
  }
}
