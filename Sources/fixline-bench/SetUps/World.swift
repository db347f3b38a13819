import Foundation
import NIOCore

/// The three set-ups of one condition, running side by side.
struct World: Sendable {
  let condition: Condition
  let directory: String
  /// The technician's ssh_config.
  let configuration: String
  let fixline: FixlinePair
  /// The name of a second pair without resumption, where one was asked for.
  static let unretained = "fixline-unretained"
  private let proxies: [DelayProxy]

  /// Starts what `setUps` needs. Each gets the condition's delay on the leg that leads to the machine.
  static func start(
    _ condition: Condition, _ programs: FixlinePrograms, _ workplace: Workplace, name: String,
    setUps: [SetUpName] = SetUpName.allCases, lineCanBeCut: Bool = false, withUnretained: Bool = false
  ) async throws -> World {
    let directory = "\(workplace.path)/\(name)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    _ = try await workplace.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/key"])
    var configuration = ClientConfiguration(directory: directory, pinned: condition.pinned)
    let path = "\(directory)/ssh_config"
    let user = NSUserName()
    var proxies: [DelayProxy] = []

    let machine = try await SSHServer.start("machine-sshd", in: directory, workplace)
    let direct = try await proxy(to: machine.port, condition)
    if let direct { proxies.append(direct) }
    configuration.hosts.append(.init(alias: "sshd", port: direct?.port ?? machine.port, user: user))

    if setUps.contains(.reverse) {
      let jump = try await SSHServer.start("jump-sshd", in: directory, workplace)
      // The customer's leg is the delayed one, the technician is near the jump host.
      let leg = try await proxy(to: jump.port, condition)
      if let leg { proxies.append(leg) }
      configuration.hosts.append(.init(alias: "jump", port: jump.port, user: user))
      configuration.hosts.append(.init(alias: "customer-leg", port: leg?.port ?? jump.port, user: user))
      try configuration.text.write(toFile: path, atomically: false, encoding: .utf8)
      let tunnel = try await workplace.start(
        "customer-ssh",
        [
          "ssh", "-F", path, "-o", "LogLevel=INFO", "-o", "ExitOnForwardFailure=yes", "-N", "-R",
          "127.0.0.1:0:127.0.0.1:\(machine.port)", "customer-leg",
        ], directory: directory)
      // "Allocated port 40123 for remote forward to 127.0.0.1:22"
      let port = try await tunnel.firstLine(\.error, "its reverse port") { line in
        line.hasPrefix("Allocated port") ? line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } : nil
      }
      configuration.hosts.append(.init(alias: "reverse", port: port, user: user, jump: "jump"))
    }
    let fixline = try await FixlinePair.start(
      programs, condition, in: directory, workplace, lineCanBeCut: lineCanBeCut)
    configuration.hosts.append(.init(alias: "fixline", port: fixline.sshPort, user: fixline.code))
    if withUnretained {
      let pair = try await FixlinePair.start(
        programs, condition, in: directory, workplace, name: unretained, configuration: "resume_window_seconds: 0\n")
      configuration.hosts.append(.init(alias: unretained, port: pair.sshPort, user: pair.code))
    }
    try configuration.text.write(toFile: path, atomically: false, encoding: .utf8)
    return World(
      condition: condition, directory: directory, configuration: path, fixline: fixline, proxies: proxies)
  }

  /// A proxy with the condition's delay; none without delay, unless it is there to be cut.
  static func proxy(to port: Int, _ condition: Condition, canBeCut: Bool = false) async throws -> DelayProxy? {
    guard condition.roundTripMilliseconds > 0 || canBeCut else { return nil }
    return try await DelayProxy.start(to: port, roundTrip: .milliseconds(Int64(condition.roundTripMilliseconds)))
  }

  /// The command line of a client that takes ssh's `-F`.
  func client(_ program: String, _ rest: [String]) -> [String] { [program, "-F", configuration] + rest }

  /// Closes the delayed lines. The programs end with ``Workplace/endDaemons()``.
  func stop() async {
    for proxy in proxies { await proxy.stop() }
    await fixline.stop()
  }
}
