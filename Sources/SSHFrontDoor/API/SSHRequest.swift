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

/// The terminal a technician sits at (RFC 4254 section 6.2). Its modes are not passed on by libssh.
public struct SSHTerminal: Hashable, Sendable {
  /// The value of TERM, printable ASCII.
  public var term: String
  /// Its size.
  public var size: SSHTerminalSize

  /// All of it, by hand.
  public init(term: String, size: SSHTerminalSize) {
    self.term = term
    self.size = size
  }
}

/// A terminal's size; values over 65,535 are cut to that.
public struct SSHTerminalSize: Hashable, Sendable {
  /// Width in characters.
  public var columns: UInt16
  /// Height in characters.
  public var rows: UInt16
  /// Width in pixels, or 0.
  public var widthPixels: UInt16
  /// Height in pixels, or 0.
  public var heightPixels: UInt16

  /// All of it, by hand.
  public init(columns: UInt16, rows: UInt16, widthPixels: UInt16 = 0, heightPixels: UInt16 = 0) {
    self.columns = columns
    self.rows = rows
    self.widthPixels = widthPixels
    self.heightPixels = heightPixels
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
  public var terminal: SSHTerminal?
  /// LANG, LC_*, TERM and FIXLINE_PURPOSE as sent, in the order sent. Bytes that are not UTF-8 read as U+FFFD.
  public var environment: [SSHEnvironmentVariable]

  /// All of it, by hand.
  public init(
    login: SSHLogin, kind: Kind, terminal: SSHTerminal? = nil, environment: [SSHEnvironmentVariable] = []
  ) {
    self.login = login
    self.kind = kind
    self.terminal = terminal
    self.environment = environment
  }
}

/// One variable a client sent (RFC 4254 section 6.4).
public struct SSHEnvironmentVariable: Hashable, Sendable {
  /// Its name: LANG, LC_something, TERM or FIXLINE_PURPOSE.
  public var name: String
  /// Its value, at most `SSHLimits.environmentValueBytes` long.
  public var value: String

  /// Both, by hand.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
