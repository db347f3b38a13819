/// Why a command of the relay cannot go on: one line for the person who typed it, and an exit code from sysexits.h.
public struct RelayFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What the failure means to a script.
  public enum Kind: Int32, Sendable {
    /// Something asked for does not hold, such as a broken ledger or an unknown session (1).
    case refused = 1
    /// The command line is wrong (EX_USAGE, 64).
    case usage = 64
    /// What a plan, work or customer file says is wrong (EX_DATAERR, 65).
    case data = 65
    /// A file named on the command line cannot be read (EX_NOINPUT, 66).
    case noInput = 66
    /// A port is taken or a service cannot be reached (EX_UNAVAILABLE, 69).
    case unavailable = 69
    /// The state directory or a file in it cannot be made (EX_CANTCREAT, 73).
    case cannotCreate = 73
    /// Reading or writing failed: disk full, broken file (EX_IOERR, 74).
    case storage = 74
    /// Another relay runs on this state directory (EX_TEMPFAIL, 75).
    case busy = 75
    /// The directory belongs to somebody else (EX_NOPERM, 77).
    case notPermitted = 77
    /// The configuration file is wrong (EX_CONFIG, 78).
    case configuration = 78
  }

  /// What kind of failure.
  public let kind: Kind
  /// One line: what was wrong and what to do.
  public let line: String

  /// A failure with its line.
  public init(_ kind: Kind, _ line: String) {
    self.kind = kind
    self.line = line
  }

  /// The exit code.
  public var exitCode: Int32 { kind.rawValue }
  /// The line.
  public var description: String { line }
}
