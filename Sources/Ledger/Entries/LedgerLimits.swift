/// The limits every ledger keeps, whatever it is stored in.
public enum LedgerLimits {
  /// Longest payload, in bytes of JSON text. A session's record with thousands of intervals fits.
  public static let maximumPayloadBytes = 1 << 20
  /// Most entries in one append.
  public static let maximumDrafts = 1024
  /// Most checkpoints saved in one transaction.
  public static let maximumCheckpoints = 4096
  /// Most entries of one session that are held in memory at once. A session may have more: its record counts all of them
  /// and keeps the first of these.
  public static let maximumEntriesHeld = 10_000
}
