import Foundation
import Glibc
import NIOCore
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelProtocol

/// Agents that break the protocol or lie, against the real relay, while an honest one works beside them.
@Suite("Bad input: lying agents", .shared) struct LyingAgentTests {
  /// Runs `attack` beside an open shell on an honest machine, and looks afterwards that nothing happened to it.
  private func beside(_ attack: (Shop) throws -> Void) throws {
    try withShop { shop in
      let bob = try shop.technician("bob")
      let code = try shop.agent().code()
      let shell = shop.adopt(try bob.terminal(code))
      try shell.type("echo $((30 + 1))-before\n")
      try shell.expect("31-before")
      let before = try Processes.kibibytes("VmRSS", of: shop.relay.child.pid)
      try attack(shop)
      try shell.type("echo $((30 + 2))-after\n")
      try shell.expect("32-after")
      #expect(shop.relay.child.exit == nil)
      let after = try Processes.kibibytes("VmRSS", of: shop.relay.child.pid)
      #expect(after - before < 32 * 1024, "the relay grew from \(before) to \(after) KiB")
    }
  }

  /// Lets an agent `lie` right after the handshake; the relay has to end that connection, and only that.
  private func cutOff(_ lie: (RawTunnel) throws -> Void) throws {
    try beside { shop in
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      try lie(agent.tunnel)
      try agent.tunnel.waitUntilClosed()
      // Its code is worth nothing any more, and says so.
      let alice = try shop.technician()
      let late = try alice.ssh(agent.code, ["echo in"])
      #expect(late.exit == .status(255) && late.output.isEmpty && !late.error.isEmpty, "\(late)")
    }
  }

  /// A control message an agent may send at any time.
  private static var harmless: [UInt8] {
    get throws {
      var random = SystemRandomNumberGenerator()
      let message = ControlMessage.detachedShellEnded(session: SessionID(using: &random))
      return Array(try message.encoded().readableBytesView)
    }
  }

