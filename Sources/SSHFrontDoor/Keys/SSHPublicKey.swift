public import SessionModel

/// A technician's public key: Ed25519, ECDSA on a NIST curve, or RSA of at least 2,048 bits. Certificates and security-key
/// types are not taken: libssh neither verifies the former nor exposes the latter's user presence.
public struct SSHPublicKey: Hashable, Sendable {
  /// The smallest RSA modulus taken, in bits.
  public static let minimumRSABits = 2_048
  /// The longest line `init(authorizedKeysLine:)` looks at, in bytes.
  public static let maximumLineBytes = 16_384
  /// The key types taken, by their names in RFC 4253, RFC 5656 and RFC 8709.
  public static let algorithms = [
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
  ]

  /// The key type's name, one of `algorithms`.
  public let algorithm: String
  /// The key in wire form (RFC 4253 section 6.6).
  public let blob: [UInt8]
  /// The SHA-256 of `blob`.
  public let fingerprint: Fingerprint

  /// The fingerprint as `ssh-keygen -l` writes it: `SHA256:` and base 64 without padding.
  public var display: String { "SHA256:" + Base64.encode(fingerprint.bytes, padded: false) }

  /// Reads a line of a `.pub` or authorized_keys file: type, base 64, comment. Options before the type, a type not taken and
  /// an RSA key that is too short give nil.
  public init?(authorizedKeysLine line: String) {
    guard line.utf8.count <= Self.maximumLineBytes else { return nil }
    let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
    guard words.count >= 2, let blob = Base64.decode(String(words[1])) else { return nil }
    guard let key = KeyHandle(algorithm: String(words[0]), base64: String(words[1])), let read = SSHPublicKey(key)
    else { return nil }
    guard read.blob == blob else { return nil }
    self = read
  }

  /// The key as text for an authorized_keys file, without a comment.
  public var authorizedKeysLine: String { algorithm + " " + Base64.encode(blob, padded: true) }

  /// The key behind a handle, unless it is of a kind not taken.
  init?(_ key: borrowing KeyHandle) {
    guard key.isAcceptedKind, let base64 = key.publicBase64, let blob = Base64.decode(base64),
      let fingerprint = key.fingerprint
    else { return nil }
    var fields = WireFields(blob)
    guard let name = fields.nextString(), let algorithm = String(validating: name, as: UTF8.self),
      Self.algorithms.contains(algorithm)
    else { return nil }
    if algorithm == "ssh-rsa" {
      guard fields.nextString() != nil, let modulus = fields.nextString(),
        Self.bitCount(modulus) >= Self.minimumRSABits
      else { return nil }
    }
    self.algorithm = algorithm
    self.blob = blob
    self.fingerprint = fingerprint
  }

  /// The bits of a positive number in `mpint` form.
  private static func bitCount(_ number: [UInt8]) -> Int {
    let digits = number.drop(while: { $0 == 0 })
    guard let first = digits.first else { return 0 }
    return digits.count * 8 - first.leadingZeroBitCount
  }
}

/// Reads the length-prefixed strings of RFC 4251 section 5.
struct WireFields {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next string, or nil when the bytes end before it does.
  mutating func nextString() -> [UInt8]? {
    guard bytes.count - position >= 4 else { return nil }
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    let start = position + 4
    guard bytes.count - start >= length else { return nil }
    position = start + length
    return Array(bytes[start..<position])
  }
}
