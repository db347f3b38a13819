import struct NIOCore.ByteBuffer

/// Reads a packet's fields (RFC 4251 section 5), in order. Every read that finds too little throws.
struct FieldReader {
  let type: UInt8
  var rest: ByteBuffer

  init(type: UInt8, _ bytes: ByteBuffer) {
    self.type = type
    rest = bytes
  }

  mutating func uint32() throws(SFTPFault) -> UInt32 {
    guard let value = rest.readInteger(as: UInt32.self) else { throw .truncated(type: type) }
    return value
  }

  mutating func uint64() throws(SFTPFault) -> UInt64 {
    guard let value = rest.readInteger(as: UInt64.self) else { throw .truncated(type: type) }
    return value
  }

  /// A string of any bytes.
  mutating func string() throws(SFTPFault) -> ByteBuffer {
    guard let value = rest.readSlice(length: Int(try uint32())) else { throw .truncated(type: type) }
    return value
  }

  /// A string that C takes for text: one NUL at its end is dropped, one before that is a fault (OpenSSH,
  /// sshbuf_get_cstring).
  mutating func text() throws(SFTPFault) -> [UInt8] {
    var bytes = Array(try string().readableBytesView)
    if bytes.last == 0 { bytes.removeLast() }
    if bytes.contains(0) { throw .textWithNUL(type: type) }
    return bytes
  }

  /// A handle: nil when it is not one of ours by its form.
  mutating func handle() throws(SFTPFault) -> UInt32? {
    var bytes = try string()
    return bytes.readableBytes == 4 ? bytes.readInteger() : nil
  }

  /// Attributes (draft section 5). Unknown flags have no fields; extended pairs are read over.
  mutating func attributes() throws(SFTPFault) -> FileAttributes {
    let flags = try uint32()
    var attributes = FileAttributes()
    if flags & FileAttributes.Flag.size != 0 { attributes.sizeBytes = try uint64() }
    if flags & FileAttributes.Flag.owner != 0 {
      attributes.owner = FileAttributes.Owner(userID: try uint32(), groupID: try uint32())
    }
    if flags & FileAttributes.Flag.mode != 0 { attributes.mode = try uint32() }
    if flags & FileAttributes.Flag.times != 0 {
      attributes.times = FileAttributes.Times(accessedSeconds: try uint32(), modifiedSeconds: try uint32())
    }
    if flags & FileAttributes.Flag.extended != 0 {
      // A count that lies ends at the packet's end: each pair takes eight bytes at least.
      for _ in 0..<(try uint32()) {
        _ = try text()
        _ = try string()
      }
    }
    return attributes
  }
}
