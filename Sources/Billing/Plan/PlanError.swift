import SessionModel

/// A key of a plan with an impossible value. The description is one line.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The way to the key as written in the plan's file: `rate_per_hour`, `out_of_hours.rules[1].from`.
  public let key: String
  /// What is wrong with its value, to stand behind the key.
  public let reason: String

  /// A key and what is wrong with its value.
  public init(key: String, reason: String) {
    self.key = key
    self.reason = reason
  }

  /// `first: must be at least 1s`
  public var description: String { "\(TextSafety.escaped(key)): \(reason)" }
}
