import Foundation
import SessionModel
import Signing
import Testing
import TunnelProtocol

/// An agent that does not countersign, because it is too old or will not: the customer's receipt is whole without it.
@Suite("Receipts: agents that do not countersign", .shared) struct OldAgentTests {
  @Test("the relay's signature alone makes a receipt genuine; the machine's goes on record once, when it comes")
  func alone() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      let ssh = shop.adopt(try alice.start(agent.code, ["true"]))
      let question = try agent.question()
      try agent.sayYes(to: question)
      _ = try agent.opened()
      let id = question.session.rawValue
      #expect(try alice.ssh("desk", ["close", id, "--outcome", "fixed"]).succeeded)
      let (bytes, signature) = try agent.tunnel.event("a receipt") {
        if case .control(.receipt(question.session, let bytes, let signature)) = $0 { (bytes, signature) } else { nil }
      }
      try ssh.wait()
      // The receipt is all that is said of the price: the closing has no words of its own.
      let words = try agent.tunnel.event("the closing") {
        if case .control(.sessionClosed(question.session, _, _, _, _, _, _, let text)) = $0 { text } else { nil }
      }
      #expect(words.isEmpty, "\(words)")
      let file = shop.scratch.path("alone.json")
      #expect(try shop.command("receipt", "export", id, "-o", file).succeeded)
      let judged = try RelayProcess.command(
        ["receipt", "verify", file, "--state", shop.relay.state], in: shop.scratch)
      #expect(judged.succeeded && judged.output.contains("signed by the relay alone"), "\(judged)")

      // Context, NUL, the relay's signature, the receipt: by hand, as the format's page says it.
      let signed = Array("fixline receipt countersigned 1".utf8) + [0] + signature + bytes
      let forged = ControlMessage.receiptCountersigned(
        session: question.session, signature: try Ed25519PrivateKey.generate().sign(signed))
      let own = ControlMessage.receiptCountersigned(session: question.session, signature: try agent.key.sign(signed))
      try agent.tunnel.behave { _ = $0.post(own) }
      for message in [own, forged] { try agent.tunnel.behave { _ = $0.post(message) } }
      try waitUntil("the countersignature on record", seen: { shop.story }) {
        try shop.command("session", "show", id).output.contains("signed by the relay and the customer's computer")
      }
      let events = try shop.command("session", "show", id, "--json").json()["events"]?.array ?? []
      #expect(events.count { $0["kind"]?.string == "receipt-countersigned" } == 1)
      let both = shop.scratch.path("both.json")
      #expect(try shop.command("receipt", "export", id, "-o", both).succeeded)
      let whole = try RelayProcess.command(["receipt", "verify", both, "--state", shop.relay.state], in: shop.scratch)
      #expect(whole.succeeded && whole.output.contains("and the customer's computer"), "\(whole)")
      // The relay's key is another by now: what it issued before is still genuine, by the record or by the old key.
      let key = try unwrap(shop.relay.ready["signing_key"]?.string)
      #expect(try shop.relay.drain() == .status(0))
      try FileManager.default.removeItem(atPath: "\(shop.relay.state)/signing.key")
      let other = try Ed25519PrivateKey.generate().pem()
      try Data(other).write(to: URL(fileURLWithPath: "\(shop.relay.state)/signing.key"))
      setMode("\(shop.relay.state)/signing.key", 0o600)
      for arguments in [["--state", shop.relay.state], ["--key", key]] {
        let done = try RelayProcess.command(["receipt", "verify", both] + arguments, in: shop.scratch)
        #expect(done.succeeded, "\(done)")
      }
      let now = "sha256:" + String(repeating: "1", count: 64)
      #expect(try RelayProcess.command(["receipt", "verify", both, "--key", now], in: shop.scratch).exit == .status(1))
    }
  }
}
