import Foundation
import NIOCore
import SFTPProtocol
import SessionModel
import Testing

@testable import Agent

@Suite(.serialized)
struct FileTransferTests {
  private func open(_ number: UInt32, _ path: String, _ flags: UInt32) -> ByteBuffer {
    SFTPWire.packet(3, .u32(number), .text(path), .u32(flags), .noAttributes)
  }
  private func read(_ handle: UInt32, _ offset: UInt64, _ bytes: UInt32) -> ByteBuffer {
    SFTPWire.packet(5, .u32(1), .handle(handle), .u64(offset), .u32(bytes))
  }
  private func write(_ handle: UInt32, _ offset: UInt64, _ bytes: [UInt8]) -> ByteBuffer {
    SFTPWire.packet(6, .u32(1), .handle(handle), .u64(offset), .bytes(bytes))
  }
  private func code(_ answer: [UInt8]) -> UInt8? { answer[4] == 101 ? answer[12] : nil }

  @Test func `when the stream is over nothing is left open, whatever was being done`() async throws {
    let bench = try await TransferBench(fixture: "for i in $(seq 50); do head -c 300000 /dev/zero > f$i; done; mkdir d")
    for number in 1...50 { _ = try await bench.ask(open(UInt32(number), "f\(number)", 3)) }
    for number in 0..<20 { _ = try await bench.ask(SFTPWire.packet(11, .u32(UInt32(number)), .text("d"))) }
    #expect(bench.openDescriptors == 70)
    for handle in 0..<50 {
      try await bench.send(read(UInt32(handle), 0, 261_120))
      try await bench.send(write(UInt32(handle), 0, [1, 2, 3]))
      try await bench.send(open(99, "f1", 1))
    }
    try await bench.end()
    #expect(bench.openDescriptors == 0)
  }

  @Test func `an endless copy is broken off with its stream`() async throws {
    let bench = try await TransferBench()
    _ = try await bench.ask(open(1, "/dev/zero", 1))
    _ = try await bench.ask(open(2, "endless", 0xa))
    try await bench.send(
      SFTPWire.extended(3, "copy-data", .handle(0), .u64(0), .u64(0), .handle(1), .u64(0)))
    let copy = bench.tree + "/endless"
    try await bench.until("the copy has begun") {
      try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int ?? 0 > 0
    }
    try await bench.end()
  }

  @Test func `a file that shrinks while it is read gives short data and its end`() async throws {
    let bench = try await TransferBench(fixture: "head -c 300000 /dev/zero > f")
    _ = try await bench.ask(open(1, "f", 1))
    #expect(try await bench.ask(read(0, 0, 261_120))[0].count == 13 + 261_120)
    try Shell.run("truncate -s 1000 f", directory: bench.tree)
    #expect(try await bench.ask(read(0, 0, 261_120))[0].count == 13 + 1000)
    #expect(code(try await bench.ask(read(0, 261_120, 261_120))[0]) == 1)
    try await bench.end()
  }

  @Test func `a disk that is full fails its WRITEs and nothing else`() async throws {
    let bench = try await TransferBench(fixture: "mkdir disk; mount -t tmpfs -o size=1m none disk; echo ok > f")
    _ = try await bench.ask(open(1, "disk/put", 0xb))
    _ = try await bench.ask(open(2, "f", 1))
    let piece = [UInt8](repeating: 7, count: 32_768)
    var packets = ByteBuffer()
    for number in 0..<64 { packets.writeImmutableBuffer(write(0, UInt64(number * 32_768), piece)) }
    let codes = try await bench.ask(packets, expecting: 64).map(code)
    #expect(codes == Array(repeating: 0, count: 32) + Array(repeating: 4, count: 32))
    #expect(try await bench.ask(read(1, 0, 10))[0].suffix(3) == Array("ok\n".utf8)[...])
    #expect(code(try await bench.ask(SFTPWire.packet(4, .u32(9), .handle(0)))[0]) == 0)
    let events = try await bench.look { $0.events.map(\.action) }
    #expect(events.contains(.closed(opening: 1, bytesToMachine: 1_048_576, bytesFromMachine: 0)))
    #expect(code(try await bench.ask(SFTPWire.packet(13, .u32(9), .text("disk/put")))[0]) == 0)
    try await bench.end()
  }

