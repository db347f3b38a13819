import Foundation
import NIOCore
import NIOPosix
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing
import TunnelProtocol
import TunnelTransport

/// What a tunnel told its owner.
enum Happening: Sendable {
  case established(TLSPeer, TunnelGreeting)
  case received(TunnelEvent)
  case cut(TunnelClosure)
  case resumed
  case closed(TunnelClosure)
}

/// One end of a tunnel, seen from a test: what happened, and a way onto its event loop.
final class Side: Sendable {
  let events = Events<Happening>()
  private let tunnels = Events<NIOLoopBound<Owner>>()

  /// What the owner does by itself.
  enum Habit: Sendable {
    /// Takes all data at once; notes everything but large pieces of it.
    case takes
    /// Notes everything, takes nothing.
    case stalls
    /// Accepts streams, and sends back what comes on them.
    case echoes
    /// Accepts streams, hashes what comes on them, notes only their end.
    case hashes
  }
  let habit: Habit
  init(_ habit: Habit = .takes) { self.habit = habit }

  func makeOwner(_ loop: any EventLoop) -> Owner {
    let owner = Owner(self)
    tunnels.add(NIOLoopBound(owner, eventLoop: loop))
    return owner
  }

  /// Runs on the event loop of this end's first tunnel, once there is one.
  @discardableResult
  func run<Value: Sendable>(_ body: @escaping @Sendable (Tunnel, Owner) throws -> Value) async throws -> Value {
    guard let bound = await tunnels.wait(until: { !$0.isEmpty }).first else { throw ChannelError.eof }
    return try await bound.eventLoop.submit {
      let owner = bound.value
      guard let tunnel = owner.tunnel else { throw ChannelError.alreadyClosed }
      return try body(tunnel, owner)
    }.get()
  }

  @discardableResult
  func wait(_ condition: @escaping @Sendable (Happening) -> Bool) async -> Happening? {
    await events.wait { $0.contains(where: condition) }.first(where: condition)
  }

  func established() async { await wait { if case .established = $0 { true } else { false } } }

  func closure() async -> TunnelClosure? {
    if case .closed(let closure) = await wait({ if case .closed = $0 { true } else { false } }) { closure } else { nil }
  }

  var received: [TunnelEvent] { events.all.compactMap { if case .received(let event) = $0 { event } else { nil } } }

  func event(_ condition: @escaping @Sendable (TunnelEvent) -> Bool) async {
    await wait { if case .received(let event) = $0 { condition(event) } else { false } }
  }

  func cutReason() async -> TunnelClosure? {
    if case .cut(let closure) = await wait({ if case .cut = $0 { true } else { false } }) { closure } else { nil }
  }

  /// How often a tunnel was cut, and taken up again.
  var cuts: Int { events.all.filter { if case .cut = $0 { true } else { false } }.count }
  var resumptions: Int { events.all.filter { if case .resumed = $0 { true } else { false } }.count }

  func resumed(times count: Int = 1) async {
    await events.wait { $0.filter { if case .resumed = $0 { true } else { false } }.count >= count }
  }

  func cut(times count: Int = 1) async {
    await events.wait { $0.filter { if case .cut = $0 { true } else { false } }.count >= count }
  }

  var closures: Int { events.all.filter { if case .closed = $0 { true } else { false } }.count }
}

/// A tunnel's owner as the tests need it. Lives on the tunnel's event loop.
final class Owner: TunnelDelegate {
  private let side: Side
  var tunnel: Tunnel?
  /// Bytes that came, by stream.
  var arrived: [StreamID: Int] = [:]
  /// How many bytes of all streams had come when the newest of a stream came.
  var totalAtNewest: [StreamID: Int] = [:]
  var hashes: [StreamID: SHA256.Stream] = [:]
  /// Bytes still to be sent, by stream.
  var toSend: [StreamID: ByteBuffer] = [:]

  init(_ side: Side) { self.side = side }

  func tunnelEstablished(_ tunnel: Tunnel, greeting: TunnelGreeting) {
    self.tunnel = tunnel
    side.events.add(.established(tunnel.peer, greeting))
  }

