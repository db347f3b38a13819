import CFileSystem

extension RootDirectory {
  /// stat(2), or lstat(2) when it does not follow.
  public func status(_ path: [UInt8], followLinks: Bool) throws(FileError) -> FileStatus {
    let found = try find(path, followLinks: followLinks)
    return try found.use { number throws(FileError) in try FileStatus(ofDescriptor: number) }
  }

  /// chmod(2). On a symbolic link that is not followed: EOPNOTSUPP, as fchmodat(3) with AT_SYMLINK_NOFOLLOW.
  /// - Parameter mode: its lowest 12 bits count.
  public func setMode(_ path: [UInt8], _ mode: UInt32, followLinks: Bool) throws(FileError) {
    let found = try find(path, followLinks: followLinks)
    try found.call { fixline_fs_set_mode_found($0, mode & 0o7777) }
  }

  /// chown(2), or lchown(2) when it does not follow.
  public func setOwner(_ path: [UInt8], userID: UInt32, groupID: UInt32, followLinks: Bool) throws(FileError) {
    let found = try find(path, followLinks: followLinks)
    try found.call { fixline_fs_set_owner_found($0, userID, groupID) }
  }

  /// utimes(2), or lutimes(3) when it does not follow: Unix seconds, no fractions.
  public func setTimes(
    _ path: [UInt8], accessedSeconds: Int64, modifiedSeconds: Int64, followLinks: Bool
  ) throws(FileError) {
    let found = try find(path, followLinks: followLinks)
    try found.call { fixline_fs_set_times_found($0, accessedSeconds, modifiedSeconds) }
  }

  /// truncate(2): cuts off, or fills with a hole.
  public func setSize(_ path: [UInt8], bytes: UInt64) throws(FileError) {
    // The kernel looks at the size before it looks at the path.
    guard let size = Int64(exactly: bytes) else { throw .invalid }
    let found = try find(path, followLinks: true)
    try found.call { fixline_fs_set_size_found($0, size) }
  }

  /// statvfs(3).
  public func volume(_ path: [UInt8]) throws(FileError) -> VolumeStatus {
    let found = try find(path, followLinks: true)
    return try found.use { number throws(FileError) in try VolumeStatus(ofDescriptor: number) }
  }
}
