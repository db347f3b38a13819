/// How it is known which customer a session belongs to.
public enum Identity: String, Sendable, CaseIterable {
  /// It is not known.
  case unknown = "none"
  /// By the machine's key: an earlier session of the same machine was his.
  case machine
  /// By two facts that he told: his customer number and one more.
  case facts
}
