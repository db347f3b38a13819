import Glibc
import NIOCore
import Testing

/// A link that breaks costs time and nothing else: the same tunnel goes on over the next connection.
@Suite("Resume", .shared) struct ResumeTests {
  /// What a suspension for a broken link may be off by, in seconds.
  static let tolerance = 1.5

  @Test("30 s without a network in the middle of a put of 256 MiB: it finishes, whole, and costs nothing of the 30 s")
  func longCut() throws {
    try withFaults { place, proxy in
      try place.prepare("head -c 268435456 /dev/urandom >desk/big")
      let watch = Stopwatch()
      let line = try place.alice.sftpLine(
        place.code, "put \(place.desk)/big \(place.machine)/big", options: ["-l", "600000"])
      let put = place.shop.adopt(try place.alice.launch(line))
      try waitUntil("a quarter of it", within: .seconds(40), seen: { put.seen }) {
        place.size(of: "machine/big") > 64 << 20
      }
      let outage = Stopwatch()
      proxy.down()
      try place.expectSession("suspended", ["link"], within: .seconds(5))
      let reached = try waitUntilStill("what arrived", for: .milliseconds(500)) { place.size(of: "machine/big") }
      try expectThroughout("nothing moves", for: .seconds(30 - outage.seconds)) {
        put.exit == nil && place.size(of: "machine/big") == reached
      }
      proxy.release()
      let down = outage.seconds
      #expect(try put.wait(within: .seconds(60)) == .status(0), "\(put.seen)")
      let total = watch.seconds
      try place.expectSame("desk/big", "machine/big")
      let bill = try place.shop.close(by: place.alice)
      print("a cut of \(down) s in \(total) s: \(bill)")
      #expect(bill.gaps.count == 1 && abs((bill.gaps.first ?? 0) - down) <= Self.tolerance, "\(down) s down: \(bill)")
      #expect(bill.active <= total - down && bill.active >= total - down - 2 * Self.tolerance, "\(total) s: \(bill)")
      #expect(place.agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
    }
  }

  @Test(
    "whatever moves bytes finishes over links that break at any byte, in any way, and what arrived is what was sent",
    arguments: Workload.allCases)
  func cutAnywhere(workload: Workload) throws {
    var dice = Dice(salt: workload.hashValueForDice)
    let size = 24 << 20
    try withFaults { place, proxy in
      let target = workload == .forward ? try Target(.answer, for: place.shop) : nil
      try workload.prepare(place, bytes: size)
      let way: FaultProxy.Side = [.execOut, .get, .rsyncDown, .shell].contains(workload) ? .agent : .relay
      let most = workload == .shell ? 8_000 : size / 6
      let faults = try (0..<4).map { _ in
        let acts: [FaultProxy.Act] = [
          .cut(.reset), .cut(.close), .cut(.reset, at: [.agent]), .cut(.close, at: [.agent]), .halfClose,
        ]
        return FaultProxy.Fault(after: dice.roll(1..<most), of: way, act: try dice.pick(acts))
      }
      let watch = Stopwatch()
      do {
        let client = try workload.start(place, target: target)
        try waitUntil("some bytes", seen: { client.seen }) { (proxy.counts.bytes[way] ?? 0) > most / 2 }
        // The connection there is has no fault of its own: it is the next ones that break.
        for fault in faults { proxy.plan(fault) }
        proxy.cut()
        try workload.finish(client, place)
      } catch { throw Failure("FIXLINE_SEED=\(dice.seed) \(faults): \(error)") }
      #expect(proxy.counts.passed >= 5, "FIXLINE_SEED=\(dice.seed): \(faults) \(proxy.counts)")
      let bill = try place.shop.close(by: place.alice)
      print("\(workload) over \(proxy.counts.passed) connections: \(bill)")
      #expect(bill.active <= watch.seconds, "\(watch.seconds) s: \(bill)")
      #expect(try place.shop.sessions().count == 1)
      try Traces.expectNoProcess(place)
    }
  }

  @Test("a shell over a line that breaks: what is typed meanwhile is done once, what is printed meanwhile comes once")
  func shell() throws {
    try withFaults { place, proxy in
      let shell = place.shop.adopt(try place.alice.terminal(place.code))
      try shell.type("echo pid=$$-$((5 * 5)); (sleep 1; echo $((7 * 7))-meanwhile) &\n")
      try shell.expect("-25")
      proxy.down()
      try place.expectSession("suspended", ["link"])
      try shell.type("echo $((6 * 7))-typed >>\(place.machine)/once; echo same=$$-$((8 * 8))\n")
      try expectThroughout("nothing is done", for: .milliseconds(1500)) { place.size(of: "machine/once") == 0 }
      proxy.release()
      try shell.expect("49-meanwhile")
      try shell.expect("-64")
      try place.expectSession("active")
      #expect(place.shop.scratch.text("machine/once") == "42-typed\n")
      let pids = shell.output.text.matches(of: /(pid|same)=([0-9]+)/).map { String($0.2) }
      #expect(pids.count == 2 && Set(pids).count == 1, "\(shell.seen)")
      #expect(shell.output.text.matches(of: /49-meanwhile/).count == 1)
      try shell.type("exit 4\n")
      #expect(try shell.wait() == .status(4))
    }
  }

