import Glibc
public import NIOCore
import SessionModel
import TLSChannel
import TunnelProtocol

/// One tunnel's connection: cuts what TLS delivers into frames, feeds them to the ``TunnelMachine``, writes what the
/// machine has to say while the channel takes it, and keeps its clock.
///
/// ```
///             TLS done                 HELLO / WELCOME                   goAway(thenClose), close,
///   securing ──────────▶ introducing ─────────────────▶ established ──── fault, dead peer ────────▶ over
///      │                      │                                                                      ▲
///      └──────────────────────┴──── TLS error, refusal, 10 s passed, end of the connection ──────────┘
/// ```
/// All of it belongs to the channel's event loop; nothing here may be called from elsewhere.
public final class TunnelHandler: ChannelInboundHandler {
  /// Plain text out of TLS.
  public typealias InboundIn = ByteBuffer
  /// Nothing goes further.
  public typealias InboundOut = Never
  /// Plain text into TLS.
  public typealias OutboundOut = ByteBuffer

  enum State {
    /// TLS is not through.
    case securing
    /// TLS is through; HELLO or WELCOME is awaited.
    case introducing(TLSPeer)
    case established(TLSPeer)
    /// Nothing is taken from the peer any more.
    case over
  }

  let part: TunnelPart
  let tls: TLSHandler
  let transport: TransportLimits
  var machine: TunnelMachine
  var decoder = FrameDecoder()
  var state = State.securing
  var context: ChannelHandlerContext?
  var delegate: (any TunnelDelegate)?

  /// What the peer said when it left.
  var farewell: GoAway?
  /// Why this side ended the connection, told to the delegate once the channel is closed.
  var ownClosure: TunnelClosure?
  /// Ends an introduction that takes too long.
  var grace: Scheduled<Void>?
  /// The next look at the machine's clock.
  var tickTimer: (due: MonotonicInstant, timer: Scheduled<Void>)?
  /// Frames are being received: what they bring about is written at the end of the burst.
  var isReceiving = false
  /// ``pump()`` is running, or has been asked to.
  var isPumping = false
  var isPumpScheduled = false

  /// Where this tunnel lives.
  public let eventLoop: any EventLoop
  /// The peer's numeric IP address, without port; an IPv4 address that came by an IPv6 socket is shown as IPv4.
  public let remoteAddress: String

  init(
    part: TunnelPart, tls: TLSHandler, channel: any Channel, limits: TunnelLimits, transport: TransportLimits,
    delegate: any TunnelDelegate
  ) {
    self.part = part
    self.tls = tls
    self.transport = transport
    self.delegate = delegate
    eventLoop = channel.eventLoop
    remoteAddress = PeerAddress(channel.remoteAddress).text
    machine = TunnelMachine(role: part.role, limits: limits, now: BootClock.now())
  }

  // MARK: Life of the channel

  /// Starts the clock.
  public func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    grace = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(transport.handshakeGraceMilliseconds)) {
      [weak self] () -> Void in
      guard let self else { return }
      switch self.state {
      case .securing, .introducing: self.abort(.handshakeTimedOut)
      case .established, .over: break
      }
    }
  }

  /// Lets go of the channel.
  public func handlerRemoved(context: ChannelHandlerContext) {
    conclude(ownClosure ?? .closed)
    self.context = nil
  }

  /// The connection is gone.
  public func channelInactive(context: ChannelHandlerContext) {
    conclude(ownClosure ?? .truncated)
  }

  /// TLS or the socket failed.
  public func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let closure: TunnelClosure =
      switch error {
      case TLSError.truncated: .truncated
      case let error as TLSError: .tls(error)
      case let error as IOError: breakage(error)
      case let error: .io("\(error)")
      }
    conclude(closure)
    context.close(promise: nil)
  }

  /// A reset says no more than that the other program ended with something unread: the connection broke off.
  private func breakage(_ error: IOError) -> TunnelClosure {
    guard [ECONNRESET, EPIPE, ENOTCONN].contains(error.errnoCode) else { return .io(error.description) }
    if case .securing = state { return .tls(.closedDuringHandshake) }
    return .truncated
  }

  /// TLS is through, or the peer has closed it.
  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSEvent.handshakeCompleted(let peer): introduce(peer)
    case TLSEvent.closedByPeer: conclude(.closed)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// The socket takes more.
  public func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { schedulePump() }
  }

  // MARK: The end

  /// Tells the delegate that the connection is over, unless it has been told. A peer's own words come before whatever
  /// showed itself after them.
  func conclude(_ closure: TunnelClosure) {
    state = .over
    grace?.cancel()
    tickTimer?.timer.cancel()
    tickTimer = nil
    guard let delegate else { return }
    self.delegate = nil
    let reason = ownClosure ?? farewell.map { .goAway($0) } ?? closure
    delegate.tunnelClosed(self, reason)
  }

  /// Ends the connection at once: the peer does not deserve, or cannot take, another word.
  func abort(_ closure: TunnelClosure) {
    conclude(closure)
    tls.abort()
  }

  /// Says why, then ends the connection. What the machine still has to say is dropped.
  func leave(_ reason: GoAway, _ closure: TunnelClosure) {
    guard let context else { return }
    switch state {
    case .over: return
    case .securing: break
    case .introducing, .established: writeAtOnce(reason.frame(), context)
    }
    state = .over
    ownClosure = closure
    context.close(promise: nil)
  }
}
