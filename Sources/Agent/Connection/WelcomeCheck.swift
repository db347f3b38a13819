import SessionModel
import Signing
import Synchronization
import TunnelProtocol

/// Judges a relay's Welcome: its signature binds the signing key to this very connection, and the key must be the one
/// remembered of this relay, if one is. Made anew for each dial; called by the tunnel, asked afterwards what was wrong.
final class WelcomeCheck: Sendable {
  private let relay: RelayAddress
  private let remembered: KnownRelay?
  private let path: String
  private let agentSPKI: Fingerprint
  private let reason = Mutex<String?>(nil)

  init(relay: RelayAddress, known: KnownRelayFile, agentSPKI: Fingerprint) {
    self.relay = relay
    remembered = known.remembered
    path = known.path ?? ""
    self.agentSPKI = agentSPKI
  }

  /// One line when the Welcome was refused.
  var refusal: String? { reason.withLock { $0 } }

  func accepts(_ welcome: Welcome, exporter: [UInt8]) -> Bool {
    let problem = problem(with: welcome, exporter: exporter)
    reason.withLock { $0 = problem }
    return problem == nil
  }

  private func problem(with welcome: Welcome, exporter: [UInt8]) -> String? {
    guard let key = Ed25519PublicKey(rawBytes: welcome.signingKey),
      key.isValid(
        signature: welcome.signature, for: welcome.signedBytes(exporter: exporter, agentSPKI: agentSPKI))
    else { return "\(relay) could not prove that it has its signing key: do not trust it" }
    guard let remembered, remembered.signingKey != key.fingerprint else { return nil }
    return """
      \(relay) has another signing key (\(key.fingerprint)) than the one remembered (\(remembered.signingKey)): ask \
      its operator; only if he changed it, remove \(path) and connect again
      """
  }
}
