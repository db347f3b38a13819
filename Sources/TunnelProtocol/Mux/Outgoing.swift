import struct NIOCore.ByteBuffer

/// What waits to be sent on one stream, in order.
struct Outgoing: Sendable {
  /// The most that messages may wait on one stream, in bytes.
  static let maximumMessageBytes = 64 * 1024

  enum Piece: Hashable, Sendable {
    /// Bytes, cut into frames as credit and turns allow.
    case data(Lane, ByteBuffer)
    /// One frame, whole: OPEN, ACCEPT, MESSAGE, EOF, RESET.
    case frame(FrameType, ByteBuffer)
  }

  private var pieces = Ring<Piece>()
  /// Bytes of data that wait.
  private(set) var dataBytes = 0
  private var messageBytes = 0

  var isEmpty: Bool { pieces.isEmpty }
  var first: Piece? { pieces.first }

  /// Whether the OPEN itself is still here: the peer knows nothing of the stream.
  var holdsOpen: Bool {
    if case .frame(.open, _) = pieces.first { return true }
    return false
  }

  /// Short pieces are joined to what waits in front of them, so that single bytes do not become single frames while
  /// the line is busy.
  mutating func append(_ lane: Lane, _ bytes: ByteBuffer) {
    dataBytes += bytes.readableBytes
    let isShort = bytes.readableBytes <= TunnelLimits.joinedPieceBytes
    if isShort, var tail = pieces.popLastData(of: lane, atMost: Frame.maximumPayloadBytes - bytes.readableBytes) {
      tail.writeImmutableBuffer(bytes)
      pieces.append(.data(lane, tail))
    } else {
      pieces.append(.data(lane, bytes.withoutExcess))
    }
  }

  mutating func append(_ type: FrameType, _ payload: ByteBuffer) { pieces.append(.frame(type, payload)) }

  /// False when too many messages wait. A change of size replaces one that waits right before it.
  mutating func append(message: ByteBuffer, replacing isObsolete: (Piece) -> Bool) -> Bool {
    if let last = pieces.popLast() {
      if isObsolete(last) {
        messageBytes -= last.cost
      } else {
        pieces.append(last)
      }
    }
    let piece = Piece.frame(.message, message)
    guard messageBytes + piece.cost <= Self.maximumMessageBytes else { return false }
    messageBytes += piece.cost
    pieces.append(piece)
    return true
  }

  /// Takes the first piece, or of data at most `limit` bytes of it.
  mutating func take(atMost limit: Int) -> (type: FrameType, payload: ByteBuffer)? {
    guard let piece = pieces.popFirst() else { return nil }
    switch piece {
    case .frame(let type, let payload):
      if type == .message { messageBytes -= piece.cost }
      return (type, payload)
    case .data(let lane, var bytes):
      let type = lane.frameType
      if bytes.readableBytes <= limit {
        dataBytes -= bytes.readableBytes
        return (type, bytes)
      }
      guard let payload = bytes.readSlice(length: limit) else { return nil }
      dataBytes -= limit
      pieces.prepend(.data(lane, bytes))
      return (type, payload)
    }
  }
}

extension Outgoing.Piece {
  var cost: Int {
    switch self {
    case .data(_, let bytes), .frame(_, let bytes): bytes.readableBytes + TunnelLimits.frameCostBytes
    }
  }
}

extension Ring where Element == Outgoing.Piece {
  /// Takes the last piece when it is data of `lane` and has at most `limit` bytes; else leaves it.
  fileprivate mutating func popLastData(of lane: Lane, atMost limit: Int) -> ByteBuffer? {
    guard let last = popLast() else { return nil }
    if case .data(lane, let bytes) = last, bytes.readableBytes <= limit { return bytes }
    append(last)
    return nil
  }
}
