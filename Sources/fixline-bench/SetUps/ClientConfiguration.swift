/// The ssh_config of one condition: what a technician types stays `ssh -F FILE sshd|reverse|fixline`.
struct ClientConfiguration {
  /// The cipher every connection is held to under the pinned condition.
  static let pinnedCipher = "aes256-gcm@openssh.com"

  /// A way to a host.
  struct Host {
    let alias: String
    let port: Int
    let user: String
    var jump: String?
  }

  let directory: String
  let pinned: Bool
  var hosts: [Host] = []

  /// The file's text. Keystrokes are not disguised: OpenSSH 9.5 and later would round every echo up to 20 ms.
  var text: String {
    var lines = [
      "Host *",
      "  HostName 127.0.0.1",
      "  IdentityFile \"\(directory)/key\"",
      "  IdentitiesOnly yes",
      "  IdentityAgent none",
      "  PreferredAuthentications publickey",
      "  UserKnownHostsFile \"\(directory)/known_hosts\"",
      "  GlobalKnownHostsFile /dev/null",
      "  StrictHostKeyChecking accept-new",
      "  CheckHostIP no",
      "  BatchMode yes",
      "  ControlMaster no",
      "  ControlPath none",
      "  ConnectTimeout 20",
      "  LogLevel ERROR",
      "  IgnoreUnknown ObscureKeystrokeTiming",
      "  ObscureKeystrokeTiming no",
    ]
    if pinned { lines.append("  Ciphers \(Self.pinnedCipher)") }
    for host in hosts {
      lines += ["Host \(host.alias)", "  Port \(host.port)", "  User \(host.user)", "  HostKeyAlias \(host.alias)"]
      if let jump = host.jump { lines.append("  ProxyJump \(jump)") }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
