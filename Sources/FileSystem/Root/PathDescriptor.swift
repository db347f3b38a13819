import CFileSystem

/// A descriptor for one call's time. Closes when it goes, once.
///
/// The number is lent and not read: the borrow keeps the descriptor open until the call that takes the number returns. Read as a
/// property of a temporary, it would be closed by then.
struct PathDescriptor: ~Copyable, Sendable {
  private let number: CInt

  /// Takes over what an opening call returned.
  init(_ opened: CInt) throws(FileError) {
    guard opened >= 0 else { throw FileError(number: -opened) }
    number = opened
  }

  deinit {
    _ = fixline_fs_close(number)
  }

  /// Lets `body` have the number.
  borrowing func use<Result: ~Copyable>(_ body: (CInt) throws(FileError) -> Result) throws(FileError) -> Result {
    try body(number)
  }

  /// Makes a call that returns nothing but the negative errno when it fails.
  borrowing func call(_ body: (CInt) -> CInt) throws(FileError) {
    try FileError.confirm(body(number))
  }

  /// The path the kernel knows for `descriptor`, as the machine sees it; nil without /proc, or over 4,095 bytes.
  static func machinePath(of descriptor: CInt) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: RootDirectory.maximumPathBytes + 1)
    let length = Int(unsafe fixline_fs_path(descriptor, &buffer, buffer.count))
    guard length > 0, length < buffer.count, buffer[0] == UInt8(ascii: "/") else { return nil }
    return Array(buffer[..<length])
  }
}
