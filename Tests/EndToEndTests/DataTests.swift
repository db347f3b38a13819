import Foundation
import Glibc
import Testing

/// Bytes in and out: pipes, archives, early ends, and what one reader who stops costs the others.
@Suite("Data", .shared) struct DataTests {
  @Test("tar out of the machine and into it gives the same tree")
  func tarBothWays() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let source = try shop.scratch.directory("source/deep/er")
      try shop.scratch.file("source/empty", "")
      try shop.scratch.file("source/deep/er/ünï côde", String(repeating: "line\n", count: 50_000))
      _ = try shop.tool(["dd", "if=/dev/urandom", "of=\(source)/noise", "bs=64k", "count=64", "status=none"])
      let base = shop.scratch.path
      for (way, script) in [
        ("out", "$SSH \"tar c -C \(base) source\" </dev/null | tar x -C \(base)/out"),
        ("in", "tar c -C \(base) source | $SSH \"tar x -C \(base)/in\""),
      ] {
        _ = try shop.scratch.directory(way)
        let done = try alice.script(code, script)
        #expect(done.succeeded, "\(done)")
        let compared = try shop.tool(["diff", "-r", "\(base)/source", "\(base)/\(way)/source"])
        #expect(compared.succeeded, "\(way): \(compared)")
      }
    }
  }

  @Test("the end of the input reaches the command, and its answer still comes back")
  func halfClose() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let sorted = try alice.ssh(code, ["sort; echo done"], input: .pipe, bytes: Array("b\na\n".utf8))
      #expect(sorted.output == "a\nb\ndone\n", "\(sorted)")
      let counted = try alice.ssh(code, ["wc -c"], input: .nothing)
      #expect(counted.output.filter(\.isNumber) == "0", "\(counted)")
    }
  }

  @Test("a command that closes its input early, or never reads it, still ends well")
  func inputClosedEarly() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let big = [UInt8](repeating: UInt8(ascii: "x"), count: 4 << 20)
      let file = shop.scratch.path("big")
      try Data(big).write(to: URL(filePath: file))
      let closes = try alice.ssh(code, ["exec 0<&-; echo closed; exit 4"], input: .file(file))
      #expect(closes.output == "closed\n")
      #expect(closes.exit == .status(4), "\(closes)")
      let head = try alice.ssh(code, ["head -c 3"], input: .file(file))
      #expect(head.output == "xxx")
      #expect(head.exit == .status(0), "\(head)")
    }
  }

  @Test("`ssh … yes | head -1` ends at once, and so does yes")
  func yesHead() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let token = "token\(UInt32.random(in: 0 ... .max))"
      let done = try alice.script(code, "$SSH yes \(token) </dev/null | head -1", within: .seconds(10))
      #expect(done.output == "\(token)\n", "\(done)")
      try Processes.waitUntilGone("yes \(token)", within: .seconds(10))
    }
  }

  @Test("the output of a command that has ended arrives whole, before its status")
  func lastBytes() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let master = try alice.master(code)
      defer { master.close() }
      for _ in 0..<20 {
        let done = try alice.ssh(code, ["head -c 300000 /dev/zero; exit 9"], options: master.options)
        #expect(done.bytes.count == 300_000)
        #expect(done.exit == .status(9))
      }
    }
  }

  @Test("a channel stays open while a background process holds its output, as with sshd")
  func backgroundHoldsOutput() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, ["(sleep 0.5; echo late) & echo early"])
      #expect(done.output == "early\nlate\n", "\(done)")
    }
  }

  @Test("ten channels of one connection work at once")
  func tenChannels() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let agent = try shop.agent()
      let code = try agent.code()
      let master = try alice.master(code)
      defer { master.close() }
      let children = try (0..<10).map { number in
        shop.adopt(
          try alice.start(code, ["echo ready \(number); cat; exit \(number)"], options: master.options, input: .pipe))
      }
      for (number, child) in children.enumerated() { try child.expect("ready \(number)\n") }
      for (number, child) in children.enumerated() {
        try child.type(String(repeating: "\(number)", count: 100_000))
      }
      for (number, child) in children.enumerated().reversed() {
        child.endInput()
        #expect(try child.wait() == .status(number))
        #expect(child.output.text == "ready \(number)\n" + String(repeating: "\(number)", count: 100_000))
      }
      #expect(agent.events.filter { $0["event"]?.string == "consent" }.count == 1)
    }
  }

  @Test("an idle shell stays alive: keepalives of the client are answered")
  func keepalive() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let shell = shop.adopt(
        try alice.terminal(code, options: ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"]))
      try shell.type("echo $((1 + 1))-first\n")
      try shell.expect("2-first")
      // Two unanswered ones, at 1 and 2 s, would end it at 3 s.
      try expectThroughout("the shell is open", for: .milliseconds(4500)) { shell.exit == nil }
      try shell.type("echo $((2 + 2))-still\n")
      try shell.expect("4-still")
    }
  }
}

