import NIOCore
import NIOPosix
import SessionModel
import Signing
import Synchronization
import TLSChannel
import TunnelProtocol

/// One end of a tunnel in the test's own hands: real TLS and real frames, but what it says is up to the test. It answers
/// pings, acknowledges and gives credit as the protocol wants, until the test makes it lie.
final class RawTunnel: Sendable {
  private struct State {
    var greeting: Frame?
    var exporter: [UInt8] = []
    var peer: TLSPeer?
    var events: [TunnelEvent] = []
    var goAway: GoAway?
    var fault = ""
    var closed = false
    /// A cut tunnel that is to go on.
    var carried: TunnelMachine?
    /// Where the handler lives once there is a connection.
    var handler: NIOLoopBound<RawTunnelHandler>?
  }
  private let state = Mutex(State())
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  var events: [TunnelEvent] { state.withLock { $0.events } }
  var goAway: GoAway? { state.withLock { $0.goAway } }
  var closed: Bool { state.withLock { $0.closed } }
  var seen: String {
    state.withLock { "closed \($0.closed), goaway \(String(describing: $0.goAway)) \($0.fault), events \($0.events)" }
  }
  /// The value both ends of the TLS connection derive.
  var exporter: [UInt8] { state.withLock { $0.exporter } }
  /// The other end's raw Ed25519 key, when it has one.
  var peerKey: [UInt8]? { state.withLock { $0.peer?.ed25519PublicKey } }
  /// The other end's first frame.
  func greeting() throws -> Frame {
    try waitUntil("the other end's greeting", seen: { self.seen }) { self.state.withLock { $0.greeting != nil } }
    return try unwrap(state.withLock { $0.greeting })
  }

  // MARK: Making one

  /// Dials the relay on `port` that has the key `pin`, as an agent with `identity`, and says `hello`.
  static func agent(port: Int, pin: Fingerprint, identity: TLSIdentity, hello: Hello) throws -> RawTunnel {
    try agent(port: port, pin: pin, identity: identity, first: hello.frame())
  }

  /// The same with any first frame. When it asks for a tunnel back and gets it, `machine`, which has to be cut, goes on.
  static func agent(
    port: Int, pin: Fingerprint, identity: TLSIdentity, first: Frame, machine: TunnelMachine? = nil
  ) throws -> RawTunnel {
    let configuration = try TLSConfiguration.client(identity: identity, verification: .pin(pin), serverName: nil)
    let tunnel = RawTunnel()
    tunnel.state.withLock { $0.carried = machine }
    let connected = ClientBootstrap(group: tunnel.group).channelInitializer { channel in
      tunnel.equip(channel, configuration, role: .agent) { _, _, _ in first }
    }.connect(host: "127.0.0.1", port: port)
    _ = try connected.wait()
    return tunnel
  }

  /// Listens as a relay; the next agent that dials gets `welcome`, made from the TLS exporter and the agent's identity.
  static func relay(
    identity: TLSIdentity, welcome: @escaping @Sendable (_ exporter: [UInt8], _ agent: TLSPeer) throws -> Welcome
  ) throws -> (tunnel: RawTunnel, port: Int) {
    try relay(identity: identity, answer: { _, exporter, agent in try welcome(exporter, agent).frame() })
  }

  /// The same with any answer to the agent's first frame. What is seen and said is about the newest connection.
  static func relay(
    identity: TLSIdentity,
    answer: @escaping @Sendable (_ first: Frame, _ exporter: [UInt8], _ agent: TLSPeer) throws -> Frame
  ) throws -> (tunnel: RawTunnel, port: Int) {
    let configuration = try TLSConfiguration.server(identity: identity)
    let tunnel = RawTunnel()
    let bound = ServerBootstrap(group: tunnel.group).childChannelInitializer { channel in
      tunnel.equip(channel, configuration, role: .relay) { first, exporter, peer in
        try answer(unwrap(first, "a first frame"), exporter, peer)
      }
    }.bind(host: "127.0.0.1", port: 0)
    let channel = try bound.wait()
    return (tunnel, try unwrap(channel.localAddress?.port))
  }

