/// An answer as text, without what must differ between two runs:
/// - atime and mtime in attributes, and the time in a long name, where they are of the time of the test;
/// - blocks free, blocks available, files free and files available of statvfs.
struct AnswerMask {
  /// Times from here on are of the time of the test.
  let startSeconds: UInt32
  /// And up to here, in seconds behind it.
  static let testSeconds: UInt32 = 3600

  func text(_ answer: [UInt8]) -> String {
    var bytes = answer
    guard bytes.count > 9 else { return Self.hexadecimal(bytes) }
    switch bytes[4] {
    case 104: maskNames(&bytes)
    case 105: maskAttributes(&bytes, at: 9)
    // statvfs: eleven numbers.
    case 201 where bytes.count == 9 + 88:
      for field in [3, 4, 6, 7] { Self.mask(&bytes, 9 + field * 8, 8) }
    default: break
    }
    return Self.hexadecimal(bytes)
  }

  private func maskNames(_ bytes: inout [UInt8]) {
    var at = 13
    for _ in 0..<Self.number(bytes, 9) {
      at += 4 + Int(Self.number(bytes, at))
      let longName = at
      at += 4 + Int(Self.number(bytes, at))
      let modified = maskAttributes(&bytes, at: at)
      at += Self.attributeBytes(bytes, at)
      guard modified else { continue }
      // Mode, links and owners have fixed places here; the time ends before the name: month, day, hour and minute.
      let line = bytes[longName + 4..<longName + 4 + Int(Self.number(bytes, longName))]
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      Self.mask(&bytes, colon - 9, 12)
    }
  }

  /// True when mtime was masked.
  @discardableResult private func maskAttributes(_ bytes: inout [UInt8], at start: Int) -> Bool {
    guard start + 4 <= bytes.count, Self.number(bytes, start) & 8 != 0 else { return false }
    let times = start + Self.attributeBytes(bytes, start) - 8
    let isRecent = { (seconds: UInt32) in
      seconds >= startSeconds && seconds - startSeconds < Self.testSeconds
    }
    if isRecent(Self.number(bytes, times)) { Self.mask(&bytes, times, 4) }
    guard isRecent(Self.number(bytes, times + 4)) else { return false }
    Self.mask(&bytes, times + 4, 4)
    return true
  }

  private static func attributeBytes(_ bytes: [UInt8], _ start: Int) -> Int {
    guard start + 4 <= bytes.count else { return 0 }
    let flags = number(bytes, start)
    return 4 + (flags & 1 != 0 ? 8 : 0) + (flags & 2 != 0 ? 8 : 0) + (flags & 4 != 0 ? 4 : 0) + (flags & 8 != 0 ? 8 : 0)
  }

  private static func number(_ bytes: [UInt8], _ at: Int) -> UInt32 {
    guard at >= 0, at + 4 <= bytes.count else { return 0 }
    return bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func mask(_ bytes: inout [UInt8], _ at: Int, _ count: Int) {
    for index in at..<at + count where bytes.indices.contains(index) { bytes[index] = UInt8(ascii: "#") }
  }

  /// Type and number, then text where it is text.
  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(
      bytes.flatMap { byte -> [Character] in
        (32..<127).contains(byte) && byte != UInt8(ascii: "\\")
          ? [Character(Unicode.Scalar(byte))] : ["\\", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      })
  }
}
