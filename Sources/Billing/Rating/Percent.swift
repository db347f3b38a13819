public import SessionModel

/// An exact decimal percentage, such as 100, 150 or 187.5: `coefficient` / 10^`scale`, in lowest terms.
public struct Percent: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Most decimals kept; a product of two written percentages needs no more.
  public static let maximumScale = 8

  /// The digits without the point.
  public let coefficient: Int64
  /// How many of them stand behind the point.
  public let scale: Int

  /// The price as it stands.
  public static let hundred = Percent(100)
  /// Nothing.
  public static let zero = Percent(0)

  /// A whole percentage.
  public init(_ whole: Int64) {
    coefficient = whole
    scale = 0
  }

  /// `coefficient` / 10^`scale`; nil when the scale is negative or beyond ``maximumScale``.
  public init?(coefficient: Int64, scale: Int) {
    guard (0...Self.maximumScale).contains(scale) else { return nil }
    var (coefficient, scale) = (coefficient, scale)
    while scale > 0 && coefficient % 10 == 0 {
      coefficient /= 10
      scale -= 1
    }
    self.coefficient = coefficient
    self.scale = scale
  }

  /// What 100 percent of one is divided by to have this: 100 × 10^scale.
  var denominator: Int64 { (0..<scale).reduce(100) { power, _ in power * 10 } }

  /// By value, exactly.
  public static func < (left: Percent, right: Percent) -> Bool {
    Int128(left.coefficient) * Int128(right.denominator) < Int128(right.coefficient) * Int128(left.denominator)
  }

  /// `100`, `187.5`.
  public var description: String {
    guard scale > 0 else { return "\(coefficient)" }
    let digits = String(coefficient.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.utf8.count)) + digits
    return "\(coefficient < 0 ? "-" : "")\(padded.dropLast(scale)).\(padded.suffix(scale))"
  }

  /// A number when whole, otherwise exact decimal text.
  public var json: JSONValue { scale == 0 ? .integer(coefficient) : .string(description) }
}
