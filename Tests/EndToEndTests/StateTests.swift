import Foundation
import Glibc
import Testing

/// Directories, disks and ports that are not as they should be.
@Suite("Bad input: state and ports", .shared) struct StateTests {
  private func expectOneLine(_ child: Child, status: Int, _ words: String...) throws {
    #expect(try child.wait() == .status(status), "\(child.seen)")
    #expect(child.error.text.split(separator: "\n").count == 1, "\(child.seen)")
    for word in words { #expect(child.error.text.contains(word), "\(child.seen)") }
    #expect(!child.output.text.contains("ready"))
  }

  private func serve(_ scratch: Scratch, _ state: String) throws -> Child {
    try RelayProcess.launch(in: scratch, state: state)
  }

  @Test("keys and directory are only the owner's")
  func modes() throws {
    try withShop { shop in
      func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try unwrap((attributes[.posixPermissions] as? NSNumber)?.intValue)
      }
      #expect(try mode(shop.relay.state) == 0o700)
      for name in try FileManager.default.contentsOfDirectory(atPath: shop.relay.state) where name != "tls.crt" {
        let path = "\(shop.relay.state)/\(name)"
        #expect(try mode(path) & 0o077 == 0, "\(name)")
      }
      // What it announces is what a client sees.
      let scan = try shop.tool(["ssh-keyscan", "-p", "\(shop.relay.sshPort)", "127.0.0.1"])
      #expect(
        (scan.output + scan.error).contains("OpenSSH_"), "eow@openssh.com is sent only to a server that calls itself so"
      )
    }
  }

  @Test("a relay keeps its keys over a restart")
  func keysStay() throws {
    try withShop { shop in
      let before = shop.relay.ready
      #expect(try shop.relay.drain() == .status(0))
      try shop.restartRelay()
      for key in ["pin", "signing_key", "ssh_host_key"] { #expect(shop.relay.ready[key] == before[key]) }
    }
  }

  @Test("a key without its ledger, and a ledger without its key, are refused instead of replaced")
  func halves() throws {
    try withShop { shop in
      #expect(try shop.relay.drain() == .status(0))
      let (key, ledger) = ("\(shop.relay.state)/signing.key", "\(shop.relay.state)/ledger.sqlite")
      let kept = try unwrap(FileManager.default.contents(atPath: key))
      try FileManager.default.removeItem(atPath: key)
      try expectOneLine(shop.adopt(try serve(shop.scratch, shop.relay.state)), status: 73, "signing.key is missing")
      #expect(!FileManager.default.fileExists(atPath: key))

      try kept.write(to: URL(fileURLWithPath: key))
      setMode(key, 0o600)
      try Data().write(to: URL(fileURLWithPath: ledger))
      try expectOneLine(shop.adopt(try serve(shop.scratch, shop.relay.state)), status: 74, "missing or empty")
      let verified = try shop.relay.command(["ledger", "verify"], in: shop.scratch)
      #expect(verified.exit == .status(74), "\(verified)")
      #expect(FileManager.default.contents(atPath: ledger)?.isEmpty == true, "looking must not make a ledger")
    }
  }

  @Test("a state directory already locked by a running relay is left alone")
  func locked() throws {
    try withShop { shop in
      let second = shop.adopt(try serve(shop.scratch, shop.relay.state))
      try expectOneLine(second, status: 75, "Another relay is running")
      #expect(shop.relay.child.exit == nil)
      #expect(try shop.agent().code().count == 9)
    }
  }

  @Test("a port that is taken is named", arguments: ["--tls-listen", "--ssh-listen"])
  func portTaken(flag: String) throws {
    try withShop { shop in
      let taken = flag == "--tls-listen" ? shop.relay.tlsPort : shop.relay.sshPort
      let other = flag == "--tls-listen" ? "--ssh-listen" : "--tls-listen"
      let second = shop.adopt(
        try Child.start(
          [
            Programs.relay, "serve", "--json", "--state", shop.scratch.path("second"), flag, "127.0.0.1:\(taken)",
            other,
            "127.0.0.1:0",
          ], environment: Programs.variables(home: shop.scratch.path), directory: shop.scratch.path))
      try expectOneLine(second, status: 69, "\(taken)", "taken")
      #expect(try shop.agent().code().count == 9)
    }
  }

  @Test("a file where the directory should be, and a directory without a parent, are named")
  func noDirectory() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.file("file", "")
    try expectOneLine(try serve(scratch, file), status: 64, file)
    let deep = scratch.path("no/such/parent")
    try expectOneLine(try serve(scratch, deep), status: 73, deep)
  }

  @Test("an unknown configuration key is refused with its name and line")
  func configuration() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    for (text, words) in [
      ("shop:\n  name: A\n  colour: red\n", ["shop.colour", "line 3"]),
      ("consent_timeout_seconds: soon\n", ["consent_timeout_seconds", "line 1"]),
      ("linger_seconds: 0\n", ["linger_seconds"]), ("shop: [\n", ["YAML"]),
    ] {
      let child = try RelayProcess.launch(in: scratch, state: scratch.path("state"), config: text)
      #expect(try child.wait() == .status(78), "\(child.seen)")
      for word in words { #expect(child.error.text.contains(word), "\(child.seen)") }
      #expect(child.error.text.split(separator: "\n").count == 1, "\(child.seen)")
    }
  }
}

