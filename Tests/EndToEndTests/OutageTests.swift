import Glibc
import Testing

/// What people do while the line is down, and what becomes of a line that does not come back.
@Suite("Outages", .shared) struct OutageTests {
  @Test("the customer's Ctrl+C while the line is down ends everything at once; the session ends with its window")
  func stopMeanwhile() throws {
    try withFaults(config: "resume_window_seconds: 10\n") { place, proxy in
      let shell = try place.shellAtWork(beside: place.sleeper())
      proxy.down()
      try place.expectSession("suspended", ["link"])
      let id = try place.shop.openSession()
      place.agent.interrupt()
      #expect(try place.agent.child.wait(within: .seconds(5)) == .status(0))
      try Traces.expectNoProcess(place)
      let watch = Stopwatch()
      let bill = try place.shop.bill(of: id)
      #expect((8..<16).contains(watch.seconds) && bill.active < 5, "\(watch.seconds) s, \(bill)")
      #expect(try shell.wait() == .status(255), "\(shell.seen)")
    }
  }

  @Test("without a window a broken line ends the session and its work at once, and the machine is of use again")
  func noWindow() throws {
    try withFaults(config: "resume_window_seconds: 0\n") { place, proxy in
      let shell = try place.shellAtWork(beside: place.sleeper())
      let id = try place.shop.openSession()
      proxy.cut()
      #expect(try shell.wait() == .status(255), "\(shell.seen)")
      let bill = try place.shop.bill(of: id)
      #expect(bill.record["outcome"]?.string == "unclosed", "\(bill)")
      _ = try place.agent.event("session") { $0["session"]?.string == id && $0["state"]?.string == "closed" }
      try Traces.expectNoProcess(place)
    }
  }

  @Test("a link that does not come back closes the session when the window ends, with the reason, and ends the work")
  func windowEnds() throws {
    try withFaults(config: "resume_window_seconds: 10\n") { place, proxy in
      let shell = try place.shellAtWork(beside: place.sleeper())
      let id = try place.shop.openSession()
      let watch = Stopwatch()
      proxy.down()
      #expect(try shell.wait() == .status(255), "\(shell.seen)")
      #expect((9..<14).contains(watch.seconds), "\(watch.seconds) s")
      #expect(shell.output.text.contains("did not come back"), "\(shell.seen)")
      let bill = try place.shop.bill(of: id)
      #expect(bill.active < 3 && bill.record["outcome"]?.string == "unclosed", "\(bill)")
      proxy.release()
      // It is told, ends what the session started, and is of use again.
      _ = try place.agent.event("session") { $0["session"]?.string == id && $0["state"]?.string == "closed" }
      try Traces.expectNoProcess(place)
      try waitUntil("a new code", seen: { place.agent.child.seen }) {
        place.agent.events.filter { $0["event"]?.string == "ready" }.count >= 2
      }
      let next = try unwrap(place.agent.events.last { $0["event"]?.string == "ready" }?["code"]?.string)
      #expect(try place.alice.ssh(next, ["echo again"]).output == "again\n")
    }
  }

  @Test("a technician who leaves while the line is down is told of to the machine when it is back")
  func leftMeanwhile() throws {
    try withFaults { place, proxy in
      let keep = place.shop.adopt(try place.alice.start(place.code, ["cat"], input: .pipe))
      try keep.type("x\n")
      try keep.expect("x\n")
      let traces = try Traces(place)
      let command = place.shop.adopt(try place.alice.start(place.code, ["echo up; \(place.sleeper()); echo over"]))
      try command.expect("up")
      proxy.down()
      try place.expectSession("suspended", ["link"])
      command.signal(SIGKILL)
      try command.wait()
      proxy.release()
      try traces.expectNoChild()
      try Traces.expectNoProcess(place)
      try keep.type("y\n")
      try keep.expect("y\n")
      keep.endInput()
      #expect(try keep.wait() == .status(0))
      _ = try place.shop.close(by: place.alice)
    }
  }

  @Test("a yes said after the line broke and came back lets the technician in")
  func questionMeanwhile() throws {
    try withShop { shop in
      let proxy = try FaultProxy(to: shop.relay.tlsPort)
      defer { proxy.close() }
      let alice = try shop.technician()
      let customer = try Tmux(
        shop, [Programs.agent, "--relay", "127.0.0.1:\(proxy.port)", "--pin", shop.relay.pin])
      defer { customer.close() }
      var code: String?
      try waitUntil("nine digits") {
        code = try customer.screen().joined(separator: "\n").firstMatch(of: /[0-9]{3} [0-9]{3} [0-9]{3}/).map {
          String($0.output.filter(\.isNumber))
        }
        return code != nil
      }
      let ssh = shop.adopt(try alice.start(try unwrap(code), ["echo in"]))
      try customer.expect("Type y = yes")
      let before = proxy.counts.passed
      proxy.cut()
      try waitUntil("the line to be back", seen: { "\(proxy.counts)" }) { proxy.counts.passed > before }
      try customer.send("y", "Enter")
      #expect(try ssh.wait() == .status(0), "\(ssh.seen)")
      #expect(ssh.output.text == "in\n")
      #expect(try shop.sessions().count == 1)
    }
  }
}
