public import NIOCore
import NIOPosix
public import TLSChannel
public import TunnelProtocol

/// Where agents connect.
public enum TunnelRelayListener {
  /// Listens on `host` and `port` (0 takes a free one; the channel's `localAddress` tells which).
  ///
  /// Connections over the limits are closed before a byte is read. Each of the others gets a delegate of its own, made on
  /// its event loop.
  /// - Parameters:
  ///   - welcome: answers an agent's HELLO, given who it is and the TLS exporter's value to sign over. Called on the
  ///     connection's event loop. A ``TunnelRefusal`` is passed on to the agent; any other error is not.
  ///   - delegate: makes the delegate of a new connection.
  /// - Returns: the listening channel; closing it accepts no more, and leaves the tunnels there are.
  public static func bind(
    group: any EventLoopGroup, host: String, port: Int, configuration: TLSConfiguration,
    limits: ListenerLimits = ListenerLimits(), tunnelLimits: TunnelLimits = .standard,
    transport: TransportLimits = .standard,
    welcome: @escaping @Sendable (Hello, TLSPeer, _ exporter: [UInt8]) throws -> Welcome,
    delegate: @escaping @Sendable (any EventLoop) -> any TunnelDelegate
  ) -> EventLoopFuture<any Channel> {
    let count = ConnectionCount(limits)
    return ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: TransportLimits.backlog)
      .serverChannelInitializer { channel in
        // Out of descriptors: waits a second instead of spinning.
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
        }
      }
      .childChannelOption(SocketSettings.noDelay, value: 1)
      .childChannelOption(.recvAllocator, value: SocketSettings.reads)
      .childChannelOption(SocketSettings.keepAlive, value: 1)
      .childChannelOption(
        SocketSettings.unsentLowWater, value: TransportLimits.unsentLowWaterBytes
      )
      .childChannelOption(.writeBufferWaterMark, value: SocketSettings.waterMarks(transport))
      .childChannelInitializer { channel in
        let address = PeerAddress(channel.remoteAddress)
        guard count.admit(address) else { return channel.close() }
        channel.closeFuture.whenComplete { _ in count.release(address) }
        return channel.eventLoop.makeCompletedFuture {
          let tls = try TLSHandler(configuration: configuration)
          let tunnel = TunnelHandler(
            part: .relay(welcome: welcome), tls: tls, channel: channel, limits: tunnelLimits, transport: transport,
            delegate: delegate(channel.eventLoop))
          try channel.pipeline.syncOperations.addHandlers(tls, tunnel)
        }
      }
      .bind(host: host, port: port)
  }
}
