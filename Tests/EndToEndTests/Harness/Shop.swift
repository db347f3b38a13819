import Foundation
import Glibc

/// One relay with its state, agents and technicians, all real processes, gone when the test is over.
final class Shop {
  let scratch: Scratch
  private(set) var relay: RelayProcess
  private var technicians = 0
  private var agents: [AgentProcess] = []
  private var others: [Child] = []
  let knownHosts: String

  /// - Parameter preparing: what is done before the relay starts; returns what it has in its environment besides the usual.
  init(config: String? = nil, preparing: (Scratch) throws -> [String: String] = { _ in [:] }) throws {
    scratch = try Scratch()
    knownHosts = scratch.path("known_hosts")
    do {
      relay = try RelayProcess.start(
        in: scratch, state: scratch.path("state"), config: Self.lingering(config), variables: try preparing(scratch))
    } catch {
      scratch.remove()
      throw error
    }
    do { try learnHostKey() } catch {
      close()
      throw error
    }
  }

  /// Tiny plans have no merge gap, so that each session has its own minimum; open sessions wait for a technician all the same.
  private static func lingering(_ config: String?) -> String {
    let config = config ?? ""
    return config.contains("linger_seconds") ? config : "linger_seconds: 600\n" + config
  }

  /// The relay's host key, checked against the fingerprint it announces.
  private func learnHostKey() throws {
    let scan = try tool(["ssh-keyscan", "-p", "\(relay.sshPort)", "-t", "ed25519", "127.0.0.1"])
    guard let line = scan.output.split(separator: "\n").first(where: { !$0.hasPrefix("#") }) else {
      throw Failure("no host key. \(scan)")
    }
    let key = line.split(separator: " ").dropFirst().joined(separator: " ")
    try "fixline-test \(key)\n".write(toFile: knownHosts, atomically: false, encoding: .utf8)
    let shown = try tool(["ssh-keygen", "-l", "-f", knownHosts]).output
    let announced = try unwrap(relay.ready["ssh_host_key"]?.string, "ssh_host_key")
    guard shown.contains(announced) else { throw Failure("announced host key \(announced), met \(shown)") }
  }

  /// Runs a tool to its end.
  func tool(_ arguments: [String], bytes: [UInt8] = [], within limit: Duration = .seconds(30)) throws -> Finished {
    try Finished.run(
      arguments, environment: Programs.variables(home: scratch.path), directory: scratch.path,
      input: bytes.isEmpty ? .nothing : .pipe, bytes: bytes, within: limit)
  }

  /// Runs a command of the relay program on this shop's state.
  func command(_ arguments: String...) throws -> Finished { try relay.command(arguments, in: scratch) }

  /// Starts an agent. By default it is pinned to the relay and says yes to everything.
  @discardableResult
  func agent(consent: String? = "yes", pin: Bool = true, _ more: [String] = [], port: Int? = nil) throws -> AgentProcess
  {
    var arguments = ["--relay", "127.0.0.1:\(port ?? relay.tlsPort)", "--json"]
    if pin { arguments += ["--pin", relay.pin] }
    if let consent { arguments += ["--consent", consent] }
    return try adopt(AgentProcess.launch(arguments + more, in: scratch))
  }

  /// Makes an agent end with the shop.
  func adopt(_ agent: AgentProcess) throws -> AgentProcess {
    agents.append(agent)
    return agent
  }

  /// Makes a child end with the shop.
  @discardableResult
  func adopt(_ child: Child) -> Child {
    others.append(child)
    return child
  }

  /// A technician whose key is registered.
  func technician(_ name: String = "alice", keyType: [String] = ["-t", "ed25519"]) throws -> Technician {
    let made = try stranger(name, keyType: keyType)
    let added = try command("technician", "add", name, "--key", made.keyFile + ".pub")
    guard added.succeeded else { throw Failure("technician add failed. \(added)") }
    return made
  }

  /// Somebody with a key the relay does not know.
  func stranger(_ name: String = "mallory", keyType: [String] = ["-t", "ed25519"]) throws -> Technician {
    try Technician(name, in: scratch, port: relay.sshPort, knownHosts: knownHosts, keyType: keyType)
  }

  /// All sessions as scripts see them.
  func sessions() throws -> [JSON] {
    let listed = try command("sessions", "--json")
    return try unwrap(try listed.json().array, "a list of sessions. \(listed)")
  }

  /// The only session there is, once it fits.
  @discardableResult
  func session(_ what: String, within limit: Duration = .seconds(20), where fits: (JSON) -> Bool) throws -> JSON {
    var last: [JSON] = []
    try waitUntil("a session that is \(what)", within: limit, seen: { "\(last)" }) {
      last = try sessions()
      return last.contains(where: fits)
    }
    return try unwrap(last.first(where: fits))
  }

  /// The open session's identifier.
  func openSession() throws -> String {
    try unwrap(session("open") { $0["state"]?.string != "closed" }["id"]?.string, "the session's id")
  }

  /// Starts another relay on the same state once the first has ended; with `variables` in its environment in place of what
  /// that had.
  func restartRelay(config: String? = nil, variables: [String: String]? = nil) throws {
    let old = relay
    relay = try RelayProcess.start(
      in: scratch, state: old.state, config: Self.lingering(config), tlsPort: old.tlsPort, sshPort: old.sshPort,
      variables: variables ?? old.variables)
  }

  /// What the relay and the agents said, for a failed test.
  var story: String {
    var text = "--- relay\n\(relay.child.seen)"
    for agent in agents { text += "\n--- agent\n\(agent.child.seen)" }
    return text
  }

  func close() {
    for child in others { child.kill() }
    for agent in agents {
      agent.interrupt()
      _ = try? agent.child.wait(within: .seconds(5))
      agent.child.kill()
    }
    relay.child.kill()
    scratch.remove()
  }
}

/// Opens a shop for `body` and closes it whatever happens; an error carries what relay and agents said.
/// With `daysBack`, on a day that long ago: the suite or test needs a ``FaultLibrary/clock``.
func withShop(config: String? = nil, daysBack: Int = 0, _ body: (Shop) throws -> Void) throws {
  let shop = try Shop(config: config) { _ in try FaultLibrary.daysBack(daysBack) }
  defer { shop.close() }
  do { try body(shop) } catch { throw Failure("\(error)\n\(shop.story)") }
}
