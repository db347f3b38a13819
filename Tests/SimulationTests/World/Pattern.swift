import NIOCore

/// What flows through streams: bytes that follow from the stream's key and their place in it, so that a reader knows each one
/// without having seen it written.
enum Pattern {
  private static let period = 65_521
  private static let bytes: ByteBuffer = {
    var chance = Chance(seed: 4711)
    var buffer = ByteBuffer()
    for _ in 0..<period { buffer.writeInteger(UInt8(truncatingIfNeeded: chance.next())) }
    // Twice, so that any place has a whole period behind it.
    let once = buffer
    buffer.writeImmutableBuffer(once)
    return buffer
  }()

  /// The bytes of stream `key` from `offset` on; at most one period of them.
  static func piece(_ key: UInt64, at offset: Int, count: Int) -> ByteBuffer {
    let place = Int((key &* 7919 &+ UInt64(offset)) % UInt64(period))
    return bytes.getSlice(at: place, length: min(count, period)) ?? ByteBuffer()
  }

  /// Whether `found` is what stream `key` holds at `offset`.
  static func holds(_ found: ByteBuffer, _ key: UInt64, at offset: Int) -> Bool {
    found == piece(key, at: offset, count: found.readableBytes)
  }
}
