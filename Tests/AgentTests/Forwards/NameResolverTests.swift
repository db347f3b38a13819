import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Agent

@Suite(.timeLimit(.minutes(1))) struct NameResolverTests {
  /// Where time plays no part in the test, however busy the machine is.
  private static let unlimitedMilliseconds: Int64 = 3_600_000

  /// A resolver whose look-ups wait to be let through.
  private final class Desk: Watched {
    let resolver: NameResolver
    let gate: DispatchSemaphore
    private(set) var answers: [String: Result<[SocketAddress], LookupFailure>] = [:]
    private(set) var requests: [String: NameResolver.Request] = [:]
    private(set) var refused: [String] = []

    init(loop: any EventLoop, limits: ForwardLimits, gate: DispatchSemaphore, counter: Counter) {
      self.gate = gate
      resolver = NameResolver(limits: limits, loop: loop) { host, port, limit throws(LookupFailure) in
        counter.enter()
        gate.wait()
        counter.leave()
        guard let address = try? SocketAddress(ipAddress: host, port: Int(port)) else { throw .noSuchHost }
        return Array(repeating: address, count: limit)
      }
      super.init(loop: loop)
    }

    func ask(_ host: String) {
      requests[host] = resolver.resolve(host, port: 80) { result in
        self.answers[host] = result
        self.changed()
      }
      if requests[host] == nil { refused.append(host) }
    }

    func cancel(_ host: String) {
      if let request = requests[host] { resolver.cancel(request) }
    }
  }

  private final class Counter: Sendable {
    private let state = Mutex((now: 0, most: 0, total: 0))
    func enter() {
      state.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
        $0.total += 1
      }
    }
    func leave() { state.withLock { $0.now -= 1 } }
    var most: Int { state.withLock { $0.most } }
    var total: Int { state.withLock { $0.total } }
  }

  private func with(
    _ limits: ForwardLimits, _ body: (Held<Desk>, DispatchSemaphore, Counter) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let gate = DispatchSemaphore(value: 0)
    let counter = Counter()
    let desk = try await Held(on: loop) { Desk(loop: loop, limits: limits, gate: gate, counter: counter) }
    try await body(desk, gate, counter)
    for _ in 0..<200 { gate.signal() }
    let pool = try await desk.on { $0.resolver.giveUpThreads() }
    try await pool?.shutdownGracefully()
    // What the threads said last is heard before the loop ends.
    try await desk.on { _ in }
    try await group.shutdownGracefully()
  }

  @Test func `so many are looked up at once, so many wait, the next is refused, and all that wait are answered`()
    async throws
  {
    var limits = ForwardLimits.standard
    (limits.lookupsAtOnce, limits.waitingLookups, limits.maximumAddresses) = (3, 5, 2)
    limits.lookupMilliseconds = Self.unlimitedMilliseconds
    try await with(limits) { desk, gate, counter in
      let hosts = (1...9).map { "10.0.0.\($0)" }
      try await desk.on { desk in hosts.forEach(desk.ask) }
      #expect(try await desk.on { $0.refused } == ["10.0.0.9"])
      #expect(try await desk.on { $0.resolver.running } == 3)
      for _ in 0..<8 { gate.signal() }
      try await desk.until { $0.answers.count == 8 }
      #expect(counter.most <= 3)
      #expect(counter.total == 8)
      for host in hosts.dropLast() {
        let address = try SocketAddress(ipAddress: host, port: 80)
        #expect(try await desk.on { $0.answers[host] } == .success([address, address]))
      }
    }
  }

  @Test func `what nobody waits for any more has no effect, and frees its thread when it is done`() async throws {
    var limits = ForwardLimits.standard
    (limits.lookupsAtOnce, limits.waitingLookups) = (1, 4)
    limits.lookupMilliseconds = Self.unlimitedMilliseconds
    try await with(limits) { desk, gate, counter in
      try await desk.on { desk in
        ["10.0.0.1", "10.0.0.2", "10.0.0.3"].forEach(desk.ask)
        desk.cancel("10.0.0.1")
        desk.cancel("10.0.0.2")
        desk.cancel("10.0.0.2")
      }
      #expect(try await desk.on { $0.resolver.running } == 1)
      gate.signal()
      gate.signal()
      try await desk.until { $0.answers["10.0.0.3"] != nil }
      #expect(try await desk.on { $0.answers.count } == 1)
      #expect(counter.total == 2, "the one that waited was never looked up")
    }
  }

  @Test func `a look-up that takes too long is answered in time, running or not, and its late answer has no effect`()
    async throws
  {
    var limits = ForwardLimits.standard
    (limits.lookupsAtOnce, limits.lookupMilliseconds) = (1, 50)
    try await with(limits) { desk, gate, _ in
      try await desk.on { desk in ["10.0.0.1", "10.0.0.2"].forEach(desk.ask) }
      try await desk.until { $0.answers.count == 2 }
      let late = Result<[SocketAddress], LookupFailure>.failure(.timedOut(milliseconds: 50))
      #expect(try await desk.on { $0.answers["10.0.0.1"] } == late)
      #expect(try await desk.on { $0.answers["10.0.0.2"] } == late)
      #expect(try await desk.on { $0.resolver.running } == 1)
      try await desk.on { $0.ask("10.0.0.4") }
      gate.signal()
      gate.signal()
      try await desk.until { $0.answers["10.0.0.4"] != nil }
      #expect(try await desk.on { $0.answers["10.0.0.1"] } == late)
    }
  }

  @Test func `a name nobody knows is told as that`() async throws {
    try await with(.standard) { desk, gate, _ in
      gate.signal()
      try await desk.on { $0.ask("printer.lan") }
      try await desk.until { $0.answers.count == 1 }
      #expect(try await desk.on { $0.answers["printer.lan"] } == .failure(.noSuchHost))
    }
  }
}
