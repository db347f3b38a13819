import COpenSSL
import Signing

/// Makes self-signed certificates. What identifies their owner is the key; so they are given no end (RFC 5280 section
/// 4.1.2.5: 99991231235959Z), and a start one day ago, for peers whose clock is slow.
enum CertificateMaker {
  /// What the certificate's owner does with it.
  enum Usage {
    /// A relay, reached under this name or address.
    case server(HostName)
    /// An agent.
    case client
  }

  static func selfSigned(key: KeyHandle, usage: Usage) throws(TLSError) -> CertificateHandle {
    guard OpenSSLLibrary.isReady, let certificate = unsafe X509_new() else {
      throw .library(OpenSSLLibrary.takeError())
    }
    let handle = unsafe CertificateHandle(owning: certificate)
    let commonName =
      switch usage {
      case .server: "fixline relay"
      case .client: "fixline agent"
      }
    let name = unsafe X509_get_subject_name(certificate)
    var ok = unsafe X509_set_version(certificate, 2) == 1  // version 3 is written as 2
    ok = unsafe setSerial(certificate) && ok
    ok = unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 60 * 60) != nil && ok
    ok = unsafe ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 && ok
    ok = unsafe X509_set_pubkey(certificate, key.pointer) == 1 && ok
    ok = unsafe X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, commonName, -1, -1, 0) == 1 && ok
    ok = unsafe X509_set_issuer_name(certificate, name) == 1 && ok
    ok = unsafe addExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") && ok
    ok = unsafe addExtension(certificate, NID_key_usage, "critical,digitalSignature") && ok
    switch usage {
    case .server(let host):
      ok = unsafe addExtension(certificate, NID_ext_key_usage, "serverAuth") && ok
      ok = unsafe addExtension(certificate, NID_subject_alt_name, host.alternativeName) && ok
    case .client:
      ok = unsafe addExtension(certificate, NID_ext_key_usage, "clientAuth") && ok
    }
    // Ed25519 hashes by itself (RFC 8032) and takes no digest.
    ok = unsafe X509_sign(certificate, key.pointer, key.isEd25519 ? nil : EVP_sha256()) > 0 && ok
    guard ok else { throw .library(OpenSSLLibrary.takeError()) }
    return handle
  }

  private static func setSerial(_ certificate: OpaquePointer) -> Bool {
    var bytes = SecureRandom.bytes(count: 16)
    bytes[0] = bytes[0] & 0x7f | 0x40  // positive, and never zero
    guard let number = unsafe BN_bin2bn(bytes, CInt(bytes.count), nil) else { return false }
    defer { unsafe BN_free(number) }
    return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
  }

  private static func addExtension(_ certificate: OpaquePointer, _ nid: CInt, _ value: String) -> Bool {
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, certificate, certificate, nil, nil, 0)
    guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, nid, value) else { return false }
    defer { unsafe X509_EXTENSION_free(made) }
    return unsafe X509_add_ext(certificate, made, -1) == 1
  }
}
