/// What a channel's peer may send that nobody has read yet: its window (RFC 4254 section 5.2).
struct InputWindow: Hashable {
  fileprivate(set) var bytes = SSHLimits.smallestWindowBytes
  /// Read since it was widened last.
  fileprivate var readBytes = 0

  fileprivate var excess: Int { bytes - SSHLimits.smallestWindowBytes }
}

/// What all windows of a connection exceed ``SSHLimits/smallestWindowBytes`` by. A window widens while what comes is read as it
/// comes, and no further than ``SSHLimits/wideWindowsBytes`` allow all of them: so one upload has the widest there is, and a
/// hundred into machines that read nothing hold little.
struct InputWindowShare {
  private var used = 0

  /// `count` bytes are about to be read, and they are all there are. Each window's worth of them doubles it; the first bytes
  /// lift it to ``SSHLimits/usualWindowBytes``.
  mutating func widen(_ window: inout InputWindow, after count: Int) {
    window.readBytes += count
    let isFirst = window.bytes < SSHLimits.usualWindowBytes
    guard isFirst || window.readBytes >= window.bytes else { return }
    window.readBytes = 0
    let wished = isFirst ? SSHLimits.usualWindowBytes : min(window.bytes * 2, SSHLimits.largestWindowBytes)
    let size = min(wished, window.bytes + SSHLimits.wideWindowsBytes - used)
    used += size - window.bytes
    window.bytes = size
  }

  /// The channel is gone.
  mutating func giveBack(_ window: inout InputWindow) {
    used -= window.excess
    window = InputWindow()
  }
}
