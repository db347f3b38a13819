import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

/// What agents report of file work.
@Suite struct ReportTests {
  static let path = Array("/a\n".utf8) + [0xFF]
  static let golden: [(FileEvent.Action, String)] = [
    (.opened(path: path, .toMachine), "01" + "0004" + "2f610aff" + "01"),
    (.opened(path: path, .fromMachine), "01" + "0004" + "2f610aff" + "02"),
    (.opened(path: path, .both), "01" + "0004" + "2f610aff" + "03"),
    (
      .closed(opening: 1, bytesToMachine: 2, bytesFromMachine: 3),
      "02" + "0000000000000001" + "0000000000000002" + "0000000000000003"
    ),
    (.listed(path: path), "03" + "0004" + "2f610aff"),
    (.removed(path: path), "04" + "0004" + "2f610aff"),
    (.madeDirectory(path: path), "05" + "0004" + "2f610aff"),
    (.removedDirectory(path: path), "06" + "0004" + "2f610aff"),
    (.renamed(path: path, to: [0x2F]), "07" + "0004" + "2f610aff" + "0001" + "2f"),
    (.linked(path: path, to: [0x2F]), "08" + "0004" + "2f610aff" + "0001" + "2f"),
    (.symlinked(path: path, target: []), "09" + "0004" + "2f610aff" + "0000"),
    (.changed(path: path), "0a" + "0004" + "2f610aff"),
    (
      .copied(from: 1, to: 2, bytes: .max),
      "0b" + "0000000000000001" + "0000000000000002" + "7fffffffffffffff"
    ),
  ]

  static func events(_ hex: String...) throws -> [FileEvent] {
    var reader = FileEventReader()
    return try reader.read(ByteBuffer(hex: hex.joined()))
  }

  @Test(arguments: golden) func `an event, of each kind`(action: FileEvent.Action, golden: String) throws {
    let event = FileEvent(number: 1, action: action)
    let body = "0000000000000001" + golden
    let whole = "00" + (body.utf8.count < 32 ? "0" : "") + String(body.utf8.count / 2, radix: 16) + body
    #expect(try event.encoded().hex == whole)
    #expect(try Self.events(whole) == [event])
  }

  @Test func `events survive any cutting into frames`() throws {
    for seed in seeds(200) {
      var generator = SeededGenerator(seed: seed)
      let events = (1...40).map { number in
        FileEvent(
          number: UInt64(number), action: Self.golden.randomElement(using: &generator)?.0 ?? .listed(path: []))
      }
      var all = ByteBuffer()
      for event in events { all.writeImmutableBuffer(try event.encoded()) }
      var reader = FileEventReader()
      var read: [FileEvent] = []
      while all.readableBytes > 0 {
        let length = min(all.readableBytes, Int.random(in: 1...60, using: &generator))
        let piece = all.readSlice(length: length)
        read += try reader.read(try #require(piece))
      }
      #expect(read == events, "FIXLINE_SEED=\(seed)")
    }
  }

  @Test func `the longest paths fit, longer ones do not`() throws {
    let longest = [UInt8](repeating: 0x61, count: FileEvent.maximumPathBytes)
    let event = FileEvent(number: 1, action: .renamed(path: longest, to: longest))
    var reader = FileEventReader()
    #expect(try reader.read(event.encoded()) == [event])
    #expect(throws: Malformation.tooLong(field: "path")) {
      try FileEvent(number: 1, action: .listed(path: longest + [0x61])).encoded()
    }
    #expect(throws: Malformation.invalid(field: "bytes")) {
      try FileEvent(number: 1, action: .copied(from: 1, to: 2, bytes: -1)).encoded()
    }
  }

  @Test func `unknown kinds are counted and left out`() throws {
    let removed = "0004" + "2f610aff"
    #expect(
      try Self.events("0009" + "0000000000000001" + "63", "000f" + "0000000000000002" + "04" + removed)
        == [FileEvent(number: 2, action: .removed(path: Self.path))])
  }

  static let lies: [(String, FileEventReader.Fault)] = [
    ("4000", FileEventReader.Fault.malformed(.tooLong(field: "event"))),
    ("0004" + "00000000", .malformed(.truncated(field: "number"))),
    ("0008" + "0000000000000001", .malformed(.truncated(field: "kind"))),
    ("0009" + "0000000000000001" + "04", .malformed(.truncated(field: "path"))),
    ("000c" + "0000000000000001" + "03" + "0000" + "00", .malformed(.trailingBytes)),
    ("000c" + "0000000000000001" + "01" + "0000" + "04", .malformed(.invalid(field: "direction"))),
    ("0009" + "0000000000000002" + "63", .misnumbered(2, expected: 1)),
    ("0009" + "0000000000000000" + "63", .misnumbered(0, expected: 1)),
  ]

  @Test(arguments: lies) func `a report that lies is refused`(hex: String, fault: FileEventReader.Fault) {
    #expect(throws: fault) { try Self.events(hex) }
  }

  @Test func `REPORT keeps its place among the data and is under its credit`() throws {
    var pair = Pair()
    let stream = try pair.openStream()
    pair.agent.send(stream, .standard, ByteBuffer(string: "a"))
    pair.agent.send(stream, .report, ByteBuffer(string: "b"))
    pair.agent.send(stream, .report, ByteBuffer(string: "c"))
    pair.agent.send(stream, .standard, ByteBuffer(string: "d"))
    var frames: [String] = []
    while let frame = pair.agent.nextFrame(at: pair.now) {
      frames.append("\(frame.type) \(String(buffer: frame.payload))")
      _ = try pair.relay.receive(frame, at: pair.now)
    }
    #expect(frames == ["DATA a", "REPORT bc", "DATA d"])
    let before = pair.agent.sendRoom(stream)
    pair.agent.send(stream, .report, .zeros(100))
    #expect(pair.agent.sendRoom(stream) == before - 100)
  }

  @Test func `a relay has nothing to report`() throws {
    var target = try HostileTests.Target()
    try target.say(.report, target.stream, "61")
    try target.expectReset(.wrongDirection)
  }
}
