import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// The seeds a random test runs: the one in FIXLINE_SEED, or `count` new ones.
func seeds(_ count: Int) -> [UInt64] {
  if let seed = Seed.given { return [seed] }
  return (0..<count).map { _ in UInt64.random(in: 0...UInt64.max) }
}

enum Fixture {
  static let session = SessionID("7k2m9xqa") ?? SessionID.drawn
  static let otherSession = SessionID("00000001") ?? SessionID.drawn
  static let code = JoinCode("482177305") ?? JoinCode.drawn
  static let agent = instance(0x11)
  static let relay = instance(0x22)
  static let tunnel = instance(0x33)
  static let signature = [UInt8](repeating: 0xAB, count: 64)
  static let key = [UInt8](repeating: 0xCD, count: 32)

  static func instance(_ byte: UInt8) -> InstanceID {
    var generator = SeededGenerator(seed: 0)
    return InstanceID([UInt8](repeating: byte, count: 16)) ?? InstanceID(using: &generator)
  }

  static func fingerprint(_ byte: UInt8) -> Fingerprint {
    guard let value = Fingerprint([UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
    return value
  }

  static let opening = StreamOpening(session: session, kind: .shell)
}

extension SessionID {
  fileprivate static var drawn: SessionID {
    var generator = SeededGenerator(seed: 1)
    return SessionID(using: &generator)
  }
}

extension JoinCode {
  fileprivate static var drawn: JoinCode {
    var generator = SeededGenerator(seed: 1)
    return JoinCode(using: &generator)
  }
}

/// `text` as hexadecimal, for golden bytes that can be read.
func hex(_ text: String) -> String { Hex.encode(text.utf8) }

/// `byte` (two digits) `count` times.
func times(_ count: Int, _ byte: String) -> String { String(repeating: byte, count: count) }

extension ByteBuffer {
  init(hex: String) {
    self.init(bytes: Hex.decode(hex.filter { $0 != " " }) ?? [])
  }

  var hex: String { Hex.encode(readableBytesView) }

  static func zeros(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 0, count: count) }
}

extension Frame {
  var hex: String {
    var buffer = ByteBuffer()
    write(into: &buffer)
    return buffer.hex
  }
}

extension MonotonicInstant {
  static let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)
}

/// Two machines side by side, without a line between them: what one says the other hears at once.
struct Pair {
  var relay: TunnelMachine
  var agent: TunnelMachine
  var now = MonotonicInstant.start
  var relayEvents: [TunnelEvent] = []
  var agentEvents: [TunnelEvent] = []

  init(limits: TunnelLimits = .standard, isResumable: Bool = true) {
    relay = TunnelMachine(role: .relay, limits: limits, isResumable: isResumable, now: now)
    agent = TunnelMachine(role: .agent, limits: limits, isResumable: isResumable, now: now)
  }

  mutating func advance(milliseconds: Int64) { now = now.advanced(byMilliseconds: milliseconds) }

  /// Passes frames until neither has one.
  mutating func settle() throws(TunnelFault) {
    var busy = true
    while busy {
      busy = false
      while let frame = relay.nextFrame(at: now) {
        busy = true
        if let event = try agent.receive(frame, at: now) { agentEvents.append(event) }
      }
      while let frame = agent.nextFrame(at: now) {
        busy = true
        if let event = try relay.receive(frame, at: now) { relayEvents.append(event) }
      }
    }
  }

  /// A stream that both sides agreed on.
  mutating func openStream(_ opening: StreamOpening = Fixture.opening) throws -> StreamID {
    let stream = try relay.open(opening)
    try settle()
    agent.accept(stream)
    try settle()
    relayEvents = []
    agentEvents = []
    return stream
  }

  mutating func takeRelayEvents() -> [TunnelEvent] {
    defer { relayEvents = [] }
    return relayEvents
  }

  mutating func takeAgentEvents() -> [TunnelEvent] {
    defer { agentEvents = [] }
    return agentEvents
  }
}
