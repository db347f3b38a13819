import SessionModel

/// Pings, the round trip, and whether the peer is still there.
///
/// ```
///              ping is due                        nothing heard for 15 s
///   heard ──────────────────▶ waiting for a word ────────────────────────▶ dead
///     ▲                              │
///     └──────────────────────────────┘ any frame
/// ```
///
/// While a session is active the silence counts from the last word, not from the ping.
struct Liveness: Sendable {
  private let limits: TunnelLimits
  private(set) var lastHeard: MonotonicInstant
  /// Smoothed over about eight pings (RFC 6298 section 2), in nanoseconds.
  private(set) var roundTrip: Int64?
  /// The smallest one seen, in nanoseconds: what the line takes when nothing queues on it.
  private(set) var smallestRoundTrip: Int64?
  private var activeSince: MonotonicInstant?
  private var nextPing: MonotonicInstant
  /// When the first ping since the peer was last heard was due.
  private var waitingSince: MonotonicInstant?
  private var pings = Ring<(number: UInt64, sent: MonotonicInstant)>()
  private var lastPing: UInt64 = 0
  private var owedPong: UInt64?

  /// The first ping is due at once: it measures the round trip.
  init(limits: TunnelLimits, now: MonotonicInstant) {
    self.limits = limits
    lastHeard = now
    nextPing = now
  }

  /// Another connection carries the tunnel on: what was asked on the old one is never answered. The first ping is due at
  /// once; the smallest round trip of the old way says nothing of the new one.
  mutating func restart(at now: MonotonicInstant) {
    lastHeard = now
    nextPing = now
    waitingSince = nil
    owedPong = nil
    smallestRoundTrip = nil
    pings = Ring()
    if activeSince != nil { activeSince = now }
  }

  private var interval: Int64 {
    activeSince == nil ? limits.idlePingMilliseconds : limits.activePingMilliseconds
  }

  mutating func setActive(_ active: Bool, now: MonotonicInstant) {
    guard active != (activeSince != nil) else { return }
    activeSince = active ? now : nil
    nextPing = min(nextPing, now.advanced(byMilliseconds: interval))
  }

  var isActive: Bool { activeSince != nil }

  mutating func heard(at now: MonotonicInstant) {
    lastHeard = now
    waitingSince = nil
  }

  /// A PING came. Only the newest is owed an answer: a flood of them costs nothing.
  mutating func receivePing(_ number: UInt64) { owedPong = number }

  /// A PONG came. False when its ping was never sent.
  mutating func receivePong(_ number: UInt64, at now: MonotonicInstant) -> Bool {
    guard number >= 1, number <= lastPing else { return false }
    while let ping = pings.first, ping.number <= number {
      _ = pings.popFirst()
      if ping.number == number { measured(max(1, now.nanoseconds - ping.sent.nanoseconds)) }
    }
    return true
  }

  private mutating func measured(_ sample: Int64) {
    roundTrip = roundTrip.map { $0 + (sample - $0) / 8 } ?? sample
    smallestRoundTrip = min(smallestRoundTrip ?? sample, sample)
  }

  mutating func takePong() -> UInt64? { owedPong.take() }

  /// The number of the ping to send, if it is time.
  mutating func takePing(at now: MonotonicInstant) -> UInt64? {
    guard now >= nextPing else { return nil }
    if waitingSince == nil { waitingSince = now }
    nextPing = pingTime(after: now)
    lastPing += 1
    if pings.count == TunnelLimits.maximumPingsInFlight { _ = pings.popFirst() }
    pings.append((lastPing, now))
    return lastPing
  }

  /// An interval later, or a little less: the pings of many tunnels fall together, and one wake-up serves them all.
  private func pingTime(after now: MonotonicInstant) -> MonotonicInstant {
    let due = now.advanced(byMilliseconds: interval).nanoseconds
    let step = max(min(TunnelLimits.pingStepMilliseconds, interval / 4) * 1_000_000, 1)
    return MonotonicInstant(nanoseconds: due - due % step)
  }

  var pingDeadline: MonotonicInstant { nextPing }

  /// When the peer counts as dead unless it is heard before. A ping that is due and could not be written counts as asked.
  var deathDeadline: MonotonicInstant {
    let asked = (waitingSince ?? max(nextPing, lastHeard)).advanced(byMilliseconds: limits.deadPeerMilliseconds)
    guard let activeSince else { return asked }
    return min(asked, max(lastHeard, activeSince).advanced(byMilliseconds: limits.deadPeerMilliseconds))
  }

  func check(at now: MonotonicInstant) throws(TunnelFault) {
    if now >= deathDeadline { throw .deadPeer(afterMilliseconds: now.milliseconds(since: lastHeard)) }
  }
}
