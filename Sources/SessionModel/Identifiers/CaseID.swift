/// Names one case for ever: six characters of lower-case Crockford base 32 (30 random bits), short enough to be typed
/// behind a join code: `482177305+k3x9q7`. The ledger refuses one it has seen before, so a collision only costs a new draw.
public struct CaseID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Length in characters.
  public static let length = 6

  /// The six characters.
  public let rawValue: String

  /// Draws an identifier from 30 random bits.
  public init(using generator: inout some RandomNumberGenerator) {
    rawValue = CrockfordText.draw(length: Self.length, using: &generator)
  }

  /// The identifier, or nil when `text` is not six characters of the alphabet.
  public init?(_ text: String) {
    guard CrockfordText.isValid(text, length: Self.length) else { return nil }
    rawValue = text
  }

  /// The identifier as text.
  public var description: String { rawValue }

  /// By code point.
  public static func < (left: CaseID, right: CaseID) -> Bool { left.rawValue < right.rawValue }
}
