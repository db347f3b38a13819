/// Rule 3: how many seconds are billed for so many worked.
public struct BilledSeconds: Hashable, Sendable {
  /// Why the billed seconds differ from the worked ones, for the words on a receipt.
  public enum Reason: Hashable, Sendable {
    /// They do not differ.
    case exact
    /// The first period was not used up.
    case minimum
    /// A further period was begun.
    case begunPeriod
    /// The overrun into a new period was small enough to be forgiven.
    case grace
  }

  /// What is billed, in seconds.
  public let seconds: Int64
  /// Why it is not what was worked.
  public let reason: Reason

  /// - Parameters:
  ///   - active: Whole seconds worked; below one nothing is billed.
  ///   - continues: Whether the session continues an earlier one, which had the first period already.
  public init(active: Int64, plan: Plan, continues: Bool) throws(RatingError) {
    guard active >= 1 else {
      (seconds, reason) = (0, .exact)
      return
    }
    let first = continues ? 0 : plan.firstSeconds
    let beyond = try Checked.difference(active, try Checked.sum(first, plan.graceSeconds))
    if beyond <= 0 {
      seconds = first
      reason = active == first ? .exact : active < first ? .minimum : .grace
      return
    }
    let whole = beyond / plan.thenSeconds
    let periods = beyond % plan.thenSeconds == 0 ? whole : try Checked.sum(whole, 1)
    seconds = try Checked.sum(first, try Checked.product(periods, plan.thenSeconds))
    reason = seconds == active ? .exact : active < seconds ? .begunPeriod : .grace
  }
}
