import CFileSystem
import Glibc
import NIOCore

extension OpenFile {
  /// One step of copy-data (OpenSSH's PROTOCOL, section 4.10): from here to `target`, in the kernel where it can.
  /// - Parameter bytes: at most this many, and at most ``maximumCopyStepBytes``; 0 copies nothing.
  /// - Returns: the count, which may be short; 0 at the end of this file.
  public func copy(
    from offset: UInt64, to target: OpenFile, at targetOffset: UInt64, bytes: UInt64
  ) throws(FileError) -> Int {
    let wanted = Int(min(bytes, UInt64(Self.maximumCopyStepBytes)))
    guard wanted > 0 else { return 0 }
    if kind == .regular, target.kind == .regular, !target.flags.contains(.append) {
      let outcome = try descriptor.use { source throws(FileError) in
        try target.descriptor.use { number throws(FileError) in
          fixline_fs_copy(source, offset, number, targetOffset, wanted)
        }
      }
      // 0 also from files whose size is not known beforehand, as in /proc; errors also where only copying is impossible.
      if outcome > 0 { return Int(outcome) }
    }
    return try copyThroughMemory(from: offset, to: target, at: targetOffset, bytes: min(wanted, Self.copyBufferBytes))
  }

  private func copyThroughMemory(
    from offset: UInt64, to target: OpenFile, at targetOffset: UInt64, bytes: Int
  ) throws(FileError) -> Int {
    var buffer = ByteBuffer()
    let count = try read(at: offset, into: &buffer, bytes: bytes)
    guard count > 0 else { return 0 }
    let written = try target.write(buffer, at: targetOffset)
    // A device that takes nothing would otherwise look like the end of this file.
    guard written > 0 else { throw FileError(number: EIO) }
    return written
  }

  /// Whether both are the same file.
  public func isSameFile(as other: OpenFile) throws(FileError) -> Bool {
    let mine = try status()
    let others = try other.status()
    return mine.device == others.device && mine.inode == others.inode
  }
}
