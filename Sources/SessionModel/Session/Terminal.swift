/// A terminal's size (RFC 4254 section 6.2): characters, and pixels where known (0 where not).
public struct TerminalSize: Hashable, Sendable {
  /// Characters in a row.
  public var columns: UInt16
  /// Rows.
  public var rows: UInt16
  /// Width in pixels, or 0.
  public var widthPixels: UInt16
  /// Height in pixels, or 0.
  public var heightPixels: UInt16

  /// A size.
  public init(columns: UInt16, rows: UInt16, widthPixels: UInt16 = 0, heightPixels: UInt16 = 0) {
    self.columns = columns
    self.rows = rows
    self.widthPixels = widthPixels
    self.heightPixels = heightPixels
  }
}

/// The terminal a technician sits at and a program is to run in. Who takes one in bounds the length of `term`.
public struct TerminalRequest: Hashable, Sendable {
  /// What the environment variable TERM is to be.
  public var term: String
  /// Its size at the start.
  public var size: TerminalSize

  /// A request.
  public init(term: String, size: TerminalSize) {
    self.term = term
    self.size = size
  }
}

/// One variable for a program's environment. Who takes one in bounds the lengths.
public struct EnvironmentVariable: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its value.
  public var value: String

  /// A variable.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
