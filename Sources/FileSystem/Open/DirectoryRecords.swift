import CFileSystem

/// What getdents64 told and nobody has taken yet.
///
/// A record (struct linux_dirent64): inode 8 bytes, position 8, record length 2 (little endian), kind 1, name with NUL, padding.
struct DirectoryRecords {
  private static let lengthOffset = 16
  private static let nameOffset = 19

  private var buffer: [UInt8] = []
  private var position = 0
  private var end = 0

  /// Up to `limit` entries of the directory; none at its end.
  mutating func next(limit: Int, of directory: CInt) throws(FileError) -> [DirectoryEntry] {
    if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: OpenDirectory.bufferBytes) }
    var entries: [DirectoryEntry] = []
    while entries.count < limit {
      if position >= end {
        let told = unsafe fixline_fs_entries(directory, &buffer, buffer.count)
        // What was found before a failure is handed out first; the next call meets the failure again.
        if told < 0 && !entries.isEmpty { return entries }
        end = try FileError.check(told)
        position = 0
        if end == 0 { return entries }
      }
      guard let name = takeName() else { continue }
      var found = fixline_fs_status()
      guard unsafe fixline_fs_status_at(directory, name, &found) == 0 else { continue }
      entries.append(DirectoryEntry(name: Array(name.dropLast()), status: FileStatus(found)))
    }
    return entries
  }

  /// The next record's name with its NUL; nil when it says nothing (inode 0: removed), or makes no sense.
  private mutating func takeName() -> [UInt8]? {
    let start = position
    guard end - start > Self.nameOffset else {
      position = end
      return nil
    }
    let length = Int(buffer[start + Self.lengthOffset]) | Int(buffer[start + Self.lengthOffset + 1]) << 8
    guard length > Self.nameOffset, length <= end - start else {
      position = end
      return nil
    }
    position = start + length
    let isRemoved = buffer[start..<start + 8].allSatisfy { $0 == 0 }
    let text = buffer[(start + Self.nameOffset)..<position]
    guard !isRemoved, let terminator = text.firstIndex(of: 0), terminator > text.startIndex else { return nil }
    return Array(text[...terminator])
  }
}
