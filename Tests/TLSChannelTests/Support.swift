import Foundation
import NIOCore
import NIOEmbedded
import SessionModel
import Signing
import TLSChannel
import Testing

/// Counts what a handler behind TLS sees, in order.
enum Seen: Equatable {
  case handshake(TLSPeer)
  case closedByPeer
  case error(TLSError)
  case otherError
  case inactive
}

/// Stands behind a TLSHandler and remembers. Not Sendable: one event loop.
final class Recorder: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  var seen: [Seen] = []
  var received = ByteBuffer()
  var onEvent: ((ChannelHandlerContext, Seen) -> Void)?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    received.writeImmutableBuffer(unwrapInboundIn(data))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSEvent.handshakeCompleted(let peer): add(.handshake(peer), context)
    case TLSEvent.closedByPeer: add(.closedByPeer, context)
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    add((error as? TLSError).map { .error($0) } ?? .otherError, context)
  }

  func channelInactive(context: ChannelHandlerContext) { add(.inactive, context) }

  private func add(_ event: Seen, _ context: ChannelHandlerContext) {
    seen.append(event)
    onEvent?(context, event)
  }

  var errors: [TLSError] {
    seen.compactMap { if case .error(let error) = $0 { error } else { nil } }
  }
  var isConnected: Bool { seen.contains { if case .handshake = $0 { true } else { false } } }
  var text: String { String(buffer: received) }
}

/// Two TLS handlers with a wire between them that the test holds in its hands. No sockets, no time.
final class EmbeddedPair {
  let loop = EmbeddedEventLoop()
  let client: EmbeddedChannel
  let server: EmbeddedChannel
  let clientTLS: TLSHandler
  let serverTLS: TLSHandler
  let clientSeen = Recorder()
  let serverSeen = Recorder()
  /// Everything that went over the wire so far.
  var toServer: [UInt8] = []
  var toClient: [UInt8] = []
  /// Called with each piece before it is delivered.
  var cut: ((ByteBuffer) -> [ByteBuffer]) = { [$0] }

  init(_ clientSide: TLSConfiguration, _ serverSide: TLSConfiguration) throws {
    clientTLS = try TLSHandler(configuration: clientSide)
    serverTLS = try TLSHandler(configuration: serverSide)
    client = EmbeddedChannel(loop: loop)
    server = EmbeddedChannel(loop: loop)
    try client.pipeline.syncOperations.addHandlers(clientTLS, clientSeen)
    try server.pipeline.syncOperations.addHandlers(serverTLS, serverSeen)
  }

  func connect() throws {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
    server.connect(to: address, promise: nil)
    server.pipeline.read()
    client.connect(to: address, promise: nil)
    client.pipeline.read()
    loop.run()
  }

  /// Carries bytes both ways until neither side has any.
  func pump() throws {
    var moved = true
    while moved {
      moved = false
      while let bytes = try client.readOutbound(as: ByteBuffer.self) {
        moved = true
        toServer += bytes.readableBytesView
        deliver(bytes, to: server)
      }
      while let bytes = try server.readOutbound(as: ByteBuffer.self) {
        moved = true
        toClient += bytes.readableBytesView
        deliver(bytes, to: client)
      }
      loop.run()
    }
  }

  func deliver(_ bytes: ByteBuffer, to channel: EmbeddedChannel) {
    guard channel.isActive else { return }
    for piece in cut(bytes) where piece.readableBytes > 0 {
      channel.pipeline.fireChannelRead(piece)
      channel.pipeline.fireChannelReadComplete()
      if channel.isActive { channel.pipeline.read() }
    }
  }
}

/// Identities and configurations that all tests share: keys are costly enough.
enum Shared {
  static let relay = Result {
    try TLSIdentity.loadOrCreateRelay(directory: scratch() + "/relay", hostName: "localhost")
  }
  static let agent = Result { try TLSIdentity.loadOrCreateAgent(directory: nil) }

  static func server() throws -> TLSConfiguration { try .server(identity: relay.get()) }
  static func client() throws -> TLSConfiguration {
    try .client(identity: agent.get(), verification: .pin(relay.get().spki), serverName: "localhost")
  }

  /// A new private directory under the system's temporary one. It is left to the system to clean.
  static func scratch() throws -> String {
    let path = NSTemporaryDirectory() + "fixline-tls-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    return path
  }
}
