public import NIOCore
import NIOPosix
public import TLSChannel
public import TunnelProtocol

/// Where agents connect.
public enum TunnelRelayListener {
  /// Listens on `host` and `port` (0 takes a free one; the channel's `localAddress` tells which).
  ///
  /// Connections over the limits are closed before a byte is read. All tunnels are on one event loop: a tunnel's state stays
  /// where it is whichever connection carries it, and one loop moves more than most lines.
  /// - Parameter introduction: what is done with those who come.
  /// - Returns: the listening channel; closing it accepts no more, and leaves the tunnels there are.
  public static func bind(
    loop: any EventLoop, host: String, port: Int, configuration: TLSConfiguration,
    limits: ListenerLimits = ListenerLimits(), tunnelLimits: TunnelLimits = .standard,
    transport: TransportLimits = .standard, introduction: RelayIntroduction
  ) -> EventLoopFuture<any Channel> {
    return loop.submit { NIOLoopBound(TunnelRegistry(), eventLoop: loop) }.flatMap { registry in
      bootstrap(loop, configuration, limits, tunnelLimits, transport, introduction, registry)
        .bind(host: host, port: port)
    }
  }

  private static func bootstrap(
    _ loop: any EventLoop, _ configuration: TLSConfiguration, _ limits: ListenerLimits, _ tunnelLimits: TunnelLimits,
    _ transport: TransportLimits, _ introduction: RelayIntroduction, _ registry: NIOLoopBound<TunnelRegistry>
  ) -> ServerBootstrap {
    let count = ConnectionCount(limits)
    return ServerBootstrap(group: loop)
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
        if let refusal = count.admit(address) {
          if count.isNews(at: .now()) { introduction.refused(address.text, "\(refusal)") }
          return channel.close()
        }
        channel.closeFuture.whenComplete { _ in count.release(address) }
        return channel.eventLoop.makeCompletedFuture {
          let tls = try TLSHandler(configuration: configuration)
          let tunnel = TunnelHandler(
            part: .relay(introduction, registry.value), tls: tls, channel: channel, limits: tunnelLimits,
            transport: transport)
          try channel.pipeline.syncOperations.addHandlers(tls, tunnel)
        }
      }
  }
}
