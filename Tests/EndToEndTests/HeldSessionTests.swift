import Foundation
import Glibc
import NIOCore
import SessionModel
import Signing
import Testing
import TunnelProtocol

/// What agents have on their own record of a session, held against the relay's: honest, lying, lost and edited.
@Suite("Two records of one session", .shared) struct HeldSessionTests {
  /// A session at the real relay of an agent in the test's hands, which was just asked to sign its first checkpoint.
  private struct Visit {
    let shop: Shop
    let agent: LyingAgent
    let technician: Technician
    let session: SessionID
    let statement: CheckpointStatement
    let relaySignature: [UInt8]
    let stream: StreamID

    func newest(
      _ statement: CheckpointStatement? = nil, relay: [UInt8]? = nil, key: Ed25519PrivateKey? = nil
    ) throws -> CountersignedCheckpoint {
      let statement = statement ?? self.statement
      return CountersignedCheckpoint(
        statement: statement, relaySignature: relay ?? relaySignature,
        agentSignature: try (key ?? agent.key).sign(statement.signedBytes))
    }

    /// Says what it holds of the session.
    func say(
      _ newest: CountersignedCheckpoint?, measured: Int64 = 60_000, isDamaged: Bool = false, by other: LyingAgent? = nil
    ) throws {
      let held = HeldSession(
        session: session, newest: newest, measuredMilliseconds: measured, isJournalDamaged: isDamaged)
      try (other ?? agent).tunnel.behave { _ = $0.post(.heldSession(held)) }
    }

    func post(_ message: ControlMessage) throws { try agent.tunnel.behave { _ = $0.post(message) } }

    func show() throws -> JSON { try shop.command("session", "show", session.rawValue, "--json").json() }

    /// The details of an entry of a kind, once there are so many.
    func entry(_ kind: String, number: Int = 0) throws -> JSON {
      var last: JSON?
      var found: JSON?
      try waitUntil("the entry \(kind)", seen: { "\(String(describing: last))" }) {
        last = try show()
        found = last?["events"]?.array?.filter { $0["kind"]?.string == kind }.dropFirst(number).first?["details"]
        return found != nil
      }
      return try unwrap(found)
    }

    func entries(_ kind: String) throws -> [JSON] {
      (try show()["events"]?.array ?? []).filter { $0["kind"]?.string == kind }
    }

    /// Closes the session at the desk and gives its record.
    func close() throws -> JSON {
      let closed = try technician.ssh(
        "desk", ["close", session.rawValue, "--outcome", "fixed"], within: .seconds(20))
      guard closed.succeeded else { throw Failure("\(closed)") }
      return try show()
    }
  }