  @Test(
    "only one side hears of the cut: the other's connection is put aside at once", arguments: FaultProxy.Cut.allCases)
  func agentAlone(cut: FaultProxy.Cut) throws {
    try withFaults { place, proxy in
      let shell = try place.shellAtWork()
      let watch = Stopwatch()
      proxy.all(.cut(cut, at: [.agent]))
      try shell.type("echo $((2 + 2))-after\n")
      try shell.expect("4-after")
      #expect(watch.seconds < 3, "\(watch.seconds) s")
      // And the old one is gone.
      try waitUntil("one connection", seen: { "\(proxy.counts)" }) { proxy.counts.open == 1 }
      let bill = try place.shop.close(by: place.alice)
      #expect(bill.gaps.allSatisfy { $0 < 3 }, "\(bill)")
    }
  }

  @Test("a tunnel goes on from another address: a machine that changes its network keeps its shell")
  func otherAddress() throws {
    try withFaults { place, proxy in
      let shell = try place.shellAtWork()
      proxy.dial(from: "127.0.0.2")
      proxy.cut()
      try shell.type("echo $((2 + 2))-after\n")
      try shell.expect("4-after")
      try waitUntil("word of it in the log", seen: { place.shop.relay.child.seen }) {
        place.shop.relay.child.error.text.contains("is back, from 127.0.0.2.")
      }
      #expect(try place.shop.sessions().count == 1)
    }
  }

  @Test("a link that is dead without a word is given up in time, and from the last word on nothing counts")
  func silence() throws {
    try withFaults { place, proxy in
      let shell = try place.shellAtWork()
      let outage = Stopwatch()
      proxy.vanish()
      // It goes on, as ever, and nobody may see of it what is billed.
      try shell.type("echo $((2 + 2))-after\n")
      try place.expectSession("suspended", ["link"], within: .seconds(20))
      #expect((5..<12).contains(outage.seconds), "\(outage.seconds) s")
      // Then the line is given up as well, on both sides.
      _ = try place.agent.event("disconnected", within: .seconds(25))
      #expect(outage.seconds >= 13, "\(outage.seconds) s")
      proxy.all(.cut(.reset))
      proxy.release()
      let down = outage.seconds
      // The agent has noticed as well, and its next dial may have gone into the silence: that takes its ten seconds.
      try shell.expect("4-after", within: .seconds(20))
      let back = outage.seconds
      let bill = try place.shop.close(by: place.alice)
      print("\(down) s of silence, back after \(back) s: \(bill)")
      let gap = bill.gaps.first ?? 0
      #expect(bill.gaps.count == 1 && gap >= down - Self.tolerance && gap <= back + Self.tolerance, "\(bill)")
      expectToldOnce(shell, of: gap)
    }
  }

  /// The shell was told of one outage, which took so many seconds, and of its end.
  private func expectToldOnce(_ shell: Child, of seconds: Double) {
    let text = shell.output.text
    #expect(text.matches(of: /The line to the customer's machine is down;/).count == 1, "\(shell.seen)")
    let told = text.matches(of: /The line to the customer's machine is back after ([0-9]+) s\./)
    let duration = told.first.flatMap { Double($0.1) } ?? 0
    #expect(told.count == 1 && abs(duration - seconds) <= Self.tolerance, "\(seconds) s: \(shell.seen)")
  }

  @Test("a relay that stands still is no help to anybody: no time counts for it, whatever it finds when it goes on")
  func standstill() throws {
    try withFaults { place, _ in
      let watch = Stopwatch()
      let shell = try place.shellAtWork()
      let outage = Stopwatch()
      place.shop.relay.child.signal(SIGSTOP)
      try shell.type("echo $((2 + 2))-after\n")
      // Long enough for the agent to give the line up: that is the first the relay hears of.
      _ = try place.agent.event("disconnected", within: .seconds(25))
      #expect((13..<20).contains(outage.seconds), "\(outage.seconds) s")
      place.shop.relay.child.signal(SIGCONT)
      let down = outage.seconds
      try shell.expect("4-after")
      let total = watch.seconds
      let bill = try place.shop.close(by: place.alice)
      print("a standstill of \(down) s: \(bill)")
      #expect(
        bill.active <= total - down + Self.tolerance, "\(total) s, \(down) s still: \(bill)\n\(place.shop.story)")
    }
  }

