public import SessionModel

/// What earlier sessions and agreements mean for the one at hand: "Around a session" of the money rules. Nothing here reads
/// a clock or a store; `earlier` are the closed sessions of the customer in the order in which the ledger closed them.
public enum Entitlements {
  /// Everything that is known before a session is rated: for the consent, for the price so far, and at its close.
  ///
  /// At the close it is taken once more, at the first active instant, since other sessions may have drawn included time
  /// meanwhile and since that instant decides the month. What consent promised then stays: `continues` and `rework`.
  /// - Parameters:
  ///   - plan: The plan of the session.
  ///   - caseID: Its case; nil for one that is opened with it.
  ///   - quote: The quote the customer accepted for the case, if any.
  ///   - includedSince: The month from which the customer has the plan's included time; nil when nobody is known yet, who
  ///     has none.
  ///   - earlier: The customer's closed sessions, in closing order.
  ///   - moment: Now, or the first active instant.
  public static func standing(
    plan: Plan, caseID: CaseID?, quote: Quote? = nil, includedSince: BillingMonth?, earlier: [EarlierSession],
    at moment: WallTime
  ) -> Standing {
    let promise = promise(caseID: caseID, earlier: earlier, at: moment)
    let month = plan.month(of: moment)
    // A fixed price stands for itself: included time is untouched.
    let isFixed = quote?.binding == .fixed
    return Standing(
      plan: promise.map { plan.promising($0.rule) } ?? plan,
      continues: continues(plan: plan, caseID: caseID, earlier: earlier, firstActiveAt: moment), rework: promise,
      month: month,
      includedLeftSeconds: isFixed ? 0 : includedLeft(plan: plan, month: month, since: includedSince, earlier: earlier),
      quote: quote.map { left(of: $0, earlier: earlier) },
      billedThisMonthSeconds: billedSeconds(in: month, earlier: earlier))
  }

  /// **Continues**: a session of the same case whose first activity comes at most `merge_gap` after the last one's close
  /// has no first period and no call-out. One that did not reach work was free and had no first period to go on from.
  public static func continues(
    plan: Plan, caseID: CaseID?, earlier: [EarlierSession], firstActiveAt moment: WallTime
  ) -> Bool {
    guard let caseID else { return false }
    return earlier.contains { session in
      guard session.caseID == caseID, session.month != nil else { return false }
      return (0...plan.mergeGapSeconds * 1000).contains(moment.milliseconds(since: session.closedAt))
    }
  }

  /// **Rework**: what a session promises at its close should the fix not last. Only a charged session that closed `fixed`
  /// does, so that rework neither starts nor extends a window; charged is what was billed, also when included time paid
  /// it. The window ends with its last local day.
  public static func reworkPromise(
    plan: Plan, closedAt: WallTime, outcome: Outcome, isRework: Bool, billedSeconds: Int64
  ) -> ReworkPromise? {
    guard let rule = plan.rework, outcome == .fixed, !isRework, billedSeconds > 0 else { return nil }
    // By the calendar: 30 days are 30 days also when clocks are set in between.
    let end = plan.timeZone.localMilliseconds(at: closedAt) + rule.windowSeconds * 1000
    return ReworkPromise(
      until: CivilDate(daysSince1970: FloorDivision.quotient(end, 86_400_000)), rule: rule, timeZone: plan.timeZone)
  }

  /// The promise that a session of this case rests on: the best of the case's latest charged session that closed `fixed`,
  /// made by the plan of that time. A new problem is a new case, and an unfinished job goes on as charged work.
  public static func promise(caseID: CaseID?, earlier: [EarlierSession], at moment: WallTime) -> ReworkPromise? {
    guard let caseID else { return nil }
    let charged = earlier.filter {
      $0.caseID == caseID && $0.outcome == .fixed && $0.closedAt <= moment
        && (!$0.isRework && $0.billedSeconds > 0 || !$0.promises.isEmpty)
    }
    let latest = charged.max { $0.closedAt < $1.closedAt }
    return latest?.promises.filter { $0.holds(at: moment) }.min { $0.rule.percent < $1.rule.percent }
  }

  /// **Limits** count billed time per customer and month: what closed sessions of the month have, in seconds.
  public static func billedSeconds(in month: BillingMonth, earlier: [EarlierSession]) -> Int64 {
    earlier.reduce(0) { sum, session in
      guard session.month == month else { return sum }
      let (total, overflow) = sum.addingReportingOverflow(session.billedSeconds)
      return overflow ? .max : total
    }
  }

  /// After its receipt a session's amount only goes down, and assigning a guest's session to a customer later never
  /// raises its price: of what was agreed and what comes out now, the smaller; what was agreed when they are equal, or do
  /// not compare, being in two currencies or with tax and without.
  public static func neverRaised(_ agreed: RatedWork, _ computed: RatedWork) -> RatedWork {
    guard computed.currency == agreed.currency, computed.prices == agreed.prices else { return agreed }
    return computed.amountMinor < agreed.amountMinor ? computed : agreed
  }
}

/// What holds for a session before it is rated.
public struct Standing: Hashable, Sendable {
  /// The plan to agree on: the session's, with the rework rule that was promised where a promise holds.
  public let plan: Plan
  /// Whether the session has no first period and no call-out.
  public let continues: Bool
  /// Why and until when this is rework; nil when it is not.
  public let rework: ReworkPromise?
  /// The month the session belongs to.
  public let month: BillingMonth
  /// Included time it may draw, in seconds.
  public private(set) var includedLeftSeconds: Int64
  /// What is left of the quote that caps it.
  public let quote: QuoteLeft?
  /// What the customer's closed sessions of the month were billed, in seconds.
  public let billedThisMonthSeconds: Int64

  /// The same with less included time: so much of it other sessions may draw before this one is closed, in seconds.
  public func leaving(includedSeconds: Int64) -> Standing {
    var standing = self
    standing.includedLeftSeconds = max(0, includedLeftSeconds - max(0, includedSeconds))
    return standing
  }

  /// The work to rate by ``plan``.
  public func work(_ intervals: [WorkInterval]) -> Work {
    Work(
      intervals: intervals, isRework: rework != nil, continues: continues, includedLeftSeconds: includedLeftSeconds,
      quote: quote)
  }
}
