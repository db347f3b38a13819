/// What this side may still send on one stream, in costs: see ``ReceiveWindow``.
struct SendCredit: Hashable, Sendable {
  private(set) var available = 0

  /// More may be sent. False when the amount is nothing, or lifts the sum over what anybody may allow.
  mutating func add(_ amount: UInt32) -> Bool {
    let amount = Int(amount)
    guard amount > 0, amount <= TunnelLimits.maximumCreditBytes - available else { return false }
    available += amount
    return true
  }

  /// The longest payload that may be sent now; 0 when not even one byte.
  var maximumPayload: Int {
    max(0, min(Frame.maximumPayloadBytes, available - TunnelLimits.frameCostBytes))
  }

  /// A payload of at most ``maximumPayload`` is sent.
  mutating func spend(payload bytes: Int) { available -= ReceiveWindow.cost(ofPayload: bytes) }
}
