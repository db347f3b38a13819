/// What the customer's side permits a session to do. Bits as sent on the wire; unknown bits are refused.
public struct Allowances: OptionSet, Hashable, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// From bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Shells and commands.
  public static let shell = Allowances(rawValue: 1)
  /// Reading files.
  public static let readFiles = Allowances(rawValue: 2)
  /// Changing files.
  public static let writeFiles = Allowances(rawValue: 4)
  /// Connections from the machine to other hosts.
  public static let forward = Allowances(rawValue: 8)

  /// Everything there is.
  public static let all: Allowances = [.shell, .readFiles, .writeFiles, .forward]
}
