/// What a front door is made with.
public struct SSHFrontDoorConfiguration: Sendable {
  /// The relay's identity towards technicians.
  public var hostKey: HostKey
  /// Whose relay this is: shown by the client before it logs in (SSH_MSG_USERAUTH_BANNER, RFC 4252 section 5.4). May be of
  /// several lines; empty for none.
  public var greeting: String
  /// What technicians may use up.
  public var limits: SSHLimits

  /// All of it, by hand.
  public init(hostKey: HostKey, greeting: String, limits: SSHLimits = SSHLimits()) {
    self.hostKey = hostKey
    self.greeting = greeting
    self.limits = limits
  }

  /// The protocol version line. OpenSSH's client announces that it reads no more (`eow@openssh.com`) only to a server that
  /// calls itself OpenSSH; without that `ssh HOST yes | head -1` would never end.
  public static let softwareVersion = "OpenSSH_9.2 Fixline"
}

/// Why a front door could not open. The description is one line for the operator.
public enum SSHFrontDoorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The host key cannot be used.
  case hostKey(path: String, reason: String)
  /// The listening socket cannot be used.
  case listening(reason: String)
  /// The system gives no thread or descriptor.
  case resources(reason: String)

  /// One line: what is wrong and what to do.
  public var description: String {
    switch self {
    case .hostKey(let path, let reason): "SSH host key \(path): \(reason)"
    case .listening(let reason): "SSH port: \(reason)"
    case .resources(let reason): "SSH front door: \(reason)"
    }
  }
}
