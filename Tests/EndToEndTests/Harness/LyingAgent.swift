import SessionModel
import Signing
import TLSChannel
import TunnelProtocol

/// An agent in the test's hands, up to the point where it starts to lie.
struct LyingAgent {
  let tunnel: RawTunnel
  let identity: TLSIdentity
  let key: Ed25519PrivateKey
  let code: String
  let welcome: Welcome
  /// This run of it.
  let instance: InstanceID

  /// - Parameters:
  ///   - known: the key it comes with, a new one otherwise.
  ///   - earlier: comes back as the agent it was: with the same key and instance, and, having a session open, without a code.
  init(
    _ shop: Shop, instance: InstanceID? = nil, held: [SessionID] = [], identity known: TLSIdentity? = nil,
    again earlier: LyingAgent? = nil
  ) throws {
    identity = try known ?? earlier?.identity ?? TLSIdentity.loadOrCreateAgent(directory: nil)
    key = try unwrap(identity.signingKey, "the agent's key")
    var random = SystemRandomNumberGenerator()
    self.instance = instance ?? earlier?.instance ?? InstanceID(using: &random)
    let hello = Hello(
      instance: self.instance, software: "test", language: "en", allowances: .all,
      heldSessions: held)
    let pin = try unwrap(Fingerprint(shop.relay.pin), "the pin")
    tunnel = try RawTunnel.agent(port: shop.relay.tlsPort, pin: pin, identity: identity, hello: hello)
    do {
      let answer = try tunnel.greeting()
      welcome = try Welcome(payload: answer.payload)
      code =
        try earlier?.code
        ?? tunnel.event("a join code") {
          if case .control(.joinCode(let code, _)) = $0 { code.rawValue } else { nil }
        }
    } catch {
      tunnel.close()
      throw error
    }
  }

  /// What it was asked, once it was.
  struct Question {
    let session: SessionID
    let words: String
    let technicianKey: Fingerprint
    let allowances: Allowances
  }

  func question() throws -> Question {
    try tunnel.event("a question") {
      if case .control(.consentRequest(let session, _, let key, _, let words, let allowances, _)) = $0 {
        Question(session: session, words: words, technicianKey: key, allowances: allowances)
      } else {
        nil
      }
    }
  }

  /// A yes as an honest agent gives it, but for what `change` makes of the statement, the hash and the signature.
  func sayYes(
    to question: Question, statement change: (inout ConsentStatement) -> Void = { _ in },
    signature replace: ([UInt8]) -> [UInt8] = { $0 }
  ) throws {
    let hash = SHA256.hash(Array(question.words.utf8))
    let relayKey = SHA256.hash(welcome.signingKey)
    var statement = ConsentStatement(
      relaySigningKey: relayKey, session: question.session, technicianKey: question.technicianKey, wordsHash: hash,
      allowances: question.allowances)
    change(&statement)
    let signature = replace(try key.sign(statement.signedBytes))
    let answer = ControlMessage.consentAnswer(
      session: statement.session, accepted: true, reason: "", wordsHash: statement.wordsHash,
      allowances: statement.allowances, signature: signature)
    try tunnel.behave { _ = $0.post(answer) }
  }

  /// The first stream the relay opened, once it did.
  func opened() throws -> (stream: StreamID, opening: StreamOpening) {
    try tunnel.event("a stream") { if case .open(let stream, let opening) = $0 { (stream, opening) } else { nil } }
  }

  /// Asks for the tunnel back on another connection, as an honest agent that received everything up to `received` does,
  /// but for what `change` makes of it. `machine` goes on when it gets it.
  func resume(
    at shop: Shop, received: UInt64, identity other: TLSIdentity? = nil, machine: TunnelMachine? = nil,
    _ change: (inout Resume) -> Void = { _ in }
  ) throws -> RawTunnel {
    var resume = Resume(instance: instance, tunnel: welcome.tunnel, received: received)
    change(&resume)
    let pin = try unwrap(Fingerprint(shop.relay.pin), "the pin")
    return try RawTunnel.agent(
      port: shop.relay.tlsPort, pin: pin, identity: other ?? identity, first: resume.frame(), machine: machine)
  }
}