  @Test func `ten thousand OPENs at once: as many as the limit says are open, the rest fail`() async throws {
    let bench = try await TransferBench(fixture: ": > f")
    var packets = ByteBuffer()
    for number in 0..<10_000 { packets.writeImmutableBuffer(open(UInt32(number), "f", 1)) }
    let answers = try await bench.ask(packets, expecting: 10_000)
    // The process's own limit may be the lower one.
    let opened = answers.count { $0[4] == 102 }
    #expect(opened == bench.openDescriptors)
    #expect((256...SFTPLimits().maximumHandles).contains(opened))
    #expect(answers.count { code($0) == 4 } == 10_000 - opened)
    #expect(code(try await bench.ask(SFTPWire.packet(4, .u32(9), .handle(3)))[0]) == 0)
    #expect(try await bench.ask(open(1, "f", 1))[0].suffix(1) == [3])
    try await bench.end()
  }

  @Test func `a directory of 10,000 entries is listed in under a second`() async throws {
    let bench = try await TransferBench(fixture: "mkdir d; cd d; seq -f 'name-%.0f' 10000 | xargs touch")
    _ = try await bench.ask(SFTPWire.packet(11, .u32(1), .text("d")))
    var names = 0
    let start = ContinuousClock.now
    while true {
      let answer = try await bench.ask(SFTPWire.packet(12, .u32(2), .handle(0)))[0]
      guard answer[4] == 104 else { break }
      names += answer[9..<13].reduce(0) { $0 << 8 | Int($1) }
    }
    let duration = ContinuousClock.now - start
    #expect(names == 10_002)
    // Without optimisation it takes several times as long.
    #if DEBUG
      #expect(duration < .seconds(5))
    #else
      #expect(duration < .seconds(1))
    #endif
    try await bench.end()
  }

  @Test func `a technician who reads nothing holds a bounded amount`() async throws {
    let bench = try await TransferBench(fixture: "truncate -s 1G f")
    _ = try await bench.ask(open(1, "f", 1))
    _ = try await bench.look { $0.isReading = false }
    var packets = ByteBuffer()
    for number in 0..<1000 { packets.writeImmutableBuffer(read(0, UInt64(number) * 261_120, 261_120)) }
    try await bench.send(packets)
    try await bench.until("the stream is full") { try await bench.look { $0.room < 600_000 } }
    // Only what was answered gave its room back: the rest is not begun.
    let begun = try await bench.look { $0.consumedBytes / 29 }
    #expect(begun <= (SFTPLimits().replyBytes + 1_048_576) / 261_120 + 4)
    try await bench.end()
  }

  @Test func `an answer longer than what the tunnel takes at once arrives whole`() async throws {
    let bench = try await TransferBench()
    let count = 65_000
    let users = [UInt8](repeating: 0, count: count * 4)
    // `root` each, and two lengths.
    let expected = 9 + 4 + count * 8 + 4
    let answer = try await bench.ask(
      SFTPWire.extended(1, "users-groups-by-id@openssh.com", .bytes(users), .bytes([])))[0]
    #expect(answer.count == expected)
    try await bench.end()
  }

  @Test func `bytes that are no packets end the stream with a clear line, and the handles`() async throws {
    let bench = try await TransferBench(fixture: ": > f")
    _ = try await bench.ask(open(1, "f", 3))
    try await bench.send(ByteBuffer(string: "Welcome to this computer!\n"))
    try await bench.until("the stream is over") { try await bench.look { $0.ended != nil } }
    #expect(try await bench.look { $0.errors }.contains("a packet of 1466264675 bytes"))
    try await bench.until("the file is closed") { bench.openDescriptors == 0 }
    try await bench.end()
  }
}
