import Testing

/// Connections from the customer's machine to what it reaches.
@Suite("Forwards", .shared) struct ForwardTests {
  @Test("-L carries 100 connections at once, each half closed by the client and answered after that")
  func hundred() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let target = try Target(.answer, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let port = try master.forward(alice, code, to: "127.0.0.1:\(target.port)")
      let done = try shop.connections("exchange", "\(port)", "100", "300000")
      #expect(done["good"]?.int == 100, "\(done), \(master.child.seen)")
      // The machine dialled, and counted, each of them.
      let record = try shop.record("100 connections, all closed") { $0.details("channel-closed").count == 100 }
      let opened = record.details("channel-opened")
      #expect(opened.count == 100)
      #expect(
        opened.allSatisfy {
          $0["kind"]?.string == "forward" && $0["command"]?.string == "127.0.0.1:\(target.port)"
            && $0["address"]?.string == "127.0.0.1:\(target.port)"
        }, "\(opened.first ?? .null)")
      let closed = record.details("channel-closed")
      #expect(closed.allSatisfy { $0["bytes_to_machine"]?.int == 300_000 && $0["bytes_from_machine"]?.int == 300_001 })
      // None is left: a hundred more find room.
      #expect(try shop.connections("exchange", "\(port)", "100", "10")["good"]?.int == 100)
    }
  }

  @Test("a target that ends its own direction first still gets everything; one that resets ends its connection alone")
  func targetEnds() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let sink = try Target(.sink, for: shop)
      let reset = try Target(.reset, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let port = try master.forward(alice, code, to: "127.0.0.1:\(sink.port)")
      let brokenPort = try master.forward(alice, code, to: "127.0.0.1:\(reset.port)")
      let sent = try shop.connections("upload", "\(port)", "5000000")
      #expect(sent["came"]?.int == 0, "\(sent)")
      try sink.child.expect(unwrap(sent["sha256"]?.string))
      for _ in 0..<5 {
        let broken = try shop.connections("refused", "\(brokenPort)")
        #expect(
          (broken["milliseconds"]?.int ?? .max) < 3000 && broken["text"]?.string?.contains("tim") == false, "\(broken)")
      }
      #expect(try alice.ssh(code, ["echo on"], options: master.options).output == "on\n")
      // A reset may be met while connecting, and then stands as a refusal.
      try shop.record("every connection, opened or refused, and the end of all that were opened") {
        let opened = $0.details("channel-opened").count
        return opened + $0.details("forward-refused").count == 7 && $0.details("channel-closed").count == opened
      }
    }
  }

  @Test("a refused target is refused at once and told, and the same ssh goes on")
  func refused() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let dead = try unusedPort()
      let port = try unusedPort()
      let shell = shop.adopt(
        try alice.terminal(
          code, options: ["-o", "ExitOnForwardFailure=yes", "-L", "127.0.0.1:\(port):127.0.0.1:\(dead)"]))
      try shell.type("echo $((1 + 1))-before\n")
      try shell.expect("2-before")
      let refused = try shop.connections("refused", "\(port)")
      #expect((refused["milliseconds"]?.int ?? .max) < 3000, "\(refused)")
      try waitUntil("the line", seen: { shell.seen }) {
        shell.output.text.contains("127.0.0.1:\(dead)") && shell.output.text.contains("connection refused")
      }
      try shell.type("echo $((2 + 2))-after; exit\n")
      try shell.expect("4-after")
      #expect(try shell.wait() == .status(0))
      // Without a terminal ssh's own words have to do; it shows the line to who asks for more.
      let verbose = try alice.ssh(code, options: ["-v", "-W", "127.0.0.1:\(dead)"], input: .pipe)
      #expect(verbose.exit == .status(255) && verbose.error.contains("connection refused"), "\(verbose)")
      let record = try shop.record("the refusal") { !$0.details("forward-refused").isEmpty }
      let entry = try unwrap(record.details("forward-refused").first)
      #expect(entry["target"]?.string == "127.0.0.1:\(dead)", "\(entry)")
      #expect(entry["reason"]?.string?.contains("refused") == true, "\(entry)")
    }
  }

  @Test("an ssh that only forwards ends with its session, and a browser that asks on locks nobody out")
  func outlived() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let target = try Target(.answer, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let port = try master.forward(alice, code, to: "127.0.0.1:\(target.port)")
      #expect(try shop.connections("exchange", "\(port)", "1", "10")["good"]?.int == 1)
      let id = try shop.openSession()
      _ = try shop.close(by: alice)
      // More at once than may be guessed, and then one after the other: it does not keep the connection.
      let asking = """
        ask() { (exec 3<>/dev/tcp/127.0.0.1/\(port) && cat <&3) 2>/dev/null; }
        for i in $(seq 12); do ask & done; wait
        while ask; do :; done
        """
      #expect(try shop.tool(["bash", "-c", asking]).succeeded)
      #expect(try master.child.wait(within: .seconds(20)) == .status(255), "\(master.child.seen)")
      #expect(master.child.error.text.contains("session \(id) is closed"), "\(master.child.seen)")
      let old = try alice.ssh(code, ["true"])
      #expect(old.exit == .status(255) && old.error.contains("This code is used up."), "\(old)")
      let next = try unwrap(agent.event("ready") { $0["code"]?.string != code }["code"]?.string)
      #expect(try alice.ssh(next, ["echo in"]).output == "in\n")
      // One that comes too late is told as soon as it asks for anything.
      let late = try alice.master(code)
      defer { late.close() }
      let latePort = try late.forward(alice, code, to: "127.0.0.1:\(target.port)")
      _ = try shop.connections("refused", "\(latePort)")
      #expect(try late.child.wait(within: .seconds(20)) == .status(255), "\(late.child.seen)")
      #expect(late.child.error.text.contains("This code is used up."), "\(late.child.seen)")
    }
  }

  @Test("a name that resolves to nothing is refused in time, and stands on record with its reason")
  func noSuchName() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, options: ["-W", "nothing.invalid:80"], input: .pipe, within: .seconds(25))
      #expect(done.exit == .status(255), "\(done)")
      let record = try shop.record("the refusal") { !$0.details("forward-refused").isEmpty }
      let entry = try unwrap(record.details("forward-refused").first)
      #expect(entry["target"]?.string == "nothing.invalid:80", "\(entry)")
      #expect(entry["reason"]?.string?.isEmpty == false, "\(entry)")
      #expect(try alice.ssh(code, ["echo on"]).output == "on\n")
    }
  }

  @Test("ssh -W joins its input and output to the target, by name, and ends with it")
  func stdio() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let target = try Target(.answer, for: shop)
      let sent = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let done = try alice.ssh(
        code, options: ["-W", "localhost:\(target.port)"], input: .pipe, bytes: sent)
      #expect(done.succeeded && done.bytes == Array("+".utf8) + sent, "\(done.exit) \(done.error)")
      let record = try shop.record("the name and the address") { !$0.details("channel-closed").isEmpty }
      let opened = try unwrap(record.details("channel-opened").first)
      #expect(opened["command"]?.string == "localhost:\(target.port)")
      #expect(opened["address"]?.string == "127.0.0.1:\(target.port)", "\(opened)")
      let refused = try alice.ssh(code, options: ["-W", "127.0.0.1:\(try unusedPort())"], input: .pipe)
      #expect(refused.exit == .status(255) && !refused.error.isEmpty, "\(refused)")
    }
  }

  @Test("ssh -D reaches what the machine reaches, by name; what refuses is refused")
  func dynamic() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let target = try Target(.answer, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let port = try master.forward(alice, code, to: nil)
      let done = try shop.connections("exchange", "\(port)", "10", "100000", "localhost", "\(target.port)")
      #expect(done["good"]?.int == 10, "\(done), \(master.child.seen)")
      let dead = try shop.connections("refused", "\(port)", "localhost", "\(try unusedPort())")
      #expect((dead["milliseconds"]?.int ?? .max) < 5000, "\(dead)")
      #expect(try shop.connections("exchange", "\(port)", "1", "10", "127.0.0.1", "\(target.port)")["good"]?.int == 1)
      try shop.record("the refusal") { $0.details("forward-refused").count == 1 }
    }
  }

  @Test("ssh -J goes through the machine to a server behind it: commands, sftp, and a shell")
  func jump() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let (target, configuration) = try Target.sshd(for: shop, technician: alice)
      let line = ["-F", configuration, "-J", "\(code)@relay"]
      let done = try alice.run(["ssh"] + line + ["behind", "cat; echo $SSH_CONNECTION >&2; exit 7"], input: .nothing)
      #expect(done.exit == .status(7), "\(done)")
      // The server sees the machine's own connection to it.
      #expect(done.error.split(separator: " ").last?.filter(\.isNumber) == "\(target.port)", "\(done)")
      let noise = shop.scratch.path("noise")
      #expect(try shop.tool(["dd", "if=/dev/urandom", "of=\(noise)", "bs=64k", "count=80", "status=none"]).succeeded)
      for step in [[noise, "behind:\(noise).there"], ["behind:\(noise).there", noise + ".back"]] {
        // The server behind has no sftp.
        let copied = try alice.run(["scp", "-q", "-O"] + line + step)
        #expect(copied.succeeded, "\(copied)")
      }
      #expect(try shop.tool(["cmp", noise, noise + ".back"]).succeeded)
      let shell = shop.adopt(
        try alice.launch(["ssh"] + line + ["-tt", "behind"], input: .terminal(columns: 80, rows: 24)))
      try shell.type("echo $((40 + 2))-there; exit\n")
      try shell.expect("42-there")
      try shell.wait()
    }
  }

  @Test("a target that accepts and says nothing disturbs nobody, and goes with the ssh it was asked for by")
  func silent() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let silent = try Target(.silent, for: shop)
      let answer = try Target(.answer, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let quietPort = try master.forward(alice, code, to: "127.0.0.1:\(silent.port)")
      let port = try master.forward(alice, code, to: "127.0.0.1:\(answer.port)")
      #expect(try shop.connections("exchange", "\(port)", "1", "10")["good"]?.int == 1)
      // The first command leaves some of the agent's own.
      #expect(try alice.ssh(code, ["echo"], options: master.options).succeeded)
      let before = try waitUntilStill("the agent's descriptors", for: .milliseconds(300)) {
        try Processes.descriptors(of: agent.child.pid)
      }
      let waiting = try (0..<10).map { _ in try shop.startConnections("stall", "\(quietPort)", input: .pipe) }
      try waitUntil("ten connections") { try Processes.descriptors(of: agent.child.pid) >= before + 10 }
      #expect(try shop.connections("exchange", "\(port)", "20", "100000")["good"]?.int == 20)
      #expect(try alice.ssh(code, ["echo here"], options: master.options).output == "here\n")
      for child in waiting {
        #expect(child.exit == nil, "\(child.seen)")
        child.kill()
      }
      // A client that is gone looks like one that has sent all: its connection is the target's to end, or ssh's.
      master.close()
      try waitUntil("the connections to go", within: .seconds(5)) {
        try Processes.descriptors(of: agent.child.pid) <= before
      }
    }
  }

  @Test("connections beyond the limit are refused at once, and leave room for a shell and a transfer")
  func tooMany() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let silent = try Target(.silent, for: shop)
      let master = try alice.master(code)
      defer { master.close() }
      let port = try master.forward(alice, code, to: "127.0.0.1:\(silent.port)")
      let held = try shop.startConnections("hold", "\(port)", "300", input: .pipe)
      // What is refused is closed; at least the hundred that are promised stay.
      try waitUntil("refusals", seen: { held.seen }) {
        let closed = JSON.lines(of: held.output.text).last?["closed"]?.int ?? 0
        return (1...200).contains(closed)
      }
      #expect(try alice.ssh(code, ["echo here"], options: master.options).output == "here\n")
      #expect(try alice.ssh(code, ["echo here"]).output == "here\n")
      #expect(try alice.sftp(code, "pwd").succeeded)
      held.kill()
      master.close()
      #expect(try alice.ssh(code, ["echo after"]).output == "after\n")
    }
  }

  @Test("--no-forward refuses every forward with a line, and commands still run")
  func noForward() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent(["--no-forward"]).code()
      let target = try Target(.answer, for: shop)
      let done = try alice.ssh(code, options: ["-W", "127.0.0.1:\(target.port)"], input: .pipe)
      #expect(done.exit == .status(255) && done.bytes.isEmpty, "\(done)")
      let port = try unusedPort()
      let shell = shop.adopt(
        try alice.terminal(code, options: ["-L", "127.0.0.1:\(port):127.0.0.1:\(target.port)"]))
      try shell.type("echo $((1 + 1))-before\n")
      try shell.expect("2-before")
      let refused = try shop.connections("refused", "\(port)")
      #expect((refused["milliseconds"]?.int ?? .max) < 3000, "\(refused)")
      try shell.expect("--no-forward")
      try shell.type("exit\n")
      #expect(try shell.wait() == .status(0))
      try shop.record("one channel") { $0.details("channel-opened").count == 1 }
    }
  }

  @Test("-R, X11 and agent forwarding are refused by a line that names them, and the command still runs")
  func notOffered() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      for (name, start) in [
        ("-R is", "$SSH -R 0:127.0.0.1:9"), ("X11 forwarding", "DISPLAY=:9 $SSH -Y"),
        ("agent forwarding", "ssh-agent $SSH -A -o IdentityAgent=SSH_AUTH_SOCK"),
      ] {
        let done = try alice.script(code, "\(start) 'echo ran; echo [$DISPLAY$SSH_AUTH_SOCK]; exit 5' </dev/null")
        #expect(done.exit == .status(5) && done.output == "ran\n[]\n", "\(name): \(done)")
        #expect(done.error.contains("Fixline: ") && done.error.contains(name), "\(name): \(done)")
      }
    }
  }
}
