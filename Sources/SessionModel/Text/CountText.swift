/// Numbers of things in English, for the shop's people; what customers read has ``Language/form(_:_:_:_:)``.
public enum CountText {
  /// `1 entry`, `2 entries`, `0 checkpoints`.
  /// - Parameters:
  ///   - one: the noun behind 1.
  ///   - many: the noun behind any other number; by default `one` with an s.
  public static func of(_ count: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? "\(one)s")"
  }
}
