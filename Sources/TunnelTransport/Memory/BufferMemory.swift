import CMemory

/// How the process keeps the memory of its buffers. A gigabyte through a tunnel is sixteen thousand buffers of 64 to
/// 128 KiB; by default glibc gives most of them back to the kernel at once and takes the next one as fresh, zeroed pages:
/// 40,000 page faults a gigabyte, against 1,500 with this.
public enum BufferMemory {
  /// Free memory kept at the top of each of the allocator's arenas, in bytes.
  public static let keptBytes: CInt = 4 * 1024 * 1024
  /// From this size on a buffer has a mapping of its own, in bytes: larger than any buffer of the data path.
  public static let mappedBytes: CInt = 1024 * 1024

  /// To be called once, before the first thread exists.
  public static func keep() {
    fixline_keep_memory(keptBytes, mappedBytes)
  }
}
