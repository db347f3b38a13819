import NIOCore
import TestSupport
import Testing

@testable import SFTPProtocol

struct ServerTests {
  private func opened(_ limits: SFTPLimits = SFTPLimits(), mode: OpenMode = [.read, .write]) -> Bench {
    var bench = Bench(limits: limits)
    bench.receive(Ask.open(1, mode: mode))
    bench.finishFirst()
    bench.replies = []
    bench.order = ""
    return bench
  }

  @Test func `what a handle names is known when the OPEN before it is answered`() {
    var bench = Bench()
    bench.receive(Ask.open(1))
    bench.receive(Ask.read(2, 0))
    bench.receive(Ask.handle(4, 3, 0))
    bench.receive(Ask.read(4, 0))
    #expect(bench.jobs.count == 1)
    bench.finishFirst()
    #expect(bench.jobs.map(\.request) == [2, 3])
    bench.finishFirst()
    bench.finishFirst()
    #expect(bench.jobs.isEmpty)
    #expect(bench.order == "werwwrerr")
    #expect(bench.code(3) == StatusCode.failure.rawValue, "the file is closed")
  }

  @Test func `an event stands before the answer of what it reports`() {
    var bench = Bench()
    bench.receive(Ask.open(1, mode: .write))
    bench.receive(Ask.write(2, 0, offset: 0, bytes: 10))
    bench.receive(Ask.path(13, 3, "f"))
    bench.receive(Ask.handle(4, 4, 0))
    while !bench.jobs.isEmpty { bench.finishFirst() }
    #expect(bench.order == "werwwwrerer")
    #expect(bench.events == ["1", "2", "3"])
  }

  @Test func `room comes back when the request is answered, and all of it`() {
    var bench = opened()
    let before = bench.received
    #expect(bench.released == before)
    bench.receive(Ask.write(2, 0, offset: 0, bytes: 50_000))
    #expect(bench.released == before)
    bench.finishFirst()
    #expect(bench.released == bench.received)
  }

  @Test func `a packet longer than the window comes through, and no more is held than one packet beyond it`() {
    var bench = opened()
    let stream = Ask.write(2, 0, offset: 0, bytes: 261_120)
    var rest = stream
    while let piece = rest.readSlice(length: min(1000, rest.readableBytes)), piece.readableBytes > 0 {
      bench.receive(piece)
    }
    #expect(bench.jobs.count == 1)
    #expect(bench.released >= bench.received - 1000)
    // Its data is still held: of the next packet no room is given back but for what one packet takes.
    var second = Ask.write(3, 0, offset: 261_120, bytes: 261_120)
    while let piece = second.readSlice(length: min(1000, second.readableBytes)), piece.readableBytes > 0 {
      bench.receive(piece)
    }
    #expect(bench.received - bench.released >= 250_000)
    while !bench.jobs.isEmpty { bench.finishFirst() }
    #expect(bench.released == bench.received)
  }

  @Test func `WRITEs that wait are gathered when they go on from each other, to the same file`() {
    var bench = opened()
    for number in 0..<20 { bench.receive(Ask.write(UInt32(number), 0, offset: UInt64(number * 100), bytes: 100)) }
    bench.receive(Ask.write(20, 0, offset: 5000, bytes: 100))
    #expect(bench.jobs.count == 2)
    bench.finishFirst()
    guard case .write(_, let parts) = bench.jobs[1].work else {
      Issue.record("no write")
      return
    }
    #expect(parts.map(\.request) == (2..<20).map(UInt32.init))
    bench.finishFirst()
    bench.finishFirst()
    #expect(bench.jobs.map(\.request) == [20])
    bench.finishFirst()
    #expect(bench.released == bench.received)
  }

  @Test func `a fault comes behind the answers of all requests before it`() {
    var bench = opened()
    for number in 0..<5 { bench.receive(Ask.write(UInt32(number), 0, offset: UInt64(number * 10), bytes: 10)) }
    bench.receive(ByteBuffer(integer: UInt32.max))
    bench.receive(Ask.read(9, 0))
    while !bench.jobs.isEmpty {
      #expect(bench.end == nil)
      bench.finishFirst()
    }
    #expect(bench.end == .some(.some(.length(UInt32.max))))
    #expect(bench.server.next(unsentBytes: 0) == nil)
  }

  @Test func `what was sent before the end of input is answered`() {
    var bench = opened()
    bench.receive(Ask.read(2, 0))
    bench.server.finishInput()
    bench.drain()
    #expect(bench.end == nil)
    bench.finishFirst()
    #expect(bench.replies.count == 1)
    #expect(bench.end == .some(nil))
  }

