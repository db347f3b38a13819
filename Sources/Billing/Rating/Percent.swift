public import SessionModel

/// An exact decimal percentage, such as 100, 150 or 187.5: `coefficient` / 10^`scale`, in lowest terms.
public struct Percent: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Most decimals kept; a product of two written percentages needs no more.
  public static let maximumScale = 8
  /// Most decimals of a percentage that people write.
  public static let maximumWrittenScale = 3

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

  /// Reads exact decimal text such as `150` or `25.5`, with at most ``maximumWrittenScale`` decimals; nil for anything else.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let whole = parts.first, parts.count <= 2,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(digits.contains) }),
      whole.count == 1 || whole.first != digits.lowerBound,
      parts.count == 1 || parts[1].count <= Self.maximumWrittenScale,
      let coefficient = Int64(String(decoding: parts.joined(), as: UTF8.self))
    else { return nil }
    self.init(coefficient: coefficient, scale: parts.count == 2 ? parts[1].count : 0)
  }

  /// Two percentages of one price, exactly: 150 times 120 is 180.
  /// - Throws: ``RatingError/overflow`` when the product has too many digits.
  func times(_ other: Percent) throws(RatingError) -> Percent {
    if other == .hundred { return self }
    if self == .hundred { return other }
    let product = try Checked.product(coefficient, other.coefficient)
    // Behind 10^(s + t) stands the hundred that one of the two was a share of. Zeros at the end make room.
    var (digits, scale) = (product, self.scale + other.scale + 2)
    while scale > Self.maximumScale, digits % 10 == 0 {
      digits /= 10
      scale -= 1
    }
    guard let percent = Percent(coefficient: digits, scale: scale) else { throw .overflow }
    return percent
  }

  /// What 100 percent of one is divided by to have this: 100 × 10^scale.
  var denominator: Int64 { (0..<scale).reduce(100) { power, _ in power * 10 } }

  /// By value, exactly.
  public static func < (left: Percent, right: Percent) -> Bool {
    if left.scale == right.scale { return left.coefficient < right.coefficient }
    return Int128(left.coefficient) * Int128(right.denominator) < Int128(right.coefficient) * Int128(left.denominator)
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
