import Glibc
import NIOCore

/// What both ends set on their sockets.
enum SocketSettings {
  /// Sends small frames at once.
  static let noDelay = ChannelOptions.tcpOption(.tcp_nodelay)
  /// Lets the kernel notice a peer that is gone for hours as a last resort; the tunnel's own pings notice in seconds.
  static let keepAlive = ChannelOptions.socketOption(.so_keepalive)
  /// See ``TransportLimits/unsentLowWaterBytes``.
  static let unsentLowWater = ChannelOptions.Types.SocketOption(
    level: .tcp, name: .init(rawValue: CInt(TCP_NOTSENT_LOWAT)))

  /// Grows with what arrives, up to ``TransportLimits/readBytes``, and shrinks again.
  static var reads: AdaptiveRecvByteBufferAllocator {
    AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: TransportLimits.readBytes)
  }

  static func waterMarks(_ limits: TransportLimits) -> ChannelOptions.Types.WriteBufferWaterMark {
    .init(low: limits.writeLowWaterBytes, high: limits.writeHighWaterBytes)
  }
}
