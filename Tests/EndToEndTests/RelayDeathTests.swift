import Foundation
import Glibc
import Testing

/// The relay is killed, and started again on what it had written down.
@Suite("Relay death", .shared) struct RelayDeathTests {
  /// What a crash may cost of the bill, in seconds: a checkpoint's interval, a round trip, the pending quarter second.
  static let bound = 5 + 0.25 + 0.5

  /// A terminal with the technician's own ssh line in it.
  private func terminal(_ place: Place) throws -> Tmux { try Tmux(place.shop, place.alice.line(place.code)) }

  /// Waits until the machine is back at a relay that was started again.
  private func expectBack(_ place: Place, within limit: Duration = .seconds(20)) throws {
    try place.expectSession("suspended", ["no-channel"], within: limit)
  }

  @Test("kill -9 of the relay during vim: the same ssh line finds the same vim, its screen drawn again")
  func vim() throws {
    try withShop { shop in
      let place = try Place(shop)
      let watch = Stopwatch()
      let first = try terminal(place)
      defer { first.close() }
      try first.send("vi -u NONE -n \(place.machine)/note", "Enter")
      try first.expect("~\n~")
      try first.send("i", "first words", "Enter", "second line", "Escape")
      try first.expect("second line")
      let editor = try unwrap(Processes.matching("\(place.machine)/note").first { $0.value.hasPrefix("vi ") }?.key)
      // Some of it is signed by both by then, the rest is within the bound.
      try waitUntil("confirmed time", seen: { "\((try? shop.sessions()) ?? [])" }) {
        try first.send("0", "$")
        return (try shop.sessions().first?["active_ms"]?.int ?? 0) > 1000
      }
      let worked = watch.seconds
      let down = Stopwatch()
      try shop.killRelay()
      try first.expect("closed by remote host")
      try expectBack(place)
      let outage = down.seconds
      let second = try terminal(place)
      defer { second.close() }
      try second.expect("first words")
      try second.expect("second line")
      try second.expect("~\n~")
      #expect(Processes.runs(editor))
      try second.send("o", "third line", "Escape")
      try second.expect("third line")
      try second.send(":wq", "Enter")
      try waitUntil("the file") { shop.scratch.text("machine/note") == "first words\nsecond line\nthird line\n" }
      let total = watch.seconds
      let bill = try shop.close(by: place.alice)
      print("relay killed after \(worked) s, away \(outage) s, \(total) s in all: \(bill)")
      #expect(try shop.sessions().count == 1)
      #expect(bill.active <= total - outage, "\(total) s, \(outage) s away: \(bill)")
      #expect(bill.active >= total - outage - Self.bound - 1, "\(total) s, \(outage) s away: \(bill)")
      #expect(bill.record.details("session-restored").count == 1, "\(bill.record)")
      #expect(place.agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
      #expect(bill.record["billed_seconds"]?.int == 900)
    }
  }

  @Test("killed three times in a row, in the middle of work, the session is one and its shell the same")
  func again() throws {
    try withShop { shop in
      let place = try Place(shop)
      var pids: Set<String> = []
      var away = 0.0
      let watch = Stopwatch()
      for round in 1...3 {
        let shell = shop.adopt(try place.alice.terminal(place.code))
        try shell.type("echo pid=$$-$((\(round) + 40))\n")
        try shell.expect("-\(round + 40)")
        let pid = shell.output.text.matches(of: /pid=([0-9]+)-4/).last.map { String($0.1) }
        pids.insert(try unwrap(pid))
        // Some rounds see a checkpoint, some none.
        if round == 2 { try expectThroughout("a checkpoint passes", for: .seconds(6)) { shell.exit == nil } }
        let outage = Stopwatch()
        try shop.killRelay()
        #expect(try shell.wait() == .status(255), "\(shell.seen)")
        try expectBack(place)
        away += outage.seconds
      }
      #expect(pids.count == 1, "\(pids)")
      let total = watch.seconds
      let bill = try shop.close(by: place.alice)
      #expect(bill.record.details("session-restored").count == 3)
      #expect(bill.active <= total - away && bill.active >= total - away - 3 * Self.bound, "\(total) \(away): \(bill)")
      let epochs = bill.record.details("session-restored").compactMap { $0["epoch"]?.int }
      #expect(epochs == epochs.sorted() && Set(epochs).count == 3, "\(epochs)")
    }
  }

