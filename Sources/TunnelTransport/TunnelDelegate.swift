public import TLSChannel
public import TunnelProtocol

/// What the peer introduced itself with.
public enum TunnelGreeting: Hashable, Sendable {
  /// On a relay: what the agent said. WELCOME has been sent.
  case hello(Hello)
  /// On an agent: what the relay said. Its signature has been verified.
  case welcome(Welcome)
}

/// The owner of one tunnel. Everything is called on the tunnel's event loop and must not block it.
///
/// ```
///        established                    closed
///   ────────────────▶ received, freed ─────────▶      (closed may also come alone, when nothing was established)
/// ```
/// The delegate may call back into the tunnel from any of these. It is held until `tunnelClosed` has returned.
public protocol TunnelDelegate: AnyObject {
  /// Both sides have introduced themselves; streams may be opened.
  func tunnelEstablished(_ tunnel: TunnelHandler, peer: TLSPeer, greeting: TunnelGreeting)
  /// Something arrived. Bytes of `.data` hold their room until ``TunnelHandler/consumed(_:bytes:)``.
  func tunnel(_ tunnel: TunnelHandler, received event: TunnelEvent)
  /// Bytes given to ``TunnelHandler/send(_:_:_:)`` left the stream's send buffer: so many more may be given.
  func tunnel(_ tunnel: TunnelHandler, stream: StreamID, freed bytes: Int)
  /// What arrived in one go has been told: a good moment to wake others once for all of it.
  func tunnelPaused(_ tunnel: TunnelHandler)
  /// The connection is over; exactly once for every connection, and last.
  func tunnelClosed(_ tunnel: TunnelHandler, _ closure: TunnelClosure)
}

extension TunnelDelegate {
  /// Nobody is to be woken.
  public func tunnelPaused(_ tunnel: TunnelHandler) {}
}
