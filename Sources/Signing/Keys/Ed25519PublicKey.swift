import COpenSSL
public import SessionModel

/// An Ed25519 public key (RFC 8032).
public struct Ed25519PublicKey: Hashable, Sendable {
  /// Length in bytes.
  public static let length = 32
  /// Length of a signature in bytes.
  public static let signatureLength = 64

  /// The 32 bytes of the encoded point.
  public let rawBytes: [UInt8]

  /// Nil unless `rawBytes` are exactly 32. Whether they are a point of the curve shows when a signature is checked.
  public init?(rawBytes: [UInt8]) {
    guard rawBytes.count == Self.length else { return nil }
    self.rawBytes = rawBytes
  }

  /// Whether `signature` over `message` was made with this key. Anything malformed is simply not valid.
  public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
    guard signature.count == Self.signatureLength, OpenSSLLibrary.isReady else { return false }
    guard let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, rawBytes, rawBytes.count) else {
      ERR_clear_error()
      return false
    }
    defer { unsafe EVP_PKEY_free(key) }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    let valid =
      unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    ERR_clear_error()
    return valid
  }

  /// The same with the key's raw bytes; what is no key has signed nothing.
  public static func isValid(signature: [UInt8], for message: [UInt8], rawKey: [UInt8]) -> Bool {
    Ed25519PublicKey(rawBytes: rawKey)?.isValid(signature: signature, for: message) ?? false
  }

  /// What stands before the raw bytes in a SubjectPublicKeyInfo (RFC 8410).
  private static let spkiPrefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

  /// SHA-256 of its SubjectPublicKeyInfo: the identity of whoever has a certificate with this key.
  public var spki: Fingerprint { SHA256.hash(Self.spkiPrefix + rawBytes) }

  /// SHA-256 of the raw 32 bytes.
  public var fingerprint: Fingerprint { SHA256.hash(rawBytes) }
}
