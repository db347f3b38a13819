import COpenSSL

/// Turns OpenSSL's reason codes into ``TLSError``.
enum FailureReason {
  /// Reasons from here on are alerts the peer sent: this plus the alert's number.
  private static let firstAlert: CInt = 1000

  /// Whether the failure is an alert of the peer's.
  static func isAlert(_ code: UInt) -> Bool {
    fixline_err_library(code) == ERR_LIB_SSL && (firstAlert...firstAlert + 255).contains(fixline_err_reason(code))
  }

  /// What a code of OpenSSL's error queue means.
  static func error(code: UInt) -> TLSError {
    let reason = fixline_err_reason(code)
    guard fixline_err_library(code) == ERR_LIB_SSL else { return .malformed(reason: text(code)) }
    if isAlert(code) { return alert(UInt8(reason - firstAlert)) }
    switch reason {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: return .noCertificate
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_SSL_VERSION, SSL_R_VERSION_TOO_LOW, SSL_R_UNKNOWN_PROTOCOL:
      return .notTLS13
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST: return .notTLS
    case SSL_R_NO_APPLICATION_PROTOCOL: return .wrongProtocol
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return .untrusted(reason: text(code))
    default: return .malformed(reason: text(code))
    }
  }

  private static func text(_ code: UInt) -> String {
    guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "no reason given" }
    return unsafe String(cString: text)
  }

  /// Alerts of RFC 8446 section 6.2.
  static func alert(_ number: UInt8) -> TLSError {
    switch CInt(number) {
    case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
      SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA, SSL_AD_ACCESS_DENIED,
      CInt(TLS13_AD_CERTIFICATE_REQUIRED):
      return .peerRefusedCertificate
    case SSL_AD_PROTOCOL_VERSION: return .notTLS13
    case CInt(SSL_AD_NO_APPLICATION_PROTOCOL): return .wrongProtocol
    default:
      let name = unsafe SSL_alert_desc_string_long(CInt(number)).map { unsafe String(cString: $0) }
      return .alert(number: number, name: name ?? "unknown")
    }
  }
}
