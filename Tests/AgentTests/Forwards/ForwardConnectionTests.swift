import NIOCore
import Synchronization
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

@Suite(.timeLimit(.minutes(2))) struct ForwardConnectionTests {
  @Test func `a hundred connections at once end in halves, and every byte arrives`() async throws {
    let seed = Seed.current
    try await ForwardBench.with { bench in
      let answering = try await TestTarget.listening(.answersAtEnd, on: bench.targets)
      let text = pattern(300_000, seed &+ 1)
      let speaking = try await TestTarget.listening(.speaks(text), on: bench.targets)
      let (first, second) = (try await answering.port, try await speaking.port)
      var generator = SeededGenerator(seed: seed)
      var streams: [(Held<TestStream>, ByteBuffer, Bool)] = []
      for index in 0..<100 {
        let size = index % 10 == 0 ? index / 50 : Int.random(in: 1...400_000, using: &generator)
        let input = pattern(size, seed &+ UInt64(index) &* 7)
        let answers = index % 2 == 0
        let stream = try await bench.open("127.0.0.1", answers ? first : second)
        streams.append((stream, input, answers))
        try await stream.on { $0.feed(input, ends: true) }
      }
      var told: Set<[UInt8]> = []
      for (stream, input, answers) in streams {
        try await stream.until { $0.end != nil }
        #expect(try await stream.on { $0.end } == StreamEnd(.finished), "FIXLINE_SEED=\(seed)")
        #expect(try await stream.on { $0.faults } == [], "FIXLINE_SEED=\(seed)")
        #expect(try await stream.on { $0.outstandingBytes } == 0, "FIXLINE_SEED=\(seed)")
        let expected = answers ? input : text
        let arrived = try await stream.on { $0.output } == bytes(expected)
        #expect(arrived, "FIXLINE_SEED=\(seed)")
        if !answers { told.insert(bytes(input)) }
      }
      try await speaking.until { $0.closed == 50 }
      try await answering.until { $0.closed == 50 }
      let heard = try await speaking.on { Set($0.heard) }
      #expect(heard == told, "FIXLINE_SEED=\(seed)")
      #expect(try await answering.on { $0.socketsTowards } == 0, "a socket was left open")
      #expect(try await speaking.on { $0.socketsTowards } == 0, "a socket was left open")
    }
  }

  @Test func `the address dialled is told right behind the acceptance and before any byte`() async throws {
    try await ForwardBench.with { bench in
      let target = try await TestTarget.listening(.leaves(pattern(10, 1)), on: bench.targets)
      let port = try await target.port
      for host in ["127.0.0.1", "localhost"] {
        let stream = try await bench.open(host, port)
        try await stream.on { $0.feed(ByteBuffer(), ends: true) }
        try await stream.until { $0.end != nil }
        let said = try await stream.on { $0.said }
        #expect(said == ["accept", "dialled", "finishWriting", "end"])
        #expect(try await stream.on { $0.dialled } == "127.0.0.1:\(port)")
        #expect(try await stream.on { $0.faults } == [])
      }
    }
  }

  @Test func `IPv6 is reached with and without brackets`() async throws {
    try await ForwardBench.with { bench in
      guard let target = try? await TestTarget.listening(.echoes, host: "::1", on: bench.targets) else { return }
      let port = try await target.port
      for host in ["::1", "[::1]", "0:0::1"] {
        let stream = try await bench.open(host, port)
        try await stream.on { $0.feed(pattern(100, 2), ends: true) }
        try await stream.until { $0.end != nil }
        #expect(try await stream.on { $0.output } == bytes(pattern(100, 2)))
        #expect(try await stream.on { $0.dialled } == "[::1]:\(port)")
      }
    }
  }

  @Test func `a refused target is refused at once`() async throws {
    try await ForwardBench.with { bench in
      let port = try await bench.closedPort()
      let end = try await bench.failure("127.0.0.1", port)
      #expect(end == StreamEnd(.failed, "127.0.0.1:\(port): connection refused"))
    }
  }

  @Test func `what is no host is refused, and nothing is dialled`() async throws {
    let looked = Mutex(0)
    try await ForwardBench.with(lookup: { host, _, _ throws(LookupFailure) in
      looked.withLock { $0 += 1 }
      throw .noSuchHost
    }) { bench in
      for host in ["", "a\0b", "a b", String(repeating: "x", count: 256), "\u{7}", "[x]"] {
        let end = try await bench.failure(host, 80)
        #expect(end?.code == .refused)
      }
      let end = try await bench.failure("127.0.0.1", 0)
      #expect(end?.code == .refused)
    }
    #expect(looked.withLock { $0 } == 0)
  }

  @Test func `a name that resolves to nothing is no such host`() async throws {
    try await ForwardBench.with { bench in
      // No label has 64 bytes: no name server is asked.
      let host = String(repeating: "a", count: 64) + ".invalid"
      let end = try await bench.failure(host, 80)
      #expect(end == StreamEnd(.failed, "\(host): no such host"))
    }
  }

  @Test func `a target that does not answer is given up in time, and so is the next address`() async throws {
    var limits = ForwardLimits.standard
    limits.addressMilliseconds = 1_000
    let addresses = Mutex<[SocketAddress]>([])
    try await ForwardBench.with(limits, lookup: { _, _, _ throws(LookupFailure) in addresses.withLock { $0 } }) {
      bench in
      let full = try await TestTarget.listening(.full, on: bench.targets)
      let port = try await full.port
      let end = try await bench.failure("127.0.0.1", port)
      #expect(end == StreamEnd(.failed, "127.0.0.1:\(port): no answer within 1 s"))

      let target = try await TestTarget.listening(.echoes, on: bench.targets)
      let other = try await target.port
      let list = try [
        SocketAddress(ipAddress: "127.0.0.1", port: Int(port)), SocketAddress(ipAddress: "127.0.0.2", port: Int(other)),
        SocketAddress(ipAddress: "127.0.0.1", port: Int(other)),
      ]
      addresses.withLock { $0 = list }
      let stream = try await bench.open("printer.lan", other)
      try await stream.on { $0.feed(pattern(5, 3), ends: true) }
      try await stream.until { $0.end != nil }
      #expect(try await stream.on { $0.end } == StreamEnd(.finished))
      #expect(try await stream.on { $0.dialled } == "127.0.0.1:\(other)")
      try await full.close()
    }
  }

  @Test func `all addresses together have a time too`() async throws {
    var limits = ForwardLimits.standard
    (limits.addressMilliseconds, limits.overallMilliseconds) = (60_000, 1_000)
    try await ForwardBench.with(limits) { bench in
      let full = try await TestTarget.listening(.full, on: bench.targets)
      let port = try await full.port
      let end = try await bench.failure("127.0.0.1", port)
      #expect(end == StreamEnd(.failed, "127.0.0.1:\(port): no answer within 1 s"))
      // Others fill its queue; of ours none is left.
      try await full.close()
    }
  }

  @Test func `a name with a thousand addresses costs eight attempts`() async throws {
    let limit = Mutex(0)
    try await ForwardBench.with(lookup: { _, port, wanted throws(LookupFailure) in
      limit.withLock { $0 = wanted }
      return (0..<1_000).compactMap {
        try? SocketAddress(ipAddress: "127.1.\($0 / 250).\($0 % 250 + 1)", port: Int(port))
      }
    }) { bench in
      let port = try await bench.closedPort()
      let end = try await bench.failure("many.lan", port)
      #expect(end == StreamEnd(.failed, "many.lan:\(port): connection refused (8 addresses tried)"))
    }
    #expect(limit.withLock { $0 } == 8)
  }

  @Test func `a reset by the target is told behind what it sent`() async throws {
    try await ForwardBench.with { bench in
      let target = try await TestTarget.listening(.resets(pattern(100_000, 4)), on: bench.targets)
      let port = try await target.port
      for stands in [false, true] {
        let stream = try await bench.open("127.0.0.1", port, stands: stands)
        // Read from the socket, whether or not it can be sent on.
        try await stream.until { $0.outputBytes + $0.unsentBytes == 100_000 }
        try await stream.on { $0.feed(ByteBuffer(string: "x"), ends: false) }
        try await target.until { $0.closed == (stands ? 2 : 1) }
        try await stream.on { $0.stands = false }
        try await stream.until { $0.end != nil }
        #expect(try await stream.on { $0.output } == bytes(pattern(100_000, 4)))
        let line = "127.0.0.1:\(port): connection reset by the target"
        #expect(try await stream.on { $0.end } == StreamEnd(.failed, line))
        #expect(try await stream.on { $0.faults } == [])
        #expect(try await stream.on { $0.outstandingBytes } == 0)
      }
      #expect(try await target.on { $0.socketsTowards } == 0)
    }
  }

  @Test func `what a target sent before it closed arrives, however long the line stood`() async throws {
    try await ForwardBench.with { bench in
      let text = pattern(3_000_000, 5)
      let target = try await TestTarget.listening(.leaves(text), on: bench.targets)
      let stream = try await bench.open("127.0.0.1", try await target.port, stands: true)
      try await target.until { $0.opened == 1 }
      try await stream.until { $0.unsentBytes >= OutgoingQueue.unsentBytes - ForwardLimits.readBytes }
      #expect(try await stream.on { $0.said } == ["accept", "dialled"])
      try await stream.on { $0.stands = false }
      try await stream.until { $0.isOutputFinished }
      try await stream.on { $0.feed(ByteBuffer(), ends: true) }
      try await stream.until { $0.end != nil }
      let arrived = try await stream.on { $0.output } == bytes(text)
      #expect(arrived)
      #expect(try await stream.on { $0.faults } == [])
    }
  }
}
