/// Names one session for ever: eight characters of lower-case Crockford base 32 (40 random bits), short enough to be
/// typed after `desk close`. The ledger refuses an identifier it has seen before, so a collision only costs a new draw.
public struct SessionID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Length in characters.
  public static let length = 8
  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// The eight characters.
  public let rawValue: String

  /// Draws an identifier from five random bytes.
  public init(using generator: inout some RandomNumberGenerator) {
    var bits: UInt64 = generator.next()
    var characters: [UInt8] = []
    for _ in 0..<Self.length {
      characters.append(Self.alphabet[Int(bits & 31)])
      bits >>= 5
    }
    rawValue = String(decoding: characters, as: UTF8.self)
  }

  /// The identifier, or nil when `text` is not eight characters of the alphabet.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == Self.length, bytes.allSatisfy({ Self.alphabet.contains($0) }) else { return nil }
    rawValue = text
  }

  /// The identifier as text.
  public var description: String { rawValue }

  /// By code point.
  public static func < (left: SessionID, right: SessionID) -> Bool { left.rawValue < right.rawValue }
}
