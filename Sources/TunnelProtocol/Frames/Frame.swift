public import struct NIOCore.ByteBuffer

/// One frame of a tunnel: a header of 16 bytes and a payload. The byte-by-byte layout stands in the module's front page.
///
/// The payload is a value of its own, so that a transport can write the header from one buffer and the payload from where
/// it already lies.
public struct Frame: Hashable, Sendable {
  /// Length of every header, in bytes.
  public static let headerBytes = 16
  /// Longest payload, in bytes. Longer ones end the tunnel.
  public static let maximumPayloadBytes = 32_768

  /// What it is.
  public var type: FrameType
  /// The stream it belongs to, or ``StreamID/tunnel``.
  public var stream: StreamID
  /// Its place among the numbered frames of its direction, from 1; 0 for frames that are not numbered.
  public var number: UInt64
  /// What it carries; may share storage with other frames.
  public var payload: ByteBuffer

  /// A frame from its parts; nothing is checked.
  public init(type: FrameType, stream: StreamID = .tunnel, number: UInt64 = 0, payload: ByteBuffer = ByteBuffer()) {
    self.type = type
    self.stream = stream
    self.number = number
    self.payload = payload
  }

  /// Length on the wire, in bytes: header and payload.
  public var encodedBytes: Int { Self.headerBytes + payload.readableBytes }

  /// Appends the 16 bytes of the header to `buffer`; the payload is to follow it on the wire.
  public func writeHeader(into buffer: inout ByteBuffer) {
    let length = UInt64(truncatingIfNeeded: payload.readableBytes) & 0xFF_FFFF
    buffer.writeInteger(UInt64(type.rawValue) << 56 | length << 32 | UInt64(stream.rawValue))
    buffer.writeInteger(number)
  }

  /// Appends header and payload to `buffer`.
  public func write(into buffer: inout ByteBuffer) {
    writeHeader(into: &buffer)
    buffer.writeImmutableBuffer(payload)
  }
}
