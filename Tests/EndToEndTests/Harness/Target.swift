import Foundation
import Glibc

/// A server on the customer's side: what a forward is for.
struct Target {
  /// What it does with a connection; Scripts/targets.py says more.
  enum Kind: String {
    case answer, silent, flood, sink, reset
  }

  let child: Child
  let port: Int

  /// Starts one that ends with the shop.
  init(_ kind: Kind, for shop: Shop) throws {
    self = try Target([kind.rawValue], for: shop)
  }

  private init(_ arguments: [String], for shop: Shop) throws {
    child = try shop.start([Programs.python, Programs.script("targets.py")] + arguments)
    try child.expect("}")
    port = try unwrap(JSON(parsing: child.output.text)["port"]?.int, "the target's port")
  }

  /// An OpenSSH server that lets `technician`'s key in as whoever runs the tests, and the options of an ssh that goes there
  /// as `behind`.
  static func sshd(for shop: Shop, technician: Technician) throws -> (target: Target, configuration: String) {
    let folder = try shop.scratch.directory("sshd")
    let made = try shop.tool(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/host"])
    guard made.succeeded else { throw Failure("no host key. \(made)") }
    let configuration = try shop.scratch.file(
      "sshd/sshd_config",
      """
      HostKey \(folder)/host
      AuthorizedKeysFile \(technician.keyFile).pub
      PermitRootLogin prohibit-password
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      StrictModes no
      UsePAM no
      PidFile none
      """)
    let target = try Target(["sshd", configuration], for: shop)
    let hostKey = try unwrap(shop.scratch.text("sshd/host.pub"), "the host key")
    let known = try shop.scratch.file("sshd/known_hosts", "behind-test \(hostKey)")
    let client = try shop.scratch.file(
      "sshd/client",
      """
      Include \(technician.configuration)
      Host behind
        HostName 127.0.0.1
        Port \(target.port)
        User \(NSUserName())
        HostKeyAlias behind-test
        UserKnownHostsFile \(known)
        GlobalKnownHostsFile /dev/null
        StrictHostKeyChecking yes
        IdentityFile \(technician.keyFile)
        IdentitiesOnly yes
        IdentityAgent none
        LogLevel ERROR

      """)
    return (target, client)
  }
}

extension Shop {
  /// Starts any program in the shop's folder; it ends with the shop.
  func start(_ arguments: [String], input: Child.Input = .nothing) throws -> Child {
    adopt(
      try Child.start(
        arguments, environment: Programs.variables(home: scratch.path), directory: scratch.path, input: input))
  }
}

/// Runs Scripts/connections.py.
extension Shop {
  /// Starts it; it ends with the shop.
  func startConnections(_ arguments: String..., input: Child.Input = .nothing) throws -> Child {
    try start([Programs.python, Programs.script("connections.py")] + arguments, input: input)
  }

  /// Runs it to its end and returns what it printed.
  func connections(_ arguments: String...) throws -> JSON {
    try tool([Programs.python, Programs.script("connections.py")] + arguments, within: .seconds(60)).json()
  }
}

extension Master {
  /// ``options`` as sftp and scp understand them: there -S is something else.
  var longOptions: [String] { ["-o", "ControlPath=\(path)", "-o", "ControlMaster=no", "-o", "ProxyCommand=false"] }

  /// Makes this connection listen on a port nobody has: `-L` to a target, or `-D` with none. Returns the port.
  func forward(_ technician: Technician, _ user: String, to target: String?) throws -> Int {
    var last: Finished?
    // Between being picked and being listened on, a port may go to somebody else.
    for _ in 0..<5 {
      let port = try unusedPort()
      let flag = target.map { ["-L", "127.0.0.1:\(port):\($0)"] } ?? ["-D", "127.0.0.1:\(port)"]
      let done = try technician.ssh(user, options: options + ["-O", "forward"] + flag)
      if done.succeeded { return port }
      last = done
    }
    throw Failure("no port to forward from. \(String(describing: last))")
  }
}

/// A port of 127.0.0.1 that nobody listens on.
func unusedPort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw Failure("no socket: errno \(errno)") }
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
      unsafe bind(descriptor, general, length) == 0 ? unsafe getsockname(descriptor, general, &length) : -1
    }
  }
  guard result == 0 else { throw Failure("no port: errno \(errno)") }
  return Int(UInt16(bigEndian: address.sin_port))
}