  @Test("commands and transfers that the relay's end cut off leave nothing running on the machine")
  func leavesNothing() throws {
    try withShop { shop in
      let place = try Place(shop)
      let command = shop.adopt(try place.alice.start(place.code, ["\(place.sleeper()); echo over"]))
      try waitUntil("the command") { !Processes.matching("\(place.machine)/sleep").isEmpty }
      try place.prepare("truncate -s 5G machine/huge")
      let get = shop.adopt(
        try place.alice.launch(
          place.alice.sftpLine(place.code, "get \(place.machine)/huge \(place.desk)/got", options: ["-l", "80000"])))
      try waitUntil("bytes") { place.size(of: "desk/got") > 1 << 20 }
      try shop.killRelay()
      #expect(try command.wait() == .status(255))
      #expect(try get.wait() != .status(0))
      try Traces.expectNoProcess(place)
      try expectBack(place)
      #expect(try place.alice.ssh(place.code, ["echo again"]).output == "again\n")
      _ = try shop.close(by: place.alice)
      try Traces.expectNoProcess(place)
    }
  }

  @Test("killed while the line is down, and the line back only when the next relay runs: the session is the same")
  func whileCut() throws {
    try withFaults { place, proxy in
      let first = place.shop.adopt(try place.alice.terminal(place.code))
      try first.type("echo pid=$$-$((40 + 1))\n")
      try first.expect("-41")
      proxy.down()
      try place.expectSession("suspended", ["link"])
      try place.shop.killRelay()
      #expect(try first.wait() == .status(255))
      try place.expectSession("suspended", ["link", "no-channel"])
      // A technician who is faster than the machine waits for it.
      let early = place.shop.adopt(try place.alice.start(place.code, ["echo in"]))
      try place.expectSession("suspended", ["link"])
      proxy.release()
      #expect(try early.wait() == .status(0))
      #expect(early.output.text == "in\n")
      try expectBack(place)
      let second = place.shop.adopt(try place.alice.terminal(place.code))
      try second.type("echo pid=$$-$((40 + 2))\n")
      try second.expect("-42")
      let pids = (first.output.text + second.output.text).matches(of: /pid=([0-9]+)-4/).map { String($0.1) }
      #expect(Set(pids).count == 1, "\(pids)")
      let bill = try place.shop.close(by: place.alice)
      #expect(try place.shop.sessions().count == 1)
      #expect(bill.record.details("session-restored").count == 1)
    }
  }

  @Test("killed while the customer is still thinking: nothing was agreed, nothing is owed, and the machine gets a code")
  func beforeConsent() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try LyingAgent(shop)
      defer { agent.tunnel.close() }
      let ssh = shop.adopt(try alice.start(agent.code, ["echo in"]))
      _ = try agent.question()
      let id = try shop.openSession()
      try shop.killRelay()
      #expect(try ssh.wait() == .status(255))
      let record = try shop.session("closed") { $0["id"]?.string == id && $0["state"]?.string == "closed" }
      #expect(record["outcome"]?.string == "withdrawn" && record["amount_minor"]?.int ?? 0 == 0, "\(record)")
      let next = try LyingAgent(shop, instance: agent.instance, identity: agent.identity)
      defer { next.tunnel.close() }
      #expect(next.code.count == 9)
    }
  }

  @Test("a relay that is stopped says so, keeps the shell, and is found again by the same line")
  func stopped() throws {
    try withShop { shop in
      let place = try Place(shop)
      let shell = shop.adopt(try place.alice.terminal(place.code))
      try shell.type("cd /usr; echo pid=$$-$((40 + 1))\n")
      try shell.expect("-41")
      #expect(try shop.relay.drain() == .status(0))
      #expect(try shell.wait() == .status(255))
      #expect(shell.output.text.contains("type the same command again"), "\(shell.seen)")
      try shop.restartRelay()
      try expectBack(place, within: .seconds(40))
      let next = shop.adopt(try place.alice.terminal(place.code))
      try next.type("echo pid=$$-$((40 + 2)) $PWD\n")
      try next.expect("-42 /usr")
      let pids = (shell.output.text + next.output.text).matches(of: /pid=([0-9]+)-4/).map { String($0.1) }
      #expect(Set(pids).count == 1, "\(pids)")
      _ = try shop.close(by: place.alice)
      #expect(try shop.sessions().count == 1)
    }
  }
}
