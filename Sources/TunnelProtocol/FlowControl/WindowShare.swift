/// The tunnel's share of memory for windows above the floor. What stalled readers hold of a tunnel is at most this and a
/// floor for each stream.
struct WindowShare: Hashable, Sendable {
  let limits: TunnelLimits
  private(set) var used = 0

  init(limits: TunnelLimits) { self.limits = limits }

  /// What is left for a window that the line's length asks for, or does not.
  private func free(isLineLong: Bool) -> Int {
    let share = isLineLong ? limits.tunnelWindowBytes : min(limits.shortLineWindowBytes, limits.tunnelWindowBytes)
    return max(0, share - used)
  }

  /// The size of a new stream's window. It is taken from the share.
  mutating func initialSize() -> Int {
    let size = max(
      limits.floorWindowBytes, min(limits.initialWindowBytes, limits.floorWindowBytes + free(isLineLong: false)))
    used += max(0, size - limits.floorWindowBytes)
    return size
  }

  /// Doubles a window, as far as its own limit and the share allow.
  mutating func grow(_ window: inout ReceiveWindow, isLineLong: Bool) {
    let before = window.excess(over: limits.floorWindowBytes)
    let size = min(window.size * 2, limits.maximumWindowBytes, window.size + free(isLineLong: isLineLong))
    guard size > window.size else { return }
    window.resize(to: size)
    used += window.excess(over: limits.floorWindowBytes) - before
  }

  /// The stream is over: only what its reader still holds stays taken.
  mutating func shrinkToHeld(_ window: inout ReceiveWindow) {
    let before = window.excess(over: limits.floorWindowBytes)
    window.resize(to: min(window.size, window.heldCost))
    used -= before - window.excess(over: limits.floorWindowBytes)
  }

  /// Nothing of the window is held any more.
  mutating func release(_ window: ReceiveWindow) { used -= window.excess(over: limits.floorWindowBytes) }
}
