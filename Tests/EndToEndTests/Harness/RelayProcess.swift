import Foundation
import Glibc

/// A relay started as the real executable, on ports the kernel picked.
struct RelayProcess {
  let child: Child
  let state: String
  /// The line it printed when it was ready.
  let ready: JSON
  let tlsPort: Int
  let sshPort: Int
  let pin: String
  /// What it has in its environment besides the usual.
  let variables: [String: String]

  /// Starts it and waits for its ready line. `tlsPort` is for a relay that comes back where it was.
  static func start(
    in scratch: Scratch, state: String, config: String? = nil, tlsPort: Int = 0, sshPort: Int = 0,
    variables: [String: String] = [:]
  ) throws -> RelayProcess {
    let child = try launch(
      in: scratch, state: state, config: config, tlsPort: tlsPort, sshPort: sshPort, variables: variables)
    do {
      try waitUntil("the relay's ready line", within: .seconds(30), seen: { child.seen }) {
        if child.exit != nil, child.output.ended { throw Failure("the relay ended: \(child.seen)") }
        return JSON.lines(of: child.output.text).contains { $0["event"]?.string == "ready" }
      }
      let ready = try unwrap(JSON.lines(of: child.output.text).first { $0["event"]?.string == "ready" })
      return RelayProcess(
        child: child, state: state, ready: ready, tlsPort: try port(ready["tls"]), sshPort: try port(ready["ssh"]),
        pin: try unwrap(ready["pin"]?.string, "the pin"), variables: variables)
    } catch {
      child.kill()
      throw error
    }
  }

  /// Starts it without waiting, for those that are not meant to become ready.
  static func launch(
    in scratch: Scratch, state: String, config: String? = nil, tlsPort: Int = 0, sshPort: Int = 0,
    variables: [String: String] = [:]
  ) throws -> Child {
    var arguments = [
      Programs.relay, "serve", "--state", state, "--json", "--tls-listen", "127.0.0.1:\(tlsPort)", "--ssh-listen",
      "127.0.0.1:\(sshPort)", "--http-listen", "127.0.0.1:0",
    ]
    if let config {
      arguments += ["--config", try scratch.file("relay-\(UInt32.random(in: 0 ... .max)).yaml", config)]
    }
    return try Child.start(
      arguments, environment: Programs.variables(home: scratch.path, variables), directory: scratch.path)
  }

  private static func port(_ address: JSON?) throws -> Int {
    try unwrap(
      address?.string?.split(separator: ":").last.flatMap { Int($0) }, "a port in \(String(describing: address))")
  }

  /// Runs another command of the relay program on the same state, and by the same calendar.
  func command(_ arguments: [String], in scratch: Scratch) throws -> Finished {
    try Self.command(
      arguments + ["--state", state], in: scratch,
      variables: variables[FaultLibrary.clockVariable] == nil ? [:] : variables)
  }

  /// Runs the relay program to its end.
  static func command(
    _ arguments: [String], in scratch: Scratch, variables: [String: String] = [:], within limit: Duration = .seconds(30)
  ) throws -> Finished {
    try Finished.run(
      [Programs.relay] + arguments, environment: Programs.variables(home: scratch.path, variables),
      directory: scratch.path, within: limit)
  }

  /// Asks it to drain and waits for its end.
  func drain() throws -> Exit {
    child.signal(SIGTERM)
    return try child.wait(within: .seconds(12))
  }
}

/// A program that has ended: how, and what it printed.
struct Finished: CustomStringConvertible {
  let exit: Exit
  let bytes: [UInt8]
  let error: String
  let label: String
  var output: String { String(decoding: bytes, as: UTF8.self) }
  var succeeded: Bool { exit == .status(0) }
  var description: String { "\(label): \(exit)\nstdout: \(output.suffix(2000))\nstderr: \(error.suffix(2000))" }

  /// The single value it printed as JSON.
  func json() throws -> JSON {
    do { return try JSON(parsing: output) } catch { throw Failure("not JSON. \(self)") }
  }

  /// Starts a program, gives it `input` and waits for its end; past the limit it is killed and the test told.
  static func run(
    _ arguments: [String], environment: [String: String], directory: String, input: Child.Input = .nothing,
    bytes: [UInt8] = [], within limit: Duration = .seconds(30)
  ) throws -> Finished {
    let child = try Child.start(arguments, environment: environment, directory: directory, input: input)
    defer { child.kill() }
    if case .pipe = input {
      try child.write(bytes)
      child.endInput()
    }
    let exit = try child.wait(within: limit)
    return Finished(exit: exit, bytes: child.output.bytes, error: child.error.text, label: child.label)
  }
}
