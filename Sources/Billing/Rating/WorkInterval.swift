public import SessionModel

/// A stretch of active time, as the meter or a work file gives it.
public struct WorkInterval: Hashable, Sendable {
  /// When work began.
  public let from: WallTime
  /// When it stopped; the moment itself is no longer worked.
  public let to: WallTime
  /// Who worked, when that is known.
  public let technician: String?
  /// What kind of work it was; nil is the plan's default.
  public let workType: String?

  /// Work from one moment to another.
  public init(from: WallTime, to: WallTime, technician: String? = nil, workType: String? = nil) {
    self.from = from
    self.to = to
    self.technician = technician
    self.workType = workType
  }
}

/// What is left of a quote the customer accepted.
public struct QuoteLeft: Hashable, Sendable {
  /// What the quote is called on the line that names it.
  public let id: String
  /// What the session may cost at most, in minor units; 0 or more.
  public let leftMinor: Int64
  /// What a session that was open when the customer accepted had cost until then, in minor units; 0 for every other. It
  /// stays owed, and the quote covers what comes on top.
  public let owedBeforeMinor: Int64
  /// How it binds: rating is the same, limits are not (``LimitKind/isAnswered(by:)``).
  public let binding: Quote.Binding

  /// A quote and what is left of it.
  public init(id: String, leftMinor: Int64, owedBeforeMinor: Int64 = 0, binding: Quote.Binding = .notToExceed) {
    self.id = id
    self.leftMinor = leftMinor
    self.owedBeforeMinor = owedBeforeMinor
    self.binding = binding
  }
}

/// What was worked in one session, and what is known about it when it is rated.
public struct Work: Hashable, Sendable {
  /// When work was done; order, overlap and splitting change nothing.
  public let intervals: [WorkInterval]
  /// Whether an earlier session ought to have fixed it; see ``Entitlements``.
  public let isRework: Bool
  /// Whether the session continues an earlier one: no first period and no call-out.
  public let continues: Bool
  /// Included time that may be drawn, in seconds; 0 or more.
  public let includedLeftSeconds: Int64
  /// What caps the sum, if the case has an accepted quote.
  public let quote: QuoteLeft?

  /// All of it, by hand.
  public init(
    intervals: [WorkInterval], isRework: Bool = false, continues: Bool = false, includedLeftSeconds: Int64 = 0,
    quote: QuoteLeft? = nil
  ) {
    self.intervals = intervals
    self.isRework = isRework
    self.continues = continues
    self.includedLeftSeconds = includedLeftSeconds
    self.quote = quote
  }
}
