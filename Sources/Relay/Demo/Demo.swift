import Billing
import Foundation
import SessionModel
import Synchronization

/// `fixline-relay demo`: the whole job on one machine with real programs, in a temporary directory. A customer's web shop
/// does not answer because of a misspelt port; a technician mends it, brings a file, closes the session; the record is shown.
public enum Demo {
  /// Plays it. With `keep` relay and agent go on until Ctrl-C, and the ssh line to try is printed.
  public static func run(json: Bool, keep: Bool) throws {
    let stage = try DemoStage(json: json)
    // Ctrl-C must not leave relay and agent behind.
    let signals = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        stage.strike()
        exit(128 + number)
      }
      source.resume()
      return source
    }
    defer {
      stage.strike()
      for source in signals { source.cancel() }
    }
    try stage.setUp()
    if keep { return try stage.stayOpen() }
    try stage.mendByShell()
    try stage.bringFile()
    let session = try stage.close()
    try stage.checkRecord(session)
    try stage.checkReceipt()
    stage.say("done", "Everything is in \(stage.directory)", ["directory": .string(stage.directory)])
  }
}

/// The demo's directory, processes and steps.
final class DemoStage: Sendable {
  private static let brokenSetting = "port = 8O80"
  private static let mendedSetting = "port = 8080"
  /// How long she makes sure that it works: anything under a second would be free.
  private static let lookingSeconds = 2
  private static let fileText = "Opening hours: 9 to 17, closed on Sundays.\n"

  let directory: String
  private let json: Bool
  private let relayProgram: String
  private let agentProgram: String
  private let log: FileHandle
  /// What `setUp` has started, for whoever ends it.
  private struct Cast {
    var relay: DemoProcess?
    var agent: DemoProcess?
    var sshPort = ""
    var code = ""
  }
  private let cast = Mutex(Cast())
  private var sshPort: String { cast.withLock { $0.sshPort } }
  private var code: String { cast.withLock { $0.code } }

  private var state: String { directory + "/state" }
  private var machine: String { directory + "/customers-machine" }
  private var settings: String { machine + "/shop.conf" }
  private var key: String { directory + "/technician" }

