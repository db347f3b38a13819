public import NIOCore
public import SessionModel
public import TLSChannel
public import TunnelProtocol

/// What a relay does with those who come. Everything is called on the tunnels' event loop.
public struct RelayIntroduction: Sendable {
  /// Answers HELLO, given who it is and the TLS exporter's value to sign over. A ``TunnelRefusal`` is passed on to the agent;
  /// any other error is not.
  public var welcome: @Sendable (Hello, TLSPeer, _ exporter: [UInt8]) throws -> Welcome
  /// Signs the answer to a RESUME that is in order, over ``TunnelProtocol/Resumed/signedBytes(exporter:agentSPKI:)``.
  public var sign: @Sendable (_ bytes: [UInt8]) throws -> [UInt8]
  /// Makes the owner of a new tunnel.
  public var delegate: @Sendable (any EventLoop) -> any TunnelDelegate
  /// A connection ended before it carried a tunnel.
  public var failed: @Sendable (FailedIntroduction) -> Void
  /// A connection was closed unread because of a limit; told at most once in ``TransportLimits/refusalNewsSeconds``.
  public var refused: @Sendable (_ address: String, _ why: String) -> Void

  /// All of it.
  public init(
    welcome: @escaping @Sendable (Hello, TLSPeer, _ exporter: [UInt8]) throws -> Welcome,
    sign: @escaping @Sendable (_ bytes: [UInt8]) throws -> [UInt8],
    delegate: @escaping @Sendable (any EventLoop) -> any TunnelDelegate,
    failed: @escaping @Sendable (FailedIntroduction) -> Void,
    refused: @escaping @Sendable (_ address: String, _ why: String) -> Void
  ) {
    self.welcome = welcome
    self.sign = sign
    self.delegate = delegate
    self.failed = failed
    self.refused = refused
  }
}

/// How an agent begins a connection.
public enum AgentIntroduction {
  /// With a new tunnel; `verify` judges whether WELCOME is signed by the right key, given the TLS exporter's value.
  case hello(Hello, verify: (Welcome, _ exporter: [UInt8]) -> Bool, delegate: any TunnelDelegate)
  /// With the tunnel it has, which must be cut.
  case resume(Tunnel, verify: (Resumed, _ exporter: [UInt8]) -> Bool)
}

/// A connection that came to nothing.
public struct FailedIntroduction: Sendable {
  /// The peer's numeric IP address.
  public let address: String
  /// Who it proved to be; nil when TLS did not get that far.
  public let peer: TLSPeer?
  /// Why.
  public let closure: TunnelClosure
  /// The key of the agent whose tunnel it wanted; nil when it wanted none that exists.
  public let wanted: Fingerprint?
}
