/// Something a technician did with files over sftp, as the machine's side reports it. Paths are the bytes the machine knows
/// them by, absolute, at most ``maximumPathBytes`` long.
public struct FileEvent: Hashable, Sendable {
  /// The longest path, in bytes: Linux's PATH_MAX without its NUL.
  public static let maximumPathBytes = 4095

  /// Counts a stream's events from 1, without a gap: a missing one shows.
  public let number: UInt64
  /// What was done. It has succeeded.
  public let action: Action

  /// What was done.
  public enum Action: Hashable, Sendable {
    /// A file was opened. Reported before the answer, so that a transfer that is interrupted is on record.
    case opened(path: [UInt8], FileDirection)
    /// The file that event `opening` opened was closed after so many bytes. An opened file without this was interrupted.
    case closed(opening: UInt64, bytesToMachine: Int64, bytesFromMachine: Int64)
    /// A directory was opened to be listed.
    case listed(path: [UInt8])
    /// A file was removed.
    case removed(path: [UInt8])
    /// A directory was made.
    case madeDirectory(path: [UInt8])
    /// A directory was removed.
    case removedDirectory(path: [UInt8])
    /// A file or directory got another name.
    case renamed(path: [UInt8], to: [UInt8])
    /// A file got one more name.
    case linked(path: [UInt8], to: [UInt8])
    /// A symbolic link was made at `path`; `target` is what it says, which need not be absolute.
    case symlinked(path: [UInt8], target: [UInt8])
    /// Size, mode, owner or times were set.
    case changed(path: [UInt8])
    /// Bytes of the file that event `from` opened were copied on the machine into the one that event `to` opened.
    case copied(from: UInt64, to: UInt64, bytes: Int64)
  }

  /// An event.
  public init(number: UInt64, action: Action) {
    self.number = number
    self.action = action
  }
}

/// Which way a file's bytes may go.
public enum FileDirection: String, Hashable, Sendable, CaseIterable {
  /// Opened for writing.
  case toMachine = "to-machine"
  /// Opened for reading.
  case fromMachine = "from-machine"
  /// Opened for both.
  case both
}
