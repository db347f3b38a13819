import Foundation
import Glibc
import NIOCore
import SessionModel
import Signing
import Synchronization
import TLSChannel
import Testing
import TunnelProtocol

/// A relay that is not the one the tunnel was made with gets nothing by saying that it goes on.
@Suite("Resume: lying relays", .shared) struct LyingRelayResumeTests {
  private enum Lie: CaseIterable {
    case none, otherKey, otherExporter, otherTunnel, otherInstance, neverSent, lessThanAcknowledged
  }

  /// What a relay in the test's hands knows of its agent.
  private struct Known: Sendable {
    let key: Ed25519PrivateKey
    let stranger: Ed25519PrivateKey
    let instance: InstanceID
    let tunnel: InstanceID
    let other: InstanceID

    func welcome(_ exporter: [UInt8], _ agent: TLSPeer) throws -> Frame {
      let signed = Welcome.signedBytes(
        exporter: exporter, version: TunnelVersion.current, instance: instance, tunnel: tunnel, agentSPKI: agent.spki)
      return try Welcome(
        instance: instance, tunnel: tunnel, signingKey: key.publicKey.rawBytes, signature: try key.sign(signed),
        resumeWindowSeconds: 600, shop: "Shop"
      ).frame()
    }

    func resumed(_ lie: Lie, received: UInt64, _ exporter: [UInt8], _ agent: TLSPeer) throws -> Frame {
      var answer = Resumed(instance: instance, tunnel: tunnel, received: received, signature: [])
      switch lie {
      case .otherTunnel: answer.tunnel = other
      case .otherInstance: answer.instance = other
      case .neverSent: answer.received = received + 1_000_000
      case .lessThanAcknowledged: answer.received = 0
      case .none, .otherKey, .otherExporter: break
      }
      let exporter = lie == .otherExporter ? [UInt8](repeating: 0, count: exporter.count) : exporter
      let signed = answer.signedBytes(exporter: exporter, agentSPKI: agent.spki)
      answer.signature = try (lie == .otherKey ? stranger : key).sign(signed)
      return try answer.frame()
    }
  }

  /// What the relay was asked on its connections, and how it answers a RESUME.
  private struct Talk: Sendable {
    var resumes: [Resume] = []
    var hellos = 0
    var received: UInt64 = 0
  }

  @Test("a RESUMED that is not signed for this connection, tunnel and state moves no byte", arguments: Lie.allCases)
  private func resumed(lie: Lie) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let identity = try TLSIdentity.loadOrCreateRelay(directory: scratch.path, hostName: "localhost")
    var random = SystemRandomNumberGenerator()
    let known = Known(
      key: try Ed25519PrivateKey.generate(), stranger: try Ed25519PrivateKey.generate(),
      instance: InstanceID(using: &random), tunnel: InstanceID(using: &random), other: InstanceID(using: &random))
    let talk = SharedTalk()
    let (relay, port) = try RawTunnel.relay(identity: identity) { first, exporter, agent in
      guard first.type == .resume else {
        talk.state.withLock { $0.hellos += 1 }
        return try known.welcome(exporter, agent)
      }
      let resume = try Resume(payload: first.payload)
      let received = talk.state.withLock {
        $0.resumes.append(resume)
        return $0.received
      }
      return try known.resumed(lie, received: received, exporter, agent)
    }
    defer { relay.close() }
    let agent = try AgentProcess.launch(
      ["--relay", "127.0.0.1:\(port)", "--pin", identity.spki.description, "--json", "--consent", "yes"], in: scratch)
    defer { agent.child.kill() }
    do {
      _ = try relay.greeting()
      // A session with a command that says something when its input comes.
      let session = SessionID(using: &random)
      try relay.behave {
        _ = $0.post(
          .consentRequest(
            session: session, technician: "alice", technicianKey: SHA256.hash([1]), purpose: "help",
            words: "Who: alice\nType y = yes", allowances: .all, timeoutSeconds: 120))
      }
      _ = try relay.event("a yes") { if case .control(.consentAnswer) = $0 { true } else { nil } }
      try relay.behave { _ = try? $0.open(StreamOpening(session: session, kind: .exec(command: Array("cat".utf8)))) }
      let stream = try relay.event("the stream") { if case .accepted(let stream) = $0 { stream } else { nil } }
      try relay.behave { _ = $0.send(stream, .standard, .init(string: "one\n")) }
      _ = try relay.event("its echo") { if case .data(stream, _, _) = $0 { true } else { nil } }
      // The agent forgets what is acknowledged, and has read this once it answers what comes behind.
      try relay.acknowledge()
      try relay.behave { _ = $0.send(stream, .standard, .init(string: "acknowledged\n")) }
      _ = try relay.event("its echo") {
        if case .data(stream, _, let bytes) = $0, String(buffer: bytes).contains("acknowledged") { true } else { nil }
      }
      var machine = try relay.taken()
      _ = machine.send(stream, .standard, .init(string: "two\n"))
      talk.state.withLock { $0.received = machine.received }
      relay.carry(machine)
      try relay.cut()
      try waitUntil("the agent's RESUME", seen: { agent.child.seen }) { !talk.seen.resumes.isEmpty }
      let claim = try unwrap(talk.seen.resumes.first)
      #expect(claim.tunnel == known.tunnel && claim.version == TunnelVersion.current && claim.received > 0)
      func echoed() -> Bool {
        relay.events.contains {
          if case .data(stream, _, let bytes) = $0 { String(buffer: bytes).contains("two") } else { false }
        }
      }
      if lie == .none {
        try waitUntil("the echo", seen: { relay.seen }) { echoed() }
      } else {
        try expectThroughout("nothing goes on", for: .seconds(2)) { !echoed() }
        // Whatever it does now, it says why.
        let said = agent.child.error.text + agent.events.compactMap { $0["reason"]?.string }.joined()
        #expect(!said.isEmpty, "\(agent.child.seen)")
        print("RESUMED with \(lie): \(agent.child.exit.map(\.description) ?? "goes on"), \(said.suffix(300))")
      }
    } catch { throw Failure("\(error)\n\(relay.seen)\n--- agent\n\(agent.child.seen)") }
  }

  private final class SharedTalk: Sendable {
    let state = Mutex(Talk())
    var seen: Talk { state.withLock { $0 } }
  }
}
