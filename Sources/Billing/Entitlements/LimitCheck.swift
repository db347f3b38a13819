public import SessionModel

/// What a limit counts, in the order in which they are asked about.
public enum LimitKind: String, Hashable, Sendable, CaseIterable {
  /// The work type is not one that was agreed.
  case scope
  /// The sum of the session.
  case sessionAmount = "session_amount"
  /// Billed time of the session.
  case session
  /// Billed time of the customer in the month.
  case month

  /// Whether an agreed price has answered what this limit would ask: it says what is paid, so that no sum is asked about, and
  /// a fixed one whatever time it takes. The month and the kinds of work are about more than the price of one case.
  public func isAnswered(by quote: Quote.Binding) -> Bool {
    switch self {
    case .sessionAmount: true
    case .session: quote == .fixed
    case .scope, .month: false
    }
  }
}

/// How often the customer, or a supervisor, said to go on: each yes grants the same again.
public struct LimitGrants: Hashable, Sendable {
  /// For the session's sum.
  public var sessionAmount: Int64
  /// For the session's time.
  public var session: Int64
  /// For the month's time: in all sessions of the month.
  public var month: Int64
  /// Work types beside those in scope.
  public var scope: Set<String>

  /// None, or as given.
  public init(sessionAmount: Int64 = 0, session: Int64 = 0, month: Int64 = 0, scope: Set<String> = []) {
    self.sessionAmount = sessionAmount
    self.session = session
    self.month = month
    self.scope = scope
  }
}

/// A limit that the next period would pass.
public struct LimitReached: Hashable, Sendable {
  /// Which one.
  public let kind: LimitKind
  /// What is allowed so far, grants included: minor units for the sum, seconds for time, 0 for scope.
  public let allowed: Int64
  /// What the limit is, and each grant adds to it, in the same unit.
  public let step: Int64
  /// What it would be with the next period, in the same unit.
  public let next: Int64
  /// The work type that is out of scope.
  public let workType: String?

  /// How often as much again a yes has to grant so that the next period has room: once as a rule, more often when one
  /// period costs more than the limit. A yes that leads to the next question at once would be no use to anybody.
  public var steps: Int64 {
    guard step > 0, next > allowed else { return 1 }
    let (missing, overflow) = next.subtractingReportingOverflow(allowed)
    return overflow ? 1 : (missing - 1) / step + 1
  }

  /// What is allowed after a yes, in the same unit.
  public var granted: Int64 {
    let (more, overflow) = step.multipliedReportingOverflow(by: steps)
    let (sum, sumOverflow) = allowed.addingReportingOverflow(more)
    return overflow || sumOverflow ? .max : sum
  }
}

/// Who is at work at this moment, and on what.
public struct RunningWork: Hashable, Sendable {
  /// Who, as his intervals name him.
  public let technician: String?
  /// On what; nil is the plan's default.
  public let workType: String?

  /// A technician and what he does.
  public init(technician: String?, workType: String? = nil) {
    self.technician = technician
    self.workType = workType
  }
}

/// **Limits** count billed time and all lines, per customer for the month. The session is suspended *before* the period
/// that would pass one.
public enum LimitCheck {
  /// The first limit that would be passed if work went on for `lookAheadMilliseconds`; nil when it may go on. Choose the
  /// look-ahead longer than the time to the next check. With nobody at work nothing can be passed.
  ///
  /// A session under an accepted quote is not stopped by the limits that the agreed price answers
  /// (``LimitKind/isAnswered(by:)``), but by the others.
  /// - Parameters:
  ///   - plan: The plan as agreed.
  ///   - work: What was worked until `now`.
  ///   - running: Who goes on from `now` on.
  ///   - monthSeconds: What the customer's other sessions of the month were billed, open ones too, in seconds.
  ///   - grants: How often a yes was given.
  public static func reached(
    plan: Plan, work: Work, running: [RunningWork], at now: WallTime, lookAheadMilliseconds: Int64,
    monthSeconds: Int64, grants: LimitGrants
  ) throws(RatingError) -> LimitReached? {
    guard !running.isEmpty, plan.limits != .none else { return nil }
    for worker in running {
      guard let type = plan.workType(worker.workType)?.type else {
        throw .unknownWorkType(worker.workType ?? "")
      }
      if let inScope = plan.limits.inScope, !inScope.contains(type), !grants.scope.contains(type) {
        return LimitReached(kind: .scope, allowed: 0, step: 0, next: 0, workType: type)
      }
    }
    let then = now.advanced(byMilliseconds: max(1, lookAheadMilliseconds))
    let ahead = try Rating.rate(
      plan: plan,
      work: Work(
        intervals: work.intervals
          + running.map { WorkInterval(from: now, to: then, technician: $0.technician, workType: $0.workType) },
        isRework: work.isRework, continues: work.continues, includedLeftSeconds: work.includedLeftSeconds))
    let (month, overflow) = ahead.billedSeconds.addingReportingOverflow(monthSeconds)
    let candidates: [(LimitKind, step: Int64?, grants: Int64, next: Int64)] = [
      (.sessionAmount, plan.limits.sessionAmountMinor, grants.sessionAmount, ahead.amountMinor),
      (.session, plan.limits.sessionSeconds, grants.session, ahead.billedSeconds),
      (.month, plan.limits.monthSeconds, grants.month, overflow ? .max : month),
    ]
    for (kind, step, grants, next) in candidates {
      guard let step, work.quote.map({ !kind.isAnswered(by: $0.binding) }) ?? true else { continue }
      if let allowed = allowed(step, grants: grants), next > allowed {
        return LimitReached(kind: kind, allowed: allowed, step: step, next: next, workType: nil)
      }
    }
    return nil
  }

  /// What a limit allows after so many grants, each of as much again; nil where that is too much to count, which is no limit.
  public static func allowed(_ step: Int64, grants: Int64) -> Int64? {
    let (extra, overflow) = step.multipliedReportingOverflow(by: max(0, grants))
    let (allowed, sumOverflow) = step.addingReportingOverflow(extra)
    return overflow || sumOverflow ? nil : allowed
  }
}
