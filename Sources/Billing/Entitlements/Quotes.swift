import SessionModel

/// A price for a case that the customer accepted. It covers all lines of the case from then on, the call-out too.
public struct Quote: Hashable, Sendable {
  /// How it binds.
  public enum Binding: String, Hashable, Sendable, CaseIterable {
    /// The case costs at most this; included time pays first.
    case notToExceed = "not_to_exceed"
    /// The case costs exactly this; included time is untouched.
    case fixed
  }

  /// What it is called on the lines that name it.
  public let id: String
  /// How it binds.
  public let binding: Binding
  /// How much, in minor units, on the plan's price basis; 0 or more.
  public let amountMinor: Int64
  /// What a session that was open when the customer accepted had cost until then, in minor units: that stays owed, and the
  /// quote covers what comes on top. 0 for every other session.
  public let owedBeforeMinor: Int64

  /// All of it, by hand.
  public init(id: String, binding: Binding, amountMinor: Int64, owedBeforeMinor: Int64 = 0) {
    self.id = id
    self.binding = binding
    self.amountMinor = amountMinor
    self.owedBeforeMinor = owedBeforeMinor
  }
}

extension Entitlements {
  /// What the next session of the case may cost at most: each in closing order gets what the ones before left.
  public static func left(of quote: Quote, earlier: [EarlierSession]) -> QuoteLeft {
    QuoteLeft(
      id: quote.id, leftMinor: max(0, quote.amountMinor - used(of: quote, earlier: earlier).sum),
      owedBeforeMinor: quote.owedBeforeMinor, binding: quote.binding)
  }

  /// What closing a case adds under a `fixed` quote: a line for what its sessions fell short of the price; nil when nothing
  /// is missing, for quotes that are no fixed price, and when no session of the case reached work.
  public static func shortfall(of quote: Quote, earlier: [EarlierSession]) -> RatedLine? {
    let used = used(of: quote, earlier: earlier)
    guard quote.binding == .fixed, used.reachedWork, used.sum < quote.amountMinor else { return nil }
    return RatedLine(
      kind: .quote, description: "Quote \(TextSafety.escaped(quote.id))", seconds: 0, percent: .hundred,
      amountMinor: quote.amountMinor - used.sum, reason: quote.id)
  }

  private static func used(of quote: Quote, earlier: [EarlierSession]) -> (sum: Int64, reachedWork: Bool) {
    var (sum, reachedWork) = (Int64(0), false)
    for session in earlier {
      guard let use = session.quote, use.id == quote.id else { continue }
      let (total, overflow) = sum.addingReportingOverflow(use.usedMinor)
      sum = overflow ? .max : total
      reachedWork = reachedWork || session.month != nil
    }
    return (sum, reachedWork)
  }
}
