import Foundation
import Glibc
import Testing

/// What strangers, mistakes and bad luck get: one clear line, a fitting exit code, and nobody else disturbed.
@Suite("Bad input: technicians", .shared) struct TechnicianMistakeTests {
  @Test("a key that is not registered gets in nowhere")
  func unknownKey() throws {
    try withShop { shop in
      let mallory = try shop.stranger()
      let code = try shop.agent().code()
      for user in [code, "desk", "alice"] {
        let done = try mallory.ssh(user, ["echo in"])
        #expect(done.exit == .status(255))
        #expect(done.output.isEmpty)
        #expect(done.error.contains("Permission denied (publickey)"), "\(done)")
      }
    }
  }

  @Test("passwords are not even offered")
  func noPasswords() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let done = try alice.ssh(
        "desk", ["help"],
        options: ["-o", "PreferredAuthentications=password,keyboard-interactive", "-o", "PubkeyAuthentication=no"])
      #expect(done.exit == .status(255))
      #expect(done.error.contains("Permission denied (publickey)"), "\(done)")
    }
  }

  @Test("a key removed while connected ends its connections and opens no more; others stay")
  func keyRemoved() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      let code = try shop.agent().code()
      let other = try shop.agent().code()
      let hers = shop.adopt(try alice.terminal(code))
      try hers.type("echo $((8 + 8))-in\n")
      try hers.expect("16-in")
      let his = shop.adopt(try bob.terminal(other))
      try his.type("echo $((8 + 9))-in\n")
      try his.expect("17-in")
      #expect(try shop.command("technician", "remove", "alice").succeeded)
      try waitUntil("the end of her shell", within: .seconds(10), seen: { hers.seen }) { hers.exit != nil }
      let again = try alice.ssh(code, ["echo in"])
      #expect(again.exit == .status(255) && again.output.isEmpty)
      #expect(again.error.contains("Permission denied"), "\(again)")
      try his.type("echo $((9 + 9))-still\n")
      try his.expect("18-still")
    }
  }

  @Test("cases and files are refused with a line until they exist")
  func notYet() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh("\(code)+case1", ["echo in"])
      #expect(done.exit == .status(255) && done.output.isEmpty && !done.error.isEmpty, "\(done)")
    }
  }
}

/// Answers about codes are timed, so nothing else runs.
@Suite("Bad input: codes", .alone) struct CodeTests {
  @Test("unknown, expired, used, another's and malformed codes get the same answer in the same time")
  func oneAnswer() throws {
    try withShop(config: "code_lifetime_seconds: 1\n") { shop in
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      // Used: claimed, worked, closed. Claimed before its second is over, because the session starts at once.
      let agent = try shop.agent()
      var used = ""
      try waitUntil("a code claimed in time", within: .seconds(20)) {
        used = try unwrap(agent.events.last { $0["event"]?.string == "ready" }?["code"]?.string ?? agent.code())
        return try alice.ssh(used, ["true"]).succeeded
      }
      let claimed = used
      let another = try timed(bob, claimed)
      #expect(try alice.ssh("desk", ["close", try shop.openSession(), "--outcome", "fixed"]).succeeded)
      let fresh = try unwrap(agent.events.last { $0["event"]?.string == "ready" }?["code"]?.string)
      try waitUntil("a code after the expired one") {
        agent.events.last { $0["event"]?.string == "ready" }?["code"]?.string != fresh
      }
      let answers = [
        ("another's", another), ("used", try timed(bob, used)), ("expired", try timed(bob, fresh)),
        ("unknown", try timed(bob, "100000001")), ("malformed", try timed(bob, "12345")),
        ("a name", try timed(bob, "printer")),
      ]
      for (what, answer) in answers {
        #expect(answer.done.exit == .status(255), "\(what): \(answer.done)")
        #expect(answer.done.output.isEmpty, "\(what): \(answer.done)")
        #expect(answer.done.error == answers[0].1.done.error, "\(what)")
      }
      #expect(answers[0].1.done.error.split(separator: "\n").count == 1)
      let times = answers.map { "\($0.0) \(Int($0.1.milliseconds))" }
      let spread = (answers.map(\.1.milliseconds).max() ?? 0) - (answers.map(\.1.milliseconds).min() ?? 0)
      #expect(spread < 250, "\(times)")
    }
  }

  private func timed(_ technician: Technician, _ code: String) throws -> (done: Finished, milliseconds: Double) {
    let started = ContinuousClock.now
    let done = try technician.ssh(code, ["echo in"])
    return (done, (ContinuousClock.now - started) / .milliseconds(1))
  }

