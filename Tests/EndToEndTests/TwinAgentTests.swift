import Foundation
import Glibc
import NIOCore
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelProtocol

/// Who asks for a tunnel that is not his, or not so any more, gets a reason and nothing else; and of two agents with one key
/// the newer one works.
@Suite("Resume: false claims", .shared) struct TwinAgentTests {
  /// An agent whose consent counted, with a stream the relay opened for `work`.
  private func withStream(_ body: (Shop, LyingAgent, StreamID, Child) throws -> Void) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      let ssh = shop.adopt(try alice.start(agent.code, ["work"], input: .pipe))
      try agent.sayYes(to: try agent.question())
      let (stream, _) = try agent.opened()
      try agent.tunnel.behave { _ = $0.accept(stream) }
      try agent.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "one\n")) }
      try ssh.expect("one\n")
      do { try body(shop, agent, stream, ssh) } catch { throw Failure("\(error)\n\(agent.tunnel.seen)") }
    }
  }

  /// The relay has to refuse it, say so in its log with `reason`, and put it on record.
  private func expectRefused(_ claim: RawTunnel, _ shop: Shop, _ reason: String, onRecord: Bool = true) throws {
    let answer = try claim.greeting()
    #expect(answer.type == .goAway, "\(answer.type)")
    let goAway = try GoAway(payload: answer.payload)
    #expect(goAway.code == .cannotResume, "\(goAway)")
    try claim.waitUntilClosed()
    try waitUntil("the reason in the log", seen: { shop.relay.child.error.text }) {
      shop.relay.child.error.text.contains(reason)
    }
    guard onRecord else { return }
    let record = try shop.record("the refusal") { !$0.details("link-refused").isEmpty }
    #expect(record.details("link-refused").first?["reason"]?.string?.contains(reason) == true, "\(record)")
    #expect(try shop.command("session", "show", try shop.openSession()).output.contains(reason))
  }

  private enum Claim: String, CaseIterable {
    case otherKey, otherRun, otherTunnel, otherVersion, neverSent, longAcknowledged

    /// What the relay says of it.
    var reason: String {
      switch self {
      case .otherKey: "key"
      case .otherRun: "run"
      case .otherTunnel: "tunnel"
      case .otherVersion: "version"
      case .neverSent, .longAcknowledged: "frame"
      }
    }
  }

  @Test("a claim that is not the agent's own and current one is refused with its reason", arguments: Claim.allCases)
  private func refused(claim: Claim) throws {
    try withStream { shop, agent, stream, ssh in
      try agent.tunnel.acknowledge()
      // Behind this the relay has read the acknowledgement.
      try agent.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "two\n")) }
      try ssh.expect("two\n")
      let received = try agent.tunnel.received()
      #expect(received > 0)
      let stranger = try TLSIdentity.loadOrCreateAgent(directory: nil)
      var random = SystemRandomNumberGenerator()
      let other = InstanceID(using: &random)
      let false_ = try agent.resume(
        at: shop, received: received, identity: claim == .otherKey ? stranger : nil
      ) {
        switch claim {
        case .otherKey: break
        case .otherRun: $0.instance = other
        case .otherTunnel: $0.tunnel = other
        case .otherVersion: $0.version = 999
        case .neverSent: $0.received = received + 1_000_000
        case .longAcknowledged: $0.received = 0
        }
      }
      defer { false_.close() }
      try expectRefused(false_, shop, claim.reason, onRecord: claim != .otherTunnel)
      // The tunnel that was meant is as it was.
      try agent.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "three\n")) }
      try ssh.expect("three\n")
      #expect(!agent.tunnel.closed && ssh.output.text == "one\ntwo\nthree\n")
    }
  }

  @Test("an honest claim gets the tunnel, whether the old connection is gone or not, and every byte once")
  func honest() throws {
    for isCut in [true, false] {
      try withStream { shop, agent, stream, ssh in
        let machine = try agent.tunnel.taken()
        if isCut { try agent.tunnel.cut() }
        var meanwhile = machine
        _ = meanwhile.send(stream, .standard, .init(string: "meanwhile\n"))
        let next = try agent.resume(at: shop, received: machine.received, machine: meanwhile)
        defer { next.close() }
        let answer = try next.greeting()
        #expect(answer.type == .resumed)
        let resumed = try Resumed(payload: answer.payload)
        #expect(resumed.tunnel == agent.welcome.tunnel && resumed.instance == agent.welcome.instance)
        let key = try unwrap(Ed25519PublicKey(rawBytes: agent.welcome.signingKey))
        let signed = resumed.signedBytes(exporter: next.exporter, agentSPKI: agent.identity.spki)
        #expect(key.isValid(signature: resumed.signature, for: signed))
        try agent.tunnel.waitUntilClosed()
        try ssh.expect("meanwhile\n")
        try ssh.type("input\n")
        let got = try next.event("input") {
          if case .data(stream, _, let bytes) = $0 { String(buffer: bytes) } else { nil }
        }
        #expect(got == "input\n")
        try next.behave { _ = $0.send(stream, .standard, .init(string: "after\n")) }
        try ssh.expect("after\n")
        #expect(ssh.output.text == "one\nmeanwhile\nafter\n")
        #expect(try shop.sessions().count == 1)
        // It is the same agent, and nobody is called a second one.
        let record = try shop.command("session", "show", try shop.openSession(), "--json").json()
        #expect(record.details("agent-displaced").isEmpty && record.details("link-refused").isEmpty, "\(record)")
        #expect(!shop.relay.child.error.text.contains("a second agent"))
      }
    }
  }

  @Test("the same claim said again, after what it says was overtaken, is refused; the tunnel stays with the first")
  func replayed() throws {
    try withStream { shop, agent, stream, ssh in
      let machine = try agent.tunnel.taken()
      let received = machine.received
      let next = try agent.resume(at: shop, received: received, machine: machine)
      defer { next.close() }
      #expect(try next.greeting().type == .resumed)
      try ssh.type("input\n")
      _ = try next.event("input") { if case .data(stream, _, _) = $0 { true } else { nil } }
      try next.acknowledge()
      // Behind this answer the relay has read the acknowledgement.
      try next.behave { _ = $0.send(stream, .standard, .init(string: "two\n")) }
      try ssh.expect("two\n")
      let replay = try agent.resume(at: shop, received: received)
      defer { replay.close() }
      try expectRefused(replay, shop, "frame")
      try next.behave { _ = $0.send(stream, .standard, .init(string: "three\n")) }
      try ssh.expect("three\n")
      #expect(ssh.output.text == "one\ntwo\nthree\n")
    }
  }

  @Test("an acknowledgement of frames that were never sent ends the tunnel, resumed or not, with its reason on record")
  func falseAcknowledgement() throws {
    try withStream { shop, agent, stream, ssh in
      let machine = try agent.tunnel.taken()
      let next = try agent.resume(at: shop, received: machine.received, machine: machine)
      defer { next.close() }
      #expect(try next.greeting().type == .resumed)
      try next.lie(.acknowledgement, number: 0, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
      try next.waitUntilClosed()
      try waitUntil("the reason in the log", seen: { shop.relay.child.error.text }) {
        shop.relay.child.error.text.contains("acknowledge")
      }
      try shop.record("the reason") {
        $0.details("link-refused").contains { $0["reason"]?.string?.contains("acknowledge") == true }
      }
      _ = ssh
    }
  }

  @Test("a checkpoint that another key signed is refused, with its reason, and bills nothing")
  func otherSignature() throws {
    try withStream { shop, agent, _, ssh in
      let checkpoint = try agent.tunnel.event("a checkpoint", within: .seconds(15)) {
        if case .control(.checkpoint(let statement, _)) = $0 { statement } else { nil }
      }
      let stranger = try Ed25519PrivateKey.generate()
      let signature = try stranger.sign(checkpoint.signedBytes)
      try agent.tunnel.behave {
        _ = $0.post(
          .checkpointSigned(
            session: checkpoint.session, epoch: checkpoint.epoch, sequence: checkpoint.sequence, signature: signature))
      }
      try waitUntil("the reason in the log", seen: { shop.relay.child.error.text }) {
        shop.relay.child.error.text.contains("signature")
      }
      let record = try shop.record("the refusal") {
        !$0.details("checkpoint-refused").isEmpty || !$0.details("link-refused").isEmpty
      }
      #expect(record["active_ms"]?.int == 0, "\(record)")
      _ = ssh
    }
  }

  @Test("of two agents with one key the newer works; both are told, nothing is billed twice, and the record says so")
  func twins() throws {
    try withShop { shop in
      let state = try shop.scratch.directory("agent-state")
      setMode(state, 0o700)
      let place = try Place(shop, agent: ["--state", state])
      let watch = Stopwatch()
      let shell = try place.shellAtWork()
      let command = shop.adopt(try place.alice.start(place.code, ["echo on; cat"], input: .pipe))
      try command.expect("on\n")
      let id = try shop.openSession()
      try place.prepare("cp -a agent-state twin-state")
      let twin = try shop.agent(["--state", shop.scratch.path("twin-state")])
      let code = try twin.code()
      // It ends instead of dialling again.
      #expect(try place.agent.child.wait(within: .seconds(10)) == .status(79), "\(place.agent.child.seen)")
      #expect(place.agent.child.error.text.split(separator: "\n").count == 1, "\(place.agent.child.seen)")
      _ = try twin.event("notice") { $0["text"]?.string?.contains("key") == true }
      let line = "A second copy of the customer's program took over from the first"
      for (channel, seen) in [(shell, shell.output), (command, command.error)] {
        #expect(try channel.wait() == .status(255), "\(channel.seen)")
        #expect(seen.text.contains(line), "\(channel.seen)")
        #expect(!"\(channel.seen)".contains("The line to the customer's machine"), "\(channel.seen)")
      }
      let bill = try shop.bill(of: id)
      #expect(bill.active <= watch.seconds)
      #expect(try shop.sessions().count == 1)
      try expectOnRecord(id, shop)
      #expect(code != place.code)
      #expect(try place.alice.ssh(code, ["echo here"]).output == "here\n")
      _ = try shop.close(by: place.alice)
      #expect(try shop.sessions().count == 2)
      #expect(twin.child.exit == nil)
    }
  }

  /// Of a closed session: a second agent took over, as everybody who asks is told.
  private func expectOnRecord(_ id: String, _ shop: Shop) throws {
    let record = try shop.command("session", "show", id, "--json").json()
    let displaced = record.details("agent-displaced")
    #expect(displaced.count == 1 && displaced.first?["address"]?.string == "127.0.0.1", "\(record)")
    #expect(displaced.first?["displaced_address"]?.string == "127.0.0.1")
    #expect((0...2500).contains(displaced.first?["silent_ms"]?.int ?? -1), "\(displaced)")
    #expect(record["note"]?.string == "a second agent with this machine's key took over")
    let line = "a second agent with this machine's key connected from 127.0.0.1 and took over; the first one"
    let text = try shop.command("session", "show", id).output
    #expect(text.contains(line), "\(text)")
    let log = shop.relay.child.error.text
    #expect(log.contains(line) && log.contains("It ends session \(id)."), "\(log)")
    #expect(try shop.command("ledger", "export").output.contains("agent-displaced"))
  }

  @Test("a first agent whose line was down when the second came is sent away when it is back, and its session says so")
  func lateTwin() throws {
    try withStream { shop, agent, _, ssh in
      let id = try shop.openSession()
      let received = try agent.tunnel.received()
      try agent.tunnel.cut()
      try shop.session("without a line") { $0["suspended_reasons"] == .list([.text("link")]) }
      let second = try LyingAgent(shop, identity: agent.identity)
      defer { second.tunnel.close() }
      #expect(try ssh.wait() == .status(255) && ssh.error.text.contains("was started anew"), "\(ssh.seen)")
      _ = try shop.bill(of: id)
      let late = try agent.resume(at: shop, received: received)
      defer { late.close() }
      let answer = try late.greeting()
      #expect(answer.type == .goAway)
      #expect(try GoAway(payload: answer.payload).code == .replaced)
      try late.waitUntilClosed()
      var record = JSON.null
      try waitUntil("the refusal on record", seen: { "\(record)" }) {
        record = try shop.command("session", "show", id, "--json").json()
        return !record.details("link-refused").isEmpty
      }
      let reason = "another run of the agent has taken its place"
      #expect(record.details("link-refused").first?["reason"]?.string == reason, "\(record)")
      #expect(record["note"]?.string == "the agent was restarted" && record.details("agent-displaced").isEmpty)
      #expect(shop.relay.child.error.text.contains(reason))
      #expect(!second.tunnel.closed)
    }
  }

  @Test("a flood of claims costs the relay nothing, and others notice nothing")
  func flood() throws {
    try withStream { shop, agent, stream, ssh in
      let before = try Processes.kibibytes("VmRSS", of: shop.relay.child.pid)
      let received = try agent.tunnel.received()
      let stranger = try TLSIdentity.loadOrCreateAgent(directory: nil)
      for round in 0..<10 {
        let claims = try (0..<20).map { number in
          try agent.resume(at: shop, received: received, identity: number % 2 == 0 ? stranger : nil) {
            if number % 2 == 1 { $0.received = UInt64(1_000_000 + number) }
          }
        }
        for claim in claims { try claim.waitUntilClosed() }
        for claim in claims { claim.close() }
        try agent.tunnel.behave { _ = $0.send(stream, .standard, .init(string: "round \(round)\n")) }
        try ssh.expect("round \(round)\n", within: .seconds(5))
      }
      let growth = try Processes.kibibytes("VmRSS", of: shop.relay.child.pid) - before
      print("200 false claims cost the relay \(growth) KiB")
      #expect(growth < StallTests.growthLimit)
      // A record is for people: so many of one kind say no more than some.
      let record = try shop.command("session", "show", shop.openSession(), "--json").json()
      #expect(record.details("link-refused").count <= 100, "\(record.details("link-refused").count)")
    }
  }
}
