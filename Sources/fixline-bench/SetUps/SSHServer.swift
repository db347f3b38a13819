import Foundation
import Glibc

/// An sshd of the machine's own OpenSSH, on a free port of loopback.
struct SSHServer: Sendable {
  /// Ports tried when somebody else takes them first.
  static let attempts = 5

  let port: Int
  let daemon: Daemon

  private static let programs = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"]
  private static let fileServers = [
    "/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server",
    "/usr/libexec/sftp-server",
  ]

  /// Starts one that lets in the key `directory/key`.
  static func start(_ name: String, in directory: String, _ workplace: Workplace) async throws -> SSHServer {
    guard let program = programs.first(where: FileManager.default.isExecutableFile(atPath:)) else {
      throw BenchFailure("there is no sshd here: install openssh-server")
    }
    // Where a service manager has not made it, sshd as root refuses to start. It is left behind: it is empty, and others
    // may have come to rely on it.
    if getuid() == 0 {
      try? FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    let hostKey = "\(directory)/\(name)-host-key"
    _ = try await workplace.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey])
    let fileServer = fileServers.first(where: FileManager.default.isExecutableFile(atPath:)) ?? "internal-sftp"
    var trouble = BenchFailure("no port was free")
    for _ in 0..<attempts {
      let port = try await FreePort.find()
      let configuration = "\(directory)/\(name).conf"
      try text(port: port, hostKey: hostKey, directory: directory, fileServer: fileServer)
        .write(toFile: configuration, atomically: false, encoding: .utf8)
      let daemon = try await workplace.start(name, [program, "-D", "-e", "-f", configuration], directory: directory)
      do {
        try await daemon.firstLine(\.error, "listening") { $0.contains("Server listening on") ? () : nil }
        return SSHServer(port: port, daemon: daemon)
      } catch let failure as BenchFailure where failure.line.contains("already in use") {
        trouble = failure
        await workplace.stop(daemon.child)
      }
    }
    throw trouble
  }

  private static func text(port: Int, hostKey: String, directory: String, fileServer: String) -> String {
    """
    Port \(port)
    ListenAddress 127.0.0.1
    HostKey \(hostKey)
    PidFile none
    AuthorizedKeysFile \(directory)/key.pub
    StrictModes no
    UsePAM no
    PermitRootLogin prohibit-password
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PrintMotd no
    PrintLastLog no
    Subsystem sftp \(fileServer)

    """
  }
}