  func tunnel(_ tunnel: Tunnel, received event: TunnelEvent) {
    if case .data(let stream, let lane, let bytes) = event {
      arrived[stream, default: 0] += bytes.readableBytes
      totalAtNewest[stream] = arrived.values.reduce(0, +)
      switch side.habit {
      case .stalls: return
      case .takes:
        tunnel.consumed(stream, bytes: bytes.readableBytes)
        if bytes.readableBytes > 1024 { return }
      case .hashes:
        hashes[stream, default: SHA256.Stream()].update(Array(bytes.readableBytesView))
        tunnel.consumed(stream, bytes: bytes.readableBytes)
        return
      case .echoes:
        tunnel.consumed(stream, bytes: bytes.readableBytes)
        tunnel.send(stream, lane, bytes)
        return
      }
    }
    if case .open(let stream, _) = event, case .echoes = side.habit { tunnel.accept(stream) }
    if case .open(let stream, _) = event, case .hashes = side.habit { tunnel.accept(stream) }
    side.events.add(.received(event))
  }

  func tunnel(_ tunnel: Tunnel, stream: StreamID, freed bytes: Int) { pour(stream) }

  func tunnelCut(_ tunnel: Tunnel, _ closure: TunnelClosure) { side.events.add(.cut(closure)) }

  func tunnelResumed(_ tunnel: Tunnel) { side.events.add(.resumed) }

  func tunnelClosed(_ tunnel: Tunnel, _ closure: TunnelClosure) { side.events.add(.closed(closure)) }

  /// Sends as much of what is to be sent as there is room for, then EOF.
  func pour(_ stream: StreamID) {
    guard let tunnel, var bytes = toSend[stream] else { return }
    while bytes.readableBytes > 0, tunnel.sendRoom(stream) > 0,
      let piece = bytes.readSlice(length: min(bytes.readableBytes, tunnel.sendRoom(stream), 30_000))
    {
      tunnel.send(stream, .standard, piece)
    }
    toSend[stream] = bytes.readableBytes > 0 ? bytes : nil
    if bytes.readableBytes == 0 { tunnel.finishWriting(stream) }
  }
}

/// A relay's side of the introduction, and agents that come to it.
struct TestRelay: Sendable {
  static let identity = Result {
    try TLSIdentity.loadOrCreateRelay(
      directory: NSTemporaryDirectory() + "fixline-tunnel-" + UUID().uuidString, hostName: "localhost")
  }
  static let agent = Result { try TLSIdentity.loadOrCreateAgent(directory: nil) }
  static let signing = Result { try Ed25519PrivateKey.generate() }
  static let instance: InstanceID = {
    var random = SecureRandomGenerator()
    return InstanceID(using: &random)
  }()

  let channel: any Channel
  var port: Int { channel.localAddress?.port ?? 0 }

  static let group = MultiThreadedEventLoopGroup.singleton

  static func welcome(_ hello: Hello, _ peer: TLSPeer, _ exporter: [UInt8]) throws -> Welcome {
    var random = SecureRandomGenerator()
    let tunnel = InstanceID(using: &random)
    let signed = Welcome.signedBytes(
      exporter: exporter, version: TunnelVersion.current, instance: instance, tunnel: tunnel, agentSPKI: peer.spki)
    let key = try signing.get()
    return Welcome(
      instance: instance, tunnel: tunnel, signingKey: key.publicKey.rawBytes, signature: try key.sign(signed),
      resumeWindowSeconds: 600, shop: "Test shop")
  }

  static func verify(_ welcome: Welcome, _ exporter: [UInt8]) -> Bool {
    guard let key = Ed25519PublicKey(rawBytes: welcome.signingKey), let spki = try? agent.get().spki else {
      return false
    }
    return key.isValid(signature: welcome.signature, for: welcome.signedBytes(exporter: exporter, agentSPKI: spki))
  }

