/// How much of a connection's output is sent by whoever brings it instead of by the connection's thread. A keystroke's echo is
/// worth that: handing it to a thread costs more than sending it. A transfer is not: its encryption belongs on the
/// connection's own thread, and who brings it has others to serve.
struct BriefOutput {
  /// The most that is sent in one go, in bytes: a full screen.
  static let bytesAtOnce = 4_096
  /// The most that is sent in one ``slot``, in bytes.
  static let bytesInSlot = 16_384
  /// The time over which bytes are counted together.
  static let slot: Duration = .milliseconds(10)

  private var slotEnd: ContinuousClock.Instant?
  private var bytesSent = 0

  /// Whether so many bytes are sent by whoever brings them; counts them if so.
  mutating func takes(_ bytes: Int, at now: ContinuousClock.Instant) -> Bool {
    guard bytes <= Self.bytesAtOnce else { return false }
    if let slotEnd, now < slotEnd {
      guard bytesSent + bytes <= Self.bytesInSlot else { return false }
    } else {
      slotEnd = now.advanced(by: Self.slot)
      bytesSent = 0
    }
    bytesSent += bytes
    return true
  }
}
