import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// A peer that breaks the rules. What concerns one stream costs that stream; the rest costs the tunnel.
@Suite struct HostileTests {
  /// A machine with one accepted stream and one idle one, and a hand that writes its peer's frames.
  struct Target {
    var machine: TunnelMachine
    var number: UInt64 = 0
    let stream = StreamID(rawValue: 1)
    let other = StreamID(rawValue: 3)

    /// An agent whose relay is hostile.
    init(limits: TunnelLimits = .standard) throws {
      machine = TunnelMachine(role: .agent, limits: limits, now: .start)
      for stream in [stream, other] {
        try say(.open, stream, "00010000" + hex("7k2m9xqa") + "010000")
        machine.accept(stream)
      }
      while machine.nextFrame(at: .start) != nil {}
    }

    @discardableResult
    mutating func say(_ type: FrameType, _ stream: StreamID, _ payload: String = "") throws(TunnelFault)
      -> TunnelEvent?
    {
      try say(type, stream, ByteBuffer(hex: payload))
    }

    @discardableResult
    mutating func say(_ type: FrameType, _ stream: StreamID, _ payload: ByteBuffer) throws(TunnelFault) -> TunnelEvent?
    {
      if type.family == .numbered { number += 1 }
      let frame = Frame(
        type: type, stream: stream, number: type.family == .numbered ? number : 0, payload: payload)
      return try machine.receive(frame, at: .start)
    }

    /// The RESET that the machine answers with, and that the other stream still works.
    mutating func expectReset(_ fault: StreamFault) throws {
      var answer = machine.nextFrame(at: .start)
      if answer?.type == .acknowledgement { answer = machine.nextFrame(at: .start) }
      #expect(answer?.type == .reset && answer?.stream == stream)
      #expect(try answer.map { try StreamEnd(payload: $0.payload) } == StreamEnd(.failed, fault.description))
      #expect(machine.openStreams == 1)
      let event = try say(.data, other, "61")
      #expect(event == .data(other, .standard, ByteBuffer(string: "a")))
    }
  }

  // MARK: - The stream's fault

  @Test func `DATA beyond credit`() throws {
    var target = try Target()
    for _ in 0..<7 { try target.say(.data, target.stream, .zeros(32_768)) }
    let event = try target.say(.data, target.stream, .zeros(32_768))
    #expect(event == .ended(target.stream, StreamEnd(.failed, "data beyond the window")))
    try target.expectReset(.beyondCredit)
  }

  @Test func `single bytes without end stop at a bounded number of frames`() throws {
    var target = try Target()
    var frames = 0
    while case .data? = try target.say(.data, target.stream, "61") { frames += 1 }
    #expect(frames == 262_144 / 65)
    try target.expectReset(.beyondCredit)
  }

  @Test func `DATA, DATA_ERROR and EOF after EOF`() throws {
    for type in [FrameType.data, .dataError, .endOfFile] {
      var target = try Target()
      #expect(try target.say(.endOfFile, target.stream) == .eof(target.stream))
      let event = try target.say(type, target.stream, type == .endOfFile ? "" : "61")
      #expect(event == .ended(target.stream, StreamEnd(.failed, StreamFault.afterEndOfFile.description)))
      try target.expectReset(.afterEndOfFile)
    }
  }

  @Test func `empty DATA`() throws {
    var target = try Target()
    try target.say(.data, target.stream)
    try target.expectReset(.emptyData)
  }

  @Test(arguments: ["00000000", "40000001", "ffffffff"]) func `a credit overflow, or of nothing`(_ amount: String)
    throws
  {
    var target = try Target()
    let event = try target.say(.credit, target.stream, amount)
    #expect(event == .ended(target.stream, StreamEnd(.failed, "credit overflow")))
    try target.expectReset(.creditOverflow)
  }

  @Test func `credits that overflow only together`() throws {
    var target = try Target()
    var rounds = 0
    while try target.say(.credit, target.stream, "10000000") == nil { rounds += 1 }
    #expect(rounds == 3)
    try target.expectReset(.creditOverflow)
  }

  @Test func `ACCEPT of one's own stream`() throws {
    var target = try Target()
    try target.say(.accept, target.stream, "00010000")
    try target.expectReset(.unexpectedAccept)
  }

