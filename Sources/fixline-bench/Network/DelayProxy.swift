import NIOCore
import NIOPosix
import Synchronization

/// A listener on loopback that passes every connection on, each direction held back by half the round trip.
struct DelayProxy: Sendable {
  /// Where it listens, on 127.0.0.1.
  let port: Int
  private let listener: any Channel
  private let lines: Lines

  /// The connections there are, by the channel of who dialled.
  private final class Lines: Sendable {
    let open = Mutex<[ObjectIdentifier: any Channel]>([:])
    let cuts = Mutex(0)
  }

  /// How many connections were cut so far.
  var cuts: Int { lines.cuts.withLock { $0 } }

  /// Most bytes of one read.
  private static let readBytes = 1 << 18

  /// Listens on a free port and passes on to `target` on 127.0.0.1, coming from `source`.
  static func start(
    to target: Int, roundTrip: TimeAmount, from source: String = "127.0.0.1"
  ) async throws -> DelayProxy {
    let source = try SocketAddress(ipAddress: source, port: 0)
    let delay = TimeAmount.nanoseconds(roundTrip.nanoseconds / 2)
    let reads = AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: readBytes)
    let lines = Lines()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.recvAllocator, value: reads)
      .childChannelInitializer { inner in
        let name = ObjectIdentifier(inner)
        lines.open.withLock { $0[name] = inner }
        inner.closeFuture.whenComplete { _ in lines.open.withLock { $0[name] = nil } }
        return ClientBootstrap(group: inner.eventLoop)
          .channelOption(.autoRead, value: false)
          .channelOption(.allowRemoteHalfClosure, value: true)
          .channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .channelOption(.recvAllocator, value: reads)
          .bind(to: source)
          .connect(host: "127.0.0.1", port: target)
          .flatMapThrowing { outer in
            try inner.pipeline.syncOperations.addHandler(DelayLine(target: outer, delay: delay))
            try outer.pipeline.syncOperations.addHandler(DelayLine(target: inner, delay: delay))
          }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    guard let port = listener.localAddress?.port else { throw BenchFailure("the delay proxy got no port") }
    return DelayProxy(port: port, listener: listener, lines: lines)
  }

  /// Ends every connection there is, whatever is on its way.
  func cut() async {
    for channel in lines.open.withLock({ Array($0.values) }) {
      lines.cuts.withLock { $0 += 1 }
      try? await channel.close()
    }
  }

  /// Waits for its end.
  func closed() async throws { try await listener.closeFuture.get() }

  /// Takes no more connections; those it has end with their peers.
  func stop() async { try? await listener.close() }
}

/// Ports that nobody holds.
enum FreePort {
  /// A port that was free a moment ago. Somebody may be quicker: try again then.
  static func find() async throws -> Int {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let port = listener.localAddress?.port
    try await listener.close()
    guard let port else { throw BenchFailure("the kernel gave no free port") }
    return port
  }
}
