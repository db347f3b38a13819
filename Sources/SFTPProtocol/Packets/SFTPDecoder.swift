public import struct NIOCore.ByteBuffer

/// One packet, cut out of the stream and not yet read.
public struct SFTPPacket: Hashable, Sendable {
  /// Its type, known or not.
  public let type: UInt8
  /// What is behind the type. Of a long WRITE it is only the beginning, in ``tail`` is the rest.
  public let body: ByteBuffer
  /// More of a WRITE's data, in the pieces it came in: joining them would be a copy.
  public let tail: [ByteBuffer]

  /// What it took of the stream, its length field included, in bytes.
  public var wireBytes: Int { 5 + body.readableBytes + tail.reduce(0) { $0 + $1.readableBytes } }
}

/// Cuts a byte stream into packets, however the bytes arrive.
///
/// ```
///            4 bytes, a possible length           that many bytes
///   length ────────────────────────────▶ content ─────────────────▶ length, and a packet
///      │ an impossible length
///      ▼
///   failed (for ever)
/// ```
///
/// A packet that lies whole in what arrived is a slice of it, without a copy. Of those that arrive in pieces all but long
/// WRITEs are copied together, once.
///
/// What is held is bounded by whoever feeds it: at most ``SFTPLimits/maximumPacketBytes`` and 4 are needed to go on.
public struct SFTPDecoder: Sendable {
  /// Arriving pieces shorter than this are joined to the one before them, in bytes.
  static let joinedPieceBytes = 2048
  /// A piece that others are joined to is shorter than this, in bytes.
  static let joinedTotalBytes = 16 * 1024
  /// A WRITE in more pieces is copied together.
  static let maximumPieces = 48
  /// Type, number, handle, offset and length of a WRITE with a handle of ours.
  static let writeHeadBytes = 1 + 4 + 8 + 8 + 4

  private var pieces: [ByteBuffer] = []
  /// Pieces before this are taken.
  private var first = 0
  /// Received and not taken, in bytes.
  public private(set) var heldBytes = 0
  private var fault: SFTPFault?

  /// A decoder at the start of a stream.
  public init() {}

  /// More of the stream.
  public mutating func append(_ bytes: ByteBuffer) {
    let count = bytes.readableBytes
    guard count > 0, fault == nil else { return }
    heldBytes += count
    if count < Self.joinedPieceBytes, pieces.count > first,
      pieces[pieces.count - 1].readableBytes < Self.joinedTotalBytes
    {
      pieces[pieces.count - 1].writeImmutableBuffer(bytes)
    } else {
      pieces.append(bytes)
    }
  }

  /// The next packet, or nil when it is not complete. Once it threw, it goes on throwing the same fault.
  public mutating func next() throws(SFTPFault) -> SFTPPacket? {
    if let fault { throw fault }
    guard let length = peekLength() else { return nil }
    guard length > 0, length <= SFTPLimits.maximumPacketBytes else {
      let found = SFTPFault.length(length)
      fault = found
      pieces = []
      first = 0
      heldBytes = 0
      throw found
    }
    guard heldBytes >= 4 + Int(length) else { return nil }
    skip(4)
    return take(Int(length))
  }

  /// The length field, which may lie across pieces.
  private func peekLength() -> UInt32? {
    guard heldBytes >= 4, first < pieces.count else { return nil }
    if let value = pieces[first].getInteger(at: pieces[first].readerIndex, as: UInt32.self) { return value }
    var value: UInt32 = 0
    var found = 0
    for piece in pieces[first...] {
      for byte in piece.readableBytesView.prefix(4 - found) {
        value = value << 8 | UInt32(byte)
        found += 1
      }
      if found == 4 { return value }
    }
    return nil
  }

  private mutating func skip(_ count: Int) {
    var left = count
    while left > 0, first < pieces.count {
      let step = min(left, pieces[first].readableBytes)
      pieces[first].moveReaderIndex(forwardBy: step)
      left -= step
      heldBytes -= step
      dropEmptyPiece()
    }
  }

  /// A packet's content of `length` bytes, which are there.
  private mutating func take(_ length: Int) -> SFTPPacket? {
    heldBytes -= length
    if var whole = pieces[first].readSlice(length: length) {
      dropEmptyPiece()
      guard let type = whole.readInteger(as: UInt8.self) else { return nil }
      return SFTPPacket(type: type, body: whole, tail: [])
    }
    var parts: [ByteBuffer] = []
    var left = length
    while left > 0, first < pieces.count {
      let step = min(left, pieces[first].readableBytes)
      if let part = pieces[first].readSlice(length: step) { parts.append(part) }
      left -= step
      dropEmptyPiece()
    }
    let head = parts[0]
    let isWrite = head.getInteger(at: head.readerIndex, as: UInt8.self) == PacketType.write.rawValue
    if isWrite, head.readableBytes >= Self.writeHeadBytes, parts.count <= Self.maximumPieces {
      var body = parts.removeFirst()
      body.moveReaderIndex(forwardBy: 1)
      return SFTPPacket(type: PacketType.write.rawValue, body: body, tail: parts)
    }
    var whole = ByteBuffer()
    whole.reserveCapacity(length)
    for part in parts { whole.writeImmutableBuffer(part) }
    guard let type = whole.readInteger(as: UInt8.self) else { return nil }
    return SFTPPacket(type: type, body: whole, tail: [])
  }

  private mutating func dropEmptyPiece() {
    guard first < pieces.count, pieces[first].readableBytes == 0 else { return }
    pieces[first] = ByteBuffer()
    first += 1
    if first == pieces.count {
      pieces.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 64 {
      pieces.removeFirst(first)
      first = 0
    }
  }
}
