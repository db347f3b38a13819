import Glibc
import NIOCore
import NIOPosix
import TunnelProtocol

/// Whoever is told what a process wrote. On the event loop.
protocol ProcessOutputOwner: AnyObject {
  func outputReady(_ output: ProcessOutput)
  func output(_ output: ProcessOutput, wrote bytes: ByteBuffer)
  func outputPaused(_ output: ProcessOutput)
  func outputEnded(_ output: ProcessOutput)
}

/// One descriptor that a process writes to, read only when asked: one ``read()`` brings at most
/// ``ProcessOutput/readBytes``. When the other end is closed, what the kernel still holds arrives unasked.
final class ProcessOutput: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// The most one read brings, in bytes: half a pipe.
  static let readBytes = PipeSize.bytes / 2
  /// The first and the smallest buffer read into, in bytes. NIO grows it up to ``readBytes`` while reads fill it.
  static let firstReadBytes = 4 * 1024
  /// A read that fills less than this part of its buffer is copied to one of its own size, so that a keystroke waiting
  /// for its acknowledgement does not hold a whole buffer.
  static let copyBelowPart = 4

  let lane: Lane
  private weak var owner: (any ProcessOutputOwner)?
  private var context: ChannelHandlerContext?
  /// Whether a read has been asked for and brought nothing yet.
  private(set) var isReading = false
  private(set) var isEnded = false

  init(lane: Lane, owner: any ProcessOutputOwner) {
    self.lane = lane
    self.owner = owner
  }

  /// Takes over `descriptor`.
  func start(descriptor: CInt, on loop: any EventLoop) {
    PipeSize.enlarge(descriptor)
    let bound = NIOLoopBound(self, eventLoop: loop)
    NIOPipeBootstrap(group: loop)
      .channelOption(.autoRead, value: false)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(
          minimum: 512, initial: Self.firstReadBytes, maximum: Self.readBytes)
      )
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
      }
      .takingOwnershipOfDescriptor(input: descriptor)
      .assumeIsolated()
      .whenFailure { _ in
        Glibc.close(descriptor)
        self.end()
      }
  }

  /// Asks for one read.
  func read() {
    guard !isReading, !isEnded, let context else { return }
    isReading = true
    context.read()
  }

  /// Closes the descriptor: on a pipe the writer gets SIGPIPE, on a terminal SIGHUP.
  func close() {
    guard !isEnded else { return }
    if let context {
      context.close(promise: nil)
    } else {
      end()
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    if isEnded {
      context.close(promise: nil)
      return
    }
    self.context = context
    owner?.outputReady(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = false
    var buffer = unwrapInboundIn(data)
    if buffer.readableBytes < buffer.storageCapacity / Self.copyBelowPart {
      buffer = context.channel.allocator.buffer(buffer: buffer)
    }
    owner?.output(self, wrote: buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    owner?.outputPaused(self)
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  /// A terminal whose last program has gone answers EIO: that is its end of file.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func end() {
    guard !isEnded else { return }
    isEnded = true
    isReading = false
    context = nil
    owner?.outputEnded(self)
    owner = nil
  }
}
