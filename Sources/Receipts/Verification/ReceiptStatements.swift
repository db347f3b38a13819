/// The exact bytes under a receipt's signatures. Each begins with a context of its own, so that none is taken for another.
public enum ReceiptStatements {
  /// Keeps the relay's signature from being taken for any other.
  public static let context = "fixline receipt 1"
  /// The same for the countersignature.
  public static let countersignedContext = "fixline receipt countersigned 1"
  /// The same for a provisional receipt.
  public static let provisionalContext = "fixline provisional receipt 1"

  /// What the relay signs: context, NUL, the receipt's bytes.
  public static func issued(_ text: String) -> [UInt8] { Array(context.utf8) + [0] + Array(text.utf8) }

  /// What the customer's machine signs under it: context, NUL, the relay's signature (64), the receipt's bytes.
  public static func countersigned(_ text: String, relaySignature: [UInt8]) -> [UInt8] {
    Array(countersignedContext.utf8) + [0] + relaySignature + Array(text.utf8)
  }

  /// What it signs alone: context, NUL, the provisional receipt's bytes.
  public static func provisional(_ text: String) -> [UInt8] { Array(provisionalContext.utf8) + [0] + Array(text.utf8) }
}
