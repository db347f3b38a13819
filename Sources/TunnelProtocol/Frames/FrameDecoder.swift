public import struct NIOCore.ByteBuffer

/// Cuts a byte stream into frames, however the bytes arrive.
///
/// ```
///              16 bytes of header                     payload complete
///   header ───────────────────────────▶ payload(head) ───────────────────▶ header, and a frame
/// ```
///
/// A payload that lies whole in what arrived is a slice of it, without a copy. Two cases are copied, once: a payload
/// that arrives in pieces, and one so small that keeping it would keep ``holdFactor`` times as much memory alive.
/// The header is judged before a byte of the payload is waited for. At most one header and one payload are held.
public struct FrameDecoder: Sendable {
  /// A payload is copied out of a buffer whose capacity is more than this many times its own length.
  public static let holdFactor = 4

  private enum State {
    case header(partial: ByteBuffer)
    case payload(Head, partial: ByteBuffer)
    case failed(TunnelFault)
  }

  private struct Head {
    var type: FrameType
    var length: Int
    var stream: StreamID
    var number: UInt64
  }

  private var state = State.header(partial: ByteBuffer())

  /// A decoder at the start of a connection.
  public init() {}

  /// The next frame, taking from `input` what belongs to it; nil when all of `input` was taken and the frame is not
  /// complete. Once it threw, it goes on throwing the same fault.
  public mutating func next(from input: inout ByteBuffer) throws(TunnelFault) -> Frame? {
    while true {
      switch state {
      case .failed(let fault):
        throw fault
      case .header(var partial):
        let head: Head
        do {
          if partial.readableBytes == 0 {
            guard let found = try Self.head(from: &input) else {
              // Fewer than 16 bytes: copied, not sliced, so that they hold nothing else alive.
              partial.writeImmutableBuffer(input)
              input.moveReaderIndex(to: input.writerIndex)
              state = .header(partial: partial)
              return nil
            }
            head = found
          } else {
            state = .header(partial: ByteBuffer())
            Self.move(from: &input, into: &partial, until: Frame.headerBytes)
            guard let found = try Self.head(from: &partial) else {
              state = .header(partial: partial)
              return nil
            }
            head = found
          }
        } catch {
          state = .failed(error)
          throw error
        }
        if let payload = input.readSlice(length: head.length) {
          state = .header(partial: ByteBuffer())
          return frame(head, payload.withoutExcess)
        }
        var assembly = ByteBuffer()
        assembly.reserveCapacity(head.length)
        state = .payload(head, partial: assembly)
      case .payload(let head, var partial):
        state = .header(partial: ByteBuffer())
        Self.move(from: &input, into: &partial, until: head.length)
        guard partial.readableBytes == head.length else {
          state = .payload(head, partial: partial)
          return nil
        }
        return frame(head, partial)
      }
    }
  }

  private func frame(_ head: Head, _ payload: ByteBuffer) -> Frame {
    Frame(type: head.type, stream: head.stream, number: head.number, payload: payload)
  }

  /// Moves bytes until `target` holds `length` or `input` is empty.
  private static func move(from input: inout ByteBuffer, into target: inout ByteBuffer, until length: Int) {
    let wanted = min(length - target.readableBytes, input.readableBytes)
    guard wanted > 0, let piece = input.readSlice(length: wanted) else { return }
    target.writeImmutableBuffer(piece)
  }

  /// Reads and judges a header; nil when fewer than 16 bytes are there, and then nothing is taken.
  private static func head(from buffer: inout ByteBuffer) throws(TunnelFault) -> Head? {
    guard buffer.readableBytes >= Frame.headerBytes, let first = buffer.readInteger(as: UInt64.self),
      let number = buffer.readInteger(as: UInt64.self)
    else { return nil }
    let type = FrameType(rawValue: UInt8(truncatingIfNeeded: first >> 56))
    let length = Int(truncatingIfNeeded: first >> 32 & 0xFF_FFFF)
    let stream = StreamID(rawValue: UInt32(truncatingIfNeeded: first))
    switch type.family {
    case .reserved: throw .reservedType(type.rawValue)
    case .unnumbered: if number != 0 { throw .misnumbered(type) }
    case .numbered: if number == 0 { throw .misnumbered(type) }
    }
    if length > Frame.maximumPayloadBytes { throw .oversized(type, bytes: length) }
    if let belongs = type.belongsToStream, belongs == (stream == .tunnel) { throw .misplaced(type, stream) }
    return Head(type: type, length: length, stream: stream, number: number)
  }
}

extension ByteBuffer {
  /// The same bytes, in storage of their own when the present one is more than ``FrameDecoder/holdFactor`` times as
  /// large. Whoever keeps small pieces of large reads would otherwise keep the reads.
  var withoutExcess: ByteBuffer {
    let (limit, overflow) = readableBytes.multipliedReportingOverflow(by: FrameDecoder.holdFactor)
    if overflow || storageCapacity <= limit { return self }
    var copy = ByteBuffer()
    copy.reserveCapacity(readableBytes)
    copy.writeImmutableBuffer(self)
    return copy
  }
}
