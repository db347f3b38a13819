extension Entitlements {
  /// **Included time** that a session of `month` may still draw, in seconds.
  ///
  /// Every month from `since` on brings the plan's amount, the first one whole (no pro rata). Earlier sessions drew in
  /// closing order, each from the oldest month that had not run out for it: time rolls over for `rollover_months`.
  /// - Parameters:
  ///   - since: The month from which the customer has this included time; nil when he has none.
  ///   - earlier: His closed sessions, in closing order.
  public static func includedLeft(
    plan: Plan, month: BillingMonth, since: BillingMonth?, earlier: [EarlierSession]
  ) -> Int64 {
    guard let included = plan.included, let since, since <= month else { return 0 }
    /// The months a session of `number` may draw from, the oldest first.
    func reach(_ number: Int64) -> ClosedRange<Int64> {
      let first = min(number, max(since.number, number - included.rolloverMonths))
      return first...number
    }
    var drawn: [Int64: Int64] = [:]
    for session in earlier {
      guard let number = session.month?.number, session.includedSeconds > 0 else { continue }
      var open = session.includedSeconds
      for source in reach(number) where open > 0 {
        let share = min(open, included.amountSeconds - drawn[source, default: 0])
        drawn[source, default: 0] += share
        open -= share
      }
    }
    return reach(month.number).reduce(0) { $0 + included.amountSeconds - drawn[$1, default: 0] }
  }
}
