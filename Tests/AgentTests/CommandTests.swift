import Agent
import SessionModel
import Testing

@Suite struct CommandTests {
  @Test("flags are read, with their values behind them or behind an equals sign")
  func flags() throws {
    let pin = "sha256:" + String(repeating: "ab", count: 32)
    let spaced = try AgentCommand(
      arguments: [
        "--relay", "relay.example:7443", "--pin", pin, "--consent", "yes", "--json", "--language", "pt-BR", "--state",
        "/var/lib/x", "--read-only", "--files", "/srv", "--no-shell", "--no-forward",
      ])
    let joined = try AgentCommand(
      arguments: [
        "--relay=relay.example:7443", "--pin=\(pin)", "--consent=yes", "--json", "--language=pt-BR",
        "--state=/var/lib/x", "--read-only", "--files=/srv", "--no-shell", "--no-forward",
      ])
    #expect(spaced == joined)
    guard case .run(let options) = spaced else {
      Issue.record("not a run: \(spaced)")
      return
    }
    #expect(options.relay.host == "relay.example")
    #expect(options.relay.port == 7443)
    #expect(options.pin?.description == pin)
    #expect(options.consent == .yes)
    #expect(options.style == .json)
    #expect(options.language == "pt-BR")
    #expect(options.stateDirectory == "/var/lib/x")
    #expect(options.filesDirectory == "/srv")
    #expect(options.allowances == [.readFiles])
  }

  @Test("without flags the customer is asked, text is printed, everything may be allowed and nothing is kept")
  func defaults() throws {
    guard case .run(let options) = try AgentCommand(arguments: ["--relay", "h:1"]) else {
      Issue.record("not a run")
      return
    }
    #expect(options.consent == .ask)
    #expect(options.style == .text)
    #expect(options.allowances == .all)
    #expect(options.stateDirectory == nil)
    #expect(options.pin == nil)
    #expect(options.warning == nil)
  }

  @Test(
    "wrong usage is one line that names what was wrong",
    arguments: [
      ([], "--relay"),
      (["--relay"], "--relay"),
      (["--relay", "--json"], "--relay"),
      (["--relay", "host"], "HOST:PORT"),
      (["--relay", "host:"], "HOST:PORT"),
      (["--relay", "host:0"], "HOST:PORT"),
      (["--relay", "host:65536"], "HOST:PORT"),
      (["--relay", "host:+1"], "HOST:PORT"),
      (["--relay", ":1"], "HOST:PORT"),
      (["--relay", "a:b:1"], "HOST:PORT"),
      (["--relay", "[::1]"], "HOST:PORT"),
      (["--relay", "[host]:1"], "HOST:PORT"),
      (["--relay", "ho st:1"], "HOST:PORT"),
      (["--relay", "h:1", "--pin", "abc"], "--pin"),
      (["--relay", "h:1", "--pin", "sha256:abcd"], "--pin"),
      (["--relay", "h:1", "--consent", "maybe"], "--consent"),
      (["--relay", "h:1", "--consent="], "--consent"),
      (["--relay", "h:1", "--language", "f"], "--language"),
      (["--relay", "h:1", "--language", "fi_FI"], "--language"),
      (["--relay", "h:1", "--state", ""], "--state"),
      (["--relay", "h:1", "--json=yes"], "--json"),
      (["--relay", "h:1", "--relay", "h:2"], "twice"),
      (["--relay", "h:1", "--frobnicate"], "--frobnicate"),
      (["--relay", "h:1", "positional"], "positional"),
      (["--relay", "h:1", "--\u{1b}[2J\u{202e}x"], "\\u{1b}"),
      (["--relay", "h:1", String(repeating: "x", count: 5_000)], "4096"),
    ])
  func wrongUsage(arguments: [String], names: String) {
    let error = #expect(throws: UsageError.self) { try AgentCommand(arguments: arguments) }
    let line = error?.description ?? ""
    #expect(line.contains(names), "\(line)")
    #expect(!line.contains("\n") && TextSafety.problem(inShownText: line) == nil, "\(line)")
  }

  @Test(
    "help, version and what is not there yet are recognised anywhere",
    arguments: [
      (["--help"], AgentCommand.help), (["-h"], .help), (["--relay", "x", "--help"], .help), (["--version"], .version),
      (["enroll", "--relay", "h:1"], .unavailable("enroll")),
      (["enroll", "--help"], .help),
    ])
  func others(arguments: [String], command: AgentCommand) throws {
    #expect(try AgentCommand(arguments: arguments) == command)
  }

  @Test("verify takes one file, a key and a state directory, and nothing else")
  func verify() throws {
    let hex = String(repeating: "ab", count: 32)
    guard
      case .verify(let options) = try AgentCommand(
        arguments: ["verify", "--key", "sha256:\(hex)", "a b.json", "--state=/s"])
    else {
      Issue.record("not verify")
      return
    }
    #expect(options.file == "a b.json" && options.stateDirectory == "/s" && options.key == Fingerprint("sha256:\(hex)"))
    #expect(try AgentCommand(arguments: ["verify", "--help"]) == .help)
    for arguments in [
      ["verify"], ["verify", "a", "b"], ["verify", "a", "--key", "sha256:ab"], ["verify", "a", "--relay", "h:1"],
      ["verify", "a", "--state", "x", "--state", "y"], ["verify", "a", "--key"],
    ] { #expect(throws: UsageError.self) { try AgentCommand(arguments: arguments) } }
  }

  @Test(
    "addresses are names or numbers with a port",
    arguments: [
      ("relay.example:7443", "relay.example", "relay.example:7443"), ("127.0.0.1:1", "127.0.0.1", "127.0.0.1:1"),
      ("[::1]:65535", "::1", "[::1]:65535"), ("[fe80::1%eth0]:22", "fe80::1%eth0", "[fe80::1%eth0]:22"),
    ])
  func addresses(text: String, host: String, written: String) throws {
    let address = try #require(RelayAddress(text))
    #expect(address.host == host)
    #expect(address.description == written)
  }

  @Test("whoever binds file work is told that a shell is not bound by it")
  func warning() throws {
    let table = [(["--read-only"], true), (["--files", "/x"], true), (["--read-only", "--no-shell"], false)]
    for (flags, expected) in table {
      guard case .run(let options) = try AgentCommand(arguments: ["--relay", "h:1"] + flags) else {
        Issue.record("not a run")
        continue
      }
      #expect((options.warning != nil) == expected)
    }
  }

  @Test("exit codes are what the interface says and differ from each other")
  func exitCodes() {
    #expect(ExitCode.success.rawValue == 0)
    #expect(ExitCode.usage.rawValue == 64)
    #expect(ExitCode.unavailable.rawValue == 69)
    #expect(Set(ExitCode.allCases.map(\.rawValue)).count == ExitCode.allCases.count)
  }
}
