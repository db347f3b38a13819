import NIOCore
import NIOPosix
import Signing
import SessionModel
import TLSChannel
import TestSupport

/// What an endpoint on a real socket reports.
enum Report: Sendable, Equatable {
  case seen(Seen)
  /// This many bytes in all.
  case received(Int)
  /// Everything expected, and its digest.
  case complete(Fingerprint)
}

/// Stands behind TLS on a real socket: hashes what comes, and can send without end as far as the channel takes it.
final class Endpoint: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let events: Events<Report>
  private let expected: Int
  private let isEcho: Bool
  private var toSend: Int
  private var random = SeededGenerator()
  private var hash = SHA256.Stream()
  private var received = 0
  private var context: ChannelHandlerContext?
  private var isConnected = false
  /// While set, read() goes no further.
  private var isPaused: Bool
  private var isReadHeld = false

  init(_ events: Events<Report>, expecting: Int = 0, sending: Int = 0, isEcho: Bool = false, isPaused: Bool = false) {
    self.events = events
    expected = expecting
    toSend = sending
    self.isEcho = isEcho
    self.isPaused = isPaused
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    received += bytes.readableBytes
    hash.update(Array(bytes.readableBytesView))
    if expected == 0 { events.add(.received(received)) }
    if expected > 0 && received == expected { events.add(.complete(hash.finish())) }
    if isEcho { context.write(wrapOutboundOut(bytes), promise: nil) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.flush()
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if isPaused && isConnected { isReadHeld = true } else { context.read() }
  }

  func resume() {
    isPaused = false
    if isReadHeld { context?.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { send(context) }

  private func send(_ context: ChannelHandlerContext) {
    while toSend > 0 && context.channel.isWritable {
      let count = min(toSend, Int.random(in: 1...70_000, using: &random))
      toSend -= count
      let bytes = ByteBuffer(repeating: UInt8(truncatingIfNeeded: toSend), count: count)
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }
  }

  /// What is still to be sent.
  var unsent: Int { toSend }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSEvent.handshakeCompleted(let peer):
      isConnected = true
      events.add(.seen(.handshake(peer)))
      send(context)
    case TLSEvent.closedByPeer: events.add(.seen(.closedByPeer))
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    events.add(.seen((error as? TLSError).map { .error($0) } ?? .otherError))
  }

  func channelInactive(context: ChannelHandlerContext) { events.add(.seen(.inactive)) }
}

/// Two ends over real sockets on the loopback interface.
enum Loopback {
  static func listen(
    _ configuration: TLSConfiguration, socketBuffer: Int? = nil, accepted: Events<any Channel>? = nil,
    _ endpoint: @escaping @Sendable () -> Endpoint
  ) async throws -> any Channel {
    try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_rcvbuf), value: .init(socketBuffer ?? 1 << 20))
      .childChannelInitializer { channel in
        accepted?.add(channel)
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(TLSHandler(configuration: configuration), endpoint())
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  static func dial(
    _ port: Int, _ configuration: TLSConfiguration?, socketBuffer: Int? = nil,
    _ endpoint: @escaping @Sendable () -> Endpoint
  ) async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.socketOption(.so_sndbuf), value: .init(socketBuffer ?? 1 << 20))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let configuration {
            try channel.pipeline.syncOperations.addHandler(TLSHandler(configuration: configuration))
          }
          try channel.pipeline.syncOperations.addHandler(endpoint())
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
  }

  static func errors(_ events: [Report]) -> [TLSError] {
    events.compactMap { if case .seen(.error(let error)) = $0 { error } else { nil } }
  }
}
