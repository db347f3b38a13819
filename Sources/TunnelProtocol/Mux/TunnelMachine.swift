public import SessionModel

import struct NIOCore.ByteBuffer

/// One end of a tunnel after the handshake, as a value: frames in, frames out, no clock, no I/O.
///
/// ```
///              cut()                    fault
///   running ──────────▶ cut    either ──────────▶ failed(TunnelFault): says the same fault for ever, sends nothing
///      ▲                 │
///      └─────────────────┘ resume(peerReceived:at:)
/// ```
/// Cut, it has no connection: it sends nothing, no silence counts, and its owner may go on as before; what he hands over is
/// kept within the same limits. Resumed, it first sends again what the peer did not receive.
///
/// The owner hands over received frames and passes on the events, then takes frames until there are none, or until the
/// line takes no more; asks which writers have room again; and sleeps until ``nextDeadline``. Every entry point that takes
/// an instant moves the machine's idea of now, which never goes back.
///
/// What one stream does wrong ends that stream: see ``StreamFault``. What makes the tunnel useless is thrown: see
/// ``TunnelFault``.
public struct TunnelMachine: Sendable {
  enum Condition: Hashable, Sendable {
    case running
    case cut
    case failed(TunnelFault)
  }

  /// Whether, and how far, this side is leaving.
  enum Leaving: Hashable, Sendable {
    case no
    case announced(GoAway)
    case queued(GoAway)
  }

  /// Which end this is.
  public let role: TunnelRole
  /// The limits it was made with.
  public let limits: TunnelLimits
  /// Whether another connection may carry it on. If not, neither side keeps or acknowledges what was sent.
  public let isResumable: Bool

  var condition = Condition.running
  var now: MonotonicInstant
  var table = StreamTable()
  var turns = TurnOrder()
  var retained: RetainedFrames
  var acknowledgement: AcknowledgementDuty
  var liveness: Liveness
  var share: WindowShare
  /// Streams that are over and whose readers still hold more than the floor.
  var lingering: [StreamID: ReceiveWindow] = [:]
  var awaitingCredit = Ring<StreamID>()
  var freed = Ring<StreamID>()
  /// Streams removed since the queues were last looked through.
  var removals = 0
  var controlAllowance: ControlAllowance
  var resets = Ring<(StreamID, StreamEnd)>()
  var controls = Ring<ByteBuffer>()
  var controlBytes = 0
  var leaving = Leaving.no
  var peerLeaves = false
  /// The number of the next stream this side opens; nil when all are used.
  var nextStream: UInt32?
  /// The highest stream the peer opened, or 0.
  var highestPeerStream: UInt32 = 0

  /// A tunnel whose handshake is done. Both ends take `isResumable` from ``Welcome/resumeWindowSeconds``.
  public init(role: TunnelRole, limits: TunnelLimits = .standard, isResumable: Bool = true, now: MonotonicInstant) {
    self.role = role
    self.limits = limits
    self.isResumable = isResumable
    self.now = now
    retained = RetainedFrames(limits: limits, keeps: isResumable)
    acknowledgement = AcknowledgementDuty(limits: limits, isOwed: isResumable)
    liveness = Liveness(limits: limits, now: now)
    share = WindowShare(limits: limits)
    controlAllowance = ControlAllowance(limits: limits, now: now)
    nextStream =
      switch role {
      case .relay: 1
      case .agent: 2
      }
  }

  // MARK: - What it knows

  /// When anything was last received; at first, when the machine was made.
  public var lastHeard: MonotonicInstant { liveness.lastHeard }

  /// Bytes of the peer arrived, be it only a part of a frame: on a slow line a large frame takes longer than a dead peer's
  /// limit.
  public mutating func heard(at now: MonotonicInstant) { liveness.heard(at: now) }

  /// The round trip, smoothed over about eight pings, in nanoseconds; nil before the first answer.
  public var roundTripNanoseconds: Int64? { liveness.roundTrip }