  @Test func `nothing is begun while much waits to be sent`() {
    var limits = SFTPLimits()
    limits.replyBytes = 1000
    var bench = opened(limits)
    for number in 0..<10 { bench.receive(Ask.read(UInt32(number), 0, bytes: 300)) }
    #expect(bench.jobs.count == 3)
    bench.drain(unsent: 1000)
    bench.receive(Ask.path(200, 99, "no-such-extension"), unsent: 1000)
    #expect(bench.replies.isEmpty, "not even what needs no work")
    while !bench.jobs.isEmpty { bench.finishFirst() }
    #expect(bench.replies.count == 11)
  }

  @Test func `no more jobs run than the limit says`() {
    var bench = opened()
    for number in 0..<200 { bench.receive(Ask.path(17, UInt32(number), "p")) }
    #expect(bench.jobs.count == SFTPLimits().maximumJobs)
    while !bench.jobs.isEmpty { bench.finishFirst() }
    #expect(bench.replies.count == 200)
  }

  @Test func `ten thousand OPENs break nothing: those beyond the limit fail`() {
    var bench = Bench()
    for number in 0..<10_000 {
      bench.receive(Ask.open(UInt32(number)))
      if !bench.jobs.isEmpty { bench.finishFirst() }
    }
    #expect(bench.server.openHandles == SFTPLimits().maximumHandles)
    #expect(bench.replies.count == 10_000)
    #expect(bench.code(9999) == StatusCode.failure.rawValue)
    bench.receive(Ask.handle(4, 1, 500))
    bench.finishFirst()
    bench.receive(Ask.open(2))
    bench.finishFirst()
    #expect(bench.replies.last?.getInteger(at: 13) == UInt32(500), "the place that was freed")
  }

  @Test func `write-only refuses opening for reading and listing`() {
    var bench = Bench(rules: FileRules(canRead: false, canWrite: true))
    for packet in [
      Ask.open(1, mode: .read), Ask.open(2, mode: [.read, .write]), Ask.open(3, mode: []), Ask.path(11, 4, "d"),
      Ask.handle(12, 5, 0), Ask.read(6, 0),
    ] { bench.receive(packet) }
    #expect(bench.jobs.isEmpty)
    #expect((0..<6).map { bench.code($0) } == Array(repeating: StatusCode.permissionDenied.rawValue, count: 6))
    bench.receive(Ask.open(7, mode: [.write, .create]))
    #expect(bench.jobs.count == 1)
  }

  @Test func `random streams end in an orderly way and give all room back`() {
    var random = SeededGenerator()
    for _ in 0..<300 {
      var bench = Bench()
      for number in 0..<60 {
        let handle = UInt32.random(in: 0...3, using: &random)
        var packet: ByteBuffer =
          switch Int.random(in: 0...9, using: &random) {
          case 0, 1: Ask.open(UInt32(number), mode: OpenMode(rawValue: UInt32.random(in: 0...63, using: &random)))
          case 2: Ask.handle(4, UInt32(number), handle)
          case 3, 4: Ask.read(UInt32(number), handle)
          case 5, 6: Ask.write(UInt32(number), handle, offset: 0, bytes: Int.random(in: 0...9000, using: &random))
          case 7: Ask.path(11, UInt32(number), "d")
          case 8: Ask.handle(12, UInt32(number), handle)
          default: Ask.path(UInt8.random(in: 13...21, using: &random), UInt32(number), "p")
          }
        if Int.random(in: 0..<400, using: &random) == 0 {
          packet.setInteger(UInt8.random(in: 0...255, using: &random), at: 3)
        }
        while let piece = packet.readSlice(length: min(packet.readableBytes, Int.random(in: 1...5000, using: &random))),
          piece.readableBytes > 0
        { bench.receive(piece) }
        if Bool.random(using: &random), let job = bench.jobs.randomElement(using: &random) {
          bench.jobs.removeAll { $0.number == job.number }
          bench.finish(job)
        }
      }
      bench.server.finishInput()
      bench.drain()
      while !bench.jobs.isEmpty { bench.finishFirst() }
      #expect(bench.end != nil, "seed \(Seed.current)")
      if case .some(.none) = bench.end, bench.server.runningJobs == 0 {
        #expect(bench.received - bench.released < 20_000, "seed \(Seed.current)")
      }
      #expect(bench.released <= bench.received, "seed \(Seed.current)")
    }
  }
}
