import SessionModel

/// A `.tar.gz` that any tar opens, made the same from the same files at any time and on any machine.
///
/// Written by hand: nothing in the relay links zlib, and the `tar` and `gzip` of the machine would have to be there and would
/// give other bytes with each version. The deflate stream holds its bytes as they are (stored blocks, RFC 1951 section
/// 3.2.4), which a gzip reader takes like any other; a session's papers are some ten kilobytes, and what would be large, a
/// recording, is stored apart.
struct Archive {
  /// A file in it.
  struct File: Hashable {
    /// Its path, of plain characters and at most 100 bytes.
    var path: String
    /// What is in it.
    var bytes: [UInt8]
    /// Whether it may be run.
    var isProgram = false
  }

  /// The files, in order.
  var files: [File] = []
  /// The date they all have, in seconds since 1970.
  let date: Int64

  init(date: WallTime) { self.date = max(0, date.milliseconds / 1000) }

  mutating func add(_ path: String, _ text: String, isProgram: Bool = false) {
    files.append(File(path: path, bytes: Array(text.utf8), isProgram: isProgram))
  }

  /// The whole archive.
  var bytes: [UInt8] { StoredGzip.wrap(tar) }

  /// POSIX ustar (IEEE 1003.1, pax): a header of 512 bytes and the contents of each file, then two empty blocks.
  var tar: [UInt8] {
    var result: [UInt8] = []
    for file in files {
      result += header(file) + file.bytes
      result += [UInt8](repeating: 0, count: (Self.block - file.bytes.count % Self.block) % Self.block)
    }
    return result + [UInt8](repeating: 0, count: 2 * Self.block)
  }

  private static let block = 512

  private func header(_ file: File) -> [UInt8] {
    let mode: Int64 = file.isProgram ? 0o755 : 0o644
    var bytes = Self.text(file.path, 100) + Self.octal(mode, 8) + Self.octal(0, 8) + Self.octal(0, 8)
    bytes += Self.octal(Int64(file.bytes.count), 12) + Self.octal(date, 12)
    let sumAt = bytes.count
    bytes += [UInt8](repeating: UInt8(ascii: " "), count: 8) + [UInt8(ascii: "0")] + Self.text("", 100)
    bytes += Self.text("ustar", 6) + Array("00".utf8) + Self.text("", 32) + Self.text("", 32) + Self.octal(0, 8)
    bytes += Self.octal(0, 8) + Self.text("", 155 + 12)
    let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
    bytes.replaceSubrange(sumAt..<sumAt + 8, with: Self.octal(sum, 7) + [UInt8(ascii: " ")])
    return bytes
  }

  private static func text(_ text: String, _ width: Int) -> [UInt8] {
    let bytes = Array(text.utf8.prefix(width))
    return bytes + [UInt8](repeating: 0, count: width - bytes.count)
  }

  /// Digits that fill the field but for its last byte, which is NUL.
  private static func octal(_ number: Int64, _ width: Int) -> [UInt8] {
    let digits = Array(String(number, radix: 8).utf8.suffix(width - 1))
    return [UInt8](repeating: UInt8(ascii: "0"), count: width - 1 - digits.count) + digits + [0]
  }
}

/// The gzip format (RFC 1952) around bytes that are not compressed.
enum StoredGzip {
  /// Most bytes in one stored block (RFC 1951 section 3.2.4).
  private static let blockBytes = 65_535

  static func wrap(_ bytes: [UInt8]) -> [UInt8] {
    // No name, no time, any system.
    var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(blockBytes)
      rest = rest.dropFirst(blockBytes)
      result.append(rest.isEmpty ? 1 : 0)
      let length = UInt16(truncatingIfNeeded: block.count)
      result += littleEndian(UInt32(length), 2) + littleEndian(UInt32(~length), 2) + block
    } while !rest.isEmpty
    return result + littleEndian(crc32(bytes), 4) + littleEndian(UInt32(truncatingIfNeeded: bytes.count), 4)
  }

  private static func littleEndian(_ number: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) }
  }

  /// RFC 1952 section 8.
  static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(($0 ^ UInt32($1)) & 0xff)] ^ ($0 >> 8) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}