  /// Moves the machine's idea of now, for what is set without an instant.
  public mutating func observe(_ instant: MonotonicInstant) { advance(to: instant) }

  /// Whether to ping every second, and to count silence from the last word: to be true while a session is active.
  public var activePinging: Bool {
    get { liveness.isActive }
    set { liveness.setActive(newValue, now: now) }
  }

  /// Streams that are open or being opened.
  public var openStreams: Int { table.count }

  /// Numbered frames that the peer has not acknowledged, in bytes, each with ``TunnelLimits/frameCostBytes``.
  public var retainedBytes: Int { retained.bytes }

  /// The highest number received: what the peer need not send again.
  public var received: UInt64 { acknowledgement.received }

  /// Whether it has no connection at the moment.
  public var isCut: Bool { condition == .cut }

  var isFailed: Bool {
    switch condition {
    case .failed: true
    case .running, .cut: false
    }
  }

  /// How much a writer may hand over now, in bytes; 0 when the stream takes none.
  public func sendRoom(_ stream: StreamID) -> Int {
    table.read(stream) { $0.life.canWrite ? max(0, limits.sendBufferBytes - $0.outgoing.dataBytes) : 0 } ?? 0
  }

  /// When ``tick(at:)`` is to be called next and frames taken, if nothing happens before. What is due already is left
  /// out: it waits for ``nextFrame(at:)``. Nil when the tunnel is cut or over.
  public var nextDeadline: MonotonicInstant? {
    guard case .running = condition else { return nil }
    var deadline = liveness.deathDeadline
    if liveness.pingDeadline > now { deadline = min(deadline, liveness.pingDeadline) }
    if let acknowledge = acknowledgement.deadline, acknowledge > now { deadline = min(deadline, acknowledge) }
    return deadline
  }

  // MARK: - Time

  /// Looks at the clock: throws when the peer is dead, or once the tunnel failed. Frames may be due afterwards. A dead peer
  /// is the connection's end and not the tunnel's: it is cut, and the peer may come back on another.
  public mutating func tick(at instant: MonotonicInstant) throws(TunnelFault) {
    advance(to: instant)
    if case .failed(let fault) = condition { throw fault }
    if case .cut = condition { return }
    do throws(TunnelFault) {
      try liveness.check(at: now)
    } catch {
      cut()
      throw error
    }
  }

  // MARK: - Connections

  /// The connection is gone. Until ``resume(peerReceived:at:)`` nothing is sent and nobody counts as dead.
  public mutating func cut() {
    guard case .running = condition else { return }
    condition = .cut
    acknowledgement.reset()
  }

  /// Whether a peer that says it received everything up to `number` can be this tunnel's: not less than it acknowledged,
  /// not more than was sent. Never, when the tunnel is not resumable.
  public func canResume(peerReceived number: UInt64) -> Bool {
    if case .failed = condition { return false }
    return isResumable && retained.canHaveReceived(number)
  }

  /// Another connection carries the tunnel on. What the peer did not receive is sent again, with its old numbers, before
  /// anything new. Throws, and changes nothing, when the tunnel is not cut or ``canResume(peerReceived:)`` says no.
  public mutating func resume(peerReceived number: UInt64, at instant: MonotonicInstant) throws(TunnelFault) {
    guard case .cut = condition else { throw .unexpected(.resume) }
    guard canResume(peerReceived: number) else { throw .falseAcknowledgement(number) }
    advance(to: instant)
    condition = .running
    retained.resume(after: number)
    liveness.restart(at: now)
    peerLeaves = false
    if case .announced(let reason) = leaving { leaving = .queued(reason) }
    wakeWaiting()
  }

  mutating func advance(to instant: MonotonicInstant) {
    if instant > now { now = instant }
  }

  /// The tunnel is over; the fault, to be thrown.
  mutating func fail(_ fault: TunnelFault) -> TunnelFault {
    if case .failed(let first) = condition { return first }
    condition = .failed(fault)
    return fault
  }
}