  static func start(
    _ side: @escaping @Sendable () -> Side, limits: ListenerLimits = ListenerLimits(),
    tunnelLimits: TunnelLimits = .standard, transport: TransportLimits = .patient,
    welcome: @escaping @Sendable (Hello, TLSPeer, [UInt8]) throws -> Welcome = TestRelay.welcome,
    refused: @escaping @Sendable (String, String) -> Void = { _, _ in }
  ) async throws -> TestRelay {
    let configuration = try TLSConfiguration.server(identity: identity.get())
    return TestRelay(
      channel: try await TunnelRelayListener.bind(
        loop: group.next(), host: "127.0.0.1", port: 0, configuration: configuration, limits: limits,
        tunnelLimits: tunnelLimits, transport: transport,
        introduction: RelayIntroduction(
          welcome: welcome, sign: { try signing.get().sign($0) }, delegate: { side().makeOwner($0) },
          failed: { side().events.add(.closed($0.closure)) }, refused: refused)
      ).get())
  }

  static var hello: Hello {
    Hello(instance: instance, software: "test", language: "en", allowances: .all)
  }

  func dial(
    _ side: Side, hello: Hello = TestRelay.hello, pin: Fingerprint? = nil, tunnelLimits: TunnelLimits = .standard,
    verify: @escaping @Sendable (Welcome, [UInt8]) -> Bool = TestRelay.verify
  ) async throws {
    let configuration = try TLSConfiguration.client(
      identity: Self.agent.get(), verification: .pin(pin ?? Self.identity.get().spki), serverName: nil)
    let loop = Self.group.next()
    do {
      try await loop.flatSubmit { [port] in
        TunnelDialer.connect(
          loop: loop, host: "127.0.0.1", port: port, configuration: configuration,
          introduction: .hello(hello, verify: verify, delegate: side.makeOwner(loop)), tunnelLimits: tunnelLimits)
      }.get()
    } catch let closure as TunnelClosure {
      side.events.add(.closed(closure))
    }
  }

  static func verify(_ resumed: Resumed, _ exporter: [UInt8]) -> Bool {
    guard let key = try? signing.get().publicKey, let spki = try? agent.get().spki else { return false }
    return key.isValid(signature: resumed.signature, for: resumed.signedBytes(exporter: exporter, agentSPKI: spki))
  }

  /// Dials again with the tunnel that `side` has.
  func redial(
    _ side: Side, verify: @escaping @Sendable (Resumed, [UInt8]) -> Bool = TestRelay.verify
  ) async throws {
    let configuration = try TLSConfiguration.client(
      identity: Self.agent.get(), verification: .pin(Self.identity.get().spki), serverName: nil)
    let done = try await side.run { [port] tunnel, _ in
      TunnelDialer.connect(
        loop: tunnel.eventLoop, host: "127.0.0.1", port: port, configuration: configuration,
        introduction: .resume(tunnel, verify: verify))
    }
    try await done.get()
  }

  /// A connection that speaks TLS and nothing else by itself.
  func dialRaw(_ events: Events<RawEvent>, identity: TLSIdentity? = nil) async throws -> any Channel {
    let configuration = try TLSConfiguration.client(
      identity: identity ?? Self.agent.get(), verification: .pin(Self.identity.get().spki), serverName: nil)
    let channel = try await ClientBootstrap(group: Self.group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(configuration: configuration), RawClient(events))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    await events.wait { !$0.isEmpty }
    return channel
  }
}

/// What a raw client saw.
enum RawEvent: Sendable {
  case connected
  case bytes(ByteBuffer)
  case ended
}

/// Reads whatever comes and answers nothing.
final class RawClient: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let events: Events<RawEvent>
  init(_ events: Events<RawEvent>) { self.events = events }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) { events.add(.bytes(unwrapInboundIn(data))) }
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSEvent.handshakeCompleted = event { events.add(.connected) }
  }
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
  func channelInactive(context: ChannelHandlerContext) { events.add(.ended) }
}

extension StreamOpening {
  /// A command under some session.
  static func test() throws -> StreamOpening {
    StreamOpening(session: try #require(SessionID("0123456z")), kind: .exec(command: Array("true".utf8)))
  }
}

extension TransportLimits {
  /// For a machine that is busy with other tests: only the tests about the grace itself measure it.
  static let patient: TransportLimits = {
    var limits = TransportLimits()
    limits.handshakeGraceMilliseconds = 120_000
    return limits
  }()
}
