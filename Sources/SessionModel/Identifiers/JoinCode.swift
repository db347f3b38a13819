/// The nine digits a customer reads out.
public struct JoinCode: Hashable, Sendable, CustomStringConvertible {
  /// Digits in a code.
  public static let length = 9
  /// How long a code waits for its first claim, in seconds.
  public static let lifetimeSeconds: Int64 = 15 * 60

  /// The nine digits without spaces.
  public let rawValue: String

  /// Draws a code; the first digit is never 0, so that nobody drops it.
  public init(using generator: inout some RandomNumberGenerator) {
    rawValue = String(UInt32.random(in: 100_000_000...999_999_999, using: &generator))
  }

  /// Reads a code as people write it: digits, with spaces, dots or hyphens between them. Nil when it is not nine digits.
  public init?(_ text: String) {
    var digits = ""
    for character in text.unicodeScalars {
      switch character {
      case "0"..."9": digits.unicodeScalars.append(character)
      case " ", "-", ".": continue
      default: return nil
      }
      if digits.utf8.count > Self.length { return nil }
    }
    guard digits.utf8.count == Self.length else { return nil }
    rawValue = digits
  }

  /// The digits as one word, for commands.
  public var description: String { rawValue }

  /// The digits in groups of three, for reading out: `482 177 305`.
  public var spoken: String {
    let digits = Array(rawValue)
    return [digits[0..<3], digits[3..<6], digits[6..<9]].map { String($0) }.joined(separator: " ")
  }
}
