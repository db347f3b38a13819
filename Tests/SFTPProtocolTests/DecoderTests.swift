import NIOCore
import TestSupport
import Testing

@testable import SFTPProtocol

struct DecoderTests {
  /// All packets, joined to one stream.
  private func decode(_ stream: ByteBuffer, cutAt sizes: () -> Int) throws -> [[UInt8]] {
    var decoder = SFTPDecoder()
    var rest = stream
    var packets: [[UInt8]] = []
    while rest.readableBytes > 0 {
      let piece = rest.readSlice(length: min(max(1, sizes()), rest.readableBytes))
      decoder.append(try #require(piece))
      while let packet = try decoder.next() {
        #expect(packet.tail.isEmpty || packet.type == 6)
        packets.append([packet.type] + ([packet.body] + packet.tail).flatMap { Array($0.readableBytesView) })
      }
    }
    #expect(decoder.heldBytes == 0)
    return packets
  }

  @Test func `packets are the same however the bytes arrive`() throws {
    var random = SeededGenerator()
    for round in 0..<40 {
      var stream = ByteBuffer()
      var expected: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        let type: UInt8 = Bool.random(using: &random) ? 6 : UInt8.random(in: 0...255, using: &random)
        let isLong = Int.random(in: 0..<10, using: &random) == 0
        let length = Int.random(in: 0...(isLong ? 262_143 : 40), using: &random)
        let body =
          [UInt8](repeating: UInt8(round), count: length / 2) + [UInt8](repeating: type, count: length - length / 2)
        var packet = Ask.packet(type, ByteBuffer(bytes: body))
        stream.writeBuffer(&packet)
        expected.append([type] + body)
      }
      let largest = [1, 3, 30, 3000, 70_000][round % 5]
      if largest < 30, stream.readableBytes > 200_000 { continue }
      let found = try decode(stream) { Int.random(in: 1...largest, using: &random) }
      #expect(found == expected, "seed \(Seed.current), round \(round)")
    }
  }

  @Test(arguments: [0, 262_145, UInt32.max]) func `an impossible length is a fault, for ever`(length: UInt32) {
    var decoder = SFTPDecoder()
    decoder.append(ByteBuffer(integer: length))
    #expect(throws: SFTPFault.length(length)) { try decoder.next() }
    decoder.append(Ask.initialise)
    #expect(throws: SFTPFault.length(length)) { try decoder.next() }
    #expect(decoder.heldBytes == 0)
  }

  @Test func `the longest packet is taken`() throws {
    var decoder = SFTPDecoder()
    decoder.append(Ask.packet(6, ByteBuffer(repeating: 1, count: 262_143)))
    #expect(try decoder.next()?.wireBytes == 262_148)
  }

  @Test func `random packets are read or refused, and never more`() {
    var random = SeededGenerator()
    for _ in 0..<20_000 {
      let type = UInt8.random(in: 0...22, using: &random)
      let count = Int.random(in: 0...60, using: &random)
      let body = (0..<count).map { _ in
        Bool.random(using: &random)
          ? UInt8.random(in: 0...9, using: &random) : UInt8.random(in: 0...255, using: &random)
      }
      let packet = SFTPPacket(type: type > 20 ? 200 : type, body: ByteBuffer(bytes: body), tail: [])
      do {
        if case .request(_, .write(_, _, let data, let bytes)) = try ReadPacket(
          packet, rules: .everything, isInitialised: true)
        {
          #expect(data.reduce(0) { $0 + $1.readableBytes } == bytes, "seed \(Seed.current)")
        }
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