  init(json: Bool) throws(RelayFailure) {
    self.json = json
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    relayProgram = own
    agentProgram = (own as NSString).deletingLastPathComponent + "/fixline-agent"
    guard FileManager.default.isExecutableFile(atPath: agentProgram) else {
      throw RelayFailure(.unavailable, "fixline-agent is not beside \(own). Build it first: swift build")
    }
    guard FileManager.default.isExecutableFile(atPath: Self.ssh) else {
      throw RelayFailure(.unavailable, "The demo needs ssh. Install it first: apt-get install openssh-client")
    }
    directory = NSTemporaryDirectory() + "fixline-demo-" + UUID().uuidString.prefix(8).lowercased()
    do {
      try FileManager.default.createDirectory(
        atPath: directory + "/customers-machine", withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
      try Data().write(to: URL(fileURLWithPath: directory + "/log"))
      log = try FileHandle(forWritingTo: URL(fileURLWithPath: directory + "/log"))
    } catch {
      throw RelayFailure(.cannotCreate, "The demo cannot write in \(directory): \(error.localizedDescription)")
    }
  }

  private static let ssh = "/usr/bin/ssh"
  private static let scp = "/usr/bin/scp"
  private static let keygen = "/usr/bin/ssh-keygen"

  /// One step, for people or as an object a line.
  func say(_ step: String, _ text: String, _ details: [(String, JSONValue)] = []) {
    guard json else { return ConsoleOutput.print(text) }
    var object = JSONObject()
    object["event"] = "step"
    object["step"] = .string(step)
    object["text"] = .string(text)
    for (key, value) in details { object[key] = value }
    ConsoleOutput.print(JSONValue.object(object).text)
  }

  func say(_ step: String, _ text: String, _ details: KeyValuePairs<String, JSONValue>) {
    say(step, text, details.map { ($0.key, $0.value) })
  }

  func setUp() throws {
    try write("# The web shop\n\(Self.brokenSetting)\n", to: settings)
    let relay = try DemoProcess(
      relayProgram,
      ["serve", "--state", state, "--tls-listen", "127.0.0.1:0", "--ssh-listen", "127.0.0.1:0", "--json"],
      directory: directory, log: log)
    cast.withLock { $0.relay = relay }
    let ready = try relay.event("ready")
    let tls = ready["tls"]?.string ?? ""
    let port = ready["ssh"]?.string.map { String($0.split(separator: ":").last ?? "") } ?? ""
    cast.withLock { $0.sshPort = port }
    say("relay", "The relay is ready: agents dial \(tls), technicians' ssh port is \(sshPort).")

    _ = try expect(
      0,
      DemoProcess.run(
        Self.keygen, ["-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", key], directory: directory, log: log))
    _ = try expect(0, relayCommand(["technician", "add", "anna", "--key", key + ".pub"]))
    say("technician", "The technician anna is registered with her public key.")

    let agent = try DemoProcess(
      agentProgram, ["--relay", tls, "--pin", ready["pin"]?.string ?? "", "--consent", "yes", "--json"],
      environment: ["HOME": machine], directory: machine, log: log)
    cast.withLock { $0.agent = agent }
    let shown = try agent.event("ready")["code"]?.string ?? ""
    cast.withLock { $0.code = shown }
    say(
      "agent", "The customer ran one line and reads out \(JoinCode(code)?.spoken ?? code).", ["code": .string(code)])
  }

  func mendByShell() throws {
    let typed = """
      cd \(machine) && sed -i 's/\(Self.brokenSetting)/\(Self.mendedSetting)/' shop.conf && cat shop.conf
      sleep \(Self.lookingSeconds)
      exit

      """
    _ = try expect(0, technicianRuns([], input: typed))
    guard let consent = try cast.withLock({ $0.agent })?.event("consent")["text"]?.string else {
      throw RelayFailure(.refused, "The customer was not asked.")
    }
    say("consent", "The customer was shown this, and said yes:\n" + indented(consent), ["text": .string(consent)])
    guard try read(settings).contains(Self.mendedSetting) else {
      throw RelayFailure(.refused, "The shell did not mend \(settings).")
    }
    say("shell", "anna typed ssh \(code)@relay and mended shop.conf in a shell.")
  }

  func bringFile() throws {
    try write(Self.fileText, to: directory + "/hours.txt")
    let options = sshOptions + ["-q", "-P", sshPort, directory + "/hours.txt", "\(code)@127.0.0.1:\(machine)/"]
    _ = try expect(0, DemoProcess.run(Self.scp, options, directory: directory, log: log))
    guard try read(machine + "/hours.txt") == Self.fileText else {
      throw RelayFailure(.refused, "The file did not arrive whole.")
    }
    say("file", "She copied hours.txt there with scp (\(Self.fileText.utf8.count) bytes).")
  }

  /// Closes the session at the desk and returns its identifier.
  func close() throws -> String {
    let list = try expect(0, technicianRuns(["list --json"], user: "desk"))
    guard let session = try JSONValue(parsing: list.output)[0]?["id"]?.string else {
      throw RelayFailure(.refused, "The desk lists no session.")
    }
    _ = try expect(
      0, technicianRuns(["close \(session) --outcome fixed --note 'The port was misspelt.'"], user: "desk"))
    say("close", "She closed session \(session): fixed.", ["session": .string(session)])
    return session
  }

  func checkRecord(_ session: String) throws {
    let shown = try expect(0, relayCommand(["session", "show", session, "--json"]))
    let record = try JSONValue(parsing: shown.output)
    let text = try expect(0, relayCommand(["session", "show", session]))
    guard record["outcome"]?.string == "fixed", let sent = record["bytes_to_machine"]?.integer,
      sent >= Int64(Self.fileText.utf8.count), let received = record["bytes_from_machine"]?.integer,
      received >= Int64(Self.mendedSetting.utf8.count), let active = record["active_ms"]?.integer,
      let file = record["files"]?[0], file["path"]?.string?.hasSuffix("/hours.txt") == true,
      file["complete"]?.bool == true, file["bytes_to_machine"]?.integer == Int64(Self.fileText.utf8.count),
      active >= Int64(Self.lookingSeconds) * 1000, record["billed_seconds"]?.integer == Plan.standard.firstSeconds
    else { throw RelayFailure(.refused, "The record does not agree with what was done: \(shown.output)") }
    say("record", "The record:\n" + indented(text.output), [("record", record)])
    let verified = try expect(0, relayCommand(["ledger", "verify"]))
    say("ledger", verified.output.trimmingCharacters(in: .newlines))
  }

  /// The customer's own file, checked with the relay's key and against the ledger.
  func checkReceipt() throws {
    guard let name = try cast.withLock({ $0.agent })?.event("receipt")["file"]?.string else {
      throw RelayFailure(.refused, "The customer was handed no receipt.")
    }
    let file = name.hasPrefix("/") ? name : "\(machine)/\(name)"
    let text = try read((file as NSString).deletingPathExtension + ".txt")
    let verified = try expect(0, relayCommand(["receipt", "verify", file]))
    _ = try expect(0, relayCommand(["ledger", "verify", "--against", file]))
    say("receipt", "The customer has this receipt:\n" + indented(text), ["file": .string(file)])
    say("verified", verified.output.trimmingCharacters(in: .newlines))
  }

  func stayOpen() throws {
    let options = (sshOptions + ["-p", sshPort]).joined(separator: " ")
    say("keep", "Try:  ssh \(options) \(code)@127.0.0.1\nand:  ssh \(options) desk@127.0.0.1 list\nCtrl-C ends it.")
    cast.withLock { $0.relay }?.wait()
  }

  /// Ends what was started. The directory stays: it is what the demo is there to show.
  func strike() {
    let (agent, relay) = cast.withLock { ($0.agent, $0.relay) }
    agent?.stop()
    relay?.stop()
    try? log.close()
  }

  private var sshOptions: [String] {
    [
      "-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile=\(directory)/known_hosts",
      "-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR",
    ]
  }

  private func technicianRuns(
    _ command: [String], user: String? = nil, input: String = ""
  ) throws(RelayFailure) -> (status: Int32, output: String) {
    try DemoProcess.run(
      Self.ssh, sshOptions + ["-p", sshPort, "\(user ?? code)@127.0.0.1"] + command, input: input,
      directory: directory, log: log)
  }

  private func relayCommand(_ arguments: [String]) throws(RelayFailure) -> (status: Int32, output: String) {
    try DemoProcess.run(relayProgram, arguments + ["--state", state], directory: directory, log: log)
  }

  private func expect(
    _ status: Int32, _ result: (status: Int32, output: String)
  ) throws(RelayFailure) -> (status: Int32, output: String) {
    guard result.status == status else {
      throw RelayFailure(.refused, "A step ended with status \(result.status); what was said is in \(directory)/log.")
    }
    return result
  }

  private func write(_ text: String, to path: String) throws(RelayFailure) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw RelayFailure(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  private func read(_ path: String) throws(RelayFailure) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw RelayFailure(.refused, "\(path) is not there.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
  }
}