  @Test("guessing is cut off, for the guesser only")
  func guessing() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let mallory = try shop.technician("mallory")
      let code = try shop.agent().code()
      let master = try mallory.master("100000000")
      defer { master.close() }
      let wrong = try (0..<12).map { _ in
        shop.adopt(try mallory.start("100000000", ["true"], options: master.options))
      }
      for guess in wrong { #expect(try guess.wait() == .status(255)) }
      let right = try mallory.ssh(code, ["echo in"])
      #expect(right.exit == .status(255) && right.output.isEmpty, "\(right)")
      #expect(try alice.ssh(code, ["echo in"]).output == "in\n")
    }
  }
}

/// The agent meets a relay that is not the one meant.
@Suite("Bad input: relays", .shared) struct WrongRelayTests {
  private func refused(_ agent: AgentProcess, mentions words: String...) throws {
    #expect(try agent.child.wait(within: .seconds(15)) == .status(76), "\(agent.child.seen)")
    let lines = agent.child.error.text.split(separator: "\n")
    #expect(lines.count == 1, "\(agent.child.seen)")
    for word in words { #expect(agent.child.error.text.contains(word), "\(agent.child.seen)") }
    #expect(agent.events.allSatisfy { $0["event"]?.string != "ready" })
  }

  @Test("a wrong pin ends the agent with both pins in one line")
  func wrongPin() throws {
    try withShop { shop in
      let wrong = "sha256:" + String(repeating: "ab", count: 32)
      try refused(try shop.agent(pin: false, ["--pin", wrong]), mentions: wrong, shop.relay.pin)
    }
  }

  @Test("a certificate nobody vouches for ends the agent without a pin")
  func untrusted() throws {
    try withShop { shop in try refused(try shop.agent(pin: false)) }
  }

  @Test("an operator's certificate is accepted by its name, and only by its name")
  func operatorsCertificate() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let authority = try TestAuthority(in: scratch, name: "localhost")
    try withShop(config: "tls: { certificate: \(authority.certificate), key: \(authority.key) }\n") { shop in
      let environment = ["SSL_CERT_FILE": authority.root]
      func start(_ host: String) throws -> AgentProcess {
        try shop.adopt(
          AgentProcess.launch(
            ["--relay", "\(host):\(shop.relay.tlsPort)", "--json", "--consent", "yes"], in: shop.scratch,
            variables: environment))
      }
      let alice = try shop.technician()
      let code = try start("localhost").code()
      #expect(try alice.ssh(code, ["echo trusted"]).output == "trusted\n")
      // The same relay under a name the certificate does not carry.
      try refused(try start("127.0.0.1"))
    }
  }

  @Test("a relay that cannot be reached is dialled again and again, with growing pauses")
  func unreachable() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let agent = try AgentProcess.launch(
      ["--relay", "127.0.0.1:1", "--json", "--consent", "yes"], in: scratch)
    defer { agent.child.kill() }
    try waitUntil("three tries", within: .seconds(20), seen: { agent.child.seen }) {
      agent.events.filter { $0["event"]?.string == "disconnected" }.count >= 3
    }
    #expect(agent.child.exit == nil)
    agent.interrupt()
    #expect(try agent.child.wait() == .status(0))
  }

  @Test(
    "a wrong command line ends the agent with 64 and one line",
    arguments: [
      [], ["--relay"], ["--relay", "nowhere"], ["--relay", "a:1", "--pin", "sha256:12"],
      ["--relay", "a:1", "--consent", "maybe"], ["--relay", "a:1", "--frobnicate"], ["extra"],
    ])
  func agentUsage(arguments: [String]) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let agent = try AgentProcess.launch(arguments, in: scratch)
    defer { agent.child.kill() }
    #expect(try agent.child.wait() == .status(64), "\(agent.child.seen)")
    #expect(agent.child.error.text.split(separator: "\n").count == 1, "\(agent.child.seen)")
  }
}

/// A certificate authority of one test, and a certificate it gave for `name`, made as certs/README.md says.
struct TestAuthority {
  let root: String
  let certificate: String
  let key: String

  init(in scratch: Scratch, name: String) throws {
    let made = try Finished.run(
      [Programs.repository("certs/make-test-ca.sh"), scratch.path, name],
      environment: Programs.variables(home: scratch.path), directory: scratch.path)
    guard made.succeeded else { throw Failure("\(made)") }
    root = scratch.path("ca.crt")
    certificate = scratch.path("tls.crt")
    key = scratch.path("tls.key")
  }
}
