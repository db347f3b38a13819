public import SessionModel

/// A stretch of active time, as the meter or a work file gives it.
public struct WorkInterval: Hashable, Sendable {
  /// When work began.
  public let from: WallTime
  /// When it stopped; the moment itself is no longer worked.
  public let to: WallTime
  /// Who worked, when that is known.
  public let technician: String?

  /// Work from one moment to another.
  public init(from: WallTime, to: WallTime, technician: String? = nil) {
    self.from = from
    self.to = to
    self.technician = technician
  }
}

/// Why work cannot be rated. The description is one line.
public enum RatingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An interval ends before it begins.
  case reversedInterval(from: WallTime, to: WallTime)
  /// A sum does not fit 64 bits.
  case overflow

  /// What was wrong.
  public var description: String {
    switch self {
    case .reversedInterval(let from, let to): "an interval ends at \(to) before it begins at \(from)"
    case .overflow: "the amount is too large to be computed"
    }
  }
}
