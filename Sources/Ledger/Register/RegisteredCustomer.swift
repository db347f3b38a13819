public import SessionModel

/// A customer as he is known now.
public struct RegisteredCustomer: Hashable, Sendable {
  /// Wrong facts within ``lockoutWindowMilliseconds`` that lock a customer.
  public static let lockoutFacts = 5
  /// How far apart they may be, and how long the lock holds: an hour, in milliseconds.
  public static let lockoutWindowMilliseconds: Int64 = 3_600_000

  /// His customer number.
  public let id: Name
  /// The newest version of what is known of him; nil when that was erased.
  public private(set) var details: CustomerAdded?
  /// When he was first put on record.
  public let addedAt: WallTime
  /// When the newest version was.
  public private(set) var changedAt: WallTime
  /// Since when he has had the plan that the newest version names: what included time begins with.
  public private(set) var planSince: WallTime
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
    planSince = time
  }

  /// Whether what was known of him was erased. Nothing is his any more that comes later.
  public var isErased: Bool { details == nil }

  /// Whether so many wrong facts were told that none is looked up now.
  public func isLocked(at now: WallTime) -> Bool { lockedUntil.map { now < $0 } ?? false }

  mutating func change(_ details: CustomerAdded?, at time: WallTime) {
    if details?.plan != self.details?.plan { planSince = time }
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
