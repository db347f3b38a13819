import Glibc
import NIOCore
import SessionModel
import TLSChannel
import TunnelProtocol

/// One connection of a tunnel: introduces both sides, then cuts what TLS delivers into frames for the ``Tunnel``.
///
/// ```
///             TLS done                 HELLO / WELCOME, RESUME / RESUMED                good-bye, fault, dead peer,
///   securing ──────────▶ introducing ───────────────────────────────────▶ carrying ──── end of the connection ────▶ over
///      │                      │                                                                                     ▲
///      └──────────────────────┴──── TLS error, refusal, 10 s passed, end of the connection ─────────────────────────┘
/// ```
/// All of it belongs to the channel's event loop.
final class TunnelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Never
  typealias OutboundOut = ByteBuffer

  enum State {
    /// TLS is not through.
    case securing
    /// TLS is through; the first frame is awaited.
    case introducing(TLSPeer)
    case carrying(Tunnel)
    /// Nothing is taken from the peer any more.
    case over
  }

  let part: TunnelPart
  let tls: TLSHandler
  let transport: TransportLimits
  let limits: TunnelLimits
  let eventLoop: any EventLoop
  let remoteAddress: String

  private var decoder = FrameDecoder()
  var state = State.securing
  var context: ChannelHandlerContext?
  /// Who the peer proved to be.
  private(set) var peer: TLSPeer?

  /// The key of the agent whose tunnel it wanted and did not get.
  var wanted: Fingerprint?
  /// What the peer said when it left.
  var farewell: GoAway?
  /// Why this side ended the connection.
  var ownClosure: TunnelClosure?
  /// The tunnel or the listener has been told of the end.
  private var isConcluded = false
  /// Ends an introduction that takes too long.
  private var grace: Scheduled<Void>?

  init(part: TunnelPart, tls: TLSHandler, channel: any Channel, limits: TunnelLimits, transport: TransportLimits) {
    self.part = part
    self.tls = tls
    self.limits = limits
    self.transport = transport
    eventLoop = channel.eventLoop
    remoteAddress = PeerAddress(channel.remoteAddress).text
  }

  // MARK: Life of the channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    grace = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(transport.handshakeGraceMilliseconds)) {
      [weak self] () -> Void in
      guard let self else { return }
      switch self.state {
      case .securing, .introducing: self.abort(.handshakeTimedOut)
      case .carrying, .over: break
      }
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    conclude(.closed)
    self.context = nil
  }

  func channelInactive(context: ChannelHandlerContext) { conclude(.truncated) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
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

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSEvent.handshakeCompleted(let peer):
      self.peer = peer
      introduce(peer)
    case TLSEvent.closedByPeer: conclude(.closed)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  /// The socket takes more.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard context.channel.isWritable, case .carrying(let tunnel) = state else { return }
    tunnel.schedulePump()
  }

  // MARK: Receiving

  /// Takes what TLS decrypted, frame by frame.
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    let now = BootClock.now()
    if case .carrying(let tunnel) = state { tunnel.burstBegan(at: now) }
    do throws(TunnelFault) {
      while let frame = try decoder.next(from: &bytes) {
        switch state {
        case .carrying(let tunnel):
          if frame.type == .goAway { farewell = try? GoAway(payload: frame.payload) }
          try tunnel.receive(frame, at: now)
        case .introducing(let peer): try greet(frame, peer)
        case .securing, .over: return
        }
      }
    } catch {
      leave(GoAway(.fault, error.description), .fault(error))
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if case .carrying(let tunnel) = state { tunnel.burstEnded() }
  }

  /// Whether it still takes frames: it is not on its way out.
  var isCarrying: Bool { if case .carrying = state { true } else { false } }

  /// The introduction is done.
  func carry(_ tunnel: Tunnel) {
    grace?.cancel()
    grace = nil
    state = .carrying(tunnel)
  }

  // MARK: The end

  /// Tells of the end, once. A peer's own words come before whatever showed itself after them.
  func conclude(_ closure: TunnelClosure) {
    let before = state
    state = .over
    grace?.cancel()
    guard !isConcluded else { return }
    isConcluded = true
    let reason = ownClosure ?? farewell.map { .goAway($0) } ?? closure
    if case .carrying(let tunnel) = before { return tunnel.connectionEnded(reason) }
    if let tunnel = leaving { return tunnel.connectionEnded(reason) }
    part.failed(FailedIntroduction(address: remoteAddress, peer: peer, closure: reason, wanted: wanted))
  }

  /// The tunnel this connection carried until it began to leave.
  private var leaving: Tunnel?

  /// Ends the connection at once: the peer does not deserve, or cannot take, another word.
  func abort(_ closure: TunnelClosure) {
    conclude(closure)
    tls.abort()
  }

  /// The tunnel has taken itself away from this connection: it ends, and nobody is told.
  func abandon() {
    state = .over
    isConcluded = true
    tls.abort()
  }

  /// Says why, then ends the connection. What the machine still has to say is dropped.
  func leave(_ reason: GoAway, _ closure: TunnelClosure) {
    guard let context else { return }
    switch state {
    case .over: return
    case .securing: break
    case .introducing: write(reason.frame(), context)
    case .carrying(let tunnel):
      leaving = tunnel
      write(reason.frame(), context)
    }
    state = .over
    ownClosure = closure
    context.close(promise: nil)
  }

  /// Closes the connection in an orderly way without a reason.
  func close() {
    if case .carrying(let tunnel) = state { leaving = tunnel }
    if ownClosure == nil { ownClosure = .closed }
    state = .over
    context?.close(promise: nil)
  }

  /// Writes a frame that does not come from the machine: the introduction, and the last word.
  func write(_ frame: Frame, _ context: ChannelHandlerContext) {
    var buffer = context.channel.allocator.buffer(capacity: frame.encodedBytes)
    frame.write(into: &buffer)
    context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }
}
