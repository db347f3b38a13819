/// A terminal's size in characters, and in pixels where known (0 otherwise).
public struct TerminalDimensions: Hashable, Sendable {
  /// Characters in a line.
  public var columns: UInt16
  /// Lines.
  public var rows: UInt16
  /// Width in pixels, 0 when unknown.
  public var widthPixels: UInt16
  /// Height in pixels, 0 when unknown.
  public var heightPixels: UInt16

  /// A size of `columns` × `rows` characters.
  public init(columns: UInt16, rows: UInt16, widthPixels: UInt16 = 0, heightPixels: UInt16 = 0) {
    self.columns = columns
    self.rows = rows
    self.widthPixels = widthPixels
    self.heightPixels = heightPixels
  }
}

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
  public var terminal: TerminalDimensions?

  /// A request; arguments without a terminal mean pipes.
  public init(
    executable: String, argumentVector: [[UInt8]], environment: [String], workingDirectory: String = "/",
    terminal: TerminalDimensions? = nil
  ) {
    self.executable = executable
    self.argumentVector = argumentVector
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.terminal = terminal
  }
}
