public import SessionModel

/// A plan, in all versions there ever were.
public struct RegisteredPlan: Hashable, Sendable {
  /// One version.
  public struct Version: Hashable, Sendable {
    /// The entry that put it on record.
    public let sequence: UInt64
    /// When.
    public let addedAt: WallTime
    /// The plan.
    public let terms: PlanTerms
  }

  /// The plan's identifier.
  public let id: String
  /// Its versions, the newest last.
  public private(set) var versions: [Version]
  /// Since when it is not offered any more; a version added later offers it again.
  public private(set) var withdrawnAt: WallTime?

  init(_ version: Version) {
    id = version.terms.id
    versions = [version]
  }

  /// The newest version; nil when the plan was withdrawn.
  public var current: PlanTerms? { withdrawnAt == nil ? versions.last?.terms : nil }

  mutating func add(_ version: Version) {
    versions.append(version)
    withdrawnAt = nil
  }

  mutating func withdraw(at time: WallTime) { withdrawnAt = withdrawnAt ?? time }
}
