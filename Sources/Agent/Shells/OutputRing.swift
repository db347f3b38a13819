/// The last bytes a terminal showed, oldest dropped first: what a technician who comes back is shown.
///
/// A value; amortised constant time a byte. Blocks are kept whole and the first one is cut when it is read.
struct OutputRing: Sendable {
  /// Kept for a technician who comes back, in bytes.
  static let standardBytes = 1024 * 1024
  /// What he has seen already and is shown again, so that he sees where he was, in bytes.
  static let contextBytes = 16 * 1024
  /// Blocks smaller than this are gathered, so that single keystrokes cost no block each, in bytes.
  static let gatheredBytes = 4096

  private var blocks: [[UInt8]] = []
  private var first = 0
  /// How many bytes it keeps.
  let capacity: Int
  /// Bytes held.
  private(set) var count = 0
  /// Whether anything was ever dropped.
  private(set) var hasDropped = false

  init(capacity: Int) { self.capacity = capacity }

  /// How many bytes fit before the oldest would be dropped.
  var room: Int { max(0, capacity - count) }

  mutating func append(_ bytes: some Collection<UInt8>) {
    if bytes.isEmpty { return }
    if blocks.count > first, blocks[blocks.count - 1].count + bytes.count <= Self.gatheredBytes {
      blocks[blocks.count - 1] += bytes
    } else {
      blocks.append(Array(bytes))
    }
    count += bytes.count
    trim(to: capacity)
  }

  /// Drops all but the last `bytes`.
  mutating func keepLast(_ bytes: Int) {
    guard count > bytes else { return }
    let kept = Array(blocks[first...].joined().suffix(max(0, bytes)))
    blocks = kept.isEmpty ? [] : [kept]
    first = 0
    count = kept.count
    hasDropped = true
  }

  /// Everything held. When the beginning was dropped it starts behind a line's end, or, when there is none, at least not
  /// inside a character, so that a terminal does not start with half an escape sequence or half a letter.
  func replay() -> [UInt8] {
    let all = Array(blocks[first...].joined().suffix(capacity))
    guard hasDropped else { return all }
    if let line = all.firstIndex(of: UInt8(ascii: "\n")) { return Array(all[(line + 1)...]) }
    return Array(all.drop { $0 & 0xc0 == 0x80 })
  }

  private mutating func trim(to limit: Int) {
    while count > limit, first < blocks.count {
      let excess = count - limit
      hasDropped = true
      if blocks[first].count <= excess {
        count -= blocks[first].count
        blocks[first] = []
        first += 1
      } else {
        // A block is cut only when half of it is to go: cutting moves the rest.
        guard excess * 2 >= blocks[first].count else { break }
        blocks[first].removeFirst(excess)
        count -= excess
      }
    }
    if first > 64, first * 2 > blocks.count {
      blocks.removeFirst(first)
      first = 0
    }
  }
}
