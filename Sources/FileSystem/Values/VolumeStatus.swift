import CFileSystem

/// What statvfs(3) says of a file system, in the order of the reply to statvfs@openssh.com (OpenSSH's PROTOCOL, section 4.4).
public struct VolumeStatus: Hashable, Sendable {
  /// Preferred size of a transfer, in bytes.
  public var blockBytes: UInt64
  /// The unit `blocks`, `blocksFree` and `blocksAvailable` count in, in bytes.
  public var fragmentBytes: UInt64
  /// Size of the file system.
  public var blocks: UInt64
  /// Free for the superuser.
  public var blocksFree: UInt64
  /// Free for everybody.
  public var blocksAvailable: UInt64
  /// Files it can hold.
  public var files: UInt64
  /// Files it can still hold.
  public var filesFree: UInt64
  /// Files others than the superuser can still make.
  public var filesAvailable: UInt64
  /// Its identity.
  public var fileSystemID: UInt64
  /// Only the two bits the wire knows: ``readOnlyFlag`` and ``noSetUserIDFlag``.
  public var flags: UInt64
  /// The longest name.
  public var maximumNameBytes: UInt64

  /// SSH_FXE_STATVFS_ST_RDONLY.
  public static let readOnlyFlag: UInt64 = 1
  /// SSH_FXE_STATVFS_ST_NOSUID.
  public static let noSetUserIDFlag: UInt64 = 2

  /// Whether nothing can be written.
  public var isReadOnly: Bool { flags & Self.readOnlyFlag != 0 }
  /// Whether set-user-ID bits have no effect.
  public var isNoSetUserID: Bool { flags & Self.noSetUserIDFlag != 0 }

  /// Of the file system an open descriptor is on, O_PATH or not.
  init(ofDescriptor descriptor: CInt) throws(FileError) {
    var found = fixline_fs_volume()
    try FileError.confirm(unsafe fixline_fs_volume(descriptor, &found))
    blockBytes = found.block_bytes
    fragmentBytes = found.fragment_bytes
    blocks = found.blocks
    blocksFree = found.blocks_free
    blocksAvailable = found.blocks_available
    files = found.files
    filesFree = found.files_free
    filesAvailable = found.files_available
    fileSystemID = found.identifier
    flags =
      (found.read_only != 0 ? Self.readOnlyFlag : 0) | (found.no_set_user_id != 0 ? Self.noSetUserIDFlag : 0)
    maximumNameBytes = found.maximum_name_bytes
  }
}
