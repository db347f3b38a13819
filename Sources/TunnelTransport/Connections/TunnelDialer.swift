public import NIOCore
import NIOPosix
public import TLSChannel
public import TunnelProtocol

/// How an agent reaches its relay.
public enum TunnelDialer {
  /// Connects once; redialling is the caller's (``Backoff``).
  /// - Parameter introduction: whether a tunnel is made or taken up again, and how the relay is judged; called on `loop`.
  /// - Returns: succeeds once a connection carries the tunnel, of which the delegate has heard by then; fails with a
  ///   ``TunnelClosure``, or the dial's own error, when there is none.
  public static func connect(
    loop: any EventLoop, host: String, port: Int, configuration: TLSConfiguration, introduction: AgentIntroduction,
    tunnelLimits: TunnelLimits = .standard, transport: TransportLimits = .standard
  ) -> EventLoopFuture<Void> {
    let introduction = NIOLoopBound(introduction, eventLoop: loop)
    return ClientBootstrap(group: loop)
      .connectTimeout(.milliseconds(transport.connectTimeoutMilliseconds))
      .channelOption(SocketSettings.noDelay, value: 1)
      .channelOption(.recvAllocator, value: SocketSettings.reads)
      .channelOption(SocketSettings.keepAlive, value: 1)
      .channelOption(SocketSettings.unsentLowWater, value: TransportLimits.unsentLowWaterBytes)
      .channelOption(.writeBufferWaterMark, value: SocketSettings.waterMarks(transport))
      .connect(host: host, port: port)
      .flatMap { channel in
        // Added only now: a failed attempt at one of the host's addresses is no connection to hear of.
        let done = channel.eventLoop.makePromise(of: Void.self)
        do {
          let tls = try TLSHandler(configuration: configuration)
          let tunnel = TunnelHandler(
            part: .agent(introduction.value, done), tls: tls, channel: channel, limits: tunnelLimits,
            transport: transport)
          try channel.pipeline.syncOperations.addHandlers(tls, tunnel)
        } catch {
          channel.close(promise: nil)
          done.fail(error)
        }
        return done.futureResult
      }
  }
}
