import Dispatch
import NIOCore
import SessionModel
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

/// Who does not read, who does not speak, and who leaves: nobody else notices, and nothing is kept.
@Suite(.timeLimit(.minutes(2))) struct ForwardPressureTests {
  /// Most that a connection may hold of its target's bytes: what may wait, and the reads of one turn on top.
  private static let mostHeldBytes =
    OutgoingQueue.unsentBytes + ForwardLimits.readsPerTurn * ForwardLimits.readBytes

  private func echo(_ bench: ForwardBench, _ port: UInt16, _ text: ByteBuffer) async throws {
    let stream = try await bench.open("127.0.0.1", port)
    try await stream.on { $0.feed(text, ends: true) }
    try await stream.until { $0.end != nil }
    let arrived = try await stream.on { $0.output } == bytes(text)
    #expect(arrived)
    #expect(try await stream.on { $0.faults } == [])
  }

  @Test func `a target that never reads holds a window of bytes, and the others go on`() async throws {
    try await ForwardBench.with { bench in
      let mute = try await TestTarget.listening(.saysNothing, on: bench.targets)
      let echoing = try await TestTarget.listening(.echoes, on: bench.targets)
      let stream = try await bench.open("127.0.0.1", try await mute.port)
      try await stream.on { $0.feed(pattern(24 * 1024 * 1024, 6), ends: true) }
      try await stream.until { $0.outstandingBytes == TestStream.windowBytes }
      let port = try await echoing.port
      for round in 0..<3 { try await echo(bench, port, pattern(2_000_000, UInt64(round))) }
      try await stream.until { $0.outstandingBytes == TestStream.windowBytes }
      #expect(try await stream.on { $0.connection?.unwrittenBytes } == TestStream.windowBytes)
      // The kernel's buffers of both sockets are in what was taken; the rest is still with the technician.
      #expect(try await stream.on { $0.takenBytes } < 16 * 1024 * 1024)
      #expect(try await stream.on { $0.end } == nil)
      try await stream.on { $0.over() }
      #expect(try await stream.on { $0.outstandingBytes } == 0, "room was kept behind the end")
      #expect(try await stream.on { $0.faults } == [])
      try await mute.on { $0.letGo() }
      try await mute.until { $0.closed == 1 }
      #expect(try await mute.on { $0.socketsTowards } == 0)
    }
  }

  @Test func `a technician who does not read stops the target, and the others go on`() async throws {
    try await ForwardBench.with { bench in
      let size = 24 * 1024 * 1024
      let text = pattern(size, 7)
      let target = try await TestTarget.listening(.speaks(text), on: bench.targets)
      let echoing = try await TestTarget.listening(.echoes, on: bench.targets)
      let stream = try await bench.open("127.0.0.1", try await target.port, stands: true)
      try await stream.until { $0.unsentBytes >= OutgoingQueue.unsentBytes - ForwardLimits.readBytes }
      let port = try await echoing.port
      for round in 0..<3 { try await echo(bench, port, pattern(2_000_000, UInt64(round))) }
      #expect(try await stream.on { $0.connection?.heldBytes ?? 0 } <= Self.mostHeldBytes)
      try await stream.on {
        $0.feed(ByteBuffer(string: "ready"), ends: true)
        $0.stands = false
      }
      try await stream.until { $0.end != nil }
      let arrived = try await stream.on { $0.output } == bytes(text)
      #expect(arrived)
      #expect(try await stream.on { $0.faults } == [])
      #expect(try await target.on { $0.heard } == [bytes(ByteBuffer(string: "ready"))])
    }
  }

  @Test func `small pieces do not hold large buffers`() async throws {
    try await ForwardBench.with { bench in
      let target = try await TestTarget.listening(.echoes, on: bench.targets)
      let stream = try await bench.open("127.0.0.1", try await target.port)
      // Large reads first, so that the buffers grow; then single bytes.
      try await stream.on { $0.feed(pattern(8_000_000, 8), ends: false) }
      try await stream.until { $0.outputBytes == 8_000_000 }
      for count in 1...20 {
        try await stream.on { $0.feed(ByteBuffer(string: "k"), ends: false) }
        try await stream.until { $0.outputBytes == 8_000_000 + count }
      }
      #expect(try await stream.on { $0.mostSpareBytes } < ForwardLimits.readBytes)
      try await stream.on { $0.over() }
    }
  }

  @Test func `a target that says nothing costs its socket, until the stream is over`() async throws {
    try await ForwardBench.with { bench in
      let target = try await TestTarget.listening(.saysNothing, on: bench.targets)
      let port = try await target.port
      var streams: [Held<TestStream>] = []
      for _ in 0..<50 { streams.append(try await bench.open("127.0.0.1", port)) }
      try await target.until { $0.opened == 50 }
      for stream in streams {
        try await stream.until { $0.dialled != nil }
        #expect(try await stream.on { ($0.connection?.heldBytes ?? 1) + ($0.connection?.unwrittenBytes ?? 1) } == 0)
      }
      #expect(try await Self.reaches(50, target))
      for stream in streams { try await stream.on { $0.over() } }
      try await target.on { $0.letGo() }
      try await target.until { $0.closed == 50 }
      #expect(try await Self.reaches(0, target))
      for stream in streams { #expect(try await stream.on { $0.said } == ["accept", "dialled"]) }
    }
  }

  /// Whether so many sockets are towards the target. The kernel's table of all sockets is not read in one piece: while other
  /// tests open and close many, one reading may count some twice.
  private static func reaches(_ count: Int, _ target: Held<TestTarget>) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      if try await target.on({ $0.socketsTowards }) == count { return true }
      await Task.yield()
    }
    return false
  }

  @Test func `a stream that is over while its target does not answer closes the socket at once`() async throws {
    try await ForwardBench.with { bench in
      let full = try await TestTarget.listening(.full, on: bench.targets)
      let port = try await full.port
      let before = try await full.on { $0.socketsTowards }
      let stream = try await bench.open("127.0.0.1", port)
      #expect(try await Self.reaches(before + 1, full))
      try await stream.on { $0.over() }
      #expect(try await Self.reaches(before, full))
      #expect(try await bench.forwards.on { $0.forwards.count } == 0)
      #expect(try await stream.on { $0.said } == [])
      try await full.close()
    }
  }

  @Test func `a stream that is over while its name is looked up dials nothing`() async throws {
    let gate = DispatchSemaphore(value: 0)
    try await ForwardBench.with(lookup: { _, port, _ throws(LookupFailure) in
      gate.wait()
      guard let address = try? SocketAddress(ipAddress: "127.0.0.1", port: Int(port)) else { throw .unable }
      return [address]
    }) { bench in
      let target = try await TestTarget.listening(.saysNothing, on: bench.targets)
      let port = try await target.port
      let stream = try await bench.open("slow.lan", port)
      // On a busy machine the wait for the name may have ended by then, and been told.
      let said = try await stream.on {
        $0.over()
        return $0.said
      }
      #expect(try await bench.forwards.on { $0.forwards.count } == 0)
      gate.signal()
      // The next answer comes behind the one nobody waits for.
      gate.signal()
      let next = try await bench.open("next.lan", port)
      try await next.until { $0.dialled != nil }
      #expect(try await stream.on { $0.said } == said)
      #expect(try await target.on { $0.opened } <= 1)
      try await next.on { $0.over() }
    }
  }

  @Test func `connections are counted for each session and for the agent, and places are given back`() async throws {
    var limits = ForwardLimits.standard
    (limits.maximumConnections, limits.maximumPerSession) = (3, 2)
    try await ForwardBench.with(limits) { bench in
      let target = try await TestTarget.listening(.echoes, on: bench.targets)
      let port = try await target.port
      var generator = SystemRandomNumberGenerator()
      let other = SessionID(using: &generator)
      let first = try await bench.open("127.0.0.1", port)
      let second = try await bench.open("127.0.0.1", port)
      let own = try await bench.open("127.0.0.1", port)
      #expect(
        try await own.on { $0.end }
          == StreamEnd(.limit, "this session holds 2 connections already: close some"))
      let third = try await bench.open("127.0.0.1", port, session: other)
      let fourth = try await bench.open("127.0.0.1", port, session: other)
      #expect(
        try await fourth.on { $0.end }
          == StreamEnd(.limit, "this computer holds 3 connections already: close some"))
      try await first.until { $0.dialled != nil }
      try await first.on { $0.feed(ByteBuffer(), ends: true) }
      try await first.until { $0.end != nil }
      let fifth = try await bench.open("127.0.0.1", port)
      try await fifth.until { $0.dialled != nil }
      for stream in [second, third, fifth] { try await stream.on { $0.over() } }
    }
  }

  @Test func `while too much waits to be sent, no connection is added`() async throws {
    var limits = ForwardLimits.standard
    limits.heldBytes = 100_000
    try await ForwardBench.with(limits) { bench in
      let target = try await TestTarget.listening(.speaks(pattern(200_000, 9)), on: bench.targets)
      let port = try await target.port
      let stream = try await bench.open("127.0.0.1", port, stands: true)
      try await stream.until { $0.unsentBytes == 200_000 }
      let end = try await bench.failure("127.0.0.1", port)
      #expect(end?.code == .limit)
      try await stream.on { $0.stands = false }
      try await stream.until { $0.outputBytes == 200_000 }
      let next = try await bench.open("127.0.0.1", port)
      try await next.until { $0.dialled != nil }
      for stream in [stream, next] { try await stream.on { $0.over() } }
    }
  }

  @Test func `connections opened and given up at any moment leave nothing behind`() async throws {
    let seed = Seed.current
    try await ForwardBench.with { bench in
      let target = try await TestTarget.listening(.echoes, on: bench.targets)
      let port = try await target.port
      var generator = SeededGenerator(seed: seed)
      for round in 0..<150 {
        let stream = try await bench.open(round % 3 == 0 ? "localhost" : "127.0.0.1", port)
        let size = Int.random(in: 0...600_000, using: &generator)
        let ends = Bool.random(using: &generator)
        try await stream.on { $0.feed(pattern(size, seed), ends: ends) }
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: break
        case 1: try await stream.until { $0.isAccepted }
        default:
          let some = size / 2
          try await stream.until { $0.outputBytes >= some }
        }
        try await stream.on { $0.over() }
        #expect(try await stream.on { $0.outstandingBytes } == 0, "FIXLINE_SEED=\(seed)")
        #expect(try await stream.on { $0.faults } == [], "FIXLINE_SEED=\(seed)")
      }
      try await target.until { $0.closed == $0.opened }
      #expect(try await target.on { $0.socketsTowards } == 0, "FIXLINE_SEED=\(seed)")
    }
  }
}
