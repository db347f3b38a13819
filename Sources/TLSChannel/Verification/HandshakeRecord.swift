import COpenSSL
import Glibc
import SessionModel

/// What a handshake's callbacks need to know and what they found out. One per connection, owned by its ``TLSEngine``;
/// the `SSL` holds an unretained pointer to it, which is sound because the engine frees the `SSL` first.
final class HandshakeRecord {
  let verification: PeerVerification
  /// Why a callback refused; nil while none did.
  var refusal: TLSError?

  init(verification: PeerVerification) { self.verification = verification }

  /// The record belonging to an `SSL`.
  static func of(_ ssl: OpaquePointer?) -> HandshakeRecord? {
    guard let ssl = unsafe ssl, let data = unsafe fixline_ssl_get_app_data(ssl) else { return nil }
    return unsafe Unmanaged<HandshakeRecord>.fromOpaque(data).takeUnretainedValue()
  }

  /// OpenSSL's certificate verify callback (SSL_CTX_set_cert_verify_callback(3)): replaces its whole verification.
  /// - Returns: 1 to accept. The error set on `store` chooses the alert the peer gets.
  static func verify(_ store: OpaquePointer?) -> CInt {
    let ssl = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
    guard let record = unsafe of(OpaquePointer(ssl)), let leaf = unsafe X509_STORE_CTX_get0_cert(store) else {
      unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
      return 0
    }
    guard let refusal = unsafe record.judge(leaf, store: store) else {
      unsafe X509_STORE_CTX_set_error(store, X509_V_OK)
      return 1
    }
    record.refusal = refusal
    if unsafe X509_STORE_CTX_get_error(store) == X509_V_OK {
      unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
    }
    return 0
  }

  private func judge(_ leaf: OpaquePointer, store: OpaquePointer?) -> TLSError? {
    switch verification {
    case .pin(let expected):
      guard let got = unsafe CertificateHandle.spki(of: leaf) else {
        return .unsuitableCertificate(reason: "its key cannot be read")
      }
      return got == expected ? nil : .wrongPin(expected: expected, got: got)
    case .anyCertificate:
      guard unsafe CertificateHandle.ed25519PublicKey(of: leaf) != nil else {
        return .unsuitableCertificate(reason: "agents identify themselves by an Ed25519 key")
      }
      return nil
    case .systemTrust(let name):
      if unsafe X509_verify_cert(store) == 1 { return nil }
      let code = unsafe X509_STORE_CTX_get_error(store)
      switch code {
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
        return unsafe .wrongName(expected: name, presented: CertificateNames.read(leaf))
      case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: return .expired
      default: return unsafe .untrusted(reason: String(cString: X509_verify_cert_error_string(Int(code))))
      }
    }
  }
}

/// The names a certificate claims, for telling a person which they are.
enum CertificateNames {
  /// DNS names and IP addresses of the subjectAltName, the first few only. Borrows `certificate`.
  static func read(_ certificate: OpaquePointer) -> [String] {
    guard let raw = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
    let names = OpaquePointer(raw)
    defer { unsafe GENERAL_NAMES_free(names) }
    var result: [String] = []
    let nameCount = unsafe fixline_general_names_count(names)
    for index in 0..<nameCount where result.count <= TLSError.maximumNamesShown {
      var kind: CInt = 0
      guard let name = unsafe fixline_general_names_at(names, index),
        let value = unsafe GENERAL_NAME_get0_value(name, &kind)
      else { continue }
      let text = UnsafeRawPointer(value)
      guard kind == GEN_DNS || kind == GEN_IPADD, let bytes = unsafe fixline_asn1_string(text) else { continue }
      let count = Int(unsafe fixline_asn1_string_length(text))
      let data = unsafe Array(UnsafeBufferPointer(start: bytes, count: min(count, TLSError.maximumNameLength)))
      result.append(kind == GEN_DNS ? TLSError.printable(String(decoding: data, as: UTF8.self)) : address(data))
    }
    return result
  }

  private static func address(_ bytes: [UInt8]) -> String {
    guard bytes.count == 4 || bytes.count == 16 else { return "?" }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
