import CFileSystem
import Glibc

/// An open file.
///
/// Threads may share it. The descriptor is closed once: by ``close()``, or when the last reference goes. A close during other
/// threads' calls takes effect when the last of them returns; later calls throw EBADF.
public final class OpenFile: Sendable {
  /// The most one ``read(at:into:bytes:)`` reads, in bytes.
  public static let maximumTransferBytes = 1 << 20
  /// The most buffers one `write` takes.
  public static let maximumPieces = 64
  /// The most one ``copy(from:to:at:bytes:)`` copies, in bytes.
  public static let maximumCopyStepBytes = 4 << 20
  /// The same where the bytes pass through this process.
  static let copyBufferBytes = 256 << 10

  /// What it was when it was opened.
  public let kind: FileStatus.Kind
  /// As asked for.
  public let flags: OpenFlags
  let descriptor: SharedDescriptor

  init(_ descriptor: SharedDescriptor, flags: OpenFlags) throws(FileError) {
    self.descriptor = descriptor
    self.flags = flags
    kind = try descriptor.use { number throws(FileError) in
      var found = fixline_fs_status()
      try FileError.confirm(unsafe fixline_fs_status(number, &found))
      let kind = FileStatus(found).kind
      switch kind {
      case .regular, .directory, .blockDevice:
        // These wait for disks only.
        try FileError.confirm(fixline_fs_clear_nonblock(number))
      case .characterDevice:
        if found.special_device == Self.controllingTerminal { throw FileError(number: ENXIO) }
      case .fifo, .socket, .symbolicLink, .other: break
      }
      return kind
    }
  }

  /// /dev/tty, under whatever name: major 5, minor 0 (Linux's devices.txt).
  private static let controllingTerminal: UInt64 = 5 << 8

  /// fstat(2).
  public func status() throws(FileError) -> FileStatus {
    try descriptor.use { number throws(FileError) in try FileStatus(ofDescriptor: number) }
  }

  /// fchmod(2).
  /// - Parameter mode: its lowest 12 bits count.
  public func setMode(_ mode: UInt32) throws(FileError) {
    _ = try descriptor.call { Int64(fixline_fs_set_mode($0, mode & 0o7777)) }
  }

  /// fchown(2).
  public func setOwner(userID: UInt32, groupID: UInt32) throws(FileError) {
    _ = try descriptor.call { Int64(fixline_fs_set_owner($0, userID, groupID)) }
  }

  /// futimes(3): Unix seconds, no fractions.
  public func setTimes(accessedSeconds: Int64, modifiedSeconds: Int64) throws(FileError) {
    _ = try descriptor.call { Int64(fixline_fs_set_times($0, accessedSeconds, modifiedSeconds)) }
  }

  /// ftruncate(2): cuts off, or fills with a hole.
  public func setSize(bytes: UInt64) throws(FileError) {
    _ = try descriptor.call { Int64(fixline_fs_set_size($0, Int64(bitPattern: bytes))) }
  }

  /// fstatvfs(3).
  public func volume() throws(FileError) -> VolumeStatus {
    try descriptor.use { number throws(FileError) in try VolumeStatus(ofDescriptor: number) }
  }

  /// fsync(2).
  public func sync() throws(FileError) {
    _ = try descriptor.call { Int64(fixline_fs_sync($0)) }
  }

  /// Tells the kernel that the file is read from front to back: it reads further ahead. Changes nothing but speed.
  public func adviseSequential() {
    _ = try? descriptor.call { number in
      fixline_fs_advise_sequential(number)
      return 0
    }
  }

  /// Tells the kernel that these bytes are wanted soon: it starts to read them. Changes nothing but speed.
  public func adviseWillNeed(at offset: UInt64, bytes: Int) {
    _ = try? descriptor.call { number in
      fixline_fs_advise_needed(number, offset, max(bytes, 0))
      return 0
    }
  }

  /// For events: the path the machine knows the file by now, with " (deleted)" behind it when it has none left. Nil when there
  /// is none to be had.
  public func machinePath() -> [UInt8]? {
    try? descriptor.use { number throws(FileError) in PathDescriptor.machinePath(of: number) }
  }

  /// Closes it.
  /// - Throws: EBADF the second time; else what close(2) says: on network file systems, that a write failed after all.
  public func close() throws(FileError) {
    try descriptor.close()
  }
}
