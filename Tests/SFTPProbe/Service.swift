import Agent
import FileSystem
import NIOCore
import NIOPosix
import SFTPProtocol
import SessionModel
import TunnelProtocol

/// Serves until the stream is over; what sftp-server would exit with.
func serve(_ options: ProbeOptions, root: RootDirectory, on loop: any EventLoop) async throws -> Int32 {
  let done = loop.makePromise(of: Int32.self)
  let record = try options.events.map { try EventFile(path: $0) }
  let channel = try await NIOPipeBootstrap(group: loop)
    .channelOption(.autoRead, value: false)
    .channelOption(.allowRemoteHalfClosure, value: true)
    .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64 * 1024))
    .channelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        let handler = ProbeHandler(options: options, root: root, record: record, done: done)
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    }
    .takingOwnershipOfDescriptors(input: 0, output: 1).get()
  let status = try await done.futureResult.get()
  try? await channel.close()
  return status
}

/// Standard input and output as a stream.
final class ProbeHandler: ChannelInboundHandler, ServedStream {
  typealias InboundIn = ByteBuffer

  /// Received and not given back, at most, in bytes: a window of the tunnel that has grown.
  static let windowBytes = 2 * 1024 * 1024
  /// Handed over and not sent, at most, in bytes: as the tunnel's.
  static let sendBytes = 1024 * 1024

  private let options: ProbeOptions
  private let root: RootDirectory
  private let record: EventFile?
  private let done: EventLoopPromise<Int32>
  private var reports = FileEventReader()
  private let workers = FileWorkers()
  private var context: ChannelHandlerContext?
  private var transfer: FileTransfer?
  private var window = ProbeHandler.windowBytes
  private var unsent = 0
  private var status: Int32 = 255
  private var isReading = false
  private var isEnded = false

  init(options: ProbeOptions, root: RootDirectory, record: EventFile?, done: EventLoopPromise<Int32>) {
    self.options = options
    self.root = root
    self.record = record
    self.done = done
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    transfer = FileTransfer(
      port: self, root: root, rules: options.rules, workers: workers, loop: context.eventLoop, limits: options.limits)
    read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    window -= bytes.readableBytes
    transfer?.receive(bytes)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    read()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(.inputClosed) = event as? ChannelEvent { transfer?.finishInput() }
  }

  func channelInactive(context: ChannelHandlerContext) {
    transfer?.streamOver()
    transfer = nil
    self.context = nil
    done.succeed(status)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func read() {
    guard let context, !isReading, window > 0 else { return }
    isReading = true
    context.read()
  }

  // MARK: - ServedStream

  func accept() {}
  var room: Int { isEnded ? 0 : Self.sendBytes - unsent }
  func finishWriting() {}

  func send(_ lane: Lane, _ bytes: ByteBuffer) {
    let count = bytes.readableBytes
    switch lane {
    case .standard:
      guard let context else { return }
      unsent += count
      let written = context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { _ in self.freed(count) }
      context.writeAndFlush(NIOAny(bytes), promise: written)
    case .error:
      print(String(buffer: bytes), terminator: "")
      later(count)
    case .report:
      if let events = try? reports.read(bytes) { for event in events { record?.write(event) } }
      later(count)
    }
  }

  /// The tunnel never answers within a call.
  private func later(_ bytes: Int) {
    guard let context else { return }
    unsent += bytes
    context.eventLoop.assumeIsolated().execute { self.freed(bytes) }
  }

  private func freed(_ bytes: Int) {
    unsent -= bytes
    transfer?.freed(bytes)
  }

  func post(_ message: StreamMessage) {
    if case .exitStatus(let status) = message { self.status = Int32(truncatingIfNeeded: status) }
  }

  func end(_ end: StreamEnd) {
    isEnded = true
    context?.eventLoop.assumeIsolated().execute { self.context?.close(promise: nil) }
  }

  func consumed(_ bytes: Int) {
    window += bytes
    read()
  }
}