/// Measures, so nothing else runs.
@Suite("Data in bulk", .alone, .serialized) struct BulkTests {
  /// SHA-256 of 1 GiB of AES-128-CTR key stream under the key and counter below.
  static let digest = "aaa24880c67fbb5a10af34ad26980444194f2111abe4c772524b50a969438817"
  static let source =
    "openssl enc -aes-128-ctr -K 000102030405060708090a0b0c0d0e0f -iv 00000000000000000000000000000000"
    + " -in /dev/zero 2>/dev/null | head -c 1073741824"

  @Test("1 GiB out of the machine is the same", arguments: [[], ["-o", "RekeyLimit=1M"]])
  func out(options: [String]) throws {
    try transfer("$SSH \"\(Self.source)\" </dev/null | sha256sum", options: options)
  }

  @Test("1 GiB into the machine is the same", arguments: [[], ["-o", "RekeyLimit=1M"]])
  func into(options: [String]) throws {
    try transfer("\(Self.source) | $SSH sha256sum", options: options)
  }

  private func transfer(_ script: String, options: [String]) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let started = ContinuousClock.now
      // head ends openssl by a broken pipe, which pipefail would report.
      let done = try alice.script(code, "set +o pipefail\n\(script)", options: options, within: .seconds(90))
      let seconds = (ContinuousClock.now - started) / .seconds(1)
      print("1 GiB, \(script.hasPrefix("$SSH") ? "out" : "in") \(options.last ?? ""): \(Int(1024 / seconds)) MiB/s")
      #expect(done.output.hasPrefix(Self.digest), "\(done)")
    }
  }

  @Test("a technician who stops reading costs the relay less than 32 MiB and the others nothing")
  func stalledReader() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let bob = try shop.technician("bob")
      let code = try shop.agent().code()
      let other = try shop.agent(["--language", "en"]).code()
      #expect(try alice.ssh(code, ["true"]).succeeded)
      #expect(try bob.ssh(other, ["true"]).succeeded)
      try Processes.resetPeak(of: shop.relay.child.pid)
      let before = try Processes.kibibytes("VmRSS", of: shop.relay.child.pid)

      let stalled = shop.adopt(try alice.start(code, ["yes"]))
      try waitUntil("output of yes") { stalled.output.total > 1 << 20 }
      stalled.signal(SIGSTOP)
      // The same machine on another connection, and another machine: each answers as ever.
      for round in 0..<10 {
        let same = try alice.ssh(code, ["echo \(round)"], within: .seconds(5))
        #expect(same.output == "\(round)\n", "\(same)")
        let elsewhere = try bob.ssh(other, ["echo \(round)"], within: .seconds(5))
        #expect(elsewhere.output == "\(round)\n", "\(elsewhere)")
      }
      let peak = try Processes.kibibytes("VmHWM", of: shop.relay.child.pid)
      print("a stalled technician cost the relay \((peak - before) / 1024) MiB")
      #expect(peak - before < 32 * 1024, "grew from \(before) to \(peak) KiB")

      stalled.signal(SIGCONT)
      let resumed = stalled.output.total
      try waitUntil("more output of yes") { stalled.output.total > resumed + (8 << 20) }
    }
  }
}
