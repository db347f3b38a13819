import Foundation
import Glibc
import Testing

/// A technician's shell and commands through the stock client.
@Suite("Shell and exec", .shared) struct ShellTests {
  @Test("without -t a command has no terminal; with -t it has one")
  func terminalOrNot() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let probe = ["if test -t 0 && test -t 1; then echo terminal $TERM; else echo plain; fi"]
      let plain = try alice.ssh(code, probe)
      #expect(plain.exit == .status(0))
      #expect(plain.output == "plain\n", "\(plain)")
      let terminal = try alice.ssh(code, probe, options: ["-tt"])
      #expect(terminal.exit == .status(0))
      #expect(terminal.output.contains("terminal xterm-256color\r\n"), "\(terminal)")
    }
  }

  @Test("a shell without a command is interactive, ends with its status, and starts in the home directory")
  func interactiveShell() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let shell = shop.adopt(try alice.terminal(code))
      try shell.type("echo $((6 * 7))-here; pwd; echo \"login:$0\"\n")
      try shell.expect("42-here")
      try shell.expect("login:-")
      try shell.expect(String(decoding: try homeOfRunningUser().utf8, as: UTF8.self))
      try shell.type("exit 3\n")
      #expect(try shell.wait() == .status(3))
    }
  }

  private func homeOfRunningUser() throws -> String {
    let done = try Finished.run(
      ["sh", "-c", "getent passwd $(id -u) | cut -d: -f6"], environment: Programs.variables(home: "/"), directory: "/")
    return done.output.split(separator: "\n").first.map(String.init) ?? "/"
  }

  @Test("a shell without a terminal reads commands from its input")
  func shellWithoutTerminal() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, options: ["-T"], input: .pipe, bytes: Array("echo one\necho two\nexit 5\n".utf8))
      #expect(done.exit == .status(5))
      #expect(done.output.contains("one\ntwo\n"), "\(done)")
    }
  }

  @Test("every exit status from 0 to 255 arrives")
  func exitStatuses() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let master = try alice.master(code)
      defer { master.close() }
      // One bash loop: 256 starts of ssh, not of the harness.
      let done = try alice.script(
        code, "for s in $(seq 0 255); do $SSH exit $s </dev/null; echo $s=$?; done", options: master.options,
        within: .seconds(120))
      let wanted = (0...255).map { "\($0)=\($0)" }
      let got = done.output.split(separator: "\n").map(String.init)
      #expect(got == wanted, "first wrong: \(zip(got, wanted).first { $0 != $1 }.map { "\($0)" } ?? "\(done)")")
    }
  }

  @Test("a command that dies by a signal ends ssh with 255", arguments: ["TERM", "KILL", "SEGV"])
  func deathBySignal(signal: String) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, ["ulimit -c 0; kill -\(signal) $$"])
      #expect(done.exit == .status(255), "\(done)")
      let seen = try signals(shop, alice, code, "-", "ulimit -c 0; kill -\(signal) $$")
      #expect(seen["signal"]?.string == signal, "\(seen)")
    }
  }

  @Test("a signal the technician sends reaches the command", arguments: ["TERM", "INT", "HUP", "USR1"])
  func signalArrives(signal: String) throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let command = "trap 'echo got; exit 7' \(signal); echo ready; while :; do sleep 0.05; done"
      let seen = try signals(shop, alice, code, signal, command)
      #expect(seen["status"]?.int == 7, "\(seen)")
      #expect(seen["output"]?.string?.contains("got") == true, "\(seen)")
    }
  }

  private func signals(_ shop: Shop, _ technician: Technician, _ code: String, _ signal: String, _ command: String)
    throws -> JSON
  {
    let done = try shop.tool([
      Programs.python, Programs.script("signals.py"), "\(shop.relay.sshPort)", code, technician.keyFile, signal,
      command,
    ])
    return try done.json()
  }

  @Test("stdout and stderr stay apart")
  func errorApart() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, ["for i in 1 2 3; do echo out$i; echo err$i >&2; done"])
      #expect(done.output == "out1\nout2\nout3\n")
      #expect(done.error.contains("err1\nerr2\nerr3\n"))
      #expect(!done.error.contains("out"), "\(done)")
    }
  }

  @Test("a resize reaches the program")
  func resize() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let watch = "trap 'stty size' WINCH; stty size; echo armed; while :; do sleep 0.05; done"
      let shell = shop.adopt(
        try alice.start(code, ["sh", "-c", "\"\(watch)\""], options: ["-t"], input: .terminal(columns: 80, rows: 24)))
      try shell.expect("armed")
      #expect(shell.output.text.contains("24 80"))
      shell.resize(columns: 132, rows: 43)
      try shell.expect("43 132")
      shell.resize(columns: 20, rows: 5)
      try shell.expect("5 20")
    }
  }

  @Test("UTF-8 goes through whole, in commands, in both directions and in a terminal")
  func utf8() throws {
    let text = "žluťoučký kůň 한국어 русский 🦊👩‍🔧 é"
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let printed = try alice.ssh(code, ["printf %s '\(text)'"])
      #expect(printed.bytes == Array(text.utf8), "\(printed)")
      let back = try alice.ssh(code, ["cat"], input: .pipe, bytes: Array(text.utf8))
      #expect(back.bytes == Array(text.utf8), "\(back)")
      let shell = shop.adopt(try alice.start(code, ["cat"], options: ["-t"], input: .terminal(columns: 200, rows: 24)))
      // What is typed after the line is echoed comes back from cat once more.
      try shell.type("\(text)\n")
      try waitUntil("the text twice", seen: { shell.seen }) {
        shell.output.text.components(separatedBy: text).count >= 3
      }
    }
  }

  @Test("LANG and LC_* of the technician arrive, other variables do not")
  func environment() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(
        code, ["echo \"[$LC_TIME][$LD_PRELOAD][$SECRET]\""],
        options: ["-o", "SetEnv=LC_TIME=fi_FI.UTF-8 LD_PRELOAD=/nowhere.so SECRET=1"])
      #expect(done.output == "[fi_FI.UTF-8][][]\n", "\(done)")
    }
  }

  @Test(
    "ed25519, ecdsa and rsa keys work", arguments: [["-t", "ed25519"], ["-t", "ecdsa"], ["-t", "rsa", "-b", "3072"]])
  func keyTypes(type: [String]) throws {
    try withShop { shop in
      let alice = try shop.technician(keyType: type)
      let code = try shop.agent().code()
      #expect(try alice.ssh(code, ["echo in"]).output == "in\n")
    }
  }

  @Test("the banner says whose relay this is")
  func banner() throws {
    try withShop(config: "shop: { name: \"Nine to Five Computers\" }\n") { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let done = try alice.ssh(code, ["true"], options: ["-o", "LogLevel=INFO"])
      #expect(done.error.contains("Nine to Five Computers"), "\(done)")
    }
  }

  @Test("what is not offered is refused with a clear line and never hangs")
  func notOffered() throws {
    try withShop { shop in
      let alice = try shop.technician()
      let code = try shop.agent().code()
      let subsystem = try alice.ssh(code, ["netconf"], options: ["-s"], within: .seconds(15))
      #expect(subsystem.exit == .status(255))
      #expect(subsystem.error.contains("no subsystem netconf here, only sftp"), "\(subsystem)")
      let forward = try alice.ssh(code, options: ["-W", "127.0.0.1:9"], input: .pipe, within: .seconds(15))
      #expect(forward.exit != .status(0))
      #expect(!forward.error.isEmpty, "\(forward)")
      let remote = try alice.ssh(
        code, ["true"], options: ["-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"], within: .seconds(15))
      #expect(remote.exit == .status(255), "\(remote)")
      #expect(try alice.ssh(code, ["echo on"]).output == "on\n")
    }
  }
}
