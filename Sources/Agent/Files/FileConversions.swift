import FileSystem
import Glibc
import SFTPProtocol
import SessionModel

extension StatusCode {
  /// As sftp-server calls it.
  init(_ error: FileError) {
    self =
      switch error.condition {
      case .noSuchFile: .noSuchFile
      case .permissionDenied: .permissionDenied
      case .badMessage: .badMessage
      case .unsupported: .unsupported
      case .failure: .failure
      }
  }
}

extension FileError {
  /// No descriptor is left.
  static let tooManyFiles = FileError(number: EMFILE)
}

extension OpenFlags {
  init(_ mode: OpenMode) {
    self = []
    if mode.contains(.read) { insert(.read) }
    if mode.contains(.write) { insert(.write) }
    if mode.contains(.append) { insert(.append) }
    if mode.contains(.create) { insert(.create) }
    if mode.contains(.truncate) { insert(.truncate) }
    if mode.contains(.exclusive) { insert(.exclusive) }
  }
}

extension FileAttributes {
  /// Everything there is. Times have 32 bits on the wire.
  init(_ status: FileStatus) {
    self.init(
      sizeBytes: status.sizeBytes, owner: Owner(userID: status.userID, groupID: status.groupID), mode: status.mode,
      times: Times(
        accessedSeconds: UInt32(truncatingIfNeeded: status.accessedSeconds),
        modifiedSeconds: UInt32(truncatingIfNeeded: status.modifiedSeconds)))
  }
}

extension VolumeStatus {
  /// In the order of statvfs@openssh.com's answer.
  var numbers: [UInt64] {
    [
      blockBytes, fragmentBytes, blocks, blocksFree, blocksAvailable, files, filesFree, filesAvailable, fileSystemID,
      flags,
      maximumNameBytes,
    ]
  }
}

extension [UInt8] {
  /// As long as an event's path may be.
  var reportable: [UInt8] {
    count <= FileEvent.maximumPathBytes ? self : Array(prefix(FileEvent.maximumPathBytes))
  }
}
