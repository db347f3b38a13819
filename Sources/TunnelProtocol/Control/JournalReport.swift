import SessionModel

/// How it stands with the record that an agent keeps of its sessions, for the relay's log. What it has of each session is a
/// ``HeldSession``; this is said also when nothing of them is left.
public struct JournalReport: Hashable, Sendable {
  /// What there is to say.
  public enum Condition: Hashable, Sendable, CaseIterable {
    /// It was found altered, or is another's; a new one is begun.
    case damaged
    /// It cannot be written, and is kept in memory.
    case unwritable
    /// It can be written again.
    case writable
  }

  /// How it stands.
  public var condition: Condition
  /// Why, in words that fit behind "the journal" when it is damaged; empty when all is well.
  public var reason: String

  /// A reason that is too long for the wire is cut.
  public init(condition: Condition, reason: String) {
    self.condition = condition
    self.reason = reason.prefix(utf8Bytes: TextLimits.reasonBytes)
  }
}
