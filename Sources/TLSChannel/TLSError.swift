public import SessionModel

/// What can go wrong with a TLS connection, an identity or the files it lies in. Each description is one line that says
/// what was wrong and what to do; text that came from the peer is cut and escaped in it.
public enum TLSError: Error, Hashable, Sendable, CustomStringConvertible {
  // The peer's certificate.
  /// The peer's key is not the one pinned.
  case wrongPin(expected: Fingerprint, got: Fingerprint)
  /// The certificate is for other names or addresses.
  case wrongName(expected: String, presented: [String])
  /// The certificate's time is over, or has not begun.
  case expired
  /// No trusted authority vouches for the certificate; OpenSSL's reason.
  case untrusted(reason: String)
  /// The peer showed no certificate.
  case noCertificate
  /// The peer's certificate is of a kind that is not accepted here.
  case unsuitableCertificate(reason: String)

  // The peer's view.
  /// The peer refused our certificate. In TLS 1.3 a client learns it only after it believed itself connected.
  case peerRefusedCertificate
  /// The peer ended the connection with this alert (RFC 8446 section 6.2).
  case alert(number: UInt8, name: String)

  // The connection.
  /// The peer does not speak TLS at all.
  case notTLS
  /// The peer speaks TLS, but not version 1.3.
  case notTLS13
  /// The peer speaks TLS 1.3, but not Fixline's protocol over it (ALPN).
  case wrongProtocol
  /// The peer sent something that TLS does not allow, or the bytes were changed on the way; OpenSSL's reason.
  case malformed(reason: String)
  /// The handshake did not end in time.
  case handshakeTimedOut
  /// The peer sent more than ``TLSLimits/handshakeBytes`` without completing the handshake.
  case handshakeTooLarge
  /// The connection ended before the handshake did.
  case closedDuringHandshake
  /// The connection ended without close_notify: data may be missing.
  case truncated
  /// Something was asked for that needs an open connection.
  case notConnected

  // This side.
  /// A private key file cannot be used.
  case keyFile(path: String, reason: String)
  /// A certificate file cannot be used.
  case certificateFile(path: String, reason: String)
  /// No bundle of trusted authorities was found.
  case noTrustStore(reason: String)
  /// This is neither a host name nor an IP address.
  case invalidName(String)
  /// OpenSSL refused; its own words.
  case library(String)

  /// One clear line.
  public var description: String {
    switch self {
    case .wrongPin(let expected, let got):
      "the relay's key is \(got), not the pinned \(expected): check the pin, or do not trust this relay"
    case .wrongName(let expected, let presented):
      "the certificate is for \(Self.list(presented)), not for \(expected): check the address"
    case .expired: "the certificate is out of date: check this machine's clock, or ask the relay's operator to renew it"
    case .untrusted(let reason): "the certificate is not trusted (\(reason)): check the address, or use a pin"
    case .noCertificate: "the other side showed no certificate"
    case .unsuitableCertificate(let reason): "the other side's certificate is not accepted: \(reason)"
    case .peerRefusedCertificate: "the other side refused this side's certificate"
    case .alert(let number, let name): "the other side ended the connection: \(name) (alert \(number))"
    case .notTLS: "the other side does not speak TLS: check the port"
    case .notTLS13: "the other side does not offer TLS 1.3, which is required"
    case .wrongProtocol: "the other side does not speak Fixline on this port: check the address and port"
    case .malformed(let reason): "the TLS connection is broken (\(reason))"
    case .handshakeTimedOut: "the TLS handshake took longer than \(TLSLimits.handshakeGraceSeconds) s"
    case .handshakeTooLarge: "the other side sent too much before the TLS handshake was complete"
    case .closedDuringHandshake: "the other side closed the connection during the TLS handshake"
    case .truncated: "the connection broke off without an orderly close"
    case .notConnected: "the TLS connection is not open"
    case .keyFile(let path, let reason): "\(path): \(reason)"
    case .certificateFile(let path, let reason): "\(path): \(reason)"
    case .noTrustStore(let reason):
      "no trusted certificate authorities: \(reason); install ca-certificates or use a pin"
    case .invalidName(let name): "\"\(Self.printable(name))\" is neither a host name nor an IP address"
    case .library(let reason): "OpenSSL failed: \(reason)"
    }
  }

  /// Most names of a certificate shown in one line.
  static let maximumNamesShown = 4
  /// Longest name shown, in characters.
  static let maximumNameLength = 80

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "no name at all" }
    let shown = names.prefix(maximumNamesShown).map(printable).joined(separator: ", ")
    return names.count > maximumNamesShown ? shown + ", …" : shown
  }

  /// `text` as printable ASCII, cut to a sane length: it may come from a peer.
  static func printable(_ text: String) -> String {
    String(text.unicodeScalars.prefix(maximumNameLength).map { (33...126).contains($0.value) ? Character($0) : "?" })
  }
}
