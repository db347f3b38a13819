import Foundation
import Testing

/// A customer who argues a month later: the real programs, with the relay's calendar a month back for the first visit, and nearer
/// for each that follows. The agent's stays today's: who is charged what does not rest on the customer's clock.
@Suite("A month later", .shared, .enabled(if: FaultLibrary.clock != nil)) struct MonthLaterTests {
  @Test(
    "the same problem is free to the last day, then charged, and a new problem is charged at any time; all can prove it"
  )
  func window() throws {
    try withShop(daysBack: 31, window)
  }

  private func window(_ shop: Shop) throws {
    try shop.plan("tiny", "rework: { window: 30d, percent: 0 }")
    try shop.customer("acme", plan: "tiny")
    let alice = try shop.technician()
    let state = shop.scratch.path("agent-state")
    let agent = try shop.agent(["--state", state])
    var code = try agent.code()
    _ = try alice.desk("verify", code, "--customer acme --fact postcode=00100")

    // A month ago: fixed and charged.
    let first = try shop.visit(alice, code)
    let one = try unwrap(first.record["case"]?.string)
    let window = try freeUntil(first)
    #expect(charged(first) > 0, "\(first.record)")
    try expectReceipt(of: first, state, agent, freeUntil: window)

    // Twenty days on: the same problem costs nothing, to the day that was promised, which stays where it was.
    code = try goOn(shop, agent, after: code, daysBack: 11)
    let shell = shop.adopt(try alice.terminal(code))
    try shell.expect("Same problem as \(one), \"Remote support\" (fixed 20 days ago)? y/n")
    try shell.type("y")
    let again = try shop.finish(alice, shell)
    #expect(again.record["case"]?.string == one && charged(again) == 0, "\(again.record)")
    #expect(try unwrap(day(again.record["opened_at"])) < window.day)
    #expect(again.record["lines"]?.array?.map { $0["kind"]?.string } == ["rework"])
    let promise = "free until the end of \(window.words)."
    let free = try consent(agent, 2)
    #expect(free.contains(promise), "\(free)")
    try expectReceipt(of: again, state, agent, freeUntil: window)

    // The same day, a new problem: not covered, and said so before and after.
    code = try agent.code(after: code)
    let other = shop.adopt(try alice.terminal(code))
    try other.expect("(fixed just now)? y/n")
    try other.type("n")
    let new = try shop.finish(alice, other)
    #expect(new.record["case"]?.string != one && charged(new) > 0, "\(new.record)")
    let dear = try consent(agent, 3)
    #expect(!dear.contains("free until"), "\(dear)")
    try expectReceipt(of: new, state, agent, freeUntil: try freeUntil(new))

    // Today, after the last day: the same problem is charged like any other.
    code = try goOn(shop, agent, after: code, daysBack: 0)
    let late = try shop.visit(alice, "\(code)+\(one)")
    #expect(late.record["case"]?.string == one && charged(late) > 0, "\(late.record)")
    #expect(try unwrap(day(late.record["opened_at"])) > window.day)
    #expect(late.record["lines"]?.array?.map { $0["kind"]?.string } == ["time"])
    let plain = try consent(agent, 4)
    #expect(!plain.contains("free until"), "\(plain)")
    try expectReceipt(of: late, state, agent, freeUntil: try freeUntil(late))

    // All of it stands in its month.
    let rows = try shop.command("report", "--by", "month", "--json").json()["rows"]?.array ?? []
    var months: [String: Int] = [:]
    for bill in [first, again, new, late] {
      months[String(try unwrap(day(bill.record["opened_at"])).prefix(7)), default: 0] += charged(bill)
    }
    #expect(months.count > 1)
    #expect(
      rows.map { [$0["month"]?.string, "\($0["amount_minor"]?.int ?? -1)"] }
        == months.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] }, "\(rows)")
  }

  // MARK: -

  /// The relay ends and comes back with its calendar elsewhere; the agent stays, and reads out its next code.
  private func goOn(_ shop: Shop, _ agent: AgentProcess, after code: String, daysBack: Int) throws -> String {
    let used = try agent.code(after: code)
    #expect(try shop.relay.drain() == .status(0))
    try shop.restartRelay(variables: FaultLibrary.daysBack(daysBack))
    return try agent.code(after: used)
  }

  private func charged(_ bill: Bill) -> Int { bill.record["amount_minor"]?.int ?? -1 }

  /// The newest of so many questions, without the line feeds that its screen has.
  private func consent(_ agent: AgentProcess, _ number: Int) throws -> String {
    let texts = agent.events.filter { $0["event"]?.string == "consent" }.compactMap { $0["text"]?.string }
    #expect(texts.count == number)
    return try unwrap(texts.last).replacing("\n", with: " ")
  }

  private func day(_ time: JSON?) -> String? { time?.string.map { String($0.prefix(10)) } }

  /// The last day of the window that a bill opens: the thirtieth after the day of its closing.
  private func freeUntil(_ bill: Bill) throws -> (day: String, words: String) {
    let closed = try Date.ISO8601FormatStyle(includingFractionalSeconds: true)
      .parse(try unwrap(bill.record["closed_at"]?.string))
    let last = closed.addingTimeInterval(30 * 86_400)
    let words = last.formatted(
      .verbatim(
        "\(day: .defaultDigits) \(month: .wide) \(year: .defaultDigits)", locale: Locale(identifier: "en_GB"),
        timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    return (last.formatted(.iso8601.year().month().day()), words)
  }

  /// The customer holds a genuine receipt that says what the bill says, and to when the same problem is free.
  private func expectReceipt(
    of bill: Bill, _ state: String, _ agent: AgentProcess, freeUntil: (day: String, words: String)
  ) throws {
    let id = try unwrap(bill.record["id"]?.string)
    let event = try agent.event("receipt") { $0["session"]?.string == id }
    #expect(event["countersigned"]?.flag == true, "\(event)")
    let file = try unwrap(event["file"]?.string)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let receipt = try JSON(parsing: try unwrap(JSON(parsing: text)["receipt"]?.string))
    #expect(receipt["amount_minor"]?.int == charged(bill) && receipt["rework_free_until"]?.string == freeUntil.day)
    let words = try unwrap(receipt["text"]?.string)
    #expect(words.contains("Same problem? Free until the end of \(freeUntil.words)."), "\(words)")
    #expect(words.contains("TO PAY   nothing") == (charged(bill) == 0), "\(words)")
    let verified = try Finished.run(
      [Programs.agent, "verify", file, "--state", state], environment: Programs.variables(home: "/"), directory: "/")
    #expect(verified.succeeded, "\(verified)")
  }
}
