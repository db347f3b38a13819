public import SessionModel

/// What is known of a closed session when a later one of the same customer is rated.
public struct EarlierSession: Hashable, Sendable {
  /// The problem it was about.
  public let caseID: CaseID
  /// Its month, by the plan it was agreed under; nil when it did not reach work and was free.
  public let month: BillingMonth?
  /// When it closed.
  public let closedAt: WallTime
  /// How it ended.
  public let outcome: Outcome
  /// Whether it was rework.
  public let isRework: Bool
  /// What was billed, in seconds, whoever paid it: the customer, his included time, or nobody, since it was waived.
  public let billedSeconds: Int64
  /// What it drew of included time, in seconds.
  public let includedSeconds: Int64
  /// What it used up of a quote.
  public let quote: QuoteUse?
  /// What was promised should the fix not last: on its receipt, and by the plan of the customer it was assigned to later.
  public let promises: [ReworkPromise]

  /// A session as it stands on record.
  /// - Parameters:
  ///   - plan: The plan it is rated by: that it was agreed under, or that of the customer it was assigned to. A later change
  ///     of plan changes neither its month nor what it promised.
  ///   - receiptPlan: The plan by which its receipt promised rework, when that is another: that is kept, whatever it is
  ///     rated as since.
  ///   - firstActiveAt: Its first active instant; nil when it worked for less than a second.
  public init(
    caseID: CaseID, plan: Plan, receiptPlan: Plan? = nil, firstActiveAt: WallTime?, closedAt: WallTime,
    outcome: Outcome, isRework: Bool = false,
    billedSeconds: Int64, includedSeconds: Int64 = 0, quote: QuoteUse? = nil
  ) {
    self.caseID = caseID
    month = firstActiveAt.map { plan.month(of: $0) }
    self.closedAt = closedAt
    self.outcome = outcome
    self.isRework = isRework
    self.billedSeconds = billedSeconds
    self.includedSeconds = includedSeconds
    self.quote = quote
    let onReceipt = receiptPlan.flatMap {
      Entitlements.reworkPromise(plan: $0, closedAt: closedAt, outcome: .fixed, isRework: false, billedSeconds: 1)
    }
    let byPlan = Entitlements.reworkPromise(
      plan: plan, closedAt: closedAt, outcome: outcome, isRework: isRework, billedSeconds: billedSeconds)
    promises = [onReceipt, byPlan].compactMap { $0 }
  }
}

/// Free or cheaper work should a fix not last, as the receipt words it.
public struct ReworkPromise: Hashable, Sendable {
  /// The last day, whole, by the plan's clock.
  public let until: CivilDate
  /// What it costs until then.
  public let rule: ReworkRule
  /// The zone of ``until``.
  public let timeZone: PlanTimeZone

  /// Whether the promise still holds at that moment.
  public func holds(at moment: WallTime) -> Bool { timeZone.date(at: moment) <= until }
}

/// What a session used up of a quote.
public struct QuoteUse: Hashable, Sendable {
  /// The quote.
  public let id: String
  /// How much, in minor units; see ``RatedWork/quoteUsedMinor``.
  public let usedMinor: Int64

  /// A quote and how much.
  public init(id: String, usedMinor: Int64) {
    self.id = id
    self.usedMinor = usedMinor
  }
}