/// What only root can set up: other users, small disks.
@Suite("Bad input: users and disks", .shared, .enabled(if: getuid() == 0, "needs root")) struct UserAndDiskTests {
  private static let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

  /// The relay where a user who cannot look into the checkout can run it.
  private func reachable(_ scratch: Scratch) throws -> String {
    setMode(scratch.path, 0o755)
    let program = scratch.path("fixline-relay")
    // Copied by a child: were it open for writing here, a child forked meanwhile could not run it.
    let copied = try run(scratch, ["install", "-m", "755", Programs.relay, program])
    guard copied.succeeded else { throw Failure("\(copied)") }
    return program
  }

  private func run(_ scratch: Scratch, _ arguments: [String]) throws -> Finished {
    try Finished.run(arguments, environment: Programs.variables(home: scratch.path), directory: "/")
  }

  private func expectOneLine(_ done: Finished, status: Int) {
    #expect(done.exit == .status(status), "\(done)")
    #expect(done.error.split(separator: "\n").count == 1, "\(done)")
  }

  private func serve(_ program: String, _ state: String) -> [String] {
    [
      program, "serve", "--state", state, "--json", "--tls-listen", "127.0.0.1:0", "--ssh-listen", "127.0.0.1:0",
      "--http-listen", "127.0.0.1:0",
    ]
  }

  @Test("an unwritable parent, an unwritable directory and another's directory are named")
  func foreign() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let program = try reachable(scratch)
    expectOneLine(try run(scratch, Self.nobody + serve(program, scratch.path("new"))), status: 73)
    let others = try scratch.directory("others")
    setMode(others, 0o755)
    expectOneLine(try run(scratch, Self.nobody + serve(program, others)), status: 77)
    let theirs = try scratch.directory("theirs")
    giveToNobody(theirs)
    // Root has no business running the relay on somebody else's directory.
    expectOneLine(try run(scratch, serve(program, theirs)), status: 77)
  }

  @Test("commands act as the directory's owner: root switches, anybody else is refused")
  func commandsActAsOwner() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let program = try reachable(scratch)
    let state = try scratch.directory("state")
    giveToNobody(state)
    setMode(state, 0o700)
    let relay = try Child.start(
      Self.nobody + serve(program, state), environment: Programs.variables(home: "/"), directory: "/")
    defer { relay.kill() }
    try relay.expect("\"ready\"")
    let key = scratch.path("key")
    #expect(try run(scratch, ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]).succeeded)
    let added = try run(scratch, [program, "technician", "add", "alice", "--key", "\(key).pub", "--state", state])
    #expect(added.succeeded, "\(added)")
    let byOwner = try run(scratch, Self.nobody + [program, "technician", "list", "--state", state])
    #expect(byOwner.succeeded && byOwner.output.contains("alice"), "\(byOwner)")
    // Nothing root did belongs to root now.
    for name in try FileManager.default.contentsOfDirectory(atPath: state) {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(state)/\(name)")
      #expect((attributes[.ownerAccountID] as? NSNumber)?.intValue == 65534, "\(name)")
    }
    let stranger = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups"]
    expectOneLine(try run(scratch, stranger + [program, "technician", "list", "--state", state]), status: 77)
  }

  @Test("a full disk at the start is named, and nothing half-made is left to trip over")
  func fullDisk() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let disk = try scratch.directory("disk")
    #expect(try run(scratch, ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", disk]).succeeded)
    defer { _ = try? run(scratch, ["umount", "-l", disk]) }
    // From no room at all to nearly enough: each start fails in one line, and the last, with room again, works.
    for blocks in [64, 63, 62, 60, 56, 48] {
      let filler = "\(disk)/filler"
      _ = try run(scratch, ["dd", "if=/dev/zero", "of=\(filler)", "bs=4k", "count=\(blocks)", "status=none"])
      let relay = try RelayProcess.launch(in: scratch, state: "\(disk)/state")
      defer { relay.kill() }
      try waitUntil("an end or a start", within: .seconds(20), seen: { relay.seen }) {
        relay.exit != nil || relay.output.text.contains("\"ready\"")
      }
      if relay.exit != nil {
        #expect([.status(73), .status(74)].contains(try relay.wait()), "\(relay.seen)")
        #expect(relay.error.text.split(separator: "\n").count == 1, "\(relay.seen)")
      } else {
        #expect(blocks < 64, "it started on a full disk")
      }
      relay.kill()
      try FileManager.default.removeItem(atPath: filler)
    }
    #expect(try run(scratch, ["mount", "-o", "remount,size=16m", disk]).succeeded)
    let relay = try RelayProcess.start(in: scratch, state: "\(disk)/state")
    #expect(try relay.command(["ledger", "verify"], in: scratch).succeeded)
    #expect(try relay.drain() == .status(0))
  }
}

/// The unit an operator installs.
@Suite("systemd", .shared) struct SystemdTests {
  private static let unit = Programs.repository("systemd/fixline-relay.service")
  private static let hasAnalyze = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

  @Test("the relay's unit is as confined as it can be", .enabled(if: hasAnalyze, "needs systemd-analyze"))
  func hardened() throws {
    let done = try Finished.run(
      ["systemd-analyze", "security", "--offline=true", "--no-pager", Self.unit],
      environment: Programs.variables(home: "/"), directory: "/")
    let exposure = done.output.firstMatch(of: /exposure level for .*: ([0-9.]+)/).flatMap { Double($0.1) }
    #expect((exposure ?? 10) < 2.0, "\(done)")
  }

  @Test("the unit starts the command the interface names, and waits longer than a drain takes")
  func command() throws {
    let text = try String(contentsOfFile: Self.unit, encoding: .utf8)
    #expect(text.contains("fixline-relay serve --state /var/lib/fixline-relay"))
    #expect(text.contains("StateDirectory=fixline-relay"))
    let stop = text.firstMatch(of: /TimeoutStopSec=(\d+)/).flatMap { Int($0.1) }
    #expect((stop ?? 0) > 10)
  }
}