  @Test("garbage ends the connection")
  func garbage() throws {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<4096).map { _ in UInt8.random(in: 0x80...0xFF, using: &generator) }
    try cutOff { try $0.send(bytes) }
  }

  @Test("a frame longer than allowed ends the connection before its bytes are waited for")
  func oversized() throws {
    try cutOff {
      let length = Frame.maximumPayloadBytes + 1
      let header: [UInt8] =
        [FrameType.data.rawValue, UInt8(length >> 16), UInt8(length >> 8 & 255), UInt8(length & 255), 0, 0, 0, 1]
        + [0, 0, 0, 0, 0, 0, 0, 1]
      try $0.send(header)
    }
  }

  @Test("a repeated frame ends the connection")
  func repeated() throws {
    let payload = try Self.harmless
    try cutOff {
      try $0.lie(.control, number: nil, payload)
      try $0.lie(.control, number: 1, payload)
    }
  }

  @Test("reordered frames end the connection")
  func reordered() throws {
    let payload = try Self.harmless
    try cutOff {
      try $0.lie(.control, number: 2, payload)
      try $0.lie(.control, number: 1, payload)
    }
  }

  @Test("a lost frame ends the connection")
  func lost() throws {
    let payload = try Self.harmless
    try cutOff {
      try $0.lie(.control, number: nil, payload)
      try $0.lie(.control, number: 3, payload)
    }
  }

  @Test("a second HELLO, a WELCOME, and what only a relay may say end the connection")
  func outOfPlace() throws {
    try cutOff { try $0.lie(.hello, number: 0, [1, 2, 3]) }
    try cutOff { try $0.lie(.welcome, number: 0, []) }
    let notice = Array(try ControlMessage.notice("I am the relay").encoded().readableBytesView)
    try cutOff { try $0.lie(.control, number: nil, notice) }
  }

  @Test("frames on streams nobody opened, and an OPEN from an agent, open nothing")
  func unknownStreams() throws {
    try cutOff { try $0.lie(.data, stream: 77, number: nil, [1, 2, 3]) }
    try cutOff { try $0.lie(.acknowledgement, number: 0, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) }
  }

  @Test("a payload cut short inside its fields ends the connection", arguments: [FrameType.control, .goAway])
  func malformed(type: FrameType) throws {
    try cutOff { try $0.lie(type, number: type == .control ? nil : 0, type == .control ? [0] : [1]) }
  }

  @Test("an unknown frame type is skipped, numbered or not")
  func unknownTypes() throws {
    try beside { shop in
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      try agent.tunnel.lie(FrameType(rawValue: 0x3F), number: 0, [1, 2, 3])
      try agent.tunnel.lie(FrameType(rawValue: 0x7F), number: nil, [4, 5, 6])
      try agent.tunnel.lie(.control, number: nil, try Self.harmless)
      try expectThroughout("the connection is open", for: .milliseconds(500)) { !agent.tunnel.closed }
    }
  }

  @Test("a connection cut in the middle of a frame is the end of that machine, nothing more")
  func truncated() throws {
    try beside { shop in
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      try agent.tunnel.send([FrameType.control.rawValue, 0, 16, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 0, 1] + [9, 9])
      try agent.tunnel.cut()
      let alice = try shop.technician()
      let late = try alice.ssh(agent.code, ["echo in"])
      #expect(late.exit == .status(255) && late.output.isEmpty && !late.error.isEmpty, "\(late)")
    }
  }

  /// An agent whose consent counted, with a stream the relay opened for `yes`.
  private func withStream(
    _ shop: Shop, _ body: (LyingAgent, StreamID, Child, Technician) throws -> Void
  ) throws {
    let alice = try shop.technician()
    let agent = try LyingAgent(shop)
    defer { agent.tunnel.close() }
    let ssh = shop.adopt(try alice.start(agent.code, ["work"], input: .pipe))
    try agent.sayYes(to: try agent.question())
    let (stream, opening) = try agent.opened()
    #expect(opening.kind == .exec(command: Array("work".utf8)))
    try agent.tunnel.behave { _ = $0.accept(stream) }
    try body(agent, stream, ssh, alice)
  }

  @Test("an agent that sends more than its credit is stopped, and the relay stays small")
  func creditOverflow() throws {
    try beside { shop in
      try withStream(shop) { agent, stream, ssh, _ in
        // The technician does not read, so no credit comes back.
        ssh.signal(SIGSTOP)
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: Frame.maximumPayloadBytes)
        for _ in 0..<2048 where !agent.tunnel.closed {
          try agent.tunnel.lie(.data, stream: stream.rawValue, number: nil, chunk)
        }
        try waitUntil("the end of stream or connection", seen: { agent.tunnel.seen }) {
          agent.tunnel.closed
            || agent.tunnel.events.contains { if case .ended(stream, _) = $0 { true } else { false } }
        }
        ssh.signal(SIGCONT)
        try waitUntil("the end of ssh", seen: { ssh.error.text }) { ssh.exit != nil }
        #expect(ssh.exit != .status(0))
      }
    }
  }

  @Test("credit beyond all bounds ends the stream or the connection")
  func creditFlood() throws {
    try beside { shop in
      try withStream(shop) { agent, stream, ssh, _ in
        for _ in 0..<4 {
          try agent.tunnel.lie(.credit, stream: stream.rawValue, number: nil, [0xFF, 0xFF, 0xFF, 0xFF])
        }
        try waitUntil("the end of ssh", seen: { ssh.seen + agent.tunnel.seen }) { ssh.exit != nil }
        #expect(ssh.exit != .status(0))
      }
    }
  }

  @Test("an honest stream works, so that the lies above fail for the right reason")
  func honest() throws {
    try beside { shop in
      try withStream(shop) { agent, stream, ssh, _ in
        try agent.tunnel.behave {
          _ = $0.send(stream, .standard, .init(string: "worked\n"))
          _ = $0.finishWriting(stream)
          _ = $0.post(.exitStatus(6), on: stream)
          _ = $0.end(stream, StreamEnd(.finished))
        }
        #expect(try ssh.wait() == .status(6))
        #expect(ssh.output.text == "worked\n")
      }
    }
  }

  @Test("an agent that signs no checkpoint is not billed for: what it did not confirm does not count")
  func signsNothing() throws {
    try beside { shop in
      try withStream(shop) { agent, stream, ssh, alice in
        try agent.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "some work\n")) }
        try ssh.expect("some work")
        _ = try agent.tunnel.event("a checkpoint", within: .seconds(10)) {
          if case .control(.checkpoint) = $0 { true } else { nil }
        }
        let id = try unwrap(alice.ssh("desk", ["list", "--json"]).json().array?.first?["id"]?.string)
        #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"], within: .seconds(20)).succeeded)
        let session = try shop.command("session", "show", id, "--json").json()
        #expect(session["active_ms"]?.int == 0 && session["amount_minor"]?.int == 0, "\(session)")
        #expect(try shop.command("ledger", "verify").succeeded)
      }
    }
  }

  private enum Forgery: CaseIterable {
    case unsigned, otherSession, otherWords, otherKey, moreAllowed, bitFlipped
  }

  @Test("a yes that is not signed for exactly this question lets nobody in", arguments: Forgery.allCases)
  private func forged(forgery: Forgery) throws {
    try beside { shop in
      let alice = try shop.technician()
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      let ssh = shop.adopt(try alice.start(agent.code, ["work"]))
      let question = try agent.question()
      let other = SHA256.hash([1, 2, 3])
      var random = SystemRandomNumberGenerator()
      let strange = SessionID(using: &random)
      switch forgery {
      case .unsigned: try agent.sayYes(to: question, signature: { [UInt8](repeating: 0, count: $0.count) })
      case .bitFlipped: try agent.sayYes(to: question, signature: { [$0[0] ^ 1] + $0.dropFirst() })
      case .otherWords: try agent.sayYes(to: question, statement: { $0.wordsHash = other })
      case .moreAllowed: try agent.sayYes(to: question, statement: { $0.allowances = [.shell] })
      case .otherKey:
        let stranger = try Ed25519PrivateKey.generate()
        let statement = ConsentStatement(
          relaySigningKey: SHA256.hash(agent.welcome.signingKey), session: question.session,
          technicianKey: question.technicianKey, wordsHash: SHA256.hash(Array(question.words.utf8)),
          allowances: question.allowances)
        let signature = try stranger.sign(statement.signedBytes)
        try agent.sayYes(to: question, signature: { _ in signature })
      case .otherSession:
        try agent.sayYes(to: question, statement: { $0.session = strange })
        // It answers a question nobody put; the one that was put still stands.
        try expectThroughout("nobody is in", for: .milliseconds(500)) { ssh.exit == nil && ssh.output.total == 0 }
        try agent.tunnel.behave {
          _ = $0.post(
            .consentAnswer(
              session: question.session, accepted: false, reason: "", wordsHash: other, allowances: [], signature: []))
        }
      }
      #expect(try ssh.wait() == .status(255))
      #expect(ssh.output.text.isEmpty && !ssh.error.text.isEmpty)
      #expect(agent.tunnel.events.allSatisfy { if case .open = $0 { false } else { true } })
    }
  }

  @Test("an agent that claims another's instance, or its sessions, gets neither")
  func claimsAnother() throws {
    try withShop { shop in
      let alice = try shop.technician()
      var random = SystemRandomNumberGenerator()
      let instance = InstanceID(using: &random)
      let victim = try LyingAgent(shop, instance: instance)
      defer { victim.tunnel.close() }
      let ssh = shop.adopt(try alice.start(victim.code, ["work"], input: .pipe))
      let question = try victim.question()
      try victim.sayYes(to: question)
      let (stream, _) = try victim.opened()
      try victim.tunnel.behave { _ = $0.accept(stream) }

      let thief = try LyingAgent(shop, instance: instance, held: [question.session])
      defer { thief.tunnel.close() }
      #expect(thief.code != victim.code)
      try thief.sayYes(to: question)
      try thief.tunnel.behave {
        _ = $0.post(.closeRequest(session: question.session, reason: "mine"))
        _ = $0.post(
          .checkpointSigned(session: question.session, epoch: 1, sequence: 1, signature: .init(repeating: 0, count: 64))
        )
      }
      try expectThroughout("the victim's session goes on", for: .milliseconds(1500)) {
        ssh.exit == nil && !victim.tunnel.closed
      }
      #expect(thief.tunnel.events.allSatisfy { if case .open = $0 { false } else { true } })
      try victim.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "still mine\n")) }
      try ssh.expect("still mine")
      #expect(try shop.sessions().count == 1)
    }
  }
}
