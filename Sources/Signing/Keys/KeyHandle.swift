import COpenSSL

/// Owns one reference to an `EVP_PKEY`: taken over in `init`, given back in `deinit`. Whoever hands the pointer to
/// OpenSSL functions that keep it (`SSL_CTX_use_PrivateKey`, `X509_set_pubkey`) relies on those taking a reference of
/// their own, as they do.
///
/// Proof: the key is complete before it gets here and nothing changes it afterwards; libcrypto counts
/// references atomically and signs from any thread as long as each has a context of its own, which all callers make.
@safe package final class KeyHandle: @unchecked Sendable {
  /// The key. Valid as long as this handle lives.
  package let pointer: OpaquePointer

  /// Takes over the caller's reference.
  package init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe EVP_PKEY_free(pointer) }

  /// A new NIST P-256 key.
  package static func generateP256() throws(SigningError) -> KeyHandle {
    guard OpenSSLLibrary.isReady, let key = unsafe fixline_ec_p256_generate() else {
      throw .library(OpenSSLLibrary.takeError())
    }
    return unsafe KeyHandle(owning: key)
  }

  /// A new Ed25519 key.
  package static func generateEd25519() throws(SigningError) -> KeyHandle {
    guard OpenSSLLibrary.isReady, let key = unsafe fixline_ed25519_generate() else {
      throw .library(OpenSSLLibrary.takeError())
    }
    return unsafe KeyHandle(owning: key)
  }

  /// The private key in PEM text; nil when there is none or it is encrypted.
  package convenience init?(pem: [UInt8]) {
    guard OpenSSLLibrary.isReady else { return nil }
    // The BIO reads the array's own memory, so everything happens while that is held.
    let key: OpaquePointer? = unsafe pem.withUnsafeBytes { text in
      guard let bio = unsafe BIO_new_mem_buf(text.baseAddress, CInt(text.count)) else { return nil }
      defer { unsafe BIO_free(bio) }
      // Without a callback libcrypto would ask for a passphrase on the terminal.
      return unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    ERR_clear_error()
    guard let key = unsafe key else { return nil }
    unsafe self.init(owning: key)
  }

  /// The key as PKCS#8 (RFC 5958) in PEM text, not encrypted.
  package func pem() throws(SigningError) -> [UInt8] {
    guard let bio = unsafe BIO_new(BIO_s_secmem()) else { throw .library(OpenSSLLibrary.takeError()) }
    defer { unsafe BIO_free(bio) }
    guard unsafe PEM_write_bio_PKCS8PrivateKey(bio, pointer, nil, nil, 0, nil, nil) == 1 else {
      throw .library(OpenSSLLibrary.takeError())
    }
    var data: UnsafeMutablePointer<CChar>?
    let count = unsafe fixline_bio_get_mem_data(bio, &data)
    return unsafe Array(UnsafeRawBufferPointer(start: data, count: count))
  }

  /// Whether this is an Ed25519 key.
  package var isEd25519: Bool { unsafe fixline_evp_pkey_is_ed25519(pointer) == 1 }
}
