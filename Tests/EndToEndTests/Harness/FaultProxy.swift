import NIOCore
import NIOPosix
import Synchronization

/// A port of 127.0.0.1 between agent and relay that passes bytes on, and does to them what networks do.
final class FaultProxy: Sendable {
  /// An end of a connection, and who sent the bytes of a direction.
  enum Side: CaseIterable, Sendable { case agent, relay }

  /// How a side is told that its connection is over.
  enum Cut: CaseIterable, Sendable {
    /// By a TCP reset.
    case reset
    /// By an end of what it reads.
    case close
  }

  /// What happens to a connection.
  enum Act: Sendable {
    /// It ends, at both sides or at one; the other then hears nothing any more.
    case cut(Cut, at: Set<Side> = [.agent, .relay])
    /// The direction ends, the other goes on.
    case halfClose
    /// The direction's bytes stay where they are until ``release()``.
    case hold
  }

  /// What happens to a connection once so many bytes of one direction have been passed on, to the byte.
  struct Fault: Sendable {
    var after: Int
    var of: Side
    var act: Act
  }

  /// What those find who dial.
  enum Reception: Sendable {
    case passed
    /// They are accepted, and reset.
    case refused
    /// They are accepted, and hear nothing, ever.
    case silent
  }

  /// What was seen so far.
  struct Counts: Sendable {
    /// Everybody who dialled.
    var dialled = 0
    /// Connections that were passed on, and of those the ones that still are.
    var passed = 0
    var open = 0
    /// Bytes passed on, by who sent them.
    var bytes: [Side: Int] = [:]
  }

  /// Where it listens.
  let port: Int
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let network: NIOLoopBound<FaultNetwork>

  var counts: Counts {
    let network = network
    return (try? network.eventLoop.submit { network.value.counts }.wait()) ?? Counts()
  }

  /// Listens on a free port, and passes on to `target`.
  init(to target: Int) throws {
    let loop = group.next()
    let network = try loop.submit { NIOLoopBound(FaultNetwork(loop: loop, target: target), eventLoop: loop) }.wait()
    self.network = network
    let bound = ServerBootstrap(group: loop)
      .serverChannelOption(.backlog, value: 256)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { network.value.receive($0) }
      .bind(host: "127.0.0.1", port: 0)
    port = try unwrap(bound.wait().localAddress?.port, "the proxy's port")
  }

  private func perform(_ body: @escaping @Sendable (FaultNetwork) -> Void) {
    let network = network
    try? network.eventLoop.submit { body(network.value) }.wait()
  }

  /// Something happens to every connection there is, now; to these directions of it, where it is about one.
  func all(_ act: Act, of sides: [Side] = Side.allCases) { perform { $0.all(act, of: sides) } }

  /// Every connection is reset.
  func cut() { all(.cut(.reset)) }

  /// Something will happen to connections to come: each takes the next fault that was planned.
  func plan(_ faults: Fault...) { perform { $0.faults += faults } }

  /// From now on those who dial find this; connections that exist stay.
  func receive(_ reception: Reception) { perform { $0.reception = reception } }

  /// Nothing gets through: what exists is reset, and so is who dials.
  func down() {
    receive(.refused)
    cut()
  }

  /// Nothing gets through and nobody is told: bytes stay on their way, and who dials hears nothing.
  func vanish() {
    receive(.silent)
    all(.hold)
    perform { $0.holdsNew = true }
  }

  /// As it was: what was held goes on, and who dials is passed on.
  func release() {
    perform {
      $0.reception = .passed
      $0.release()
    }
  }

  /// From now on connections reach the relay from this address of the loopback network.
  func dial(from address: String) { perform { $0.source = address } }

  /// From now on every byte comes so much later, in each direction.
  func delay(_ amount: TimeAmount) { perform { $0.delay = amount } }

  /// From now on so many bytes go at a time, each portion with a system call of its own; nil for as many as there are.
  func portion(_ bytes: Int?) { perform { $0.portion = bytes } }

  /// Ends it and all that goes through it.
  func close() {
    cut()
    try? group.syncShutdownGracefully()
  }
}

/// The connections of a proxy and what is to become of them; on its event loop only.
final class FaultNetwork {
  /// Most bytes of one read.
  private static let readBytes = 1 << 18

  var faults: [FaultProxy.Fault] = []
  var reception = FaultProxy.Reception.passed
  var delay = TimeAmount.nanoseconds(0)
  var portion: Int?
  var source = "127.0.0.1"
  /// Whether connections begin held.
  var holdsNew = false
  private(set) var counts = FaultProxy.Counts()
  private let loop: any EventLoop
  private let target: Int
  private var links: [ObjectIdentifier: FaultLink] = [:]

  init(loop: any EventLoop, target: Int) {
    self.loop = loop
    self.target = target
  }

  /// Somebody dialled.
  func receive(_ inner: any Channel) -> EventLoopFuture<Void> {
    counts.dialled += 1
    Bell.ring()
    switch reception {
    case .silent: return loop.makeSucceededVoidFuture()
    case .refused:
      FaultLink.lingerNot(inner)
      return loop.makeFailedFuture(Failure("refused"))
    case .passed: break
    }
    let network = NIOLoopBound(self, eventLoop: loop)
    let reads = AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 65536, maximum: Self.readBytes)
    let from: SocketAddress
    do { from = try SocketAddress(ipAddress: source, port: 0) } catch { return loop.makeFailedFuture(error) }
    return ClientBootstrap(group: loop)
      .bind(to: from)
      .channelOption(.autoRead, value: false)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: reads)
      .connect(host: "127.0.0.1", port: target)
      .flatMapThrowing { try network.value.join(inner, $0) }
  }

  private func join(_ inner: any Channel, _ outer: any Channel) throws {
    let link = FaultLink(network: self, loop: loop, agent: inner, relay: outer)
    if !faults.isEmpty { link.fault = faults.removeFirst() }
    if holdsNew { link.held = Set(FaultProxy.Side.allCases) }
    links[ObjectIdentifier(link)] = link
    counts.passed += 1
    counts.open = links.count
    Bell.ring()
    try inner.pipeline.syncOperations.addHandler(FaultPipe(link, from: .agent, target: outer))
    try outer.pipeline.syncOperations.addHandler(FaultPipe(link, from: .relay, target: inner))
  }

  func all(_ act: FaultProxy.Act, of sides: [FaultProxy.Side]) {
    for link in Array(links.values) {
      for side in sides { link.perform(act, of: side) }
    }
  }

  func release() {
    holdsNew = false
    for link in Array(links.values) { link.release() }
  }

  func passed(_ bytes: Int, from side: FaultProxy.Side) {
    counts.bytes[side, default: 0] += bytes
    Bell.ring()
  }

  func forget(_ link: FaultLink) {
    links[ObjectIdentifier(link)] = nil
    counts.open = links.count
    Bell.ring()
  }
}
