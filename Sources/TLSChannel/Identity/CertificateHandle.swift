import COpenSSL
import SessionModel
import Signing

/// Owns one reference to an `X509`: taken over in `init`, given back in `deinit`.
///
/// Proof: the certificate is complete before it gets here and nothing changes it afterwards; libcrypto
/// fills its caches of a certificate under a lock of its own and counts references atomically.
@safe final class CertificateHandle: @unchecked Sendable {
  /// The certificate. Valid as long as this handle lives.
  let pointer: OpaquePointer

  /// Takes over the caller's reference.
  init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

  deinit { unsafe X509_free(pointer) }

  /// All certificates of a PEM text in order, at most `maximumChainLength`; nil when one of them is malformed.
  static func chain(pem: [UInt8]) -> [CertificateHandle]? {
    guard OpenSSLLibrary.isReady else { return nil }
    defer { ERR_clear_error() }
    var chain: [CertificateHandle] = []
    // The BIO reads the array's own memory, so everything happens while that is held.
    unsafe pem.withUnsafeBytes { text in
      guard let bio = unsafe BIO_new_mem_buf(text.baseAddress, CInt(text.count)) else { return }
      defer { unsafe BIO_free(bio) }
      while chain.count < maximumChainLength, let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
        unsafe chain.append(CertificateHandle(owning: certificate))
      }
    }
    let reason = fixline_err_reason(ERR_peek_last_error())
    // The end of the text shows as "no start line"; anything else is a certificate that cannot be read.
    return chain.isEmpty || (reason != 0 && reason != PEM_R_NO_START_LINE) ? nil : chain
  }

  /// Most certificates read from one file.
  static let maximumChainLength = 10

  /// The certificate in PEM text.
  func pem() throws(TLSError) -> [UInt8] {
    guard let bio = unsafe BIO_new(BIO_s_mem()) else { throw .library(OpenSSLLibrary.takeError()) }
    defer { unsafe BIO_free(bio) }
    guard unsafe PEM_write_bio_X509(bio, pointer) == 1 else { throw .library(OpenSSLLibrary.takeError()) }
    var data: UnsafeMutablePointer<CChar>?
    let count = unsafe fixline_bio_get_mem_data(bio, &data)
    return unsafe Array(UnsafeRawBufferPointer(start: data, count: count))
  }

  /// SHA-256 of the DER SubjectPublicKeyInfo; nil when the key cannot be encoded.
  var spki: Fingerprint? { unsafe Self.spki(of: pointer) }

  /// SHA-256 of a certificate's DER SubjectPublicKeyInfo. Borrows `certificate`.
  static func spki(of certificate: OpaquePointer) -> Fingerprint? {
    guard let key = unsafe X509_get_X509_PUBKEY(certificate) else { return nil }
    var encoded: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_X509_PUBKEY(key, &encoded)
    guard count > 0, let bytes = unsafe encoded else { return nil }
    defer { unsafe CRYPTO_free(bytes, nil, 0) }
    return unsafe SHA256.hash(Array(UnsafeBufferPointer(start: bytes, count: Int(count))))
  }

  /// The raw 32 bytes of a certificate's key when that is Ed25519. Borrows `certificate`.
  static func ed25519PublicKey(of certificate: OpaquePointer) -> [UInt8]? {
    guard let key = unsafe X509_get0_pubkey(certificate), unsafe fixline_evp_pkey_is_ed25519(key) == 1 else {
      return nil
    }
    var raw = [UInt8](repeating: 0, count: Ed25519PublicKey.length)
    var count = raw.count
    guard unsafe EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1, count == raw.count else { return nil }
    return raw
  }
}
