public import SessionModel

/// A session reduced to what later sessions, limits and reports rest on: less than two kilobytes.
public struct RegisteredSession: Hashable, Sendable {
  /// Seconds and amounts of a bill by kind of line.
  public struct Sums: Hashable, Sendable {
    /// Seconds paid from included time.
    public internal(set) var includedSeconds: Int64 = 0
    /// Seconds of rework.
    public internal(set) var reworkSeconds: Int64 = 0
    /// What rework costs, in minor units.
    public internal(set) var reworkMinor: Int64 = 0
    /// What a quote changed, in minor units: negative.
    public internal(set) var quoteMinor: Int64 = 0
    /// What allowances took off, in minor units: negative.
    public internal(set) var allowanceMinor: Int64 = 0
    /// Why, once each.
    public internal(set) var allowanceReasons: [String] = []
  }

  /// A limit that was lifted for as much again.
  public struct Grant: Hashable, Sendable {
    /// The limit.
    public let limit: LimitName
    /// Of ``LimitName/scope``, which type of work is covered from then on.
    public let workType: String?
    /// How often as much again.
    public let steps: Int64
    /// When.
    public let grantedAt: WallTime
    /// The supervisor who did it; nil for the customer.
    public let supervisor: String?
  }

  /// The session.
  public let id: SessionID
  /// Its case; nil where an earlier program opened it.
  public internal(set) var caseID: CaseID?
  /// The customer it belongs to; nil while he is not known.
  public internal(set) var customer: Name?
  /// The technician; nil when that was erased.
  public internal(set) var technician: String?
  /// The machine's key; nil when that was erased or never known.
  public internal(set) var machineKey: Fingerprint?
  /// How the customer was known when it was opened.
  public internal(set) var identity = Identity.unknown
  /// The plan it is rated by; nil when that was erased.
  public internal(set) var plan: PlanTerms?
  /// The plan by which its receipt may have promised rework; nil while that is ``plan``, or it promised none.
  public internal(set) var receiptPlan: PlanTerms?
  /// When the technician asked.
  public let requestedAt: WallTime
  /// Whether it fixed its problem and was charged for that: only such a session promises rework.
  public var isChargedFix: Bool { outcome == .fixed && billedSeconds > 0 && !rating.isRework }
  /// When work could begin; nil when it never could.
  public internal(set) var activatedAt: WallTime?
  /// When it was closed; nil while it is open.
  public internal(set) var closedAt: WallTime?
  /// How it ended; nil while it is open.
  public internal(set) var outcome: Outcome?
  /// Active time, in milliseconds; 0 while it is open.
  public internal(set) var activeMilliseconds: Int64 = 0
  /// The first active instant, which tells its month; nil when there was none.
  public internal(set) var firstActiveAt: WallTime?
  /// Seconds charged for; 0 while it is open.
  public internal(set) var billedSeconds: Int64 = 0
  /// What it costs, in minor units of ``currency``, after all corrections; 0 while it is open.
  public internal(set) var amountMinor: Int64 = 0
  /// What it cost when it was closed.
  public internal(set) var closedAmountMinor: Int64 = 0
  /// ISO 4217; nil when that was erased.
  public internal(set) var currency: String?
  /// How it was rated.
  public internal(set) var rating = RatingFacts()
  /// Its bill by kind of line.
  public internal(set) var sums = Sums()
  /// The entry that opened it.
  let openingSequence: UInt64
  /// The entry that closed it; 0 while it is open.
  var closingSequence: UInt64 = 0
  /// The entry its price stands in: the closing, or the newest correction; 0 while it is open.
  public internal(set) var priceSequence: UInt64 = 0
  /// What was let off while it was open, or afterwards, in order.
  public internal(set) var allowances: [AllowanceGranted] = []
  /// Limits that were lifted in it, in order.
  public internal(set) var grants: [Grant] = []

  init(id: SessionID, requestedAt: WallTime, in sequence: UInt64) {
    self.id = id
    self.requestedAt = requestedAt
    openingSequence = sequence
  }

  /// Whether it is open.
  public var isOpen: Bool { closedAt == nil }

  /// Takes a price over that is lower; another changes nothing.
  mutating func lower(to price: NewPrice, in sequence: UInt64) {
    guard !isOpen, price.isLower(than: amountMinor, currency) else { return }
    billedSeconds = price.billedSeconds
    amountMinor = price.amountMinor
    rating = price.rating
    sums = Sums(of: price.lines)
    priceSequence = sequence
  }
}

extension RegisteredSession.Sums {
  init(of lines: [LedgerLine]) {
    for line in lines {
      switch line.kind {
      case "included": includedSeconds = includedSeconds.addingSaturated(line.seconds)
      case "rework":
        reworkSeconds = reworkSeconds.addingSaturated(line.seconds)
        reworkMinor = reworkMinor.addingSaturated(line.amountMinor)
      case "quote": quoteMinor = quoteMinor.addingSaturated(line.amountMinor)
      case "allowance":
        allowanceMinor = allowanceMinor.addingSaturated(line.amountMinor)
        if let reason = line.reason, !allowanceReasons.contains(reason) { allowanceReasons.append(reason) }
      default: break
      }
    }
  }
}
