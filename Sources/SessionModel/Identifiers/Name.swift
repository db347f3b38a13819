/// A technician's or machine's name: `[a-z][a-z0-9-]{0,31}`, and not the reserved `desk`.
public struct Name: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Longest name, in bytes.
  public static let maximumLength = 32
  /// The user name of the desk; nobody and nothing else may carry it.
  public static let desk = "desk"

  /// The checked text.
  public let rawValue: String

  /// The name, or nil when `text` breaks the rule.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, bytes.count <= Self.maximumLength, Self.isLetter(first), text != Self.desk else {
      return nil
    }
    guard bytes.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "-") }) else { return nil }
    rawValue = text
  }

  /// The name as text.
  public var description: String { rawValue }

  /// By code point.
  public static func < (left: Name, right: Name) -> Bool { left.rawValue < right.rawValue }

  private static func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") }
  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
