import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// Random conversations over a line, through real bytes: whatever two honest owners do, each stream's bytes, messages and
/// ends arrive exactly and in order, and every limit holds.
@Suite struct PropertyTests {
  enum Item: Hashable {
    case bytes(Lane, [UInt8])
    case message(StreamMessage)
    case eof
    case ended(StreamEnd)
  }

  /// What one end has written, and read, of each stream.
  struct Books {
    var written: [StreamID: [Item]] = [:]
    var read: [StreamID: [Item]] = [:]
    var held: [StreamID: Int] = [:]
    var controls: [ControlMessage] = []
    var opened: Set<StreamID> = []
    var granted: Set<StreamID> = []
    /// Streams that either end cut short: what was under way may be lost.
    var cut: Set<StreamID> = []

    mutating func append(_ item: Item, to stream: StreamID, in path: WritableKeyPath<Books, [StreamID: [Item]]>) {
      if case .bytes(let lane, let bytes) = item, case .bytes(lane, let before)? = self[keyPath: path][stream]?.last {
        self[keyPath: path][stream]?.removeLast()
        self[keyPath: path][stream, default: []].append(.bytes(lane, before + bytes))
      } else {
        self[keyPath: path][stream, default: []].append(item)
      }
    }
  }

  struct World {
    var generator: SeededGenerator
    var now = MonotonicInstant.start
    var machines: [TunnelMachine]
    var decoders = [FrameDecoder(), FrameDecoder()]
    var books = [Books(), Books()]
    /// Bytes on the way to each end.
    var wires = [ByteBuffer(), ByteBuffer()]
    var streams: [StreamID] = []
    /// Connections lost so far.
    var cuts = 0
    let limits: TunnelLimits

