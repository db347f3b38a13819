import Foundation
import Glibc
import NIOCore
import SSHFrontDoor
import Testing

/// A front door on a free port of this machine, and keys to come in with.
final class Fixture {
  static let greeting = "This is the relay of Muster IT.\nEverything is recorded."

  let directory: String
  let delegate: ShellDelegate
  let door: SSHFrontDoor
  let hostKey: HostKey
  let port: UInt16
  /// The private key that is let in.
  let key: String

  init(
    limits: SSHLimits = SSHLimits(), refusal: @escaping @Sendable (SSHRequest.Kind) -> String? = { _ in nil }
  ) throws {
    signal(SIGPIPE, SIG_IGN)
    directory = NSTemporaryDirectory() + "fixline-ssh-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    hostKey = try HostKey.loadOrCreate(path: directory + "/ssh_host_key")
    delegate = ShellDelegate(refusal: refusal)
    door = SSHFrontDoor(
      configuration: SSHFrontDoorConfiguration(hostKey: hostKey, greeting: Self.greeting, limits: limits),
      delegate: delegate)
    let (listening, port) = try Self.listen()
    self.port = port
    try door.start(listeningDescriptor: listening)
    key = try Self.makeKey(in: directory, name: "technician", type: "ed25519")
    try allow(key)
  }

  deinit {
    #expect(door.stop())
    try? FileManager.default.removeItem(atPath: directory)
  }

  private static func listen() throws -> (CInt, UInt16) {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
      }
    }
    try #require(isBound)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  // MARK: Keys

  static func makeKey(in directory: String, name: String, type: String, bits: Int? = nil) throws -> String {
    let path = directory + "/" + name
    let size = bits.map { ["-b", String($0)] } ?? []
    let made = try Command(
      ["ssh-keygen", "-q", "-t", type, "-N", "", "-C", name, "-f", path] + size, directory: directory)
    try #require(made.wait() == 0)
    return path
  }

  func makeKey(_ name: String, type: String, bits: Int? = nil) throws -> String {
    try Self.makeKey(in: directory, name: name, type: type, bits: bits)
  }

  static func publicKey(_ path: String) throws -> SSHPublicKey {
    try #require(SSHPublicKey(authorizedKeysLine: String(contentsOfFile: path + ".pub", encoding: .utf8)))
  }

  func allow(_ path: String) throws {
    let key = try Self.publicKey(path)
    delegate.allowed.change { _ = $0.insert(key) }
  }

  // MARK: ssh

  /// The arguments of a client that reads no configuration and asks nothing.
  func client(
    _ program: String = "ssh", key: String? = nil, options: [String] = [], logLevel: String = "ERROR",
    seconds: Int = 60
  ) -> [String] {
    let settings =
      [
        "UserKnownHostsFile=\(directory)/known_hosts", "StrictHostKeyChecking=accept-new", "IdentitiesOnly=yes",
        "BatchMode=yes", "IdentityAgent=none", "LogLevel=\(logLevel)",
      ] + options
    return ["timeout", "--foreground", String(seconds), program, "-F", "none", "-i", key ?? self.key]
      + settings.flatMap { ["-o", $0] } + [program == "ssh" ? "-p" : "-P", String(port)]
  }

  /// Starts `ssh … user@127.0.0.1 command`.
  func start(
    _ command: [String], flags: [String] = [], user: String = "482177305", key: String? = nil, options: [String] = [],
    logLevel: String = "ERROR", input: String = "/dev/null", output: String? = nil, seconds: Int = 60
  ) throws -> Command {
    try Command(
      client(key: key, options: options, logLevel: logLevel, seconds: seconds) + flags + ["\(user)@127.0.0.1"]
        + command, directory: directory, input: input, output: output)
  }

  /// Runs it to its end.
  func run(
    _ command: [String], flags: [String] = [], user: String = "482177305", key: String? = nil, options: [String] = [],
    logLevel: String = "ERROR", input: String = "/dev/null"
  ) throws -> Command.Result {
    try start(command, flags: flags, user: user, key: key, options: options, logLevel: logLevel, input: input).result()
  }

  /// Runs a line of shell with SSH set to the client's words and HOST to where it goes.
  func shell(_ script: String, seconds: Int = 60) throws -> Command.Result {
    let words = client(seconds: seconds).map { "'\($0)'" }.joined(separator: " ")
    let line = "ssh_() { \(words) \"$@\"; }; HOST=482177305@127.0.0.1; \(script)"
    return try Command(["timeout", "--foreground", String(seconds), "bash", "-c", line], directory: directory).result()
  }

  /// A file of random bytes.
  func makeFile(_ name: String, bytes: Int) throws -> String {
    let path = directory + "/" + name
    let made = try Command(
      ["head", "-c", String(bytes), "/dev/urandom"], directory: directory, output: path)
    try #require(made.wait() == 0)
    return path
  }

  /// The SHA-256 of a file, as `sha256sum` writes it.
  func hash(_ path: String) throws -> String {
    try Command(["sha256sum"], directory: directory, input: path).result().text
  }

  /// A connection without a client behind it.
  func connect() throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let isConnected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe Glibc.connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected)
    return descriptor
  }

  /// What comes over a connection until it is closed; nil when that takes too long.
  static func readToEnd(_ descriptor: CInt, seconds: Int) -> [UInt8]? {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var all: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return all }
      if count < 0 { return nil }
      all += bytes[0..<count]
    }
  }

  /// This process's resident memory, in bytes.
  static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
  }
}