  private func visit(_ body: (Visit) throws -> Void) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      _ = shop.adopt(try alice.start(agent.code, ["work"], input: .pipe))
      let question = try agent.question()
      try agent.sayYes(to: question)
      let (stream, _) = try agent.opened()
      try agent.tunnel.behave {
        _ = $0.accept(stream)
        _ = $0.send(stream, .standard, ByteBuffer(string: "work\n"))
      }
      let (statement, signature) = try agent.tunnel.event("a checkpoint") {
        if case .control(.checkpoint(let statement, let signature)) = $0 { (statement, signature) } else { nil }
      }
      try body(
        Visit(
          shop: shop, agent: agent, technician: alice, session: question.session, statement: statement,
          relaySignature: signature, stream: stream))
    }
  }

  @Test("what both signed and the relay never heard back is taken over, billed, and on record with all values")
  func takenOver() throws {
    try visit { visit in
      let active = visit.statement.activeMilliseconds
      try visit.say(try visit.newest(), measured: active + 40)
      let found = try visit.entry("reconciled")
      #expect(found["decision"]?.string == "taken-over", "\(found)")
      #expect(found["relay_ms"]?.int == 0)
      #expect(found["agent_signed_ms"]?.int == Int(active))
      #expect(found["agent_measured_ms"]?.int == Int(active) + 40)
      let text = try visit.shop.command("session", "show", visit.session.rawValue).output
      #expect(
        text.contains("relay 0 ms, agent signed \(active) ms, measured \(active + 40) ms; taken over"), "\(text)")
      #expect(try visit.show()["active_ms"]?.int == Int(active))
      // What is stated next comes behind it, and the whole is sound.
      let record = try visit.close()
      #expect(record["active_ms"]?.int == Int(active), "\(record)")
      let next = visit.agent.tunnel.events.compactMap { event -> CheckpointStatement? in
        if case .control(.checkpoint(let statement, _)) = event { statement } else { nil }
      }
      #expect(
        next.dropFirst().allSatisfy { ($0.epoch, $0.sequence) > (visit.statement.epoch, visit.statement.sequence) })
      let verified = try visit.shop.command("ledger", "verify")
      #expect(verified.succeeded, "\(verified)")
    }
  }

  @Test("what both signed before the relay was killed is billed by the relay that comes after it")
  func relayKilled() throws {
    try visit { first in
      // The first checkpoint is answered and kept; the second is signed, and the relay dies before it hears of that.
      try first.post(
        .checkpointSigned(
          session: first.session, epoch: first.statement.epoch, sequence: first.statement.sequence,
          signature: try first.newest().agentSignature))
      try first.agent.tunnel.behave { [stream = first.stream] in
        _ = $0.send(stream, .standard, ByteBuffer(string: "more work\n"))
      }
      let second = try first.agent.tunnel.event("a second checkpoint") { event -> CountersignedCheckpoint? in
        guard case .control(.checkpoint(let statement, let signature)) = event, statement != first.statement else {
          return nil
        }
        return try? first.newest(statement, relay: signature)
      }
      let (stored, active) = (first.statement.activeMilliseconds, second.statement.activeMilliseconds)
      #expect(active > stored)
      // A commit is at most a quarter of a second behind the answer.
      try first.shop.session("the first kept") { $0["active_ms"]?.int == Int(stored) }
      first.shop.relay.child.kill()
      try first.agent.tunnel.waitUntilClosed()
      try first.shop.restartRelay()

      let agent = try LyingAgent(first.shop, held: [first.session], again: first.agent)
      defer { agent.tunnel.close() }
      try first.say(second, measured: active + 40, by: agent)
      let found = try first.entry("reconciled")
      #expect(found["decision"]?.string == "taken-over" && found["relay_ms"]?.int == Int(stored), "\(found)")
      #expect(try first.entry("session-restored")["active_ms"]?.int == Int(stored))
      let record = try first.close()
      #expect(record["active_ms"]?.int == Int(active), "\(record)")
      #expect(record["billed_seconds"]?.int == 900 && record["amount_minor"]?.int == 2_250, "\(record)")

      // The same again, behind the close: nothing is written twice, nothing changes.
      let late = try LyingAgent(first.shop, held: [first.session], again: agent)
      defer { late.tunnel.close() }
      try first.say(second, measured: active + 40, by: late)
      _ = try late.tunnel.event("word that it is over") { event -> Bool? in
        guard case .control(.sessionClosed(let session, _, let told, _, _, _, _, _)) = event else { return nil }
        return session == first.session && told == active ? true : nil
      }
      #expect(try first.entries("reconciled").count == 1)
      let verified = try first.shop.command("ledger", "verify")
      #expect(verified.succeeded, "\(verified)")
    }
  }

  private enum Lie: CaseIterable {
    case relayForged, agentForged, timeAbove, damaged, strangersSession

    var reason: String {
      switch self {
      case .relayForged, .timeAbove: "the relay's signature is not genuine"
      case .agentForged: "the agent's signature is not genuine"
      case .damaged: "the agent's journal is damaged"
      case .strangersSession: "the customer of this session said yes on another machine"
      }
    }
  }

  @Test("a lie is refused with its reason, on record and in the log, and bills nothing")
  func lies() throws {
    try visit { visit in
      var agent = visit.agent
      defer { agent.tunnel.close() }
      for (count, lie) in Lie.allCases.enumerated() {
        // Each on a connection of its own: on one it is heard once.
        agent =
          lie == .strangersSession
          ? try LyingAgent(visit.shop, held: [visit.session])
          : try LyingAgent(visit.shop, held: [visit.session], again: agent)
        switch lie {
        case .relayForged:
          try visit.say(try visit.newest(relay: [UInt8](repeating: 7, count: 64)), by: agent)
        case .agentForged:
          try visit.say(try visit.newest(key: try Ed25519PrivateKey.generate()), by: agent)
        case .timeAbove:
          var more = visit.statement
          more.activeMilliseconds = 3_600_000
          try visit.say(try visit.newest(more), measured: .max, by: agent)
        case .damaged:
          try visit.say(try visit.newest(), isDamaged: true, by: agent)
        case .strangersSession:
          try visit.say(try visit.newest(key: agent.key), by: agent)
        }
        // Said again on the same connection, nothing follows.
        for _ in 0..<3 { try visit.say(nil, measured: 1, isDamaged: true, by: agent) }
        let found = try visit.entry("reconciled", number: count)
        #expect(found["decision"]?.string == "refused" && found["reason"]?.string == lie.reason, "\(lie): \(found)")
        #expect(try visit.shop.command("session", "show", visit.session.rawValue).output.contains(lie.reason))
        #expect(visit.shop.relay.child.error.text.contains(lie.reason), "\(lie): \(visit.shop.relay.child.seen)")
      }
      let record = try visit.close()
      #expect(record["active_ms"]?.int == 0 && record["amount_minor"]?.int == 0, "\(record)")
      #expect(try visit.entries("reconciled").count == Lie.allCases.count)
      #expect(try visit.shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("a closed session's difference is recorded and never billed; one nobody knows is only told to be over")
  func closed() throws {
    try visit { visit in
      let before = try visit.close()
      #expect(before["state"]?.string == "closed" && before["active_ms"]?.int == 0)
      try visit.say(try visit.newest())
      let found = try visit.entry("reconciled")
      #expect(found["decision"]?.string == "noted", "\(found)")
      #expect(found["agent_signed_ms"]?.int == Int(visit.statement.activeMilliseconds))
      let after = try visit.show()
      for key in ["active_ms", "billed_seconds", "amount_minor", "closed_at", "lines"] {
        #expect(after[key] == before[key], "\(key)")
      }
      var random = SystemRandomNumberGenerator()
      let unknown = SessionID(using: &random)
      try visit.post(
        .heldSession(
          HeldSession(session: unknown, newest: nil, measuredMilliseconds: 5, isJournalDamaged: false)))
      _ = try visit.agent.tunnel.event("word that it is over") {
        if case .control(.sessionClosed(unknown, _, _, _, _, _, _, _)) = $0 { true } else { nil }
      }
      #expect(try visit.shop.sessions().count == 1)
      #expect(try visit.shop.command("ledger", "verify").succeeded)
    }
  }

  @Test("a refused checkpoint stands on record with what either side measured")
  func refusedCheckpoint() throws {
    try visit { visit in
      let statement = visit.statement
      try visit.post(
        .checkpointRefused(
          session: visit.session, epoch: statement.epoch, sequence: statement.sequence, measuredMilliseconds: 123))
      let found = try visit.entry("checkpoint-refused")
      #expect(found["relay_ms"]?.int == Int(statement.activeMilliseconds) && found["agent_ms"]?.int == 123, "\(found)")
      let text = try visit.shop.command("session", "show", visit.session.rawValue).output
      #expect(text.contains("relay \(statement.activeMilliseconds) ms, agent 123 ms"), "\(text)")
      #expect(try visit.close()["active_ms"]?.int == 0)
    }
  }
}
