import NIOCore
import NIOPosix
import Testing

@testable import fixline_bench

/// The line the figures with a delay depend on, over real sockets.
@Suite("Delay proxy") struct DelayProxyTests {
  private typealias Wire = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// A server that answers what it read, and ends its side when the other has; behind a proxy.
  private func withLine(
    _ roundTrip: TimeAmount, _ body: (Wire) async throws -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer {
        $0.eventLoop.makeCompletedFuture(withResultOf: { [channel = $0] in
          try channel.pipeline.syncOperations.addHandler(Answerer())
        })
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let proxy = try await DelayProxy.start(to: try #require(server.localAddress?.port), roundTrip: roundTrip)
    let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connect(host: "127.0.0.1", port: proxy.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try Wire(wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    try await body(client)
    await proxy.stop()
    try await server.close()
  }

  /// Sends back what comes, and half-closes back.
  private final class Answerer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
      // An empty write is done when all before it are.
      let channel = context.channel
      context.writeAndFlush(NIOAny(ByteBuffer())).whenComplete { _ in channel.close(mode: .output, promise: nil) }
    }
  }

  @Test func `an answer takes the whole round trip`() async throws {
    try await withLine(.milliseconds(60)) { wire in
      try await wire.executeThenClose { inbound, outbound in
        var answers = inbound.makeAsyncIterator()
        for _ in 0..<5 {
          let start = ContinuousClock.now
          try await outbound.write(ByteBuffer(string: "x"))
          #expect(try await answers.next() == ByteBuffer(string: "x"))
          #expect(ContinuousClock.now - start >= .milliseconds(60))
        }
      }
    }
  }

  @Test func `many bytes arrive in order and unchanged, and the half-close behind them`() async throws {
    let seed = UInt64.random(in: .min ... .max)
    var state = seed
    // Knuth's 64-bit linear congruential generator; the high bits are used.
    let bytes = (0..<(6 << 20)).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 56)
    }
    try await withLine(.milliseconds(20)) { wire in
      try await wire.executeThenClose { inbound, outbound in
        async let sent: Void = {
          for start in stride(from: 0, to: bytes.count, by: 100_003) {
            try await outbound.write(ByteBuffer(bytes: bytes[start..<min(start + 100_003, bytes.count)]))
          }
          outbound.finish()
        }()
        var received: [UInt8] = []
        received.reserveCapacity(bytes.count)
        // Ends only when the half-close has come all the way back.
        for try await piece in inbound { received += piece.readableBytesView }
        try await sent
        // Not ==, which would print the difference of megabytes.
        #expect(received.count == bytes.count, "seed \(seed)")
        #expect(received.elementsEqual(bytes) as Bool, "seed \(seed)")
      }
    }
  }
}
