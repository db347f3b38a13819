import SessionModel

/// What this side has received and when it has to say so: at once after ``TunnelLimits/acknowledgeBytes``, else within
/// ``TunnelLimits/acknowledgeMilliseconds``. It also checks that numbered frames come in order.
struct AcknowledgementDuty: Hashable, Sendable {
  private let byteLimit: Int
  private let milliseconds: Int64
  private let isOwed: Bool
  /// The highest number received.
  private(set) var received: UInt64 = 0
  private var pendingBytes = 0
  private var pendingSince: MonotonicInstant?

  /// With `isOwed` false only the order is checked: the sender keeps nothing that it waits to let go of.
  init(limits: TunnelLimits, isOwed: Bool) {
    self.isOwed = isOwed
    byteLimit = limits.acknowledgeBytes
    milliseconds = limits.acknowledgeMilliseconds
  }

  /// A numbered frame came.
  mutating func receive(_ frame: Frame, now: MonotonicInstant) throws(TunnelFault) {
    guard frame.number == received + 1 else { throw .outOfOrder(expected: received + 1, received: frame.number) }
    received = frame.number
    guard isOwed else { return }
    pendingBytes += frame.encodedBytes
    if pendingSince == nil { pendingSince = now }
  }

  /// The connection is gone: the next one begins with ``received``.
  mutating func reset() {
    pendingBytes = 0
    pendingSince = nil
  }

  /// When the acknowledgement has to go; nil when there is nothing to acknowledge.
  var deadline: MonotonicInstant? { pendingSince?.advanced(byMilliseconds: milliseconds) }

  /// The number to acknowledge, if it is time.
  mutating func takeDue(at now: MonotonicInstant) -> UInt64? {
    guard let deadline, pendingBytes >= byteLimit || now >= deadline else { return nil }
    pendingBytes = 0
    pendingSince = nil
    return received
  }
}
