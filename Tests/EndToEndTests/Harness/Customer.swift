import Foundation

/// A customer at a real terminal: the agent in tmux, and the code he reads out.
struct Customer {
  let terminal: Tmux
  let code: String

  init(_ shop: Shop, _ more: [String] = [], columns: Int = 100, rows: Int = 40) throws {
    let terminal = try Tmux(
      shop, [Programs.agent, "--relay", "127.0.0.1:\(shop.relay.tlsPort)", "--pin", shop.relay.pin] + more,
      columns: columns, rows: rows)
    self.terminal = terminal
    do {
      code = try terminal.code()
    } catch {
      terminal.close()
      throw error
    }
  }

  /// Answers the question on the screen once `text` stands there.
  func answer(_ key: String, to text: String) throws {
    try terminal.expect(text)
    try terminal.send(key, "Enter")
  }

  /// The shell of a technician to whom the customer says yes.
  func admit(_ technician: Technician, _ shop: Shop) throws -> Child {
    let shell = shop.adopt(try technician.terminal(code))
    try answer("y", to: "Type y or n")
    return shell
  }

  func close() { terminal.close() }
}

/// Plans with periods of seconds, so that a price is seen to move.
enum TinyPlan {
  /// A minor unit is a hundredth of a second's price: the first two seconds cost 2.00 EUR, each further one 1.00 EUR.
  static func text(_ id: String, _ more: String = "") -> String {
    """
    id: \(id)
    name: Tiny support
    currency: EUR
    rate_per_hour: "3600.00"
    first: 2s
    then: 1s
    merge_gap: 0s
    \(more)

    """
  }
}

extension Shop {
  /// Puts a plan on record.
  func plan(_ id: String, _ more: String = "") throws {
    let file = try scratch.file("\(id).yaml", TinyPlan.text(id, more))
    let added = try command("plan", "add", "--file", file)
    guard added.succeeded else { throw Failure("plan add failed. \(added)") }
  }

  /// Puts a customer on record.
  func customer(_ id: String, plan: String, fact: String = "postcode=00100") throws {
    let added = try command("customer", "add", id, "--name", "A customer", "--plan", plan, "--fact", fact)
    guard added.succeeded else { throw Failure("customer add failed. \(added)") }
  }
}

extension Technician {
  /// A command at the desk, its answer as JSON.
  func desk(_ words: String...) throws -> JSON {
    let done = try ssh("desk", [words.joined(separator: " ") + " --json"])
    guard done.succeeded else { throw Failure("desk \(words) failed. \(done)") }
    return try done.json()
  }

  /// A command that the desk refuses: its line.
  func refusal(_ words: String...) throws -> String {
    let done = try ssh("desk", [words.joined(separator: " ")])
    guard done.exit == .status(1), done.output.isEmpty, done.error.split(separator: "\n").count == 1 else {
      throw Failure("desk \(words) was not refused with one line. \(done)")
    }
    return done.error
  }
}

extension Child {
  /// A shell that writes a letter every fifth of a second for so long, which counts as work.
  func busy(seconds: Int) throws {
    try type("i=0; while [ $i -lt \(seconds * 5) ]; do echo -n .; sleep 0.2; i=$((i+1)); done; echo done-$((5 + 6))\n")
  }
}