  private func equip(
    _ channel: any Channel, _ configuration: TLSConfiguration, role: TunnelRole,
    greeting: @escaping @Sendable (Frame?, [UInt8], TLSPeer) throws -> Frame
  ) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let tls = try TLSHandler(configuration: configuration)
      let handler = RawTunnelHandler(tunnel: self, tls: tls, role: role, greeting: greeting)
      try channel.pipeline.syncOperations.addHandlers(tls, handler)
      let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
      self.state.withLock { $0.handler = bound }
    }
  }

  // MARK: What the handler reports

  fileprivate func note(_ event: TunnelEvent) {
    state.withLock {
      $0.events.append(event)
      if case .goAway(let reason) = event { $0.goAway = reason }
    }
    Bell.ring()
  }
  fileprivate func noteGreeting(_ frame: Frame) {
    state.withLock { $0.greeting = frame }
    Bell.ring()
  }
  fileprivate func noteHandshake(_ exporter: [UInt8], _ peer: TLSPeer) {
    state.withLock {
      $0.exporter = exporter
      $0.peer = peer
    }
    Bell.ring()
  }
  fileprivate func takeCarried() -> TunnelMachine? {
    state.withLock { state in
      defer { state.carried = nil }
      return state.carried
    }
  }
  fileprivate func noteFault(_ text: String) { state.withLock { $0.fault += text + " " } }
  fileprivate func noteClosed() {
    state.withLock { $0.closed = true }
    Bell.ring()
  }

  // MARK: What the test says

  private func perform(_ body: @escaping @Sendable (RawTunnelHandler) -> Void) throws {
    let handler = try unwrap(state.withLock { $0.handler }, "a connection")
    // The loop may be gone with the connection; then there is nobody to lie to.
    handler.eventLoop.execute { body(handler.value) }
  }

  /// Says something as the protocol wants it said.
  func behave(_ body: @escaping @Sendable (inout TunnelMachine) -> Void) throws {
    try perform { $0.behave(body) }
  }

  /// Sends a frame as it is; a `number` of nil takes the next one, honestly.
  func lie(_ type: FrameType, stream: UInt32 = 0, number: UInt64?, _ payload: [UInt8]) throws {
    try perform { $0.lie(type, stream: StreamID(rawValue: stream), number: number, payload) }
  }

  /// Sends bytes that need not be a frame.
  func send(_ bytes: [UInt8]) throws { try perform { $0.send(bytes) } }

  /// Cuts the connection, without a close_notify.
  func cut() throws { try perform { $0.cut() } }

  /// A cut tunnel that goes on with the connection to come.
  func carry(_ machine: TunnelMachine) { state.withLock { $0.carried = machine } }

  /// The highest number received so far.
  func received() throws -> UInt64 {
    let handler = try unwrap(state.withLock { $0.handler }, "a connection")
    return try handler.eventLoop.submit { handler.value.received }.wait()
  }

  /// Acknowledges at once what was received. Whatever the peer answers to what is sent next, it has read this before.
  func acknowledge() throws {
    let number = try received()
    try lie(.acknowledgement, number: 0, (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
  }

  /// The tunnel as it is, cut, for a connection to come; this one falls silent.
  func taken() throws -> TunnelMachine {
    let handler = try unwrap(state.withLock { $0.handler }, "a connection")
    return try unwrap(handler.eventLoop.submit { handler.value.take() }.wait(), "a tunnel")
  }

  /// The first event that fits, once there is one.
  func event<Value>(_ what: String, within limit: Duration = .seconds(20), _ pick: (TunnelEvent) -> Value?) throws
    -> Value
  {
    var found: Value?
    try waitUntil(what, within: limit, seen: { self.seen }) {
      found = self.events.lazy.compactMap(pick).first
      return found != nil
    }
    return try unwrap(found)
  }

  /// Waits until the other end has closed the connection.
  func waitUntilClosed(within limit: Duration = .seconds(15)) throws {
    try waitUntil("the end of the connection", within: limit, seen: { self.seen }) { self.closed }
  }

  func close() { try? group.syncShutdownGracefully() }
}

/// Behind a TLSHandler; on its event loop only.
private final class RawTunnelHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let tunnel: RawTunnel
  private let tls: TLSHandler
  private let role: TunnelRole
  private let greeting: @Sendable (Frame?, [UInt8], TLSPeer) throws -> Frame
  private var decoder = FrameDecoder()
  private var machine: TunnelMachine?
  private var lastNumber: UInt64 = 0
  private var hasLied = false
  private var peer: TLSPeer?
  private var context: ChannelHandlerContext?
  private var ticking: RepeatedTask?

  init(
    tunnel: RawTunnel, tls: TLSHandler, role: TunnelRole,
    greeting: @escaping @Sendable (Frame?, [UInt8], TLSPeer) throws -> Frame
  ) {
    self.tunnel = tunnel
    self.tls = tls
    self.role = role
    self.greeting = greeting
  }

  private static func now() -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64((ContinuousClock.now - start) / .nanoseconds(1)))
  }
  private static let start = ContinuousClock.now

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted(let peer)? = event as? TLSEvent else { return }
    do {
      let exporter = try tls.exportKeyingMaterial(
        label: SignatureLengths.exporterLabel, context: [], length: SignatureLengths.exporterBytes)
      self.peer = peer
      tunnel.noteHandshake(exporter, peer)
      if role == .agent { write(try greeting(nil, exporter, peer)) }
    } catch {
      tunnel.noteFault("\(error)")
      context.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    do {
      while let frame = try decoder.next(from: &bytes) {
        if machine == nil {
          try greeted(frame)
        } else if hasLied, frame.type == .acknowledgement {
          // The machine never heard of the frames that were lies: their acknowledgement would be one to it.
          continue
        } else if let event = try machine?.receive(frame, at: Self.now()) {
          tunnel.note(event)
          if case .data(let stream, _, let bytes) = event {
            machine?.consumed(stream, bytes: bytes.readableBytes)
          }
        }
      }
    } catch {
      tunnel.noteFault("\(error)")
    }
    flush()
  }

  private func greeted(_ frame: Frame) throws {
    if role == .relay, let peer { write(try greeting(frame, tunnel.exporter, peer)) }
    if frame.type == .resumed || frame.type == .resume, var carried = tunnel.takeCarried() {
      let received =
        try frame.type == .resumed
        ? Resumed(payload: frame.payload).received : Resume(payload: frame.payload).received
      try carried.resume(peerReceived: received, at: Self.now())
      machine = carried
    }
    // Both greetings are behind us: from here the machine speaks.
    if frame.type == .hello || frame.type == .welcome { machine = TunnelMachine(role: role, now: Self.now()) }
    if machine != nil {
      if let loop = context?.eventLoop {
        let handler = NIOLoopBound(self, eventLoop: loop)
        // Acknowledgements are due a moment after what they acknowledge.
        ticking = loop.scheduleRepeatedTask(initialDelay: .milliseconds(50), delay: .milliseconds(50)) { _ in
          handler.value.flush()
        }
      }
    }
    tunnel.noteGreeting(frame)
  }

  func channelInactive(context: ChannelHandlerContext) {
    ticking?.cancel()
    tunnel.noteClosed()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    tunnel.noteFault("\(error)")
    context.close(promise: nil)
  }

  func behave(_ body: (inout TunnelMachine) -> Void) {
    guard machine != nil else { return }
    if var taken = machine {
      machine = nil
      body(&taken)
      machine = taken
    }
    flush()
  }

  var received: UInt64 { machine?.received ?? 0 }

  func take() -> TunnelMachine? {
    machine?.cut()
    defer { machine = nil }
    return machine
  }

  func flush() {
    while let frame = machine?.nextFrame(at: Self.now()) {
      lastNumber = max(lastNumber, frame.number)
      write(frame)
    }
  }

  func lie(_ type: FrameType, stream: StreamID, number: UInt64?, _ payload: [UInt8]) {
    lastNumber += number == nil ? 1 : 0
    hasLied = hasLied || number != 0
    write(Frame(type: type, stream: stream, number: number ?? lastNumber, payload: ByteBuffer(bytes: payload)))
  }

  private func write(_ frame: Frame) {
    var buffer = ByteBuffer()
    frame.write(into: &buffer)
    context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
  }

  func send(_ bytes: [UInt8]) { context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }

  func cut() { tls.abort() }
}