  @Test("a machine that answers nothing for some seconds is not at work, though its line was never down")
  func silentMachine() throws {
    try withFaults { place, _ in
      let watch = Stopwatch()
      let shell = try place.shellAtWork()
      let command = place.shop.adopt(try place.alice.start(place.code, ["cat"], input: .pipe))
      try command.type("x\n")
      try command.expect("x\n")
      let outage = Stopwatch()
      place.agent.child.signal(SIGSTOP)
      _ = try place.shop.session("cut", within: .seconds(15)) {
        $0["suspended_reasons"] == .list([.text("link")])
      }
      let down = outage.seconds
      #expect(down < 10, "noticed after \(down) s")
      try shell.expect("machine is down;")
      #expect(outage.seconds < down + Self.tolerance, "told after \(outage.seconds) s")
      place.agent.child.signal(SIGCONT)
      try shell.type("echo $((2 + 2))-after\n")
      try shell.expect("4-after")
      try shell.expect("machine is back after")
      _ = try place.shop.session("active") { $0["state"]?.string == "active" }
      let total = watch.seconds
      let bill = try place.shop.close(by: place.alice)
      #expect(bill.active <= total - down + Self.tolerance, "\(total) s, \(down) s silent: \(bill)")
      let link = bill.record.details("session-suspended").filter { "\($0)".contains("link") }
      #expect(link.count == 1, "\(bill.record)")
      expectToldOnce(shell, of: bill.gaps.first ?? 0)
      // What carries data is told nothing.
      #expect(command.output.text == "x\n" && !command.error.text.contains("The line"), "\(command.seen)")
    }
  }

  @Test("a resumption that is cut itself, at any byte of its first three thousand, in either direction, is tried again")
  func cutWhileResuming() throws {
    try withFaults { place, proxy in
      let shell = place.shop.adopt(try place.alice.start(place.code, ["cat"], input: .pipe))
      var sent = "begin\n"
      try shell.type(sent)
      try shell.expect(sent)
      for (index, after) in stride(from: 0, to: 3000, by: 37).enumerated() {
        let side = FaultProxy.Side.allCases[index % 2]
        let acts: [FaultProxy.Act] = [.cut(.reset), .cut(.close), .halfClose, .cut(.close, at: [.agent])]
        proxy.plan(.init(after: after, of: side, act: acts[index / 2 % acts.count]))
        proxy.cut()
        try shell.type("\(after)\n")
        sent += "\(after)\n"
        try waitUntil("the line \(after)", seen: { "\(shell.seen)\n\(proxy.counts)" }) {
          shell.output.total >= sent.utf8.count
        }
      }
      #expect(shell.output.text == sent)
      shell.endInput()
      #expect(try shell.wait() == .status(0))
      #expect(try place.shop.sessions().count == 1)
    }
  }

  @Test("a dial that nobody will ever answer is given up in its ten seconds, and the next one goes through")
  func unanswered() throws {
    try withFaults { place, proxy in
      let shell = try place.shellAtWork()
      // The agent hears of its cut, and then nothing, whatever it dials.
      proxy.receive(.silent)
      proxy.cut()
      try place.expectSession("suspended", ["link"])
      try waitUntil("a second dial", within: .seconds(30), seen: { "\(proxy.counts)" }) { proxy.counts.dialled >= 3 }
      let back = Stopwatch()
      proxy.release()
      try shell.type("echo $((2 + 2))-after\n")
      try shell.expect("4-after")
      print("answered \(back.seconds) s after the network was back")
      #expect(back.seconds < 12, "\(back.seconds) s")
    }
  }

  @Test("a short pause of the line is none: no new connection, nothing suspended")
  func pause() throws {
    try withFaults { place, proxy in
      let shell = try place.shellAtWork()
      proxy.all(.hold)
      try shell.type("echo $((2 + 2))-after\n")
      try expectThroughout("nothing comes", for: .seconds(2)) { !shell.output.text.contains("4-after") }
      proxy.release()
      try shell.expect("4-after")
      #expect(proxy.counts.dialled == 1)
      #expect(try place.shop.close(by: place.alice).gaps.isEmpty)
    }
  }

  @Test("single bytes and a long way change nothing but the time it takes, a resumption included")
  func slowWays() throws {
    try withFaults { place, proxy in
      let shell = place.shop.adopt(try place.alice.terminal(place.code))
      for (portion, delay) in [(1, 0), (7, 60)] {
        proxy.portion(portion)
        proxy.delay(.milliseconds(Int64(delay)))
        try shell.type("echo $((\(delay) + 1))-before\n")
        try shell.expect("\(delay + 1)-before")
        proxy.cut()
        try shell.type("echo $((\(delay) + 2))-after\n")
        try shell.expect("\(delay + 2)-after")
      }
      #expect(try place.shop.sessions().count == 1)
      try shell.type("exit\n")
      #expect(try shell.wait() == .status(0))
    }
  }
}

extension Workload {
  /// The same in every run, unlike a hash value.
  var hashValueForDice: Int { Workload.allCases.firstIndex(of: self) ?? 0 }
}
