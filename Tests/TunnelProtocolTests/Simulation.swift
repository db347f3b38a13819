import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// A line in one direction: a rate, a delay, and how much may be handed to it ahead of time (a socket's buffer).
struct Line {
  var bytesPerSecond: Int64
  var latencyNanoseconds: Int64
  var bufferBytes: Int64 = 256 * 1024
  /// Nothing gets through while it is cut; what is under way arrives.
  var isCut = false

  static func symmetric(roundTripMilliseconds: Int64, megabitsPerSecond: Int64) -> Line {
    Line(
      bytesPerSecond: megabitsPerSecond * 125_000, latencyNanoseconds: roundTripMilliseconds * 500_000)
  }

  func nanoseconds(for bytes: Int64) -> Int64 { bytes * 1_000_000_000 / bytesPerSecond }
}

/// How fast a stream's bytes are taken.
enum ReaderPace {
  case atOnce
  case stalled
  case bytesPerSecond(Int64)
}

/// One end: the machine, the line away from it, and simple programs that write and read.
final class SimulatedEnd {
  struct Writer {
    var lane: Lane = .standard
    var remaining: Int
    var sent = 0
    var closes: Bool
  }

  struct Reader {
    var pace: ReaderPace
    var held = 0
    var taken = 0
    var lastTaken: Int64 = 0
  }

  var machine: TunnelMachine
  var line: Line
  var wireFree: Int64
  var underWay = Ring<(arrival: Int64, frame: Frame)>()
  var writers: [StreamID: Writer] = [:]
  var readers: [StreamID: Reader] = [:]
  var defaultPace = ReaderPace.atOnce
  var mostHeld = 0
  var received: [StreamID: Int] = [:]
  /// What else the test wants to do with an event.
  var onEvent: (TunnelEvent) -> Void = { _ in }
  var acceptsStreams = true
  var fault: TunnelFault?

  init(_ role: TunnelRole, line: Line, limits: TunnelLimits, now: MonotonicInstant) {
    machine = TunnelMachine(role: role, limits: limits, now: now)
    self.line = line
    wireFree = now.nanoseconds
  }
}

/// Two ends and two lines in virtual time. Nothing sleeps and nothing is random: the same test runs the same way always.
final class Simulation {
  static let pattern: ByteBuffer = {
    var generator = SeededGenerator(seed: 4711)
    var buffer = ByteBuffer()
    for _ in 0..<32_768 { buffer.writeInteger(generator.next()) }
    return buffer
  }()
  static let patternBytes = 262_144

  var now = MonotonicInstant.start
  let relay: SimulatedEnd
  let agent: SimulatedEnd
  /// Whether received bytes are compared with what was written.
  var checksBytes = true

  init(line: Line, limits: TunnelLimits = .standard) {
    relay = SimulatedEnd(.relay, line: line, limits: limits, now: now)
    agent = SimulatedEnd(.agent, line: line, limits: limits, now: now)
  }

  /// The bytes of a stream at `offset`, at most `count` of them.
  static func piece(at offset: Int, atMost count: Int) -> ByteBuffer {
    let place = offset % patternBytes
    let length = min(count, patternBytes - place)
    return pattern.getSlice(at: place, length: length) ?? ByteBuffer()
  }

  func openStream() throws -> StreamID {
    let stream = try relay.machine.open(Fixture.opening)
    relay.readers[stream] = SimulatedEnd.Reader(pace: relay.defaultPace)
    return stream
  }

  func milliseconds() -> Int64 { now.milliseconds(since: .start) }

  /// Runs for `milliseconds` of virtual time, or until `done`.
  func run(milliseconds: Int64, until done: () -> Bool = { false }) {
    let end = now.advanced(byMilliseconds: milliseconds)
    while now < end, !done() {
      step(relay, to: agent)
      step(agent, to: relay)
      if done() { return }
      let next = min(nextTime(relay), nextTime(agent), end.nanoseconds)
      now = MonotonicInstant(nanoseconds: max(next, now.nanoseconds + 1))
    }
  }

  private func nextTime(_ end: SimulatedEnd) -> Int64 {
    var next = Int64.max
    if let first = end.underWay.first { next = min(next, first.arrival) }
    if let deadline = end.machine.nextDeadline { next = min(next, deadline.nanoseconds) }
    // A full line: come back when half of its buffer is free.
    let ahead = end.line.nanoseconds(for: end.line.bufferBytes / 2)
    if end.wireFree > now.nanoseconds + ahead { next = min(next, end.wireFree - ahead) }
    for reader in end.readers.values where reader.held > 0 {
      if case .bytesPerSecond = reader.pace { next = min(next, now.nanoseconds + 5_000_000) }
    }
    return next
  }