  @Test(arguments: [FrameType.data, .endOfFile, .credit, .message])
  func `anything on a stream that was not accepted yet`(type: FrameType) throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    let stream = try relay.open(Fixture.opening)
    while relay.nextFrame(at: .start) != nil {}
    let payloads: [FrameType: String] = [.data: "61", .endOfFile: "", .credit: "00000001", .message: "03"]
    let frame = Frame(type: type, stream: stream, number: 1, payload: ByteBuffer(hex: payloads[type] ?? ""))
    let event = try relay.receive(frame, at: .start)
    #expect(event == .ended(stream, StreamEnd(.failed, StreamFault.beforeAccept.description)))
    #expect(relay.nextFrame(at: .start)?.type == .reset)
  }

  @Test func `an OPEN with too large a window, and one of an unknown kind, cost only themselves`() throws {
    var target = try Target()
    #expect(try target.say(.open, StreamID(rawValue: 5), "ffffffff" + hex("7k2m9xqa") + "010000") == nil)
    #expect(try target.say(.open, StreamID(rawValue: 7), "00000001" + hex("7k2m9xqa") + "7f" + "aabbcc") == nil)
    let first = target.machine.nextFrame(at: .start)
    let second = target.machine.nextFrame(at: .start)
    #expect(first?.type == .reset && first?.stream == StreamID(rawValue: 5))
    #expect(second?.type == .reset && second?.stream == StreamID(rawValue: 7))
    #expect(try second.map { try StreamEnd(payload: $0.payload).code } == .refused)
    #expect(target.machine.openStreams == 2)
  }

  @Test func `an agent's OPEN is refused by the relay, not obeyed`() throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    let frame = Frame(
      type: .open, stream: StreamID(rawValue: 2), number: 1,
      payload: ByteBuffer(hex: "00010000" + hex("7k2m9xqa") + "010000"))
    #expect(try relay.receive(frame, at: .start) == nil)
    #expect(relay.openStreams == 0)
    #expect(relay.nextFrame(at: .start)?.type == .ping)
    #expect(relay.nextFrame(at: .start)?.type == .reset)
  }

  @Test func `a message from the wrong side`() throws {
    var target = try Target()
    try target.say(.message, target.stream, "04" + "00000000")
    try target.expectReset(.wrongDirection)
    #expect(target.machine.post(.signal(name: "INT"), on: target.other) == false)
  }

  @Test func `a second exit, as status or signal`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    #expect(pair.agent.post(.exitStatus(0), on: stream) == true)
    #expect(pair.agent.post(.exitStatus(0), on: stream) == false)
    try pair.settle()
    #expect(pair.takeRelayEvents() == [.message(stream, .exitStatus(0))])
    let frame = Frame(
      type: .message, stream: stream, number: pair.agent.retained.lastNumber + 1,
      payload: try StreamMessage.exitSignal(name: "KILL", coreDumped: false, message: "").encoded())
    let event = try pair.relay.receive(frame, at: pair.now)
    #expect(event == .ended(stream, StreamEnd(.failed, StreamFault.secondExit.description)))
  }

  // MARK: - The tunnel's fault

  struct Crime: Sendable, CustomTestStringConvertible {
    var name: String
    var type: FrameType
    var stream: UInt32
    var payload: String
    var fault: TunnelFault
    var testDescription: String { name }
  }

  static let crimes: [Crime] = [
    Crime(name: "a second HELLO", type: .hello, stream: 0, payload: "00", fault: .unexpected(.hello)),
    Crime(name: "a WELCOME", type: .welcome, stream: 0, payload: "", fault: .unexpected(.welcome)),
    Crime(name: "a RESUME", type: .resume, stream: 0, payload: "", fault: .unexpected(.resume)),
    Crime(name: "a RESUMED", type: .resumed, stream: 0, payload: "", fault: .unexpected(.resumed)),
    Crime(
      name: "an ACK of what was never sent", type: .acknowledgement, stream: 0, payload: "0000000000000003",
      fault: .falseAcknowledgement(3)),
    Crime(
      name: "an ACK of everything", type: .acknowledgement, stream: 0, payload: times(8, "ff"),
      fault: .falseAcknowledgement(UInt64.max)),
    Crime(
      name: "a short ACK", type: .acknowledgement, stream: 0, payload: "00000001",
      fault: .malformed(.acknowledgement, .truncated(field: "number"))),
    Crime(
      name: "a long PING", type: .ping, stream: 0, payload: times(9, "00"),
      fault: .malformed(.ping, .trailingBytes)),
    Crime(name: "a PONG to nothing", type: .pong, stream: 0, payload: times(8, "00"), fault: .falsePong(0)),
    Crime(
      name: "a GOAWAY that lies", type: .goAway, stream: 0, payload: "0001ffff",
      fault: .malformed(.goAway, .tooLong(field: "text"))),
    Crime(
      name: "a stream nobody opened", type: .data, stream: 5, payload: "61", fault: .unknownStream(.init(rawValue: 5))),
    Crime(
      name: "a RESET of a stream nobody opened", type: .reset, stream: 99, payload: "00000000",
      fault: .unknownStream(.init(rawValue: 99))),
    Crime(name: "our own parity", type: .data, stream: 2, payload: "61", fault: .unknownStream(.init(rawValue: 2))),
    Crime(
      name: "an OPEN of our parity", type: .open, stream: 6, payload: "00000000" + hex("7k2m9xqa") + "010000",
      fault: .falseOpening(.init(rawValue: 6))),
    Crime(
      name: "an OPEN used before", type: .open, stream: 3, payload: "00000000" + hex("7k2m9xqa") + "010000",
      fault: .falseOpening(.init(rawValue: 3))),
    Crime(
      name: "an OPEN out of order", type: .open, stream: 1, payload: "00000000" + hex("7k2m9xqa") + "010000",
      fault: .falseOpening(.init(rawValue: 1))),
    Crime(
      name: "an OPEN without a session", type: .open, stream: 5, payload: "00000000" + hex("7K2M9XQA") + "010000",
      fault: .malformed(.open, .invalid(field: "session"))),
    Crime(
      name: "an OPEN with 65 variables", type: .open, stream: 5,
      payload: "00000000" + hex("7k2m9xqa") + "0100" + "41" + times(65 * 4, "00"),
      fault: .malformed(.open, .tooLong(field: "environment"))),
    Crime(
      name: "an OPEN whose command is longer than it", type: .open, stream: 5,
      payload: "00000000" + hex("7k2m9xqa") + "02" + "7fff" + "6c73",
      fault: .malformed(.open, .truncated(field: "command"))),
    Crime(
      name: "a TERM that is not UTF-8", type: .open, stream: 5,
      payload: "00000000" + hex("7k2m9xqa") + "01" + "01" + "0002" + "c0af" + times(8, "00") + "00",
      fault: .malformed(.open, .notText(field: "term"))),
    Crime(
      name: "a short CREDIT", type: .credit, stream: 1, payload: "0001",
      fault: .malformed(.credit, .truncated(field: "credit"))),
    Crime(
      name: "an EOF with bytes", type: .endOfFile, stream: 1, payload: "00",
      fault: .malformed(.endOfFile, .trailingBytes)),
    Crime(
      name: "a RESET that lies", type: .reset, stream: 1, payload: "00000005" + hex("four"),
      fault: .malformed(.reset, .truncated(field: "text"))),
    Crime(
      name: "a signal's name without end", type: .message, stream: 1, payload: "02" + "0021" + times(33, "41"),
      fault: .malformed(.message, .tooLong(field: "name"))),
    Crime(
      name: "a MESSAGE of nothing", type: .message, stream: 1, payload: "",
      fault: .malformed(.message, .truncated(field: "kind"))),
    Crime(
      name: "a control message that lies", type: .control, stream: 0, payload: "0007" + "0005" + hex("four"),
      fault: .malformed(.control, .truncated(field: "text"))),
    Crime(
      name: "a control message of our own", type: .control, stream: 0, payload: "0105" + hex("7k2m9xqa"),
      fault: .wrongDirection(kind: 0x0105)),
    Crime(
      name: "an oversized payload", type: .control, stream: 0, payload: times(32_769, "00"),
      fault: .oversized(.control, bytes: 32_769)),
    Crime(
      name: "a stream's frame without one", type: .data, stream: 0, payload: "61", fault: .misplaced(.data, .tunnel)),
    Crime(name: "a reserved type", type: .init(rawValue: 0x90), stream: 0, payload: "", fault: .reservedType(0x90)),
  ]

  @Test(arguments: crimes) func `what breaks the tunnel breaks it for good`(crime: Crime) throws {
    var target = try Target()
    let stream = StreamID(rawValue: crime.stream)
    #expect(throws: crime.fault) { try target.say(crime.type, stream, crime.payload) }
    #expect(!crime.fault.description.isEmpty && !crime.fault.description.contains("\n"))
    target.machine.send(target.stream, .standard, .zeros(1))
    #expect(target.machine.nextFrame(at: .start) == nil)
    #expect(throws: crime.fault) { try target.say(.ping, .tunnel, times(8, "00")) }
    #expect(throws: crime.fault) { try target.machine.tick(at: .start) }
  }

  @Test func `repeated, skipped and reordered frames`() throws {
    for number in [UInt64(0), 1, 2, 4, UInt64.max] {
      var target = try Target()
      let frame = Frame(type: .data, stream: target.stream, number: number, payload: .zeros(1))
      let fault: TunnelFault = number == 0 ? .misnumbered(.data) : .outOfOrder(expected: 3, received: number)
      #expect(throws: fault) { try target.machine.receive(frame, at: .start) }
    }
  }

  @Test func `a numbered frame without number, and an unnumbered one with`() throws {
    var target = try Target()
    let frame = Frame(type: .ping, number: 1, payload: .zeros(8))
    #expect(throws: TunnelFault.misnumbered(.ping)) { try target.machine.receive(frame, at: .start) }
  }

  @Test func `unknown types are skipped, and numbered ones counted`() throws {
    var target = try Target()
    #expect(try target.say(FrameType(rawValue: 0x3F), StreamID(rawValue: 9), "aa") == nil)
    #expect(try target.say(FrameType(rawValue: 0x7F), .tunnel, "aa") == nil)
    #expect(try target.say(FrameType(rawValue: 0x4A), StreamID(rawValue: 77), "aa") == nil)
    #expect(try target.say(.message, target.stream, "7f" + "aabb") == nil)
    #expect(try target.say(.control, .tunnel, "00ff" + "aabb") == nil)
    #expect(try target.say(.data, target.stream, "61") != nil)
  }

  @Test func `control messages without end`() throws {
    var target = try Target()
    let notice = "0007" + "0002" + hex("hi")
    for _ in 0..<1000 { try target.say(.control, .tunnel, notice) }
    #expect(throws: TunnelFault.controlFlood) { try target.say(.control, .tunnel, notice) }

    var patient = ControlAllowance(limits: .standard, now: .start)
    for milliseconds in 0..<20_000 {
      let isFine = patient.take(at: .start.advanced(byMilliseconds: Int64(milliseconds) * 5))
      if !isFine { Issue.record("200 a second are fine for ever") }
    }
  }

  @Test func `streams opened and dropped while nothing can be written leave nothing behind`() throws {
    var target = try Target()
    for number in 0..<50_000 {
      let stream = StreamID(rawValue: 5 + 2 * UInt32(number))
      try target.say(.open, stream, "00010000" + hex("7k2m9xqa") + "010000")
      target.machine.accept(stream)
      try target.say(.data, stream, "61")
      try target.say(.reset, stream, "00030000")
    }
    #expect(target.machine.openStreams == 2)
    #expect(target.machine.turns.count <= 3 * target.machine.limits.maximumStreams)
    #expect(target.machine.share.used == 2 * (262_144 - 32_768))
  }

  @Test func `streams that the owner refuses while nothing can be written end the tunnel at a bound`() throws {
    var target = try Target()
    var refused = 0
    var fault: TunnelFault?
    while fault == nil, refused < 5000 {
      let stream = StreamID(rawValue: 5 + 2 * UInt32(refused))
      do throws(TunnelFault) {
        try target.say(.open, stream, "00010000" + hex("7k2m9xqa") + "010000")
        target.machine.end(stream, StreamEnd(.noConsent))
        refused += 1
      } catch {
        fault = error
      }
    }
    #expect(fault == .flood && target.machine.resets.count == 1024)
  }

  @Test func `streams asked for without end are answered or the tunnel ends, memory stays`() throws {
    var limits = TunnelLimits()
    limits.maximumStreams = 4
    limits.maximumPendingResets = 10
    var target = try Target(limits: limits)
    var stream = UInt32(5)
    var fault: TunnelFault?
    while fault == nil, stream < 1000 {
      do throws(TunnelFault) {
        try target.say(.open, StreamID(rawValue: stream), "00000000" + hex("7k2m9xqa") + "010000")
      } catch {
        fault = error
      }
      stream += 2
    }
    #expect(fault == .flood)
    #expect(target.machine.openStreams == 4 && target.machine.resets.count == 10)
  }
}
