import NIOCore

/// Requests as a client writes them, right or wrong.
enum SFTPWire {
  static func packet(_ type: UInt8, _ fields: Field...) -> ByteBuffer { packet(type, fields) }

  static func packet(_ type: UInt8, _ fields: [Field]) -> ByteBuffer {
    var body = ByteBuffer()
    body.writeInteger(type)
    for field in fields { field.write(to: &body) }
    var packet = ByteBuffer(integer: UInt32(body.readableBytes))
    packet.writeImmutableBuffer(body)
    return packet
  }

  static func initialise(_ version: UInt32 = 3) -> ByteBuffer { packet(1, .u32(version)) }

  static func extended(_ number: UInt32, _ name: String, _ fields: Field...) -> ByteBuffer {
    packet(200, [.u32(number), .text(name)] + fields)
  }

  enum Field {
    case u8(UInt8)
    case u32(UInt32)
    case u64(UInt64)
    case text(String)
    case bytes([UInt8])
    /// A handle of ours.
    case handle(UInt32)
    /// Attributes: flags and the numbers behind them.
    case attributes(
      size: UInt64? = nil, owner: (UInt32, UInt32)? = nil, mode: UInt32? = nil, times: (UInt32, UInt32)? = nil)
    static let noAttributes = Field.u32(0)

    func write(to buffer: inout ByteBuffer) {
      switch self {
      case .u8(let value): buffer.writeInteger(value)
      case .u32(let value): buffer.writeInteger(value)
      case .u64(let value): buffer.writeInteger(value)
      case .text(let text): Field.bytes(Array(text.utf8)).write(to: &buffer)
      case .bytes(let bytes):
        buffer.writeInteger(UInt32(bytes.count))
        buffer.writeBytes(bytes)
      case .handle(let handle):
        buffer.writeInteger(UInt32(4))
        buffer.writeInteger(handle)
      case .attributes(let size, let owner, let mode, let times):
        let flags: UInt32 =
          (size == nil ? 0 : 1) | (owner == nil ? 0 : 2) | (mode == nil ? 0 : 4) | (times == nil ? 0 : 8)
        buffer.writeInteger(flags)
        if let size { buffer.writeInteger(size) }
        if let (user, group) = owner { buffer.writeMultipleIntegers(user, group) }
        if let mode { buffer.writeInteger(mode) }
        if let (accessed, modified) = times { buffer.writeMultipleIntegers(accessed, modified) }
      }
    }
  }
}