  private func step(_ end: SimulatedEnd, to peer: SimulatedEnd) {
    guard end.fault == nil else { return }
    do throws(TunnelFault) {
      while let first = peer.underWay.first, first.arrival <= now.nanoseconds {
        _ = peer.underWay.popFirst()
        if let event = try end.machine.receive(first.frame, at: now) { handle(event, at: end) }
      }
      try end.machine.tick(at: now)
    } catch {
      end.fault = error
      return
    }
    read(end)
    write(end)
    send(end)
  }

  private func handle(_ event: TunnelEvent, at end: SimulatedEnd) {
    switch event {
    case .open(let stream, _):
      if end.acceptsStreams { end.machine.accept(stream) }
      end.readers[stream] = SimulatedEnd.Reader(pace: end.defaultPace)
    case .data(let stream, _, let bytes):
      let count = bytes.readableBytes
      let offset = end.received[stream, default: 0]
      if checksBytes { check(bytes, stream, offset) }
      end.received[stream] = offset + count
      if case .atOnce? = end.readers[stream]?.pace {
        end.readers[stream]?.taken += count
        end.machine.consumed(stream, bytes: count)
      } else {
        end.readers[stream]?.held += count
        end.mostHeld = max(end.mostHeld, end.readers.values.reduce(0) { $0 + $1.held })
      }
    case .accepted, .eof, .message, .ended, .control, .goAway: break
    }
    end.onEvent(event)
  }

  private func check(_ bytes: ByteBuffer, _ stream: StreamID, _ offset: Int) {
    var bytes = bytes
    var offset = offset
    while bytes.readableBytes > 0 {
      let expected = Self.piece(at: offset, atMost: bytes.readableBytes)
      if bytes.readSlice(length: expected.readableBytes) != expected {
        Issue.record("stream \(stream) differs near byte \(offset)")
        return
      }
      offset += expected.readableBytes
    }
  }

  private func read(_ end: SimulatedEnd) {
    for stream in end.readers.keys.sorted() {
      guard var reader = end.readers[stream] else { continue }
      let count: Int
      switch reader.pace {
      case .stalled: count = 0
      case .atOnce: count = reader.held
      case .bytesPerSecond(let rate):
        let elapsed = now.nanoseconds - max(reader.lastTaken, MonotonicInstant.start.nanoseconds)
        count = min(reader.held, Int(min(elapsed, 1_000_000_000) * rate / 1_000_000_000))
        if count == 0 && reader.held > 0 { continue }
      }
      reader.lastTaken = now.nanoseconds
      reader.held -= count
      reader.taken += count
      end.readers[stream] = reader
      if count > 0 { end.machine.consumed(stream, bytes: count) }
    }
  }

  private func write(_ end: SimulatedEnd) {
    for stream in end.writers.keys.sorted() { refill(end, stream) }
  }

  private func refill(_ end: SimulatedEnd, _ stream: StreamID) {
    guard var writer = end.writers[stream] else { return }
    while writer.remaining > 0 {
      let room = end.machine.sendRoom(stream)
      if room == 0 { break }
      let piece = Self.piece(at: writer.sent, atMost: min(65_536, room, writer.remaining))
      guard end.machine.send(stream, writer.lane, piece) else { break }
      writer.sent += piece.readableBytes
      writer.remaining -= piece.readableBytes
    }
    if writer.remaining == 0 {
      if writer.closes { end.machine.finishWriting(stream) }
      end.writers[stream] = nil
    } else {
      end.writers[stream] = writer
    }
  }

  private func send(_ end: SimulatedEnd) {
    var busy = true
    while busy {
      busy = false
      while end.line.nanoseconds(for: end.line.bufferBytes) + now.nanoseconds > end.wireFree,
        let frame = end.machine.nextFrame(at: now)
      {
        busy = true
        let departs = max(end.wireFree, now.nanoseconds) + end.line.nanoseconds(for: Int64(frame.encodedBytes))
        end.wireFree = departs
        if !end.line.isCut { end.underWay.append((departs + end.line.latencyNanoseconds, frame)) }
      }
      while let (stream, _) = end.machine.nextWritable() {
        refill(end, stream)
        busy = true
      }
    }
  }
}
