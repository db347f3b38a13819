import FileSystem
import Foundation
import NIOCore
import NIOPosix
import SFTPProtocol
import SessionModel
import Testing
import TunnelProtocol

@testable import Agent

/// A file transfer in this process, over a directory of its own, with a technician who asks and reads.
final class TransferBench: Sendable {
  let tree: String
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let workers = FileWorkers()
  private let stream: NIOLoopBoundBox<TechnicianEnd>
  private var loop: any EventLoop { stream.eventLoop }

  init(limits: SFTPLimits = SFTPLimits(), rules: FileRules = .everything, fixture: String = "") async throws {
    let base = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let tree = "\(base)/fixline-transfer-\(UInt64.random(in: 0...UInt64.max))"
    self.tree = tree
    try Shell.run("mkdir '\(tree)'; cd '\(tree)'; \(fixture)")
    let root = try RootDirectory(path: "/", workingDirectory: Array(tree.utf8))
    let loop = group.next()
    stream = NIOLoopBoundBox.makeBoxSendingValue(TechnicianEnd(), eventLoop: loop)
    let (stream, workers) = (stream, workers)
    try await loop.submit {
      let end = stream.value
      end.loop = loop
      end.transfer = FileTransfer(port: end, root: root, rules: rules, workers: workers, loop: loop, limits: limits)
    }.get()
    _ = try await ask(SFTPWire.initialise())
  }

  /// Sends requests and waits for as many answers.
  func ask(_ packets: ByteBuffer..., expecting count: Int? = nil) async throws -> [[UInt8]] {
    let stream = stream
    let wanted = count ?? packets.count
    return try await loop.flatSubmit {
      stream.value.asked = stream.value.answers.count + wanted
      let promise = stream.eventLoop.makePromise(of: [[UInt8]].self)
      stream.value.waiting = promise
      for packet in packets { stream.value.transfer?.receive(packet) }
      stream.value.settle()
      return promise.futureResult
    }.get()
  }

  /// Sends requests without waiting.
  func send(_ packet: ByteBuffer) async throws {
    let stream = stream
    try await loop.submit { stream.value.transfer?.receive(packet) }.get()
  }

  /// What the technician's end knows.
  func look<Value: Sendable>(_ look: @escaping @Sendable (TechnicianEnd) -> Value) async throws -> Value {
    let stream = stream
    return try await loop.submit { look(stream.value) }.get()
  }

  func endStream() async throws {
    let stream = stream
    try await loop.submit {
      stream.value.transfer?.streamOver()
      stream.value.transfer = nil
    }.get()
  }

  /// Descriptors of this process that lead into the tree.
  var openDescriptors: Int {
    let folder = "/proc/self/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.count {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasPrefix(tree) == true
    }
  }

  /// Waits for a condition, and no longer than half a minute.
  func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let limit = ContinuousClock.now + .seconds(30)
    while try await !condition() {
      try #require(ContinuousClock.now < limit, "\(what)")
      await Task.yield()
    }
  }

  func end() async throws {
    try await endStream()
    try await until("all descriptors are closed") { openDescriptors == 0 }
    try Shell.run("umount '\(tree)/disk' 2>/dev/null || true; rm -rf '\(tree)'")
    try await group.shutdownGracefully()
  }
}

/// The technician's end of the stream. On the loop.
final class TechnicianEnd: ServedStream {
  var transfer: FileTransfer?
  var loop: (any EventLoop)?
  /// Reads nothing while false.
  var isReading = true
  var answers: [[UInt8]] = []
  var asked = 0
  var waiting: EventLoopPromise<[[UInt8]]>?
  var events: [FileEvent] = []
  var errors = ""
  var consumedBytes = 0
  var unsentBytes = 0
  var ended: StreamEnd?
  private var rest = ByteBuffer()
  private var reports = FileEventReader()

  func accept() {}
  var room: Int { 1024 * 1024 - unsentBytes }
  func finishWriting() {}
  func post(_ message: StreamMessage) {}
  func end(_ end: StreamEnd) { ended = end }
  func consumed(_ bytes: Int) { consumedBytes += bytes }

  func send(_ lane: Lane, _ bytes: ByteBuffer) {
    let count = bytes.readableBytes
    unsentBytes += count
    switch lane {
    case .standard:
      rest.writeImmutableBuffer(bytes)
      while let length = rest.getInteger(at: rest.readerIndex, as: UInt32.self),
        let packet = rest.readBytes(length: 4 + Int(length))
      { answers.append(packet) }
    case .error: errors += String(buffer: bytes)
    case .report: events += (try? reports.read(bytes)) ?? []
    }
    loop?.assumeIsolated().execute {
      if self.isReading {
        self.unsentBytes -= count
        self.transfer?.freed(count)
      }
      self.settle()
    }
  }

  func settle() {
    guard let waiting, answers.count >= asked else { return }
    self.waiting = nil
    waiting.succeed(Array(answers[..<asked]))
    answers.removeFirst(asked)
  }
}
