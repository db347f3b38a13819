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
///        established                     closed
///   ────────────────▶ received, freed ───────────▶
///                        │       ▲          ▲
///                    cut ▼       │ resumed  │
///                      (no connection) ─────┘
/// ```
/// The delegate may call back into the tunnel from any of these. It is held until `tunnelClosed` has returned.
public protocol TunnelDelegate: AnyObject {
  /// Both sides have introduced themselves; streams may be opened.
  func tunnelEstablished(_ tunnel: Tunnel, greeting: TunnelGreeting)
  /// Something arrived. Bytes of `.data` hold their room until ``Tunnel/consumed(_:bytes:)``.
  func tunnel(_ tunnel: Tunnel, received event: TunnelEvent)
  /// Bytes given to ``Tunnel/send(_:_:_:)`` left the stream's send buffer: so many more may be given.
  func tunnel(_ tunnel: Tunnel, stream: StreamID, freed bytes: Int)
  /// What arrived in one go has been told: a good moment to wake others once for all of it.
  func tunnelPaused(_ tunnel: Tunnel)
  /// The connection is gone without a good-bye. The tunnel waits for another: what is handed over is kept.
  func tunnelCut(_ tunnel: Tunnel, _ closure: TunnelClosure)
  /// Another connection carries the tunnel on, exactly where it stopped.
  func tunnelResumed(_ tunnel: Tunnel)
  /// The tunnel is over; exactly once for every tunnel, and last.
  func tunnelClosed(_ tunnel: Tunnel, _ closure: TunnelClosure)
}

extension TunnelDelegate {
  /// Nobody is to be woken.
  public func tunnelPaused(_ tunnel: Tunnel) {}
}
