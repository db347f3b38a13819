import Foundation
import Glibc
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelProtocol

/// Relays that lie, against the real agent: the customer's side holds by itself.
@Suite("Bad input: lying relays", .shared) struct LyingRelayTests {
  @Test("a stream opened without consent is refused, and nothing runs")
  func withoutConsent() throws {
    try withLyingRelay { relay in
      let mark = relay.scratch.path("must-not-exist")
      let end = try relay.open(LyingRelay.newSession, "touch \(mark)")
      #expect(end?.code == .noConsent, "\(String(describing: end))")
      try expectThroughout("nothing runs", for: .milliseconds(500)) { !FileManager.default.fileExists(atPath: mark) }
    }
  }

  @Test("consent to one session opens no other")
  func otherSession() throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      try relay.ask(session)
      #expect(try relay.answer(session).accepted)
      let mark = relay.scratch.path("must-not-exist")
      #expect(try relay.open(LyingRelay.newSession, "touch \(mark)")?.code == .noConsent)
      #expect(!FileManager.default.fileExists(atPath: mark))
    }
  }

  @Test("consent opens what it was given for, and its signature binds the words shown")
  func honest() throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      let words = "Who: alice\nType y = yes"
      try relay.ask(session, words: words)
      let answer = try relay.answer(session)
      #expect(answer.accepted)
      #expect(answer.wordsHash == SHA256.hash(Array(words.utf8)))
      let statement = ConsentStatement(
        relaySigningKey: relay.key.publicKey.fingerprint, session: session, technicianKey: SHA256.hash([1]),
        wordsHash: answer.wordsHash, allowances: .all)
      let hello = try relay.tunnel.greeting()
      #expect(hello.type == .hello)
      let agentKey = try unwrap(relay.tunnel.peerKey.flatMap { Ed25519PublicKey(rawBytes: $0) })
      #expect(agentKey.isValid(signature: answer.signature, for: statement.signedBytes))
      let mark = relay.scratch.path("made")
      #expect(try relay.open(session, "touch \(mark)") == nil)
      try waitUntil("the command's work") { FileManager.default.fileExists(atPath: mark) }
    }
  }

  @Test("consent ends with the session")
  func closedSession() throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      try relay.ask(session)
      #expect(try relay.answer(session).accepted)
      try relay.tunnel.behave {
        _ = $0.post(
          .sessionClosed(
            session: session, outcome: .fixed, activeMilliseconds: 0, billedSeconds: 0, amountMinor: 0, currency: "EUR",
            exponent: 2, text: "over"))
      }
      let mark = relay.scratch.path("must-not-exist")
      #expect(try relay.open(session, "touch \(mark)")?.code == .noConsent)
    }
  }

  @Test(
    "words or names that could mislead are declined even with a standing yes",
    arguments: [
      ("a\u{1b}[2Jb", "alice"), ("pay \u{202e}nothing", "alice"), ("x\u{7}", "alice"), ("fine", "al\u{202e}ice"),
      (String(repeating: "long ", count: 401), "alice"), ("", "alice"),
    ])
  func unfitWords(words: String, technician: String) throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      try relay.ask(session, words: words, technician: technician)
      let answer = try relay.answer(session)
      #expect(!answer.accepted && answer.signature.isEmpty)
      #expect(!relay.agent.child.output.bytes.contains(0x1b))
    }
  }

  @Test("a checkpoint that claims more time than passed is refused with the agent's own measure")
  func greedyCheckpoint() throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      try relay.ask(session)
      #expect(try relay.answer(session).accepted)
      try relay.tunnel.behave {
        _ = $0.post(
          .sessionState(
            session: session, state: .active, reasons: [], activeMilliseconds: 0, amountMinor: 0, currency: "EUR",
            exponent: 2))
      }
      let statement = CheckpointStatement(
        session: session, epoch: 1, sequence: 1, activeMilliseconds: 3_600_000, chainHash: SHA256.hash([0]))
      let signature = try relay.key.sign(statement.signedBytes)
      try relay.tunnel.behave { _ = $0.post(.checkpoint(statement, relaySignature: signature)) }
      let measured = try relay.tunnel.event("an answer to the checkpoint") { event -> Int64? in
        switch event {
        case .control(.checkpointRefused(session, 1, 1, let measured)): measured
        case .control(.checkpointSigned(session, 1, 1, _)): -1
        default: nil
        }
      }
      #expect(measured >= 0 && measured < 60_000, "signed what it cannot have measured, or measured \(measured) ms")
      // Both values stand in the customer's own record.
      let line = " \(session) refused epoch=1 sequence=1 relay_ms=3600000 measured_ms=\(measured)\t"
      let journal = relay.scratch.path("agent/journal")
      try waitUntil("the refusal in the journal") {
        (try? String(contentsOfFile: journal, encoding: .utf8))?.contains(line) == true
      }
    }
  }

  @Test("a WELCOME whose signature does not fit this connection ends the agent")
  func wrongSignature() throws {
    try withLyingRelay(wrongSignature: true) { relay in
      let exit = try relay.agent.child.wait(within: .seconds(15))
      #expect(exit == .status(76), "\(relay.agent.child.seen)")
      #expect(relay.agent.child.error.text.split(separator: "\n").count == 1)
    }
  }

  @Test("an agent that remembers a relay's signing key does not follow another under the same pin")
  func otherSigningKey() throws {
    try withShop { shop in
      let state = try shop.scratch.directory("agent")
      setMode(state, 0o700)
      let first = try shop.agent(["--state", state])
      #expect(try first.code().count == 9)
      first.interrupt()
      try first.child.wait()
      #expect(try shop.relay.drain() == .status(0))
      // The TLS key stays, and with it the pin; key and ledger go together, or the relay would not start.
      for name in try FileManager.default.contentsOfDirectory(atPath: shop.relay.state)
      where name == "signing.key" || name.hasPrefix("ledger.sqlite") {
        try FileManager.default.removeItem(atPath: "\(shop.relay.state)/\(name)")
      }
      try shop.restartRelay()
      let second = try shop.agent(["--state", state])
      #expect(try second.child.wait(within: .seconds(15)) == .status(76), "\(second.child.seen)")
      #expect(second.child.error.text.contains("key"), "\(second.child.seen)")
    }
  }

  @Test("a question in a session nobody agreed to is not asked; one in an open session is answered and signed")
  func questions() throws {
    try withLyingRelay { relay in
      let session = LyingRelay.newSession
      let words = "Go on?\n1 yes\n2 stop\n3 ask"
      func ask(_ words: String, number: UInt32) throws {
        let question = ControlMessage.question(
          session: session, number: number, kind: .limit, words: words, timeoutSeconds: 60)
        try relay.tunnel.behave { _ = $0.post(question) }
      }
      func answer(_ number: UInt32) throws -> (choice: UInt8?, signature: [UInt8]) {
        try relay.tunnel.event("an answer to question \(number)") {
          if case .control(.questionAnswer(session, number, let choice, _, let signature)) = $0 {
            (choice, signature)
          } else {
            nil
          }
        }
      }
      try ask(words, number: 1)
      #expect(try answer(1).choice == nil)
      try relay.ask(session)
      #expect(try relay.answer(session).accepted)
      try ask("Free!\u{202e}", number: 2)
      #expect(try answer(2).choice == nil)
      try ask(words, number: 3)
      // The agent runs with a standing yes, which agrees to nothing more.
      let given = try answer(3)
      #expect(given.choice == QuestionKind.declining)
      let statement = AnswerStatement(
        relaySigningKey: relay.key.publicKey.fingerprint, session: session, number: 3,
        wordsHash: SHA256.hash(Array(words.utf8)), choice: QuestionKind.declining)
      let key = try unwrap(relay.tunnel.peerKey.flatMap { Ed25519PublicKey(rawBytes: $0) })
      #expect(key.isValid(signature: given.signature, for: statement.signedBytes))
    }
  }
}
