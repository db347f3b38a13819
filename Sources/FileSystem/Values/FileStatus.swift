import CFileSystem
import Glibc

/// What stat(2) says of a file.
public struct FileStatus: Hashable, Sendable {
  /// `st_mode` whole: kind and permissions.
  public var mode: UInt32
  /// Size in bytes.
  public var sizeBytes: UInt64
  /// The owner.
  public var userID: UInt32
  /// The group.
  public var groupID: UInt32
  /// Names the file has.
  public var linkCount: UInt64
  /// Last read, in Unix seconds.
  public var accessedSeconds: Int64
  /// Contents last changed, in Unix seconds.
  public var modifiedSeconds: Int64
  /// The device it is on; together with `inode` its identity.
  public var device: UInt64
  /// Its number on the device.
  public var inode: UInt64

  /// What a file is.
  public enum Kind: Hashable, Sendable, CaseIterable {
    /// S_IFREG.
    case regular
    /// S_IFDIR.
    case directory
    /// S_IFLNK.
    case symbolicLink
    /// S_IFIFO.
    case fifo
    /// S_IFSOCK.
    case socket
    /// S_IFCHR.
    case characterDevice
    /// S_IFBLK.
    case blockDevice
    /// None of these.
    case other
  }

  /// The kind `mode` states.
  public var kind: Kind {
    switch mode_t(mode) & S_IFMT {
    case S_IFREG: .regular
    case S_IFDIR: .directory
    case S_IFLNK: .symbolicLink
    case S_IFIFO: .fifo
    case S_IFSOCK: .socket
    case S_IFCHR: .characterDevice
    case S_IFBLK: .blockDevice
    default: .other
    }
  }

  /// A status with these values.
  public init(
    mode: UInt32, sizeBytes: UInt64, userID: UInt32, groupID: UInt32, linkCount: UInt64, accessedSeconds: Int64,
    modifiedSeconds: Int64, device: UInt64, inode: UInt64
  ) {
    self.mode = mode
    self.sizeBytes = sizeBytes
    self.userID = userID
    self.groupID = groupID
    self.linkCount = linkCount
    self.accessedSeconds = accessedSeconds
    self.modifiedSeconds = modifiedSeconds
    self.device = device
    self.inode = inode
  }

  init(_ found: fixline_fs_status) {
    self.init(
      mode: found.mode, sizeBytes: UInt64(bitPattern: found.size), userID: found.user, groupID: found.group,
      linkCount: found.links, accessedSeconds: found.accessed_seconds, modifiedSeconds: found.modified_seconds,
      device: found.device, inode: found.inode)
  }

  /// Of an open descriptor, O_PATH or not.
  init(ofDescriptor descriptor: CInt) throws(FileError) {
    var found = fixline_fs_status()
    try FileError.confirm(unsafe fixline_fs_status(descriptor, &found))
    self.init(found)
  }
}
