import SessionModel

/// Turns worked time into money by the plan that was agreed: plan and intervals in, lines out, nothing else.
///
/// The steps are those of the money rules, each in a file of its own: ``ActiveTime`` (rule 1), ``BilledSeconds`` (rule 3),
/// ``LineAmount`` (rule 5) and the order of lines in ``LineKind``. All seconds lie in one band at 100 percent; bands,
/// rework, included time and quotes come between the steps, where the comments below say.
public enum Rating {
  /// The lines and totals of one session.
  /// - Parameters:
  ///   - plan: The plan as agreed when the session was opened.
  ///   - intervals: When work was done; order, overlap and splitting change nothing. Two technicians at once cost one clock.
  ///   - continues: Whether the session continues an earlier one: no first period and no call-out.
  /// - Throws: ``RatingError`` for an interval that ends before it begins and for sums that do not fit 64 bits.
  public static func rate(
    plan: Plan, intervals: [WorkInterval], continues: Bool = false
  ) throws(RatingError) -> RatedWork {
    let active = try ActiveTime(unionOf: intervals)
    guard active.seconds >= 1 else {
      return try RatedWork(activeSeconds: 0, billedSeconds: 0, lines: [], currency: plan.currency)
    }
    // Bands (rule 2) split `active.spans` here; padding and grace are then laid on the cheapest of them.
    let billed = try BilledSeconds(active: active.seconds, plan: plan, continues: continues)
    // Rework and included time (rule 4) take their seconds here; what is left is time.
    var lines: [RatedLine] = []
    if billed.seconds > 0 { lines.append(try timeLine(plan: plan, seconds: billed.seconds, percent: .hundred)) }
    if !continues && plan.callOutMinor > 0 {
      lines.append(
        RatedLine(
          kind: .callOut, description: "Call-out", seconds: 0, percent: .hundred, amountMinor: plan.callOutMinor))
    }
    // A quote (rule 6) caps the sum here.
    return try RatedWork(
      activeSeconds: active.seconds, billedSeconds: billed.seconds, lines: lines, currency: plan.currency)
  }

  private static func timeLine(plan: Plan, seconds: Int64, percent: Percent) throws(RatingError) -> RatedLine {
    RatedLine(
      kind: .time,
      description: "\(plan.name), \(DurationText.exact(seconds: seconds)) at \(plan.ratePerHour) an hour",
      seconds: seconds, percent: percent,
      amountMinor: try LineAmount.minorUnits(
        seconds: seconds, ratePerHourMinor: plan.ratePerHourMinor, percent: percent))
  }
}
