import Foundation
import SessionModel

/// A relay, ready, that lets in the key `directory/key` as technician `bench`.
struct FixlineRelay: Sendable {
  let process: ProcessProbe
  let tlsPort: Int
  let sshPort: Int
  let pin: String
  /// Its state directory.
  let state: String

  /// Starts one. `name` tells it from others in `directory`; `configuration` is what its configuration file says.
  static func start(
    _ programs: FixlinePrograms, in directory: String, _ workplace: Workplace, name: String = "relay",
    configuration: String = ""
  ) async throws -> FixlineRelay {
    let state = "\(directory)/\(name)-state"
    let file = "\(directory)/\(name).yaml"
    try configuration.write(toFile: file, atomically: false, encoding: .utf8)
    let loopback = "127.0.0.1:0"
    let relay = try await workplace.start(
      "fixline-relay",
      [
        programs.relay, "serve", "--state", state, "--config", file, "--tls-listen", loopback, "--ssh-listen", loopback,
        "--http-listen", loopback, "--json",
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
    guard let process = relay.child.program else { throw BenchFailure("the relay ended as soon as it was ready") }
    return FixlineRelay(process: try ProcessProbe(pid: process), tlsPort: tls, sshPort: ssh, pin: pin, state: state)
  }

  private static func port(_ address: JSONValue?) -> Int? {
    address?.string?.split(separator: ":").last.flatMap { Int($0) }
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
    lineCanBeCut: Bool = false, name: String = "relay", configuration: String = ""
  ) async throws -> FixlinePair {
    let relay = try await FixlineRelay.start(
      programs, in: directory, workplace, name: name, configuration: configuration)
    let proxy = try await World.proxy(to: relay.tlsPort, condition, canBeCut: lineCanBeCut)
    let agent = try await workplace.start(
      "fixline-agent",
      [
        programs.agent, "--relay", "127.0.0.1:\(proxy?.port ?? relay.tlsPort)", "--pin", relay.pin, "--consent", "yes",
        "--json",
      ], directory: directory)
    let code = try await agent.firstLine(\.output, "its code") { line in
      (try? JSONValue(parsing: String(line)))?["code"]?.string
    }
    guard let process = agent.child.program else { throw BenchFailure("the agent ended as soon as it was ready") }
    return FixlinePair(
      relay: relay.process, agent: try ProcessProbe(pid: process), sshPort: relay.sshPort, code: code, proxy: proxy)
  }

  /// Lets go of the line; the programs are the workplace's to end.
  func stop() async { await proxy?.stop() }
}
