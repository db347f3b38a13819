import Foundation
import Testing

/// What was promised and not kept is told to the customer when it happens, and is on the receipt he keeps.
@Suite("Broken promises", .shared) struct BrokenPromiseTests {
  @Test("a promise that is broken is on the customer's screen in his language, and with its reason on his receipt")
  func broken() throws {
    try withShop(config: "default_plan: tiny\n") { shop in
      try shop.plan("tiny")
      let alice = try shop.technician()
      let one = try unwrap(try alice.desk("case new --title Mail")["case"]?.string)
      _ = try alice.desk("promise", one, "--text kaksi euroa --price 2.00")
      _ = try alice.desk("promise", one, "--text tiedostot säilyvät")
      let state = try shop.scratch.directory("agent")
      setMode(state, 0o700)
      let agent = try shop.agent(["--state", state, "--language", "fi"])
      let shell = shop.adopt(try alice.terminal("\(agent.code())+\(one)"))
      try shell.busy(seconds: 4)
      try shell.expect("done-11")
      let id = try shop.openSession()
      _ = try alice.desk("promise break", one, "2 --reason levy hajosi")
      let notice = try agent.event("notice")
      #expect(
        notice["text"]?.string == "Lupaus, jota ei pidetty: tiedostot säilyvät\nSyy (alice): levy hajosi", "\(notice)")
      _ = try alice.desk("close", id, "--outcome fixed --break-promise toinen vika")
      let event = try agent.event("receipt") { $0["session"]?.string == id }
      #expect(event["countersigned"]?.flag == true, "\(event)")
      let file = try unwrap(event["file"]?.string)
      for verified in [
        try shop.tool([Programs.agent, "verify", file, "--state", state]), try shop.command("receipt", "verify", file),
      ] {
        #expect(verified.succeeded && verified.output.hasPrefix("Genuine"), "\(verified)")
      }
      let text = String(decoding: try unwrap(FileManager.default.contents(atPath: file)), as: UTF8.self)
      let receipt = try JSON(parsing: try unwrap(JSON(parsing: text)["receipt"]?.string))
      #expect(receipt["amount_minor"]?.int ?? 0 > 200, "\(receipt)")
      let promises = try unwrap(receipt["broken_promises"]?.array, "\(receipt)")
      #expect(promises.map { $0["text"]?.string } == ["kaksi euroa", "tiedostot säilyvät"], "\(promises)")
      #expect(promises.map { $0["reason"]?.string } == ["toinen vika", "levy hajosi"], "\(promises)")
      #expect(promises.map { $0["price"]?["amount_minor"]?.int } == [200, nil], "\(promises)")
      #expect(promises.allSatisfy { $0["promised_by"]?.string == "alice" && $0["broken_by"]?.string == "alice" })
      let shown = try unwrap(receipt["text"]?.string)
      #expect(
        shown.contains("Lupaus, jota ei pidetty: kaksi euroa (2,00\u{a0}€)\nSyy (alice): toinen vika\n"), "\(shown)")
    }
  }
}
