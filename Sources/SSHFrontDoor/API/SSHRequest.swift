public import SessionModel

/// One authenticated connection of a technician.
public struct SSHLogin: Hashable, Sendable {
  /// Counts the connections of a front door, from 1; never used again.
  public var connection: UInt64
  /// The user name as the client sent it, at most `SSHLimits.userNameBytes` long; says where he wants to go, not who he is.
  /// Bytes that are not UTF-8 read as U+FFFD. Escape it before it is shown.
  public var user: String
  /// The key the client offers, or has proved to hold.
  public var key: SSHPublicKey
  /// The numeric address the connection comes from.
  public var address: String

  /// All of it, by hand.
  public init(connection: UInt64, user: String, key: SSHPublicKey, address: String) {
    self.connection = connection
    self.user = user
    self.key = key
    self.address = address
  }
}

/// What a technician asks of a channel.
public struct SSHRequest: Hashable, Sendable {
  /// What is to run, or where to connect.
  public enum Kind: Hashable, Sendable {
    /// A login shell.
    case shell
    /// A command, without a trailing NUL; whatever follows a NUL was cut off.
    case exec(command: [UInt8])
    /// A named service such as `sftp`.
    case subsystem(String)
    /// A connection from the machine (`ssh -L`, `ssh -W`).
    case directTCP(host: String, port: UInt16)
  }

  /// Who asks.
  public var login: SSHLogin
  /// What for.
  public var kind: Kind
  /// His terminal, when he asked for one.
  public var terminal: TerminalRequest?
  /// LANG, LC_*, TERM and FIXLINE_PURPOSE as sent, in the order sent. Bytes that are not UTF-8 read as U+FFFD.
  public var environment: [EnvironmentVariable]

  /// All of it, by hand.
  public init(
    login: SSHLogin, kind: Kind, terminal: TerminalRequest? = nil, environment: [EnvironmentVariable] = []
  ) {
    self.login = login
    self.kind = kind
    self.terminal = terminal
    self.environment = environment
  }
}
