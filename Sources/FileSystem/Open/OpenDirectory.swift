import CFileSystem
import Synchronization

/// A name in a directory.
public struct DirectoryEntry: Hashable, Sendable {
  /// The name: any bytes but "/" and NUL.
  public var name: [UInt8]
  /// What lstat(2) says of it.
  public var status: FileStatus

  /// An entry.
  public init(name: [UInt8], status: FileStatus) {
    self.name = name
    self.status = status
  }
}

/// A directory that is being listed, in the order the file system has.
///
/// Threads may share it: they take turns, and each entry goes to one of them. It closes as an ``OpenFile`` does.
public final class OpenDirectory: Sendable {
  /// The most entries ``next(limit:)`` returns at once.
  public static let maximumEntriesPerCall = 1024
  /// Room for what the kernel tells at once, in bytes: glibc's, so that a directory that changes meanwhile is seen alike.
  static let bufferBytes = 32 << 10

  private let descriptor: SharedDescriptor
  private let records = Mutex(DirectoryRecords())

  init(_ descriptor: SharedDescriptor) {
    self.descriptor = descriptor
  }

  /// The next entries, "." and ".." among them, each with its lstat. A name whose lstat fails, since it is gone or the directory
  /// may be read but not entered, is left out, as OpenSSH's sftp-server does.
  /// - Parameter limit: at most this many, from 1 to ``maximumEntriesPerCall``.
  /// - Returns: none at the end, and never none before.
  public func next(limit: Int) throws(FileError) -> [DirectoryEntry] {
    let limit = min(max(limit, 1), Self.maximumEntriesPerCall)
    return try descriptor.use { number throws(FileError) in
      try records.withLock { records throws(FileError) in
        try records.next(limit: limit, of: number)
      }
    }
  }

  /// For events: the path the machine knows it by now; nil when there is none to be had.
  public func machinePath() -> [UInt8]? {
    try? descriptor.use { number throws(FileError) in PathDescriptor.machinePath(of: number) }
  }

  /// Closes it.
  /// - Throws: EBADF the second time; else what close(2) says.
  public func close() throws(FileError) {
    try descriptor.close()
  }
}
