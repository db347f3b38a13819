import struct NIOCore.ByteBuffer

/// Numbered frames that the peer has not acknowledged: what a resumed tunnel sends again. Bounded in bytes; frames other
/// than DATA have a reserve, so that credit and control messages go on when bulk data fills the rest.
struct RetainedFrames: Sendable {
  private var frames = Ring<Frame>()
  private(set) var bytes = 0
  /// The number of the last frame that was handed out.
  private(set) var lastNumber: UInt64 = 0
  /// The highest number that was acknowledged.
  private(set) var acknowledged: UInt64 = 0
  private let dataLimit: Int
  private let limit: Int

  init(limits: TunnelLimits) {
    dataLimit = limits.retainedBytes
    limit = limits.retainedBytes + limits.retainedReserveBytes
  }

  var count: Int { frames.count }

  private static func cost(_ payloadBytes: Int) -> Int { payloadBytes + TunnelLimits.frameCostBytes }

  /// Whether a DATA frame of any length fits.
  var hasRoomForData: Bool { bytes + Self.cost(Frame.maximumPayloadBytes) <= dataLimit }

  /// Whether another frame with such a payload fits.
  func hasRoom(forPayload payloadBytes: Int) -> Bool { bytes + Self.cost(payloadBytes) <= limit }

  /// Gives the frame its number and keeps it.
  mutating func stamp(_ frame: Frame) -> Frame {
    var frame = frame
    lastNumber += 1
    frame.number = lastNumber
    bytes += Self.cost(frame.payload.readableBytes)
    frames.append(frame)
    return frame
  }

  /// Lets go of everything up to `number`. False when that was never sent, or is less than was acknowledged before.
  mutating func acknowledge(_ number: UInt64) -> Bool {
    guard number <= lastNumber, number >= acknowledged else { return false }
    acknowledged = number
    while let first = frames.first, first.number <= number {
      _ = frames.popFirst()
      bytes -= Self.cost(first.payload.readableBytes)
    }
    return true
  }
}
