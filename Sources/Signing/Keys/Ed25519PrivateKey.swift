import COpenSSL

/// An Ed25519 private key (RFC 8032). It lives in libcrypto's memory, which is wiped when the last copy goes.
public struct Ed25519PrivateKey: Sendable {
  /// Length of the seed in bytes.
  public static let seedLength = 32

  /// The key as OpenSSL knows it.
  package let handle: KeyHandle
  /// The public half.
  public let publicKey: Ed25519PublicKey

  /// Takes an existing key.
  package init(handle: KeyHandle) throws(SigningError) {
    guard handle.isEd25519 else { throw .malformedKey("it is a key of another kind") }
    var raw = [UInt8](repeating: 0, count: Ed25519PublicKey.length)
    var count = raw.count
    let ok = unsafe EVP_PKEY_get_raw_public_key(handle.pointer, &raw, &count)
    guard ok == 1, count == raw.count, let publicKey = Ed25519PublicKey(rawBytes: raw) else {
      throw .library(OpenSSLLibrary.takeError())
    }
    self.handle = handle
    self.publicKey = publicKey
  }

  /// Makes a new key.
  public static func generate() throws(SigningError) -> Ed25519PrivateKey {
    try Ed25519PrivateKey(handle: .generateEd25519())
  }

  /// The key with this seed of 32 bytes.
  public init(rawSeed: [UInt8]) throws(SigningError) {
    guard rawSeed.count == Self.seedLength else {
      throw .malformedKey("the seed has \(rawSeed.count) bytes, not \(Self.seedLength)")
    }
    guard OpenSSLLibrary.isReady,
      let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, rawSeed, rawSeed.count)
    else { throw .library(OpenSSLLibrary.takeError()) }
    try unsafe self.init(handle: KeyHandle(owning: key))
  }

  /// The key in PKCS#8 PEM text.
  public init(pem: [UInt8]) throws(SigningError) {
    guard let handle = KeyHandle(pem: pem) else { throw .malformedKey("no private key in PEM form without passphrase") }
    try self.init(handle: handle)
  }

  /// The key as PKCS#8 PEM text: a secret.
  public func pem() throws(SigningError) -> [UInt8] { try handle.pem() }

  /// Signs `message`.
  /// - Returns: 64 bytes.
  public func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
    guard let context = unsafe EVP_MD_CTX_new() else { throw .library(OpenSSLLibrary.takeError()) }
    defer { unsafe EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: Ed25519PublicKey.signatureLength)
    var count = signature.count
    guard unsafe EVP_DigestSignInit(context, nil, nil, nil, handle.pointer) == 1,
      unsafe EVP_DigestSign(context, &signature, &count, message, message.count) == 1,
      count == signature.count
    else { throw .library(OpenSSLLibrary.takeError()) }
    return signature
  }
}
