/// Sixteen random bytes that name one run of a program. Only a new *agent* instance means that the agent was restarted;
/// a new *relay* instance means that the relay was.
public struct InstanceID: Hashable, Sendable, CustomStringConvertible {
  /// Length in bytes.
  public static let length = 16
  /// The sixteen bytes.
  public let bytes: [UInt8]

  /// Nil unless `bytes` are exactly sixteen.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length else { return nil }
    self.bytes = bytes
  }

  /// Draws a new identifier.
  public init(using generator: inout some RandomNumberGenerator) {
    bytes = (0..<Self.length).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  /// Lower-case hexadecimal.
  public var description: String { Hex.encode(bytes) }
}

/// The SHA-256 of something public: a key's SPKI, the words a customer was shown, an entry. Written `sha256:HEX`.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  /// Length in bytes.
  public static let length = 32
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// Nil unless `bytes` are exactly 32.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length else { return nil }
    self.bytes = bytes
  }

  /// Reads `sha256:` and 64 hexadecimal digits of either case; nil for anything else.
  public init?(_ text: String) {
    let prefix = "sha256:"
    guard text.hasPrefix(prefix), let bytes = Hex.decode(text.dropFirst(prefix.count)) else { return nil }
    self.init(bytes)
  }

  /// `sha256:` and 64 lower-case hexadecimal digits.
  public var description: String { "sha256:" + Hex.encode(bytes) }
}
