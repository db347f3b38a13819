import CFileSystem
import Glibc

extension RootDirectory {
  /// unlink(2).
  public func remove(_ path: [UInt8]) throws(FileError) {
    let place = try place(path)
    try place.parent.call { unsafe fixline_fs_unlink($0, place.name, 0) }
  }

  /// rmdir(2).
  public func removeDirectory(_ path: [UInt8]) throws(FileError) {
    let place = try place(path)
    try place.parent.call { unsafe fixline_fs_unlink($0, place.name, 1) }
  }

  /// mkdir(2).
  /// - Parameter mode: its lowest 12 bits count; the umask applies.
  public func makeDirectory(_ path: [UInt8], mode: UInt32 = 0o777) throws(FileError) {
    let place = try place(path)
    try place.parent.call { unsafe fixline_fs_mkdir($0, place.name, mode & 0o7777) }
  }

  /// rename(2): what stands at `newPath` is replaced. That is posix-rename@openssh.com (OpenSSH's PROTOCOL, section 4.3).
  public func rename(_ path: [UInt8], to newPath: [UInt8]) throws(FileError) {
    let newText = try PathText.terminated(newPath, in: workingDirectory)
    let place = try place(path)
    let newPlace = try self.place(Array(newText.dropLast()))
    try place.parent.use { parent throws(FileError) in
      try newPlace.parent.call { unsafe fixline_fs_rename(parent, place.name, $0, newPlace.name) }
    }
  }

  /// What SSH_FXP_RENAME of version 3 does in OpenSSH's sftp-server: nothing is replaced.
  ///
  /// A regular file gets its new name by link(2) and loses the old one, which no other process can disturb. Where links cannot
  /// be made, and for all other kinds: rename(2) after a look whether the new name leads to something, which can.
  /// - Throws: EEXIST when it does.
  public func renameWithoutReplacing(_ path: [UInt8], to newPath: [UInt8]) throws(FileError) {
    let kind = try status(path, followLinks: false).kind
    guard kind == .regular else { return try renameIfFree(path, to: newPath) }
    do throws(FileError) {
      try link(path, to: newPath)
    } catch {
      switch error.number {
      case EOPNOTSUPP, ENOSYS, EPERM, EXDEV: return try renameIfFree(path, to: newPath)
      default: throw error
      }
    }
    do throws(FileError) {
      try remove(path)
    } catch {
      try? remove(newPath)
      throw error
    }
  }

  private func renameIfFree(_ path: [UInt8], to newPath: [UInt8]) throws(FileError) {
    guard (try? status(newPath, followLinks: true)) == nil else { throw .exists }
    try rename(path, to: newPath)
  }

  /// link(2): one more name for the file. A symbolic link gets one itself.
  public func link(_ path: [UInt8], to newPath: [UInt8]) throws(FileError) {
    let text = try PathText.terminated(path, in: workingDirectory)
    let newText = try PathText.terminated(newPath, in: workingDirectory)
    let found = try findText(text, followLinks: false)
    let newPlace = try place(Array(newText.dropLast()))
    try found.use { number throws(FileError) in
      try newPlace.parent.call { unsafe fixline_fs_link_found(number, $0, newPlace.name) }
    }
  }

  /// symlink(2).
  /// - Parameter target: stored as it is. Where it leads is for those to see who follow it.
  public func symlink(target: [UInt8], at path: [UInt8]) throws(FileError) {
    let target = try PathText.terminated(target: target)
    let place = try place(path)
    try place.parent.call { unsafe fixline_fs_symlink(target, $0, place.name) }
  }

  /// readlink(2).
  public func readLink(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    let found = try find(path, followLinks: false)
    return try Self.readLink(found)
  }

  static func readLink(_ found: borrowing PathDescriptor) throws(FileError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: maximumPathBytes + 1)
    let length = try found.use { number throws(FileError) in
      try FileError.check(unsafe fixline_fs_readlink_found(number, &buffer, buffer.count))
    }
    return Array(buffer[..<length])
  }
}
