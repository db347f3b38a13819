/// Names one session for ever: eight characters of lower-case Crockford base 32 (40 random bits), short enough to be
/// typed after `desk close`. The ledger refuses an identifier it has seen before, so a collision only costs a new draw.
public struct SessionID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Length in characters.
  public static let length = 8

  /// The eight characters.
  public let rawValue: String

  /// Draws an identifier from five random bytes.
  public init(using generator: inout some RandomNumberGenerator) {
    rawValue = CrockfordText.draw(length: Self.length, using: &generator)
  }

  /// The identifier, or nil when `text` is not eight characters of the alphabet.
  public init?(_ text: String) {
    guard CrockfordText.isValid(text, length: Self.length) else { return nil }
    rawValue = text
  }

  /// The identifier as text.
  public var description: String { rawValue }

  /// By code point.
  public static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
}
