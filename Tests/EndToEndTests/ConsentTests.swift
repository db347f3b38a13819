import Foundation
import Glibc
import Testing

/// What the customer sees and answers, in a real terminal.
@Suite("Consent", .shared) struct ConsentTests {
  static let shopConfig = "shop: { name: \"Nine to Five\", phone: \"+358 9 123 456\" }\n"

  /// The wording of BILLING.md for the default plan, which is net and for businesses.
  static let words = [
    "Who: alice, Nine to Five, +358 9 123 456",
    "Why: The printer prints nothing",
    "Price, without VAT: 22.50 EUR for the first 15 minutes,",
    "then 9.00 EUR for every 6 minutes begun.",
    "They can change files and use your network. Ctrl+C stops it.",
    "Type y = yes, and I will pay.    n = no, it costs nothing.",
  ]

  /// An agent in tmux, as a customer starts it, and the code he reads out.
  private func customer(_ shop: Shop) throws -> (terminal: Tmux, code: String) {
    let customer = try Customer(shop)
    return (customer.terminal, customer.code)
  }

  private let purpose = ["-o", "SetEnv=FIXLINE_PURPOSE=\"The printer prints nothing\""]

  @Test("the words are shown exactly, y lets in, and the technician was told to wait")
  func accepted() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let ssh = shop.adopt(try alice.start(code, ["echo inside"], options: purpose))
      try terminal.expect("Type y = yes")
      let lines = try terminal.screen().map { $0.trimmingCharacters(in: .whitespaces) }
      let first = try unwrap(lines.firstIndex { $0.hasPrefix("Who:") }, "the words")
      #expect(Array(lines[first...].prefix(Self.words.count)) == Self.words, "\(lines)")
      try waitUntil("the notice", seen: { ssh.seen }) {
        ssh.error.text.contains("Waiting for the customer to accept")
      }
      #expect(ssh.output.total == 0, "an exec waits in silence on stdout")
      try terminal.send("y", "Enter")
      #expect(try ssh.wait() == .status(0))
      #expect(ssh.output.text == "inside\n")
    }
  }

  @Test("a shell says that it waits, and opens after the yes")
  func shellWaits() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let shell = shop.adopt(try alice.terminal(code, options: purpose))
      try shell.expect("Waiting for the customer to accept")
      try terminal.expect("Type y = yes")
      try terminal.send("y", "Enter")
      try shell.type("echo $((3 * 3))-open\n")
      try shell.expect("9-open")
    }
  }

  @Test("Ctrl+C takes the question back; what was typed otherwise reaches the shell, in its order")
  func whileWaiting() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let wrong = shop.adopt(try alice.terminal(code, options: purpose))
      try terminal.expect("Type y = yes")
      try wrong.expect("Waiting for the customer to accept")
      try wrong.type("wrong customer\u{3}")
      try wrong.expect("The customer is not asked any more")
      #expect(try wrong.wait() == .status(255))
      try terminal.expect("taken back")
      let declined = try shop.session("withdrawn") { $0["state"]?.string == "closed" }
      #expect(declined["amount_minor"]?.int == 0 && declined["outcome"]?.string == "withdrawn", "\(declined)")
      let shell = shop.adopt(try alice.terminal(code, options: purpose))
      try shell.expect("Waiting for the customer to accept")
      try shell.type("echo $((3 * 3))-early\n")
      try waitUntil("the question", seen: { (try? terminal.screen().joined(separator: "\n")) ?? "" }) {
        try terminal.screen().count { $0.contains("Type y = yes") } >= 2
      }
      try terminal.send("y", "Enter")
      try shell.type("echo $((4 * 4))-late\n")
      try shell.expect("16-late")
      let seen = shell.output.text
      let early = try unwrap(seen.range(of: "9-early"), seen)
      let late = try unwrap(seen.range(of: "16-late"), seen)
      #expect(early.lowerBound < late.lowerBound)
      _ = try shop.close(by: alice)
    }
  }

  @Test("n declines: the technician reads it, nothing runs, and nothing is billed")
  func declined() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let mark = shop.scratch.path("must-not-exist")
      let ssh = shop.adopt(try alice.start(code, ["touch \(mark)"], options: purpose))
      try terminal.expect("Type y = yes")
      try terminal.send("n", "Enter")
      #expect(try ssh.wait() == .status(255))
      #expect(ssh.error.text.contains("The customer declined"), "\(ssh.seen)")
      #expect(!FileManager.default.fileExists(atPath: mark))
      let session = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(session["outcome"]?.string == "declined")
      #expect(session["amount_minor"]?.int == 0 && session["active_ms"]?.int == 0, "\(session)")
    }
  }

  @Test("a y typed before the question was there does not count")
  func typedAhead() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      try terminal.send("y", "Enter", "y", "Enter", "y")
      let ssh = shop.adopt(try alice.start(code, ["echo inside"], options: purpose))
      try terminal.expect("Type y = yes")
      try expectThroughout("the question stands", for: .milliseconds(700)) {
        ssh.exit == nil && ssh.output.total == 0
      }
      try terminal.send("y", "Enter")
      #expect(try ssh.wait() == .status(0))
      #expect(ssh.output.text == "inside\n")
    }
  }

  @Test("what is said while a question stands there takes its place, and the question follows below it, once")
  func saidMeanwhile() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop, columns: 60)
      defer { customer.close() }
      let terminal = customer.terminal
      _ = shop.adopt(try alice.start(customer.code, ["echo inside"], options: purpose))
      try terminal.expect("Type y or n, then Enter:")
      // Half an answer, which is neither to become one nor to be lost.
      try terminal.send("y")
      try terminal.expect("Type y or n, then Enter: y")
      shop.relay.child.signal(SIGKILL)
      try shop.relay.child.wait()
      let nobody =
        "Nobody answers at 127.0.0.1:\(shop.relay.tlsPort): check address and port, or ask whether the relay runs. Trying again"
      var screen: [String] = []
      try waitUntil("the lines, and the question below", seen: { screen.joined(separator: "\n") }) {
        screen = try terminal.screen().filter { !$0.isEmpty }
        return screen.joined(separator: " ").contains(nobody) && screen.last == "Type y or n, then Enter: y"
      }
      #expect(screen.count { $0.contains("Enter:") } == 1, "\(screen)")
      #expect(screen.contains { $0.hasPrefix("The connection broke off. Trying again") }, "\(screen)")
      #expect(screen.contains { $0.hasPrefix("Nobody answers at") }, "\(screen)")
      try terminal.send("Enter")
      try terminal.expect("You said yes.")
      screen = try terminal.screen()
      #expect(!screen.contains { $0.contains("Please") }, "\(screen)")
    }
  }

  @Test("only what is typed and is none of the answers is asked about once more")
  func unclear() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let ssh = shop.adopt(try alice.start(customer.code, ["echo inside"], options: purpose))
      try customer.answer("x", to: "Type y or n, then Enter:")
      try customer.answer("y", to: "Please type y for yes or n for no, then Enter:")
      #expect(try ssh.wait() == .status(0))
      #expect(try customer.terminal.screen().count { $0.contains("Please type") } == 1)
    }
  }

  @Test("no answer ends it with a clear line for both, and a later yes opens nothing")
  func unanswered() throws {
    try withShop(config: Self.shopConfig + "consent_timeout_seconds: 2\n") { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let mark = shop.scratch.path("must-not-exist")
      let ssh = shop.adopt(try alice.start(code, ["touch \(mark)"], options: purpose))
      try terminal.expect("Type y = yes")
      #expect(try ssh.wait(within: .seconds(10)) == .status(255))
      #expect(ssh.error.text.contains("did not answer"), "\(ssh.seen)")
      try terminal.send("y", "Enter")
      let session = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(session["outcome"]?.string == "unanswered")
      #expect(session["amount_minor"]?.int == 0)
      try expectThroughout("nothing runs", for: .milliseconds(700)) { !FileManager.default.fileExists(atPath: mark) }
    }
  }

  @Test("a technician who goes away before the answer leaves nothing behind")
  func withdrawn() throws {
    try withShop(config: Self.shopConfig) { shop in
      let alice = try shop.technician()
      let (terminal, code) = try customer(shop)
      defer { terminal.close() }
      let ssh = shop.adopt(try alice.start(code, ["true"], options: purpose))
      try terminal.expect("Type y = yes")
      ssh.kill()
      let session = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(session["outcome"]?.string == "withdrawn", "\(session)")
      // The same technician may ask again under the same code.
      let again = shop.adopt(try alice.start(code, ["echo again"], options: purpose))
      try waitUntil("the second question", seen: { again.seen }) {
        try terminal.screen().filter { $0.contains("Who: alice") }.count >= 2
      }
      try terminal.send("y", "Enter")
      #expect(try again.wait() == .status(0))
      #expect(again.output.text == "again\n")
    }
  }

  @Test(
    "a purpose with control or bidi characters is refused and never shown",
    arguments: ["a\u{1b}[2Jb", "pay\u{202e}on", "x\u{7}y", "a\u{200f}b", "\u{85}", "\u{2066}x"])
  func unfitPurpose(text: String) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent(consent: nil, ["--consent", "ask"])
      let code = try agent.code()
      let ssh = try alice.ssh(code, ["echo in"], options: ["-o", "SetEnv=FIXLINE_PURPOSE=\"\(text)\""])
      #expect(ssh.exit == .status(255))
      #expect(ssh.output.isEmpty)
      #expect(ssh.error.contains("FIXLINE_PURPOSE"), "\(ssh)")
      #expect(!ssh.error.contains(text), "what was sent comes back escaped, if at all")
      #expect(agent.events.allSatisfy { $0["event"]?.string != "consent" })
    }
  }

  @Test(
    "a technician's name that could mislead is refused at registration",
    arguments: ["Alice", "al ice", "al\u{202e}ice", "desk", "", "1st", "a\u{1b}[0m", String(repeating: "a", count: 33)])
  func unfitName(name: String) throws {
    try withShop { shop in
      let mallory = try shop.stranger()
      let added = try shop.command("technician", "add", name, "--key", mallory.keyFile + ".pub")
      #expect(!added.succeeded)
      #expect(added.exit == .status(64), "\(added)")
      #expect(!added.error.contains("\u{1b}") && !added.error.contains("\u{202e}"))
      #expect(try !shop.command("technician", "list").output.contains("SHA256"))
    }
  }

  @Test("a second ssh joins the open session without asking again")
  func secondJoins() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((4 + 4))-up\n")
      try shell.expect("8-up")
      for round in 0..<3 { #expect(try alice.ssh(code, ["echo \(round)"]).output == "\(round)\n") }
      #expect(agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
      #expect(try shop.sessions().count == 1)
    }
  }

  @Test("a second technician is not let in under a claimed code")
  func claimedByAnother() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      let agent = try shop.agent()
      let code = try agent.code()
      #expect(try alice.ssh(code, ["true"]).succeeded)
      let refused = try bob.ssh(code, ["echo in"])
      #expect(refused.exit == .status(255))
      #expect(refused.output.isEmpty)
      #expect(agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
    }
  }
}
