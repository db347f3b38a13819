import CFileSystem
import Glibc
public import NIOCore

extension OpenFile {
  /// One read at `offset`, appended to `buffer`.
  /// - Parameter bytes: at most this many, and at most ``maximumTransferBytes``.
  /// - Returns: the count, which may be short before the end; 0 at the end.
  /// - Throws: what lseek(2) and read(2) say: ESPIPE for a FIFO or terminal, EISDIR, EINVAL for an offset no file has.
  public func read(at offset: UInt64, into buffer: inout ByteBuffer, bytes: Int) throws(FileError) -> Int {
    let wanted = min(max(bytes, 0), Self.maximumTransferBytes)
    return try descriptor.call { number in
      var outcome: Int64 = 0
      unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { room in
        outcome = unsafe fixline_fs_read(number, room.baseAddress, wanted, offset)
        return Int(max(outcome, 0))
      }
      return outcome
    }
  }

  /// One write of the readable bytes at `offset`; at the file's end when it was opened with ``OpenFlags/append``.
  /// - Returns: the count; short when the disk ran full or a limit was met.
  /// - Throws: what lseek(2) and write(2) say.
  public func write(_ bytes: ByteBuffer, at offset: UInt64) throws(FileError) -> Int {
    try write([bytes], at: offset)
  }

  /// One write of several buffers' readable bytes, one behind the other, as if they were one buffer.
  /// - Parameter pieces: at most ``maximumPieces``; what is behind these is not written, and not counted.
  public func write(_ pieces: [ByteBuffer], at offset: UInt64) throws(FileError) -> Int {
    let appends = flags.contains(.append)
    let mayBePipe: CInt = kind == .regular ? 0 : 1
    return try descriptor.call { number in
      var vectors: [iovec] = unsafe []
      unsafe vectors.reserveCapacity(pieces.count)
      return unsafe Self.gather(pieces.prefix(Self.maximumPieces), behind: &vectors) { vectors in
        let count = CInt(unsafe vectors.count)
        if appends { return unsafe fixline_fs_append(number, vectors, count, mayBePipe) }
        return unsafe fixline_fs_write(number, vectors, count, offset)
      }
    }
  }

  /// Holds each buffer's memory in place, one inside the other, and lets `body` have where it is.
  private static func gather(
    _ pieces: ArraySlice<ByteBuffer>, behind vectors: inout [iovec], _ body: ([iovec]) -> Int64
  ) -> Int64 {
    guard let piece = pieces.first else { return unsafe body(vectors) }
    return unsafe piece.withUnsafeReadableBytes { readable in
      unsafe vectors.append(
        iovec(iov_base: UnsafeMutableRawPointer(mutating: readable.baseAddress), iov_len: readable.count))
      return unsafe gather(pieces.dropFirst(), behind: &vectors, body)
    }
  }
}
