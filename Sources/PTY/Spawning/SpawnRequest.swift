public import SessionModel

/// What to start in a session: program, arguments, environment, directory, and a terminal or three pipes.
///
/// Nothing is looked up or added: `executable` is a path, `environment` is passed exactly, TERM included. Sizes are
/// bounded by ``GuardianLimits``.
public struct SpawnRequest: Hashable, Sendable {
  /// Path of the program to execute.
  public var executable: String
  /// The arguments as bytes; the first is the program's name (a login shell's begins with "-").
  public var argumentVector: [[UInt8]]
  /// Entries of the form `NAME=value`, all of them.
  public var environment: [String]
  /// Where the program starts; `/` when it cannot be entered.
  public var workingDirectory: String
  /// The size of the terminal to start on, which becomes its controlling terminal; nil for three pipes.
  public var terminal: TerminalSize?

  /// A request; arguments without a terminal mean pipes.
  public init(
    executable: String, argumentVector: [[UInt8]], environment: [String], workingDirectory: String = "/",
    terminal: TerminalSize? = nil
  ) {
    self.executable = executable
    self.argumentVector = argumentVector
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.terminal = terminal
  }
}
