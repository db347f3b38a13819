/// Room that is given back in portions: a wake-up of another thread for every keystroke would cost more than the keystroke,
/// just when the machine is to answer it. What is kept back is small against any window, so nobody waits for it.
///
/// A frame costs a window more than its bytes (``TunnelLimits/frameCostBytes``): pieces are counted as they come, and as
/// many are taken for gone as belong to the bytes that are gone.
struct CreditGathering {
  /// The usual portion, in bytes: a quarter of the smallest window.
  static let smallPortionBytes = 8 * 1024
  /// Given back when so many pieces have come together, however small.
  static let portionPieces = 64

  /// Given back when so much has come together, in bytes.
  let portionBytes: Int
  private var waitingBytes = 0
  private var waitingPieces = 0
  private var bytes = 0
  private var pieces = 0

  init(portionBytes: Int = smallPortionBytes) { self.portionBytes = portionBytes }

  /// One more piece takes room.
  mutating func arrived(_ count: Int) {
    waitingBytes += count
    waitingPieces += 1
  }

  /// So many bytes are gone; how much room is to be given back now, in bytes.
  mutating func gone(_ count: Int) -> Int {
    let share = count < waitingBytes ? (waitingPieces * count + waitingBytes - 1) / waitingBytes : waitingPieces
    waitingBytes = max(0, waitingBytes - count)
    waitingPieces -= share
    bytes += count
    pieces += share
    guard bytes >= portionBytes || pieces >= Self.portionPieces else { return 0 }
    defer { (bytes, pieces) = (0, 0) }
    return bytes
  }
}
