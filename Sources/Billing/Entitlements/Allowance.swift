import SessionModel

/// What somebody takes off a session's sum, with his reason. It has the tax category and rate of the session's plan.
public struct Allowance: Hashable, Sendable {
  /// Why it is one.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// What is not charged.
    case waiver
    /// What is charged less.
    case discount
  }

  /// How much.
  public enum Size: Hashable, Sendable {
    /// Everything that is left.
    case all
    /// So many minor units, more than 0; at most what is left.
    case amount(minor: Int64)
    /// A share of what is left, more than 0 and at most 100 percent.
    case share(Percent)

    /// What it takes off a sum, in minor units; 0 or less for a size that makes no sense.
    func reduction(of sum: Int64) throws(RatingError) -> Int64 {
      switch self {
      case .all: sum
      case .amount(let minor): min(minor, sum)
      case .share(let percent): percent > .hundred ? 0 : try LineAmount.minorUnits(percent, of: sum)
      }
    }
  }

  /// Why it is one.
  public let kind: Kind
  /// How much.
  public let size: Size
  /// The reason, for the customer to read.
  public let reason: String
  /// Who gave it.
  public let author: String

  /// All of it, by hand.
  public init(kind: Kind, size: Size, reason: String, author: String) {
    self.kind = kind
    self.size = size
    self.reason = reason
    self.author = author
  }
}

/// Why an allowance cannot be given. The description is one line.
public enum AllowanceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is nothing to pay.
  case nothingToReduce
  /// The amount or the share makes no sense, or comes to less than half a minor unit.
  case impossibleSize
  /// The reason or the author is missing, or cannot be shown.
  case unreadable(String)
  /// The sum does not fit.
  case rating(RatingError)

  /// What was wrong.
  public var description: String {
    switch self {
    case .nothingToReduce: "there is nothing to pay, so nothing can be taken off"
    case .impossibleSize: "an allowance is an amount above zero, or a share above 0 and at most 100 percent"
    case .unreadable(let problem): problem
    case .rating(let error): error.description
    }
  }
}

extension Allowance {
  /// **Waiver, discount**: the line that takes it off `sum`, in minor units: with reason and author always, at most what it
  /// reduces, rounded half up as a positive amount.
  public func line(of sum: Int64) throws(AllowanceError) -> RatedLine {
    for (what, text) in [("the reason", reason), ("the author", author)] {
      if text.isEmpty { throw .unreadable("\(what) is missing") }
      if let problem = TextSafety.problem(inField: text) { throw .unreadable("\(what) \(problem)") }
    }
    guard sum > 0 else { throw .nothingToReduce }
    let off: Int64
    do { off = try size.reduction(of: sum) } catch { throw .rating(error) }
    guard off > 0 else { throw .impossibleSize }
    return RatedLine(
      kind: .allowance, description: kind == .waiver ? "Waived" : "Discount", seconds: 0, percent: .hundred,
      amountMinor: -off, reason: reason, technician: author)
  }
}

extension RatedWork {
  /// The same work with an allowance line; see ``Allowance/line(of:)``.
  public func adding(_ allowance: Allowance) throws(AllowanceError) -> RatedWork {
    let line = try allowance.line(of: amountMinor)
    do { return try RatedWork(self, adding: line) } catch { throw .rating(error) }
  }
}
