import Foundation
import Glibc

/// A technician: a key, an ssh configuration, and the stock OpenSSH client.
struct Technician {
  let name: String
  let directory: String
  let configuration: String
  var keyFile: String { "\(directory)/key" }

  /// Makes a key and a configuration for a relay on `port`; registers nothing.
  init(_ name: String, in scratch: Scratch, port: Int, knownHosts: String, keyType: [String] = ["-t", "ed25519"]) throws
  {
    self.name = name
    directory = try scratch.directory("of-\(name)")
    configuration = "\(directory)/config"
    let made = try Finished.run(
      ["ssh-keygen", "-q", "-N", "", "-C", name, "-f", "\(directory)/key"] + keyType,
      environment: Programs.variables(home: directory), directory: directory)
    guard made.succeeded else { throw Failure("no key. \(made)") }
    let text = """
      Host relay
        HostName 127.0.0.1
        Port \(port)
        IdentityFile \(directory)/key
        IdentitiesOnly yes
        IdentityAgent none
        UserKnownHostsFile \(knownHosts)
        GlobalKnownHostsFile /dev/null
        StrictHostKeyChecking yes
        HostKeyAlias fixline-test
        PreferredAuthentications publickey
        LogLevel ERROR
      """
    try text.write(toFile: configuration, atomically: false, encoding: .utf8)
  }

  private var variables: [String: String] { Programs.variables(home: directory, ["FIXLINE_PURPOSE": "A test"]) }

  /// The command line of an ssh to `user` at the relay.
  func line(_ user: String, _ command: [String] = [], options: [String] = []) -> [String] {
    ["ssh", "-F", configuration] + options + ["\(user)@relay"] + command
  }

  /// Starts ssh.
  func start(
    _ user: String, _ command: [String] = [], options: [String] = [], input: Child.Input = .nothing
  ) throws -> Child {
    try Child.start(
      line(user, command, options: options), environment: variables, directory: directory, input: input)
  }

  /// Runs ssh to its end.
  func ssh(
    _ user: String, _ command: [String] = [], options: [String] = [], input: Child.Input = .nothing,
    bytes: [UInt8] = [], within limit: Duration = .seconds(30)
  ) throws -> Finished {
    try Finished.run(
      line(user, command, options: options), environment: variables, directory: directory, input: input, bytes: bytes,
      within: limit)
  }

  /// Starts ssh in a terminal, as a person would.
  func terminal(_ user: String, columns: Int = 80, rows: Int = 24, options: [String] = []) throws -> Child {
    try start(user, options: options, input: .terminal(columns: columns, rows: rows))
  }

  /// Runs a bash script in which `$SSH` is this technician's ssh to `user`.
  func script(_ user: String, _ text: String, options: [String] = [], within limit: Duration = .seconds(60)) throws
    -> Finished
  {
    let ssh = line(user, options: options).joined(separator: " ")
    return try Finished.run(
      ["bash", "-c", "set -o pipefail\n\(text)"], environment: variables.merging(["SSH": ssh]) { $1 },
      directory: directory, within: limit)
  }

  /// Opens one connection that later runs share (`master.options`), and keeps it until `master.close()`.
  func master(_ user: String) throws -> Master {
    let path = "\(directory)/m\(UInt16.random(in: 0 ... .max))"
    let child = try start(
      user, options: ["-M", "-N", "-o", "ControlPath=\(path)", "-o", "ControlPersist=no"], input: .nothing)
    do {
      try waitUntil("the control socket", seen: { child.seen }) {
        if child.exit != nil { throw Failure("the master connection ended: \(child.seen)") }
        return FileManager.default.fileExists(atPath: path)
      }
    } catch {
      child.kill()
      throw error
    }
    return Master(child: child, path: path)
  }
}

/// One shared ssh connection.
struct Master {
  let child: Child
  let path: String
  /// For ssh calls that go through it, and never beside it.
  var options: [String] { ["-S", path, "-o", "ControlMaster=no", "-o", "ProxyCommand=false"] }
  func close() { child.kill() }
}
