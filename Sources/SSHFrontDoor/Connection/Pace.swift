/// Whether little moves on a connection, as while somebody types, or much. Much is served by the connection's own thread,
/// which leaves the event loop to the other connections; for little the way over it would cost more than the work.
///
/// ```
///          more than `quietBytes` within `slot`
///   quiet ──────────────────────────────────────▶ loud
///     ▲                                             │
///     └──────────── `slot` without so much ─────────┘
/// ```
struct Pace {
  /// The time within which bytes are counted together.
  static let slot: Duration = .milliseconds(10)
  /// What may move in that time, in bytes: a few screens full, or 1.6 MB/s.
  static let quietBytes: UInt64 = 16_384

  private var slotStart: ContinuousClock.Instant
  private var bytesAtStart: UInt64
  private var loudUntil: ContinuousClock.Instant?

  init(bytes: UInt64, at now: ContinuousClock.Instant) {
    slotStart = now
    bytesAtStart = bytes
  }

  /// So many bytes have moved since the connection began.
  /// - Returns: whether it is quiet.
  mutating func isQuiet(bytes: UInt64, at now: ContinuousClock.Instant) -> Bool {
    if bytes - bytesAtStart > Self.quietBytes { loudUntil = now.advanced(by: Self.slot) }
    if loudUntil != nil || slotStart.duration(to: now) >= Self.slot {
      slotStart = now
      bytesAtStart = bytes
    }
    guard let until = loudUntil else { return true }
    if now < until { return false }
    loudUntil = nil
    return true
  }
}
