import SessionModel

/// What the peer may send on one stream, and what the reader still holds of it. All amounts are *costs*: a DATA frame
/// costs its payload and ``TunnelLimits/frameCostBytes``.
///
/// ```
///   size = allowed (not sent yet) + held (received, not read) + grantable (read, not given back)
/// ```
///
/// Credit goes back in steps of at least a quarter of the window, so that a reader who takes single bytes causes no
/// chatter. The window doubles when a whole one was drained within two round trips: then the window, and not the reader
/// or the line, is what limits the stream. A reader who stalls never holds more than the window.
struct ReceiveWindow: Hashable, Sendable {
  private(set) var size: Int
  private(set) var allowed: Int
  private(set) var heldCost = 0
  private(set) var heldPayload = 0
  /// Drained since `epoch`.
  private var drained = 0
  private var epoch: MonotonicInstant

  init(size: Int, now: MonotonicInstant) {
    self.size = size
    allowed = size
    epoch = now
  }

  static func cost(ofPayload bytes: Int) -> Int { bytes + TunnelLimits.frameCostBytes }

  /// Read and not given back. Less than nothing after the window shrank.
  var grantable: Int { size - allowed - heldCost }

  /// Whether what was read is worth a CREDIT.
  var isCreditDue: Bool { grantable > 0 && grantable >= size / TunnelLimits.creditStep }

  /// What it exceeds `floor` by: its part of the tunnel's share.
  func excess(over floor: Int) -> Int { max(0, size - floor) }

  /// A payload arrived. False when the peer was not allowed that much.
  mutating func receive(payload bytes: Int, now: MonotonicInstant) -> Bool {
    let cost = Self.cost(ofPayload: bytes)
    guard cost <= allowed else { return false }
    if heldPayload == 0 && drained == 0 { epoch = now }
    allowed -= cost
    heldCost += cost
    heldPayload += bytes
    return true
  }

  /// The reader took `bytes` of payload. How long a whole window took to drain, in nanoseconds, when that is just done: when
  /// it was quick, the window should grow.
  mutating func consume(payload bytes: Int, now: MonotonicInstant) -> Int64? {
    let taken = min(max(0, bytes), heldPayload)
    if taken == 0 { return nil }
    // Frames' costs are given back in proportion; the last byte gives back what is left.
    let cost = taken == heldPayload ? heldCost : Int(Int64(heldCost) * Int64(taken) / Int64(heldPayload))
    heldPayload -= taken
    heldCost -= cost
    drained += cost
    if drained < size { return nil }
    let elapsed = now.nanoseconds - epoch.nanoseconds
    drained = 0
    epoch = now
    return elapsed
  }

  /// Another size. A smaller one takes nothing back that was given: it only gives nothing more until it fits.
  mutating func resize(to size: Int) { self.size = size }

  /// Gives everything back that can be given; the amount for the CREDIT.
  mutating func grant() -> Int {
    let amount = max(0, grantable)
    allowed += amount
    return amount
  }
}
