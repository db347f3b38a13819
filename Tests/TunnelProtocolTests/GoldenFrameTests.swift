import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// One row for each frame: the value, and the bytes written out by hand from the module's front page.
@Suite struct GoldenFrameTests {
  static let instance11 = times(16, "11")
  static let instance22 = times(16, "22")
  static let instance33 = times(16, "33")

  static func header(_ type: String, _ length: Int, stream: Int = 0, number: Int = 0) -> String {
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value, radix: 16)
      return times(count - text.utf8.count, "0") + text
    }
    return type + digits(length, 6) + digits(stream, 8) + digits(number, 16)
  }

  @Test func `the header's sixteen bytes`() {
    let frame = Frame(
      type: .data, stream: StreamID(rawValue: 0x0102_0304), number: 0x1112_1314_1516_1718,
      payload: ByteBuffer(bytes: [0xAA, 0xBB]))
    #expect(frame.hex == "42" + "000002" + "01020304" + "1112131415161718" + "aabb")
    #expect(frame.encodedBytes == 18)
    var header = ByteBuffer()
    frame.writeHeader(into: &header)
    #expect(header.readableBytes == Frame.headerBytes)
    let longest = Frame(type: .data, stream: StreamID(rawValue: 1), number: 1, payload: .zeros(32_768))
    #expect(longest.hex.hasPrefix("42008000"))
  }

  @Test func hello() throws {
    let hello = Hello(
      minimumVersion: 1, maximumVersion: 0x0203, instance: Fixture.agent, software: "fixline-agent 1", language: "de",
      allowances: [.shell, .forward], heldSessions: [Fixture.session, Fixture.otherSession])
    let payload =
      "0001" + "0203" + Self.instance11 + "0009" + "000f" + hex("fixline-agent 1") + "0002" + hex("de") + "0002"
      + hex("7k2m9xqa") + hex("00000001")
    let frame = try hello.frame()
    #expect(frame.hex == Self.header("01", payload.utf8.count / 2) + payload)
    #expect(try Hello(payload: ByteBuffer(hex: payload)) == hello)
  }

  @Test func welcome() throws {
    let welcome = Welcome(
      version: 1, instance: Fixture.relay, tunnel: Fixture.tunnel, signingKey: Fixture.key,
      signature: Fixture.signature, resumeWindowSeconds: 600, shop: "Café")
    let payload =
      "0001" + Self.instance22 + Self.instance33 + times(32, "cd") + times(64, "ab") + "00000258" + "0005" + hex("Caf")
      + "c3a9"
    #expect(try welcome.frame().hex == Self.header("02", payload.utf8.count / 2) + payload)
    #expect(try Welcome(payload: ByteBuffer(hex: payload)) == welcome)
    let signed = welcome.signedBytes(
      exporter: [UInt8](repeating: 0xEE, count: 32), agentSPKI: Fixture.fingerprint(0xDD))
    #expect(
      Hex.encode(signed) == hex("fixline welcome 1") + "00" + times(32, "ee") + "0001" + Self.instance22
        + Self.instance33 + times(32, "dd"))
  }

  @Test func goAway() throws {
    let reason = GoAway(.replaced, "moved")
    #expect(reason.frame().hex == Self.header("06", 9) + "0002" + "0005" + hex("moved"))
    #expect(try GoAway(payload: ByteBuffer(hex: "00020005" + hex("moved"))) == reason)
    #expect(try GoAway(payload: ByteBuffer(hex: "77770002" + hex("hm"))) == GoAway(.unspecified, "hm"))
    let codes = GoAway.Code.allCases.map(\.rawValue)
    #expect(codes == [0, 1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func resume() throws {
    let resume = Resume(version: 1, instance: Fixture.agent, tunnel: Fixture.tunnel, received: 0x0102_0304_0506_0708)
    let payload = "0001" + Self.instance11 + Self.instance33 + "0102030405060708"
    #expect(resume.frame().hex == Self.header("07", 42) + payload)
    #expect(try Resume(payload: ByteBuffer(hex: payload)) == resume)
  }

  @Test func resumed() throws {
    let resumed = Resumed(
      instance: Fixture.relay, tunnel: Fixture.tunnel, received: 7, signature: Fixture.signature)
    let payload = Self.instance22 + Self.instance33 + "0000000000000007" + times(64, "ab")
    #expect(try resumed.frame().hex == Self.header("08", 104) + payload)
    #expect(try Resumed(payload: ByteBuffer(hex: payload)) == resumed)
    let signed = resumed.signedBytes(
      exporter: [UInt8](repeating: 0xEE, count: 32), agentSPKI: Fixture.fingerprint(0xDD))
    #expect(
      Hex.encode(signed) == hex("fixline resumed 1") + "00" + times(32, "ee") + Self.instance22 + Self.instance33
        + "0000000000000007" + times(32, "dd"))
  }

  static let openings: [(StreamOpening, String)] = [
    (StreamOpening(session: Fixture.session, kind: .shell), hex("7k2m9xqa") + "01" + "00" + "00"),
    (
      StreamOpening(
        session: Fixture.session, kind: .shell,
        terminal: TerminalRequest(
          term: "xterm", size: TerminalSize(columns: 80, rows: 24, widthPixels: 640, heightPixels: 480)),
        environment: [EnvironmentVariable(name: "LANG", value: "C"), EnvironmentVariable(name: "LC_ALL", value: "")]),
      hex("7k2m9xqa") + "01" + "01" + "0005" + hex("xterm") + "0050" + "0018" + "0280" + "01e0" + "02" + "0004"
        + hex("LANG") + "0001" + hex("C") + "0006" + hex("LC_ALL") + "0000"
    ),
    (
      StreamOpening(session: Fixture.session, kind: .exec(command: [0x6C, 0x73, 0xFF])),
      hex("7k2m9xqa") + "02" + "0003" + "6c73ff" + "00" + "00"
    ),
    (StreamOpening(session: Fixture.session, kind: .sftp), hex("7k2m9xqa") + "03" + "00" + "00"),
    (
      StreamOpening(session: Fixture.session, kind: .forward(host: "db", port: 5432)),
      hex("7k2m9xqa") + "04" + "0002" + hex("db") + "1538" + "00" + "00"
    ),
  ]

  @Test(arguments: openings) func `OPEN, of each kind`(opening: StreamOpening, golden: String) throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    let stream = try relay.open(opening)
    #expect(relay.nextFrame(at: .start)?.type == .ping)
    let next = relay.nextFrame(at: .start)
    let frame = try #require(next)
    let payload = "00040000" + golden
    #expect(frame.hex == Self.header("40", payload.utf8.count / 2, stream: 1, number: 1) + payload)
    var agent = TunnelMachine(role: .agent, now: .start)
    #expect(try agent.receive(frame, at: .start) == .open(stream, opening))
  }

  /// A whole conversation, frame by frame.
  @Test func `ACCEPT, DATA, DATA_ERROR, EOF, CREDIT, MESSAGE, RESET, ACK, PING, PONG, CONTROL`() throws {
    var relay = TunnelMachine(role: .relay, now: .start)
    var agent = TunnelMachine(role: .agent, now: .start)
    func expect(_ machine: inout TunnelMachine, _ golden: String, at now: MonotonicInstant = .start) throws -> Frame {
      let next = machine.nextFrame(at: now)
      let frame = try #require(next)
      #expect(frame.hex == golden)
      return frame
    }
    let stream = try relay.open(Fixture.opening)
    let ping = try expect(&relay, Self.header("04", 8) + "0000000000000001")
    _ = try agent.receive(ping, at: .start)
    _ = try expect(&agent, Self.header("05", 8) + "0000000000000001")
    _ = try expect(&agent, Self.header("04", 8) + "0000000000000001")
    let opened = relay.nextFrame(at: .start)
    let open = try #require(opened)
    _ = try agent.receive(open, at: .start)
    agent.accept(stream)
    let accept = try expect(&agent, Self.header("41", 4, stream: 1, number: 1) + "00040000")
    #expect(try relay.receive(accept, at: .start) == .accepted(stream))

    agent.send(stream, .standard, ByteBuffer(string: "out"))
    agent.send(stream, .error, ByteBuffer(string: "err"))
    agent.finishWriting(stream)
    agent.post(.exitStatus(258), on: stream)
    agent.end(stream, StreamEnd(.finished))
    let data = try expect(&agent, Self.header("42", 3, stream: 1, number: 2) + hex("out"))
    let dataError = try expect(&agent, Self.header("43", 3, stream: 1, number: 3) + hex("err"))
    let endOfFile = try expect(&agent, Self.header("44", 0, stream: 1, number: 4))
    let message = try expect(&agent, Self.header("47", 5, stream: 1, number: 5) + "04" + "00000102")
    let reset = try expect(&agent, Self.header("45", 4, stream: 1, number: 6) + "0000" + "0000")
    #expect(try relay.receive(data, at: .start) == .data(stream, .standard, ByteBuffer(string: "out")))
    #expect(try relay.receive(dataError, at: .start) == .data(stream, .error, ByteBuffer(string: "err")))
    #expect(try relay.receive(endOfFile, at: .start) == .eof(stream))
    #expect(try relay.receive(message, at: .start) == .message(stream, .exitStatus(258)))
    #expect(try relay.receive(reset, at: .start) == .ended(stream, StreamEnd(.finished)))

    relay.post(.notice("hi"))
    _ = try expect(&relay, Self.header("48", 6, number: 2) + "0007" + "0002" + hex("hi"))
    let later = MonotonicInstant.start.advanced(byMilliseconds: 50)
    _ = try expect(&relay, Self.header("03", 8) + "0000000000000006", at: later)
  }

  @Test func `CREDIT returns what a quarter of the window freed`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    for _ in 0..<2 { pair.agent.send(stream, .standard, .zeros(32_768)) }
    try pair.settle()
    pair.relay.consumed(stream, bytes: 65_000)
    #expect(pair.relay.nextFrame(at: pair.now) == nil)
    pair.relay.consumed(stream, bytes: 536)
    let next = pair.relay.nextFrame(at: pair.now)
    let frame = try #require(next)
    #expect(frame.hex == Self.header("46", 4, stream: 1, number: 2) + "00010080")
  }

  static let messages: [(StreamMessage, String)] = [
    (.windowChange(TerminalSize(columns: 1, rows: 2, widthPixels: 3, heightPixels: 65535)), "01" + "000100020003ffff"),
    (.signal(name: "INT"), "02" + "0003" + hex("INT")),
    (.outputClosed, "03"),
    (.exitStatus(255), "04" + "000000ff"),
    (
      .exitSignal(name: "SEGV", coreDumped: true, message: "oh"),
      "05" + "0004" + hex("SEGV") + "01" + "0002" + hex("oh")
    ),
    (.dialled(address: "[::1]:80"), "06" + "0008" + hex("[::1]:80")),
  ]

  @Test(arguments: messages) func `MESSAGE, of each kind`(message: StreamMessage, golden: String) throws {
    #expect(try message.encoded().hex == golden)
    #expect(try StreamMessage.decode(ByteBuffer(hex: golden)) == message)
  }

  @Test func `RESET, with each code`() throws {
    for (value, code) in ResetCode.allCases.enumerated() {
      let end = StreamEnd(code, "why")
      #expect(end.payload.hex == "000" + String(value) + "0003" + hex("why"))
      #expect(try StreamEnd(payload: end.payload) == end)
    }
    #expect(try StreamEnd(payload: ByteBuffer(hex: "00990003" + hex("why"))) == StreamEnd(.failed, "why"))
  }
}
