import Foundation
import Glibc
import Testing

/// Answers that the relay never heard: whoever gave one is told, and knows what it means.
@Suite("Lost answers", .shared) struct LostAnswerTests {
  /// Ends the relay hard and waits until the customer's screen tells of it.
  private func killRelay(_ shop: Shop, seenBy customer: Customer) throws {
    shop.relay.child.signal(SIGKILL)
    try shop.relay.child.wait()
    try customer.terminal.expect("Trying again")
  }

  @Test("a yes that is lost with the relay: the visit never began, and costs nothing")
  func consent() throws {
    try withShop(config: ConsentTests.shopConfig) { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop, columns: 160)
      defer { customer.close() }
      _ = shop.adopt(try alice.start(customer.code, ["echo inside"]))
      try customer.terminal.expect("Type y or n, then Enter:")
      try killRelay(shop, seenBy: customer)
      try customer.answer("y", to: "Type y or n, then Enter:")
      try customer.terminal.expect("You said yes.")
      try shop.restartRelay(config: ConsentTests.shopConfig)
      try customer.terminal.expect("The visit of alice was ended before your yes arrived.")
      try customer.terminal.expect("no one is connected, and there is nothing to pay.")
      let record = try shop.session("closed") { $0["state"]?.string == "closed" }
      #expect(record["amount_minor"]?.int ?? 0 == 0, "\(record)")
      #expect(try !customer.terminal.screen().contains { $0.contains("The visit is over") })
    }
  }

  @Test("an answer that is lost with the relay is asked for once more, with a line that says why")
  func quote() throws {
    try withShop(config: ConsentTests.shopConfig) { shop in
      let alice = try shop.technician()
      let customer = try Customer(shop)
      defer { customer.close() }
      let shell = try customer.admit(alice, shop)
      try shell.type("echo $((6 + 6))-in\n")
      try shell.expect("12-in")
      _ = try alice.desk("quote", try shop.openSession(), "--fixed 90.00 --text all of the mail")
      try customer.terminal.expect("all of the mail")
      try killRelay(shop, seenBy: customer)
      try customer.terminal.send("y", "Enter")
      try waitUntil("the answer", seen: { (try? customer.terminal.screen().joined(separator: "\n")) ?? "" }) {
        try customer.terminal.screen().contains("You said yes.")
      }
      try shop.restartRelay(config: ConsentTests.shopConfig)
      let again = shop.adopt(try alice.terminal(customer.code))
      try customer.terminal.expect("Your answer did not arrive. Please answer once more.")
      try again.expect("12-in")
      try customer.terminal.send("y", "Enter")
      try again.expect("It binds from now on")
      _ = try shop.close(by: alice)
    }
  }
}
