extension [UInt8] {
  /// Appends a number, most significant byte first.
  mutating func append<Number: FixedWidthInteger>(bigEndian number: Number) {
    for shift in stride(from: Number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> Number(shift)))
    }
  }
}

/// Takes numbers and runs of bytes off the front of an array; nil once there is not enough left.
struct ByteReader {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { offset == bytes.count }

  mutating func next(count: Int) -> [UInt8]? {
    guard count <= bytes.count - offset else { return nil }
    defer { offset += count }
    return Array(bytes[offset..<(offset + count)])
  }

  mutating func next<Number: FixedWidthInteger>() -> Number? {
    guard let taken = next(count: Number.bitWidth / 8) else { return nil }
    return taken.reduce(Number(0)) { number, byte in
      Number.bitWidth == 8 ? Number(truncatingIfNeeded: byte) : number << 8 | Number(truncatingIfNeeded: byte)
    }
  }
}
