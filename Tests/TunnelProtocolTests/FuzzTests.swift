import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// Bytes that nobody meant: whatever comes, a fault is thrown or an event is returned, and nothing traps or grows.
@Suite struct FuzzTests {
  /// Frames with right headers and random insides, from a peer that knows which streams there are.
  @Test func `random frames with right numbers never trap`() {
    for seed in seeds(6) {
      var generator = SeededGenerator(seed: seed)
      for _ in 0..<150 {
        let role: TunnelRole = Bool.random(using: &generator) ? .relay : .agent
        var machine = Self.machine(role)
        var number: UInt64 = 0
        var now = MonotonicInstant.start
        do throws(TunnelFault) {
          for _ in 0..<100 {
            now = now.advanced(byMilliseconds: Int64.random(in: -10...200, using: &generator))
            let frame = Self.frame(&number, using: &generator)
            let event = try machine.receive(frame, at: now)
            Self.react(event, &machine, using: &generator)
            while machine.nextFrame(at: now) != nil {}
            while machine.nextWritable() != nil {}
            try machine.tick(at: now)
          }
        } catch {
          #expect(!error.description.isEmpty)
        }
        #expect(
          machine.share.used >= 0 && machine.share.used <= machine.limits.tunnelWindowBytes, "FIXLINE_SEED=\(seed)")
        #expect(machine.retainedBytes <= machine.limits.retainedBytes + machine.limits.retainedReserveBytes)
      }
    }
  }

  /// An honest conversation's bytes with some of them changed.
  @Test func `flipped bytes never trap and never pass unnoticed as more data than was allowed`() throws {
    for seed in seeds(4) {
      var generator = SeededGenerator(seed: seed)
      let wire = try Self.conversation()
      for _ in 0..<200 {
        var bytes = wire
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          let place = Int.random(in: 0..<bytes.readableBytes, using: &generator)
          bytes.setInteger(UInt8.random(in: 0...255, using: &generator), at: place)
        }
        var agent = TunnelMachine(role: .agent, now: .start)
        var decoder = FrameDecoder()
        var received: [StreamID: Int] = [:]
        do throws(TunnelFault) {
          while let frame = try decoder.next(from: &bytes) {
            switch try agent.receive(frame, at: .start) {
            case .open(let stream, _)?: agent.accept(stream)
            case .data(let stream, _, let data)?: received[stream, default: 0] += data.readableBytes
            default: break
            }
            while agent.nextFrame(at: .start) != nil {}
          }
        } catch {
          #expect(!error.description.isEmpty)
        }
        #expect(received.values.allSatisfy { $0 <= agent.limits.initialWindowBytes }, "FIXLINE_SEED=\(seed)")
      }
    }
  }

  @Test func `random payloads never trap any reader`() {
    for seed in seeds(4) {
      var generator = SeededGenerator(seed: seed)
      for _ in 0..<5000 {
        var payload = ByteBuffer()
        // A known kind in front, so that the readers get far.
        payload.writeInteger(ControlMessage.Kind.allCases.randomElement(using: &generator)?.rawValue ?? 0)
        for _ in 0..<Int.random(in: 0...200, using: &generator) {
          payload.writeInteger(
            UInt8.random(in: 0...255, using: &generator) & (Bool.random(using: &generator) ? 0x03 : 0xFF))
        }
        if let message = try? ControlMessage.decode(payload) {
          #expect((try? message.encoded()) == payload, "FIXLINE_SEED=\(seed)")
        }
        if let message = try? StreamMessage.decode(payload) {
          #expect((try? message.encoded()) == payload, "FIXLINE_SEED=\(seed)")
        }
        _ = try? Hello(payload: payload)
        _ = try? Welcome(payload: payload)
        _ = try? Resume(payload: payload)
        _ = try? Resumed(payload: payload)
        _ = try? GoAway(payload: payload)
        _ = try? StreamEnd(payload: payload)
        var reader = WireReader(payload)
        _ = try? StreamOpening.read(from: &reader)
      }
    }
  }

  // MARK: - Material

  private static func machine(_ role: TunnelRole) -> TunnelMachine {
    var limits = TunnelLimits()
    limits.maximumStreams = 4
    limits.initialWindowBytes = 4000
    limits.floorWindowBytes = 1000
    limits.tunnelWindowBytes = 10_000
    limits.controlQueueBytes = 10_000
    limits.retainedBytes = 50_000
    limits.retainedReserveBytes = 40_000
    var machine = TunnelMachine(role: role, limits: limits, now: .start)
    for _ in 0..<3 { _ = try? machine.open(Fixture.opening) }
    return machine
  }

  private static func frame(_ number: inout UInt64, using generator: inout SeededGenerator) -> Frame {
    let types: [UInt8] = [
      0x03, 0x04, 0x05, 0x06, 0x3F, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x7F,
    ]
    let type = FrameType(rawValue: types.randomElement(using: &generator) ?? 0)
    let stream = type.belongsToStream == true ? UInt32.random(in: 1...8, using: &generator) : 0
    if type.family == .numbered { number += 1 }
    let payload = self.payload(type, using: &generator)
    return Frame(
      type: type, stream: StreamID(rawValue: stream), number: type.family == .numbered ? number : 0, payload: payload)
  }

  /// Mostly right, sometimes anything.
  private static func payload(_ type: FrameType, using generator: inout SeededGenerator) -> ByteBuffer {
    if Int.random(in: 0...9, using: &generator) == 0 {
      return ByteBuffer(
        bytes: (0..<Int.random(in: 0...40, using: &generator)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })
    }
    switch type {
    case .acknowledgement, .ping, .pong:
      return ByteBuffer(hex: "000000000000000" + String(Int.random(in: 0...3, using: &generator)))
    case .goAway, .reset: return StreamEnd(.hangup, "x").payload
    case .open: return ByteBuffer(hex: "00010000" + hex("7k2m9xqa") + "010000")
    case .accept: return ByteBuffer(hex: "00001000")
    case .credit: return ByteBuffer(hex: "0f" + String(Int.random(in: 100_000...999_999, using: &generator)))
    case .data, .dataError, .report: return .zeros(Int.random(in: 1...2000, using: &generator))
    case .endOfFile: return ByteBuffer()
    case .message: return ByteBuffer(hex: "0400000001")
    case .control: return ByteBuffer(hex: "0007" + "0002" + hex("hi"))
    default: return .zeros(3)
    }
  }

  private static func react(
    _ event: TunnelEvent?, _ machine: inout TunnelMachine, using generator: inout SeededGenerator
  ) {
    switch event {
    case .open(let stream, _)?: machine.accept(stream)
    case .data(let stream, _, let bytes)?:
      machine.consumed(stream, bytes: Int.random(in: 0...bytes.readableBytes, using: &generator))
      machine.send(stream, .standard, bytes)
    case .eof(let stream)?: machine.finishWriting(stream)
    case .message(let stream, _)?: if Bool.random(using: &generator) { machine.end(stream, StreamEnd(.finished)) }
    case .accepted?, .ended?, .control?, .goAway?, nil: break
    }
  }

  private static func conversation() throws -> ByteBuffer {
    var relay = TunnelMachine(role: .relay, now: .start)
    var agent = TunnelMachine(role: .agent, now: .start)
    var wire = ByteBuffer()
    let stream = try relay.open(Fixture.opening)
    relay.post(.notice("hello"))
    for _ in 0..<3 {
      while let frame = relay.nextFrame(at: .start) {
        frame.write(into: &wire)
        if case .open(let stream, _)? = try agent.receive(frame, at: .start) { agent.accept(stream) }
      }
      while let frame = agent.nextFrame(at: .start) { _ = try relay.receive(frame, at: .start) }
      relay.send(stream, .standard, ByteBuffer(string: "ls -l\n"))
      relay.post(.windowChange(TerminalSize(columns: 80, rows: 24)), on: stream)
    }
    relay.end(stream, StreamEnd(.finished))
    while let frame = relay.nextFrame(at: .start) { frame.write(into: &wire) }
    return wire
  }
}
