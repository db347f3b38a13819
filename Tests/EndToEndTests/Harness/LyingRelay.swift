import Foundation
import SessionModel
import Signing
import TLSChannel
import TunnelProtocol

/// A relay in the test's hands.
struct LyingRelay {
  let scratch: Scratch
  let tunnel: RawTunnel
  let agent: AgentProcess
  let key: Ed25519PrivateKey

  /// Sends a question as an honest relay would, with `words`.
  func ask(_ session: SessionID, words: String = "Who: alice\nType y = yes", technician: String = "alice") throws {
    let request = ControlMessage.consentRequest(
      session: session, technician: technician, technicianKey: SHA256.hash([1]), purpose: "help", words: words,
      allowances: .all, timeoutSeconds: 120)
    try tunnel.behave { _ = $0.post(request) }
  }

  /// The agent's answer to it.
  func answer(_ session: SessionID) throws -> (accepted: Bool, signature: [UInt8], wordsHash: Fingerprint) {
    try tunnel.event("an answer") {
      if case .control(.consentAnswer(session, let accepted, _, let hash, _, let signature)) = $0 {
        (accepted, signature, hash)
      } else {
        nil
      }
    }
  }

  /// Asks for a command and returns how the stream ended, or nil when the agent accepted it.
  func open(_ session: SessionID, _ command: String) throws -> StreamEnd? {
    let opening = StreamOpening(session: session, kind: .exec(command: Array(command.utf8)))
    try tunnel.behave { _ = try? $0.open(opening) }
    return try tunnel.event("an answer to the OPEN") { event -> StreamEnd?? in
      switch event {
      case .accepted: .some(nil)
      case .ended(_, let end): .some(end)
      case .open, .data, .eof, .message, .control, .goAway: nil
      }
    }
  }

  func close() {
    agent.child.kill()
    tunnel.close()
    scratch.remove()
  }

  /// A name for a session.
  static var newSession: SessionID {
    var random = SystemRandomNumberGenerator()
    return SessionID(using: &random)
  }
}

/// Runs `body` with such a relay and a real agent that gives every yes and keeps its state.
func withLyingRelay(
  wrongSignature: Bool = false, _ body: (LyingRelay) throws -> Void
) throws {
  let scratch = try Scratch()
  let key = try Ed25519PrivateKey.generate()
  let identity = try TLSIdentity.loadOrCreateRelay(directory: scratch.path, hostName: "localhost")
  var random = SystemRandomNumberGenerator()
  let (instance, id) = (InstanceID(using: &random), InstanceID(using: &random))
  let (tunnel, port) = try RawTunnel.relay(identity: identity) { exporter, peer in
    let signed = Welcome.signedBytes(
      exporter: wrongSignature ? [UInt8](repeating: 0, count: 32) : exporter, version: TunnelVersion.current,
      instance: instance, tunnel: id, agentSPKI: peer.spki)
    return Welcome(
      instance: instance, tunnel: id, signingKey: key.publicKey.rawBytes, signature: try key.sign(signed),
      resumeWindowSeconds: 600, shop: "Shop")
  }
  let state = try scratch.directory("agent")
  setMode(state, 0o700)
  let agent = try AgentProcess.launch(
    ["--relay", "127.0.0.1:\(port)", "--pin", identity.spki.description, "--json", "--consent", "yes"]
      + ["--state", state], in: scratch)
  let relay = LyingRelay(scratch: scratch, tunnel: tunnel, agent: agent, key: key)
  defer { relay.close() }
  do {
    _ = try tunnel.greeting()
    try body(relay)
  } catch {
    throw Failure("\(error)\n\(tunnel.seen)\n--- agent\n\(agent.child.seen)")
  }
}
