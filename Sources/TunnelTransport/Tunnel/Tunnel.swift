public import NIOCore
import SessionModel
public import TLSChannel
public import TunnelProtocol

/// One agent's tunnel, which outlives its connections: feeds a ``TunnelMachine`` with what the present connection brings,
/// writes what the machine has to say while that connection takes it, and keeps its clock.
///
/// ```
///             connection gone without a good-bye              RESUME / RESUMED on another connection
///   carried ─────────────────────────────────────▶ cut ─────────────────────────────────────────────▶ carried
///      │                                            │
///      │ good-bye of either side, fault             │ goAway(_:thenClose:), close()
///      └────────────────────────────────────────────┴───────────▶ over
/// ```
/// All of it belongs to its event loop; nothing here may be called from elsewhere. Its connections are on that loop too.
public final class Tunnel {
  /// Which end this is.
  public let role: TunnelRole
  /// What makes it this one.
  public let identity: TunnelIdentity
  /// How long a relay keeps it without a connection, in seconds; with 0 it ends with its connection.
  public let resumeWindowSeconds: UInt32
  /// Who is at the other end.
  public let peer: TLSPeer
  /// Where it lives.
  public let eventLoop: any EventLoop
  /// The peer's numeric IP address, without port, as of the latest connection; an IPv4 address that came by an IPv6 socket is
  /// shown as IPv4.
  public internal(set) var remoteAddress: String

  var machine: TunnelMachine
  /// What carries it now; nil while it is cut, and once it is over.
  var connection: TunnelHandler?
  var delegate: (any TunnelDelegate)?
  /// Told when the tunnel is over: a relay's registry.
  var onEnd: ((Tunnel, TunnelClosure) -> Void)?
  /// Why this side ended it, told to the delegate once the connection is closed.
  var ownClosure: TunnelClosure?

  /// The next look at the machine's clock.
  var tickTimer: (due: MonotonicInstant, timer: Scheduled<Void>)?
  /// Frames are being received: what they bring about is written at the end of the burst.
  var isReceiving = false
  /// ``pump()`` is running, or has been asked to.
  var isPumping = false
  var isPumpScheduled = false

  init(
    role: TunnelRole, identity: TunnelIdentity, resumeWindowSeconds: UInt32, peer: TLSPeer, connection: TunnelHandler,
    delegate: any TunnelDelegate
  ) {
    self.role = role
    self.identity = identity
    self.resumeWindowSeconds = resumeWindowSeconds
    self.peer = peer
    self.connection = connection
    self.delegate = delegate
    eventLoop = connection.eventLoop
    remoteAddress = connection.remoteAddress
    machine = TunnelMachine(
      role: role, limits: connection.limits, isResumable: resumeWindowSeconds > 0, now: BootClock.now())
  }

  /// Whether nothing more can come of it.
  public var isOver: Bool { delegate == nil }

  /// Whether it has no connection, and may get another.
  public var isCut: Bool { connection == nil && !isOver }

  // MARK: Connections

  /// Begins: both sides have introduced themselves.
  func begin(_ greeting: TunnelGreeting) {
    delegate?.tunnelEstablished(self, greeting: greeting)
    changed()
  }

  /// Takes the connection away that carries it, if one does: nothing that arrives on it counts any more.
  func fence() {
    guard let old = connection else { return }
    old.abandon()
    lose(.truncated)
  }

  /// Another connection carries it on. Throws, and stays cut, when the peer claims what cannot be.
  func resume(on next: TunnelHandler, peerReceived number: UInt64) throws(TunnelFault) {
    try machine.resume(peerReceived: number, at: BootClock.now())
    connection = next
    remoteAddress = next.remoteAddress
    delegate?.tunnelResumed(self)
    changed()
  }

  /// The connection is over. Without a good-bye the tunnel waits for another, if it may have one.
  func connectionEnded(_ closure: TunnelClosure) {
    if let ownClosure { return end(ownClosure) }
    switch closure {
    case .goAway, .fault: end(closure)
    case .closed, .truncated, .deadPeer, .tls, .io, .welcomeRefused, .resumeRefused, .handshakeTimedOut:
      if machine.isResumable { lose(closure) } else { end(closure) }
    }
  }

  private func lose(_ closure: TunnelClosure) {
    connection = nil
    stopTimer()
    machine.cut()
    delegate?.tunnelCut(self, closure)
  }

  /// Tells the delegate that it is over, unless it has been told.
  func end(_ closure: TunnelClosure) {
    connection = nil
    stopTimer()
    guard let delegate else { return }
    self.delegate = nil
    onEnd?(self, closure)
    delegate.tunnelClosed(self, closure)
  }

  private func stopTimer() {
    tickTimer?.timer.cancel()
    tickTimer = nil
  }

  // MARK: What a connection brings

  /// Takes a frame. Throws when the tunnel has to end.
  func receive(_ frame: Frame, at now: MonotonicInstant) throws(TunnelFault) {
    guard let event = try machine.receive(frame, at: now) else { return }
    delegate?.tunnel(self, received: event)
  }

  /// A burst of frames begins.
  func burstBegan(at now: MonotonicInstant) {
    isReceiving = true
    machine.heard(at: now)
  }

  /// It is over: writes what it brought about.
  func burstEnded() {
    isReceiving = false
    delegate?.tunnelPaused(self)
    pump()
  }
}
