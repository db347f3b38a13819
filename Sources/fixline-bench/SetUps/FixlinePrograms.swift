import Foundation
import SessionModel

/// Where relay and agent are.
struct FixlinePrograms: Sendable {
  let relay: String
  let agent: String

  /// Those named, else those beside this program, else the release programs that `Tests/run` leaves.
  static func find(relay: String?, agent: String?) throws(BenchFailure) -> FixlinePrograms {
    FixlinePrograms(
      relay: try locate("fixline-relay", named: relay, option: "--relay-program"),
      agent: try locate("fixline-agent", named: agent, option: "--agent-program"))
  }

  private static func locate(_ name: String, named: String?, option: String) throws(BenchFailure) -> String {
    let here = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let places = named.map { [$0] } ?? ["\(here)/\(name)", ".build-programs/\(name)"]
    guard let found = places.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw BenchFailure(
        "there is no program at \(places.joined(separator: " or ")): build it, or name it by \(option)")
    }
    return URL(filePath: found).path
  }
}

/// A relay and an agent, ready, with their processes under watch.
struct FixlinePair: Sendable {
  let relay: ProcessProbe
  let agent: ProcessProbe
  let sshPort: Int
  let code: String
  /// The agent's line to the relay, when there is something to be done to it.
  let proxy: DelayProxy?

  /// Starts both; the agent reaches the relay with the condition's delay.
  static func start(
    _ programs: FixlinePrograms, _ condition: Condition, in directory: String, _ workplace: Workplace,
    lineCanBeCut: Bool = false
  ) async throws -> FixlinePair {
    let state = "\(directory)/relay-state"
    let loopback = "127.0.0.1:0"
    let relay = try await workplace.start(
      "fixline-relay",
      [
        programs.relay, "serve", "--state", state, "--tls-listen", loopback, "--ssh-listen", loopback, "--http-listen",
        loopback, "--json",
      ], directory: directory)
    let ready = try await relay.firstLine(\.output, "its ready line") { line in
      let value = try? JSONValue(parsing: String(line))
      return value?["event"]?.string == "ready" ? value : nil
    }
    guard let pin = ready["pin"]?.string, let tls = port(ready["tls"]), let ssh = port(ready["ssh"]) else {
      throw BenchFailure("the relay's ready line lacks tls, ssh or pin")
    }
    _ = try await workplace.run([
      programs.relay, "technician", "add", "bench", "--key", "\(directory)/key.pub", "--state", state,
    ])
    let proxy = try await World.proxy(to: tls, condition, canBeCut: lineCanBeCut)
    let agent = try await workplace.start(
      "fixline-agent",
      [
        programs.agent, "--relay", "127.0.0.1:\(proxy?.port ?? tls)", "--pin", pin, "--consent", "yes", "--json",
      ], directory: directory)
    let code = try await agent.firstLine(\.output, "its code") { line in
      (try? JSONValue(parsing: String(line)))?["code"]?.string
    }
    guard let relayProcess = relay.child.program, let agentProcess = agent.child.program else {
      throw BenchFailure("relay or agent ended as soon as they were ready")
    }
    return FixlinePair(
      relay: try ProcessProbe(pid: relayProcess), agent: try ProcessProbe(pid: agentProcess), sshPort: ssh, code: code,
      proxy: proxy)
  }

  /// Lets go of the line; the programs are the workplace's to end.
  func stop() async { await proxy?.stop() }

  private static func port(_ address: JSONValue?) -> Int? {
    address?.string?.split(separator: ":").last.flatMap { Int($0) }
  }
}
