public import NIOCore
import NIOPosix
public import TLSChannel
public import TunnelProtocol

/// How an agent reaches its relay.
public enum TunnelDialer {
  /// Connects once; redialling is the caller's (``Backoff``).
  /// - Parameters:
  ///   - verify: whether WELCOME is signed by the right key, given the TLS exporter's value. Called on the connection's
  ///     event loop.
  ///   - delegate: makes the connection's delegate, on its event loop. It hears of everything after TCP is connected.
  /// - Returns: the channel once TCP is connected; a failure when it could not be, of which no delegate hears.
  public static func connect(
    group: any EventLoopGroup, host: String, port: Int, configuration: TLSConfiguration, hello: Hello,
    tunnelLimits: TunnelLimits = .standard, transport: TransportLimits = .standard,
    verify: @escaping @Sendable (Welcome, _ exporter: [UInt8]) -> Bool,
    delegate: @escaping @Sendable (any EventLoop) -> any TunnelDelegate
  ) -> EventLoopFuture<any Channel> {
    ClientBootstrap(group: group)
      .connectTimeout(.milliseconds(transport.connectTimeoutMilliseconds))
      .channelOption(SocketSettings.noDelay, value: 1)
      .channelOption(.recvAllocator, value: SocketSettings.reads)
      .channelOption(SocketSettings.keepAlive, value: 1)
      .channelOption(SocketSettings.unsentLowWater, value: TransportLimits.unsentLowWaterBytes)
      .channelOption(.writeBufferWaterMark, value: SocketSettings.waterMarks(transport))
      .connect(host: host, port: port)
      .flatMapThrowing { channel in
        // Added only now: a failed attempt at one of the host's addresses is no connection to hear of.
        let tls = try TLSHandler(configuration: configuration)
        let tunnel = TunnelHandler(
          part: .agent(hello: hello, verify: verify), tls: tls, channel: channel, limits: tunnelLimits,
          transport: transport, delegate: delegate(channel.eventLoop))
        try channel.pipeline.syncOperations.addHandlers(tls, tunnel)
        return channel
      }
  }
}
