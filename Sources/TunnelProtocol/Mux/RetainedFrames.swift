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
  /// How many of the last frames this connection has not carried yet: those a resumed tunnel sends again.
  private var unsent = 0
  private let dataLimit: Int
  private let limit: Int
  private let keeps: Bool

  /// With `keeps` false frames are only numbered: nobody comes back for them.
  init(limits: TunnelLimits, keeps: Bool) {
    self.keeps = keeps
    dataLimit = limits.retainedBytes
    limit = limits.retainedBytes + limits.retainedReserveBytes
  }

  var count: Int { frames.count }

  private static func cost(_ payloadBytes: Int) -> Int { payloadBytes + TunnelLimits.frameCostBytes }

  /// Whether a DATA frame of any length fits.
  var hasRoomForData: Bool { bytes + Self.cost(Frame.maximumPayloadBytes) <= dataLimit }

  /// Whether another frame with such a payload fits.
  func hasRoom(forPayload payloadBytes: Int) -> Bool { bytes + Self.cost(payloadBytes) <= limit }

  /// Gives the frame its number and keeps it, where frames are kept.
  mutating func stamp(_ frame: Frame) -> Frame {
    var frame = frame
    lastNumber += 1
    frame.number = lastNumber
    guard keeps else { return frame }
    bytes += Self.cost(frame.payload.readableBytes)
    frames.append(frame)
    return frame
  }

  /// Whether `number` can be the highest that the peer received, over whichever connection.
  func canHaveReceived(_ number: UInt64) -> Bool { number <= lastNumber && number >= acknowledged }

  /// Another connection carries the tunnel on, whose peer received everything up to `number`: the rest is sent again.
  mutating func resume(after number: UInt64) {
    drop(upTo: number)
    unsent = frames.count
  }

  /// The next frame to be sent again, with its old number; nil when this connection has carried all there is.
  mutating func nextAgain() -> Frame? {
    guard unsent > 0 else { return nil }
    defer { unsent -= 1 }
    return frames[frames.count - unsent]
  }

  /// Lets go of everything up to `number`. False when that was never sent on this connection, or is less than was
  /// acknowledged before.
  mutating func acknowledge(_ number: UInt64) -> Bool {
    guard canHaveReceived(number), number <= lastNumber - UInt64(unsent) else { return false }
    drop(upTo: number)
    return true
  }

  private mutating func drop(upTo number: UInt64) {
    acknowledged = number
    while let first = frames.first, first.number <= number {
      _ = frames.popFirst()
      bytes -= Self.cost(first.payload.readableBytes)
    }
  }
}
