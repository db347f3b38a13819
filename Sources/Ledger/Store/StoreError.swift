/// Why a store could not do what it was asked. Each describes itself in one line: what was wrong and what to do.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No space is left on the device.
  case full(path: String)
  /// The device did not confirm that data reached it (fsync failed): what was being written does not count.
  case notDurable(path: String)
  /// Reading or writing failed; the text is the store's own.
  case inputOutput(path: String, detail: String)
  /// The file or its file system is mounted or opened for reading only.
  case readOnly(path: String)
  /// The file's permissions forbid it, or its directory does not exist.
  case cannotOpen(path: String)
  /// Somebody else held the store for longer than the time limit.
  case busy(path: String)
  /// The file is damaged; the text says where, as far as it can be told.
  case corrupt(path: String, detail: String)
  /// The file is something else.
  case notALedger(path: String)
  /// A newer program has been at work on it.
  case newerVersion(path: String, found: Int, known: Int)
  /// This very thing is on record already; the text is its ``EntryDraft/uniqueKey``.
  case duplicate(String)
  /// More than a named limit allows.
  case tooLarge(what: String, limit: Int)
  /// The request makes no sense; the text says why.
  case refused(String)
  /// Anything else; the text is the store's own.
  case failed(String)

  /// True when nothing can be recorded for the time being, so that work goes on but the clock stands.
  public var stopsTheClock: Bool {
    switch self {
    case .full, .notDurable, .inputOutput, .readOnly, .cannotOpen, .busy, .corrupt, .notALedger, .newerVersion, .failed:
      true
    case .duplicate, .tooLarge, .refused: false
    }
  }

  /// True when what is stored is not what was written: waiting does not help, and writing on would spoil the evidence.
  public var isDamage: Bool {
    switch self {
    case .corrupt, .notALedger: true
    case .full, .notDurable, .inputOutput, .readOnly, .cannotOpen, .busy, .newerVersion, .duplicate, .tooLarge,
      .refused, .failed:
      false
    }
  }

  /// One line.
  public var description: String {
    switch self {
    case .full(let path): "No space is left for \(path): free some, nothing that was recorded is lost."
    case .notDurable(let path):
      "The disk under \(path) did not confirm a write: check the disk, what was being recorded does not count."
    case .inputOutput(let path, let detail): "Reading or writing \(path) failed (\(detail)): check the disk."
    case .readOnly(let path): "\(path) can only be read: mount its file system writable or restore its permissions."
    case .cannotOpen(let path): "\(path) cannot be opened: check that its directory exists and who owns it."
    case .busy(let path): "\(path) is held by another process for too long: try again."
    case .corrupt(let path, let detail): "\(path) is damaged (\(detail)): run ledger verify, then restore a backup."
    case .notALedger(let path): "\(path) is not a Fixline ledger: name another state directory."
    case .newerVersion(let path, let found, let known):
      "\(path) has version \(found), this program knows \(known): use the newer program."
    case .duplicate(let key): "\(key) is on record already."
    case .tooLarge(let what, let limit): "\(what) is too large: at most \(limit)."
    case .refused(let reason): reason
    case .failed(let detail): "The ledger failed: \(detail)."
    }
  }
}
