import NIOCore
import SessionModel
import TestSupport
import Testing

@testable import TunnelProtocol

@Suite struct FrameDecoderTests {
  static let stream = StreamID(rawValue: 1)

  static func wire(_ frames: [Frame]) -> ByteBuffer {
    var buffer = ByteBuffer()
    for frame in frames { frame.write(into: &buffer) }
    return buffer
  }

  static func decode(_ buffer: ByteBuffer) throws(TunnelFault) -> [Frame] {
    var decoder = FrameDecoder()
    var buffer = buffer
    var frames: [Frame] = []
    while let frame = try decoder.next(from: &buffer) { frames.append(frame) }
    return frames
  }

  static func someFrames(_ count: Int, using generator: inout SeededGenerator) -> [Frame] {
    (1...count).map { number in
      let length = [0, 1, 15, 16, 17, 1000, 32_768].randomElement(using: &generator) ?? 0
      let payload = ByteBuffer(bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 &* number) })
      return Bool.random(using: &generator)
        ? Frame(type: .data, stream: stream, number: UInt64(number), payload: payload)
        : Frame(type: FrameType(rawValue: 0x3F), payload: payload)
    }
  }

  @Test func `frames come out as they went in, however the bytes are cut`() throws {
    for seed in seeds(8) {
      var generator = SeededGenerator(seed: seed)
      let frames = Self.someFrames(40, using: &generator)
      var rest = Self.wire(frames)
      let largest = [1, 3, 16, 17, 5000, 70_000].randomElement(using: &generator) ?? 1
      var decoder = FrameDecoder()
      var found: [Frame] = []
      while rest.readableBytes > 0 {
        var piece = rest.readSlice(length: min(rest.readableBytes, Int.random(in: 1...largest, using: &generator)))
        while var chunk = piece {
          guard let frame = try decoder.next(from: &chunk) else { break }
          found.append(frame)
          piece = chunk
        }
      }
      #expect(found == frames, "FIXLINE_SEED=\(seed)")
    }
  }

  @Test func `a payload that arrives whole is a slice, not a copy`() throws {
    let frame = Frame(type: .data, stream: Self.stream, number: 1, payload: .zeros(32_768))
    var wire = ByteBuffer()
    wire.reserveCapacity(frame.encodedBytes)
    frame.write(into: &wire)
    let capacity = wire.storageCapacity
    var decoder = FrameDecoder()
    let decoded = try decoder.next(from: &wire)
    #expect(decoded?.payload.storageCapacity == capacity)
  }

  @Test func `a small payload does not keep a large read alive`() throws {
    var wire = Self.wire([
      Frame(type: .data, stream: Self.stream, number: 1, payload: .zeros(1)),
      Frame(type: .data, stream: Self.stream, number: 2, payload: .zeros(30_000)),
    ])
    var decoder = FrameDecoder()
    let small = try decoder.next(from: &wire)
    #expect((small?.payload.storageCapacity ?? Int.max) <= 16)
  }

  @Test func `a payload in pieces is gathered in storage of its own size`() throws {
    var wire = Self.wire([Frame(type: .data, stream: Self.stream, number: 1, payload: .zeros(30_000))])
    var decoder = FrameDecoder()
    let cut = wire.readSlice(length: 20_000)
    var first = try #require(cut)
    #expect(try decoder.next(from: &first) == nil)
    #expect(first.readableBytes == 0)
    let frame = try decoder.next(from: &wire)
    #expect((frame?.payload.storageCapacity ?? Int.max) <= 32_768)
  }

  static let broken: [(String, TunnelFault)] = [
    ("00" + "000000" + "00000000" + times(8, "00"), .reservedType(0)),
    ("80" + "000000" + "00000000" + times(8, "00"), .reservedType(0x80)),
    ("ff" + "ffffff" + "ffffffff" + times(8, "ff"), .reservedType(0xFF)),
    ("42" + "008001" + "00000001" + "0000000000000001", .oversized(.data, bytes: 32_769)),
    ("48" + "008001" + "00000000" + "0000000000000001", .oversized(.control, bytes: 32_769)),
    ("04" + "ffffff" + "00000000" + "0000000000000000", .oversized(.ping, bytes: 16_777_215)),
    ("42" + "000001" + "00000001" + "0000000000000000", .misnumbered(.data)),
    ("04" + "000008" + "00000000" + "0000000000000001", .misnumbered(.ping)),
    ("42" + "000001" + "00000000" + "0000000000000001", .misplaced(.data, .tunnel)),
    ("48" + "000001" + "00000001" + "0000000000000001", .misplaced(.control, StreamID(rawValue: 1))),
    ("01" + "000001" + "00000001" + "0000000000000000", .misplaced(.hello, StreamID(rawValue: 1))),
  ]

  @Test(arguments: broken) func `a broken header is refused before its payload, and for ever`(
    _ header: String, _ fault: TunnelFault
  ) {
    var decoder = FrameDecoder()
    var wire = ByteBuffer(hex: header)
    #expect(wire.readableBytes == 16)
    #expect(throws: fault) { try decoder.next(from: &wire) }
    var good = Self.wire([Frame(type: .ping, payload: .zeros(8))])
    #expect(throws: fault) { try decoder.next(from: &good) }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}fc\u{3}\u{3}345678",
  ])
  func `what other programs say is refused`(_ text: String) {
    #expect(throws: TunnelFault.self) { try Self.decode(ByteBuffer(string: text)) }
  }

  @Test func `a cut-off end gives no frame`() throws {
    let wire = Self.wire([Frame(type: .data, stream: Self.stream, number: 1, payload: .zeros(100))])
    for length in 0..<wire.readableBytes {
      let part = try #require(wire.getSlice(at: 0, length: length))
      #expect(try Self.decode(part).isEmpty)
    }
  }

  @Test func `random bytes never trap`() {
    for seed in seeds(4) {
      var generator = SeededGenerator(seed: seed)
      for _ in 0..<500 {
        var decoder = FrameDecoder()
        var wire = ByteBuffer()
        for _ in 0..<Int.random(in: 1...40, using: &generator) { wire.writeInteger(generator.next()) }
        do { while try decoder.next(from: &wire) != nil {} } catch { continue }
      }
    }
  }
}
