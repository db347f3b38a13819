import Foundation
import NIOCore
import SessionModel

@testable import SFTPProtocol

/// Requests as a client writes them.
enum Ask {
  static func packet(_ type: UInt8, _ body: ByteBuffer) -> ByteBuffer {
    var packet = ByteBuffer()
    packet.writeInteger(UInt32(body.readableBytes + 1))
    packet.writeInteger(type)
    packet.writeImmutableBuffer(body)
    return packet
  }

  static func fields(_ write: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var buffer = ByteBuffer()
    write(&buffer)
    return buffer
  }

  static func text(_ text: String, in buffer: inout ByteBuffer) {
    buffer.writeInteger(UInt32(text.utf8.count))
    buffer.writeString(text)
  }

  static let initialise = packet(1, ByteBuffer(integer: UInt32(3)))

  static func open(_ number: UInt32, _ path: String = "f", mode: OpenMode = .read) -> ByteBuffer {
    packet(
      3,
      fields {
        $0.writeInteger(number)
        text(path, in: &$0)
        $0.writeInteger(mode.rawValue)
        $0.writeInteger(UInt32(0))
      })
  }

  static func handle(_ type: UInt8, _ number: UInt32, _ handle: UInt32) -> ByteBuffer {
    packet(type, fields { $0.writeMultipleIntegers(number, UInt32(4), handle) })
  }

  static func path(_ type: UInt8, _ number: UInt32, _ path: String) -> ByteBuffer {
    packet(
      type,
      fields {
        $0.writeInteger(number)
        text(path, in: &$0)
      })
  }

  static func read(_ number: UInt32, _ handle: UInt32, offset: UInt64 = 0, bytes: UInt32 = 100) -> ByteBuffer {
    packet(5, fields { $0.writeMultipleIntegers(number, UInt32(4), handle, offset, bytes) })
  }

  static func write(_ number: UInt32, _ handle: UInt32, offset: UInt64, bytes: Int) -> ByteBuffer {
    packet(
      6,
      fields {
        $0.writeMultipleIntegers(number, UInt32(4), handle, offset, UInt32(bytes))
        $0.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: bytes)
      })
  }
}

/// A server whose steps are sorted.
struct Bench {
  var server: SFTPServer
  var jobs: [FileJob] = []
  var replies: [ByteBuffer] = []
  var events: [String] = []
  var released = 0
  var received = 0
  /// Nil: not ended. A fault or none.
  var end: SFTPFault??
  /// Everything in order, as letters: w(ork), e(vent), r(eply).
  var order = ""

  init(rules: FileRules = .everything, limits: SFTPLimits = SFTPLimits()) {
    server = SFTPServer(rules: rules, limits: limits)
    receive(Ask.initialise)
    replies = []
    order = ""
  }

  mutating func receive(_ bytes: ByteBuffer, unsent: Int = 0) {
    received += bytes.readableBytes
    server.receive(bytes)
    drain(unsent: unsent)
  }

  mutating func drain(unsent: Int = 0) {
    while let step = server.next(unsentBytes: unsent) {
      switch step {
      case .work(let job):
        jobs.append(job)
        order += "w"
      case .reply(let reply):
        replies.append(reply)
        order += "r"
      case .report(let event):
        events.append("\(event.number)")
        order += "e"
      case .release(let bytes): released += bytes
      case .end(let fault): end = .some(fault)
      }
    }
  }

  /// The oldest job is done, as well as can be.
  mutating func finishFirst() { finish(jobs.removeFirst()) }

  mutating func finish(_ job: FileJob) {
    let ok = job.replies.status(.ok, of: job.request)
    let outcome: FileOutcome =
      switch job.work {
      case .open(_, let path, _, _), .openDirectory(_, let path): FileOutcome(reply: nil, effect: .opened(path: path))
      case .close: FileOutcome(reply: ok, effect: .closed)
      case .write(_, let parts): FileOutcome(reply: ok, effect: .wrote(bytes: parts.reduce(0) { $0 + $1.bytes }))
      case .remove(let path): FileOutcome(reply: ok, effect: .did([.removed(path: path)]))
      default: FileOutcome(reply: ok)
      }
    server.finish(job.number, outcome)
    drain()
  }

  /// STATUS code of a reply.
  func code(_ index: Int) -> UInt32? { replies[index].getInteger(at: replies[index].readerIndex + 9) }
}
