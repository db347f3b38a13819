public import SessionModel

/// A customer as he is known now.
public struct RegisteredCustomer: Hashable, Sendable {
  /// Wrong facts within ``lockoutWindowMilliseconds`` that lock a customer.
  public static let lockoutFacts = 5
  /// How far apart they may be, and how long the lock holds: an hour, in milliseconds.
  public static let lockoutWindowMilliseconds: Int64 = 3_600_000

  /// A time with one plan.
  public struct PlanPeriod: Hashable, Sendable {
    /// The plan's identifier; nil for none of his own.
    public let plan: String?
    /// Since when.
    public let since: WallTime
  }

  /// His customer number.
  public let id: Name
  /// The newest version of what is known of him; nil when that was erased.
  public private(set) var details: CustomerAdded?
  /// When he was first put on record.
  public let addedAt: WallTime
  /// When the newest version was.
  public private(set) var changedAt: WallTime
  /// Which plans he had, each since when; the one he has now is the last. A version that names the same plan begins nothing.
  public private(set) var plans: [PlanPeriod]
  /// How many versions there were.
  public private(set) var versions = 1
  /// His sessions, in the order in which they became his.
  public internal(set) var sessions: [SessionID] = []
  /// His cases, likewise.
  public internal(set) var cases: [CaseID] = []
  /// When the newest wrong facts were told, at most ``lockoutFacts``.
  public private(set) var wrongFacts: [WallTime] = []
  /// Until when no fact is looked up; nil when that never was so.
  public private(set) var lockedUntil: WallTime?

  init(id: Name, details: CustomerAdded?, at time: WallTime) {
    self.id = id
    self.details = details
    addedAt = time
    changedAt = time
    plans = [PlanPeriod(plan: details?.plan, since: time)]
  }

  /// Whether what was known of him was erased. Nothing is his any more that comes later.
  public var isErased: Bool { details == nil }

  /// Since when he has had a plan: what its included time begins with; nil when another is his.
  /// - Parameter moment: asks what was so then; nil for now.
  public func planSince(_ plan: String, at moment: WallTime? = nil) -> WallTime? {
    let period = moment.map { moment in plans.last { $0.since <= moment } } ?? plans.last
    return isErased || period?.plan != plan ? nil : period?.since
  }

  /// Whether so many wrong facts were told that none is looked up now.
  public func isLocked(at now: WallTime) -> Bool { lockedUntil.map { now < $0 } ?? false }

  mutating func change(_ details: CustomerAdded?, at time: WallTime) {
    if details?.plan != self.details?.plan { plans.append(PlanPeriod(plan: details?.plan, since: time)) }
    self.details = details
    changedAt = time
    versions += 1
  }

  mutating func wrongFact(at time: WallTime) {
    wrongFacts = wrongFacts.suffix(Self.lockoutFacts - 1) + [time]
    guard wrongFacts.count == Self.lockoutFacts, let first = wrongFacts.first,
      time.milliseconds(since: first) <= Self.lockoutWindowMilliseconds
    else { return }
    lockedUntil = time.advanced(byMilliseconds: Self.lockoutWindowMilliseconds)
  }
}
