import NIOCore
import NIOPosix
import SessionModel
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

/// An event loop with the connections of an agent on it, and another with their targets.
struct ForwardBench: Sendable {
  let agentGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let targetGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let forwards: Held<Shop>
  let session: SessionID

  var loop: any EventLoop { agentGroup.next() }
  var targets: any EventLoop { targetGroup.next() }

  final class Shop: Watched {
    let forwards: Forwards
    init(loop: any EventLoop, limits: ForwardLimits, lookup: @escaping NameResolver.Lookup) {
      forwards = Forwards(limits: limits, loop: loop, lookup: lookup)
      super.init(loop: loop)
    }
  }

  /// getaddrinfo, as far as NIO shows it.
  static let systemLookup: NameResolver.Lookup = { host, port, _ throws(LookupFailure) in
    guard let address = try? SocketAddress.makeAddressResolvingHost(host, port: Int(port)) else {
      throw .noSuchHost
    }
    return [address]
  }

  /// A bench for one test; everything of it is ended behind `body`.
  static func with(
    _ limits: ForwardLimits = .standard, lookup: @escaping NameResolver.Lookup = systemLookup,
    _ body: (ForwardBench) async throws -> Void
  ) async throws {
    let bench = try await ForwardBench(limits, lookup)
    try await body(bench)
    #expect(try await bench.forwards.on { $0.forwards.count } == 0, "a connection's place was not given back")
    let pool = try await bench.forwards.on { $0.forwards.resolver.giveUpThreads() }
    try await pool?.shutdownGracefully()
    try await bench.forwards.on { _ in }
    try await bench.agentGroup.shutdownGracefully()
    try await bench.targetGroup.shutdownGracefully()
  }

  private init(_ limits: ForwardLimits, _ lookup: @escaping NameResolver.Lookup) async throws {
    var generator = SystemRandomNumberGenerator()
    session = SessionID(using: &generator)
    let loop = agentGroup.next()
    forwards = try await Held(on: loop) { Shop(loop: loop, limits: limits, lookup: lookup) }
  }

  func open(
    _ host: String, _ port: UInt16, session other: SessionID? = nil, stands: Bool = false
  ) async throws -> Held<TestStream> {
    let loop = loop
    let stream = try await Held(on: loop) { TestStream(loop: loop) }
    let session = other ?? session
    try await forwards.on { shop in
      stream.value.open(host, port, shop.forwards, session: session, stands: stands)
    }
    return stream
  }

  /// How a stream that must fail ends.
  func failure(_ host: String, _ port: UInt16) async throws -> StreamEnd? {
    let stream = try await open(host, port)
    try await stream.until { $0.end != nil }
    #expect(try await stream.on { $0.said } == ["end"], "a stream that fails was accepted")
    return try await stream.on { $0.end }
  }

  /// A port of this computer where nobody listens.
  func closedPort() async throws -> UInt16 {
    let target = try await TestTarget.listening(.echoes, on: targets)
    let port = try await target.port
    try await target.close()
    return port
  }
}

/// Bytes that tell where they belong, the same for the same seed: numbered copies of something random.
func pattern(_ count: Int, _ seed: UInt64) -> ByteBuffer {
  var generator = SeededGenerator(seed: seed)
  let block = (0..<4_093).map { _ in UInt8.random(in: 0...255, using: &generator) }
  var buffer = ByteBuffer()
  buffer.reserveCapacity(count + block.count + 8)
  while buffer.readableBytes < count {
    buffer.writeInteger(buffer.readableBytes)
    buffer.writeBytes(block)
  }
  return buffer.getSlice(at: 0, length: count) ?? buffer
}

func bytes(_ buffer: ByteBuffer) -> [UInt8] { Array(buffer.readableBytesView) }
