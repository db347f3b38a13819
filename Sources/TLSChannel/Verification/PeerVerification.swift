public import SessionModel

/// How one side decides whether it trusts the other's certificate.
public enum PeerVerification: Sendable, Equatable {
  /// By the system's certificate authorities, time, purpose, and this DNS name or IP address.
  case systemTrust(name: String)
  /// By the SHA-256 of the SubjectPublicKeyInfo, and nothing else: authorities, name and time play no part.
  case pin(Fingerprint)
  /// The relay's view of agents: a certificate is required, its key must be Ed25519, who signed it does not matter. The
  /// handshake proves possession of the key, and the key is the identity.
  case anyCertificate
}

/// Who is at the other end, as proven by the handshake.
public struct TLSPeer: Sendable, Equatable {
  /// SHA-256 of the peer's DER SubjectPublicKeyInfo.
  public var spki: Fingerprint
  /// The peer's raw public key (32 bytes) when it is Ed25519.
  public var ed25519PublicKey: [UInt8]?

  /// All of it, by hand.
  public init(spki: Fingerprint, ed25519PublicKey: [UInt8]?) {
    self.spki = spki
    self.ed25519PublicKey = ed25519PublicKey
  }
}