    init(seed: UInt64) {
      generator = SeededGenerator(seed: seed)
      var limits = TunnelLimits()
      limits.maximumStreams = 12
      limits.initialWindowBytes = 20_000
      limits.floorWindowBytes = 5_000
      limits.maximumWindowBytes = 80_000
      limits.tunnelWindowBytes = 100_000
      limits.retainedBytes = 120_000
      limits.retainedReserveBytes = 40_000
      limits.sendBufferBytes = 60_000
      limits.acknowledgeBytes = 10_000
      self.limits = limits
      machines = [
        TunnelMachine(role: .relay, limits: limits, now: .start),
        TunnelMachine(role: .agent, limits: limits, now: .start),
      ]
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    /// One random thing, at one random end.
    mutating func act() throws {
      let end = number(0...1)
      switch number(0...19) {
      case 0:
        guard end == 0, streams.count < 60, let stream = try? machines[0].open(Fixture.opening) else { return }
        streams.append(stream)
        books[0].opened.insert(stream)
      case 1...5: writeBytes(at: end)
      case 6: writeMessage(at: end)
      case 7: if number(0...3) == 0 { finish(at: end) }
      case 8: if number(0...5) == 0 { close(at: end) }
      case 9, 10, 11: take(at: end)
      case 12:
        let message: ControlMessage =
          end == 0
          ? .notice("\(number(0...999))") : .closeRequest(session: Fixture.session, reason: "\(number(0...99))")
        if machines[end].post(message) { books[1 - end].controls.append(message) }
      case 13: now = now.advanced(byMilliseconds: Int64(number(0...30)))
      case 14: if number(0...3) == 0 { try machines[end].isCut ? resume() : cut(end) }
      default: try pass(from: end)
      }
      try check()
    }

    private mutating func someStream() -> StreamID? { streams.randomElement(using: &generator) }

    private mutating func writeBytes(at end: Int) {
      guard let stream = someStream() else { return }
      let room = machines[end].sendRoom(stream)
      guard room > 0 else { return }
      let count = number(1...min(room, number(0...3) == 0 ? 40_000 : 200))
      let lane: Lane = number(0...4) == 0 ? .error : .standard
      let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      if machines[end].send(stream, lane, ByteBuffer(bytes: bytes)) {
        books[end].append(.bytes(lane, bytes), to: stream, in: \.written)
      }
    }

    private mutating func writeMessage(at end: Int) {
      guard let stream = someStream() else { return }
      let value = number(0...999)
      let message: StreamMessage = end == 0 ? .signal(name: "\(value)") : .exitStatus(UInt32(value))
      if machines[end].post(message, on: stream) { books[end].append(.message(message), to: stream, in: \.written) }
    }

    private mutating func finish(at end: Int) {
      guard let stream = someStream(), machines[end].finishWriting(stream) else { return }
      books[end].append(.eof, to: stream, in: \.written)
    }

    private mutating func close(at end: Int) {
      guard let stream = someStream() else { return }
      let isOrderly = number(0...2) > 0
      let reason = isOrderly ? StreamEnd(.finished) : StreamEnd(.cancelled, "x")
      guard machines[end].end(stream, reason) else { return }
      books[end].append(.ended(reason), to: stream, in: \.written)
      // What the other end wrote is not read any more.
      books[1 - end].cut.insert(stream)
      // Before it was granted an orderly end is a short one too: nobody was there to send anything to.
      if !isOrderly || !books[0].granted.contains(stream) { books[end].cut.insert(stream) }
      books[end].held[stream] = nil
    }

    mutating func take(at end: Int) {
      guard let stream = books[end].held.keys.sorted().randomElement(using: &generator) else { return }
      let held = books[end].held[stream] ?? 0
      let count = number(0...2) == 0 ? number(1...held) : held
      machines[end].consumed(stream, bytes: count)
      books[end].held[stream] = count == held ? nil : held - count
    }

    /// One end finds its connection gone; the other may go on talking to nobody until it finds out too.
    private mutating func cut(_ end: Int) {
      machines[end].cut()
      cuts += 1
    }

    /// Another connection: whatever the old one had under way is lost.
    mutating func resume() throws {
      for end in 0...1 {
        machines[end].cut()
        wires[end].clear()
        decoders[end] = FrameDecoder()
      }
      let received = machines.map(\.received)
      for end in 0...1 { try machines[end].resume(peerReceived: received[1 - end], at: now) }
    }

    /// Some frames become bytes; some bytes, cut anywhere, become frames at the other end.
    mutating func pass(from end: Int) throws {
      for _ in 0..<number(0...6) {
        guard let frame = machines[end].nextFrame(at: now) else { break }
        frame.write(into: &wires[1 - end])
      }
      while machines[end].nextWritable() != nil {}
      // A fenced connection's bytes reach nobody.
      if machines[1 - end].isCut { return }
      let available = wires[1 - end].readableBytes
      guard available > 0, var chunk = wires[1 - end].readSlice(length: number(1...available)) else { return }
      while let frame = try decoders[1 - end].next(from: &chunk) {
        if let event = try machines[1 - end].receive(frame, at: now) { note(event, at: 1 - end) }
      }
      if wires[1 - end].readableBytes == 0 { wires[1 - end].clear() }
    }

    private mutating func note(_ event: TunnelEvent, at end: Int) {
      switch event {
      case .open(let stream, let opening):
        #expect(opening == Fixture.opening)
        books[end].opened.insert(stream)
        if number(0...9) > 0 {
          machines[end].accept(stream)
        } else {
          machines[end].end(stream, StreamEnd(.refused))
          books[0].cut.insert(stream)
          books[end].append(.ended(StreamEnd(.refused)), to: stream, in: \.written)
        }
      case .accepted(let stream):
        #expect(books[end].opened.contains(stream))
        books[end].granted.insert(stream)
      case .data(let stream, let lane, let bytes):
        books[end].append(.bytes(lane, Array(bytes.readableBytesView)), to: stream, in: \.read)
        books[end].held[stream, default: 0] += bytes.readableBytes
      case .eof(let stream): books[end].append(.eof, to: stream, in: \.read)
      case .message(let stream, let message): books[end].append(.message(message), to: stream, in: \.read)
      case .ended(let stream, let reason):
        books[end].append(.ended(reason), to: stream, in: \.read)
        // What this end had written and not sent is lost with the stream.
        books[end].cut.insert(stream)
      case .control(let message):
        #expect(books[end].controls.first == message)
        if !books[end].controls.isEmpty { books[end].controls.removeFirst() }
      case .goAway: Issue.record("nobody leaves")
      }
    }

    func check() throws {
      for machine in machines {
        if machine.retainedBytes > limits.retainedBytes + limits.retainedReserveBytes { Issue.record("retained") }
        if machine.share.used > limits.tunnelWindowBytes { Issue.record("share") }
        if machine.openStreams > limits.maximumStreams { Issue.record("streams") }
      }
      for book in books {
        let held = book.held.values.reduce(0, +)
        if held > limits.tunnelWindowBytes + 60 * limits.floorWindowBytes { Issue.record("held") }
      }
    }

    /// Everybody reads, nobody writes: everything arrives.
    mutating func drain() throws {
      if machines.contains(where: \.isCut) { try resume() }
      for _ in 0..<1000 {
        for end in 0...1 {
          for stream in books[end].held.keys.sorted() {
            machines[end].consumed(stream, bytes: books[end].held[stream] ?? 0)
          }
          books[end].held = [:]
          try pass(from: end)
        }
        now = now.advanced(byMilliseconds: 5)
      }
    }

    /// Per stream and direction: what was read is what was written, or, of a stream that was cut short, its beginning.
    func compare(seed: UInt64) {
      for end in 0...1 {
        for stream in streams {
          var written = books[end].written[stream] ?? []
          var read = books[1 - end].read[stream] ?? []
          // The reset that both may send at once is not read by the one who sent it first.
          if case .ended(let reason)? = read.last {
            read.removeLast()
            #expect(written.contains(.ended(reason)), "stream \(stream), FIXLINE_SEED=\(seed)")
          }
          written.removeAll { if case .ended = $0 { true } else { false } }
          let isWhole = !books[end].cut.contains(stream)
          let holds = isWhole ? read == written : Self.isBeginning(read, of: written)
          #expect(holds, "stream \(stream) from end \(end), cut: \(!isWhole), FIXLINE_SEED=\(seed)")
        }
      }
      #expect(books[0].controls.isEmpty && books[1].controls.isEmpty, "FIXLINE_SEED=\(seed)")
      for machine in machines { #expect(machine.retainedBytes == 0, "FIXLINE_SEED=\(seed)") }
    }

    private static func isBeginning(_ read: [Item], of written: [Item]) -> Bool {
      guard read.count <= written.count else { return false }
      for (index, item) in read.enumerated() {
        if item == written[index] { continue }
        guard index == read.count - 1, case .bytes(let lane, let some) = item,
          case .bytes(lane, let all) = written[index]
        else { return false }
        return all.starts(with: some)
      }
      return true
    }
  }

  @Test func `random conversations arrive exactly, and every limit holds`() throws {
    for seed in seeds(8) {
      var world = World(seed: seed)
      do {
        for _ in 0..<2000 { try world.act() }
        try world.drain()
      } catch {
        Issue.record("\(error), FIXLINE_SEED=\(seed)")
        continue
      }
      world.compare(seed: seed)
      #expect(world.streams.count > 10 && world.cuts > 5, "FIXLINE_SEED=\(seed)")
    }
  }
}
