import NIOCore
import NIOPosix

/// Whoever a socket reports to. On the event loop.
protocol ForwardSocketOwner: AnyObject {
  func socketConnected(_ socket: ForwardSocket)
  func socket(_ socket: ForwardSocket, read bytes: ByteBuffer)
  /// What was asked for was read: more must be asked for.
  func socketPaused(_ socket: ForwardSocket)
  /// The kernel took so many bytes.
  func socket(_ socket: ForwardSocket, wrote bytes: Int)
  /// The target writes no more.
  func socketFinished(_ socket: ForwardSocket)
  /// The connection was reset. Nothing follows.
  func socketReset(_ socket: ForwardSocket)
  /// The connection is gone. Nothing follows.
  func socketGone(_ socket: ForwardSocket)
}

/// A TCP connection: read when asked, written in bursts, closed in halves.
///
/// ```
///   unconnected ──connect──▶ connecting ──channelActive──▶ open(context) ──close, the target──▶ closed
///                                │ close, failure                                                ▲
///                                └───────────────────────────────────────────────────────────────┘
/// ```
/// When the target has closed or reset the connection, what the kernel still holds of it arrives unasked.
final class ForwardSocket: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum State {
    case unconnected
    /// The context is known when the channel is made.
    case connecting(ChannelHandlerContext?)
    case open(ChannelHandlerContext)
    case closed
  }

  private weak var owner: (any ForwardSocketOwner)?
  private var state = State.unconnected
  /// Written and not yet taken by the kernel, in bytes.
  private(set) var unwrittenBytes = 0
  private var isReading = false
  private var isFlushScheduled = false

  init(owner: any ForwardSocketOwner) { self.owner = owner }

  /// Connects. `failed` is called when that fails, unless it is closed before; the owner hears of success.
  func connect(
    to address: SocketAddress, within time: TimeAmount, on loop: any EventLoop, failed: @escaping (any Error) -> Void
  ) {
    state = .connecting(nil)
    let bound = NIOLoopBound(self, eventLoop: loop)
    ClientBootstrap(group: loop)
      .connectTimeout(time)
      .channelOption(.autoRead, value: false)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.maxMessagesPerRead, value: UInt(ForwardLimits.readsPerTurn))
      .channelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(
          minimum: ForwardLimits.smallestReadBytes, initial: ForwardLimits.firstReadBytes,
          maximum: ForwardLimits.readBytes)
      )
      .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(ChannelOptions.socketOption(.so_keepalive), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
      }
      .connect(to: address)
      .assumeIsolated()
      .whenFailure { error in
        guard case .connecting = self.state else { return }
        self.state = .closed
        failed(error)
      }
  }

  /// Asks for one read.
  func read() {
    guard case .open(let context) = state, !isReading else { return }
    isReading = true
    context.read()
  }

  /// Writes bytes, together with what else comes in this turn of the event loop.
  func write(_ bytes: ByteBuffer) {
    guard case .open(let context) = state else { return }
    unwrittenBytes += bytes.readableBytes
    context.write(NIOAny(bytes), promise: nil)
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  /// The target reads the end of file. To be called when everything is written: NIO would drop the rest if the target's
  /// own end of file came before.
  func shutDownWriting() {
    if case .open(let context) = state { context.close(mode: .output, promise: nil) }
  }

  /// Closes at once; nothing is reported any more. What was written in this turn still goes, if the kernel takes it.
  /// - Returns: how many bytes were written and not reported as taken by the kernel.
  func close() -> Int {
    let before = state
    let unreported = unwrittenBytes
    unwrittenBytes = 0
    state = .closed
    owner = nil
    switch before {
    case .connecting(let context): context?.close(promise: nil)
    case .open(let context):
      context.flush()
      context.close(promise: nil)
    case .unconnected, .closed: break
    }
    return unreported
  }

  // MARK: - Writing

  private func flush() {
    guard case .open(let context) = state else { return }
    context.flush()
    report(context)
    guard case .open = state, unwrittenBytes > 0 else { return }
    // Done when all before it is: tells of progress without a promise for each write.
    let mark = context.eventLoop.makePromise(of: Void.self)
    mark.futureResult.assumeIsolated().whenSuccess {
      if case .open(let context) = self.state { self.report(context) }
    }
    context.writeAndFlush(NIOAny(ByteBuffer()), promise: mark)
  }

  private func report(_ context: ChannelHandlerContext) {
    let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
    // A channel that is closed does not say; what it did not take is lost, which its closure tells.
    guard let waiting, waiting < unwrittenBytes else { return }
    let taken = unwrittenBytes - waiting
    unwrittenBytes = waiting
    owner?.socket(self, wrote: taken)
  }

  // MARK: - The channel

  func handlerAdded(context: ChannelHandlerContext) {
    switch state {
    case .connecting: state = .connecting(context)
    case .unconnected, .open: break
    case .closed: context.close(promise: nil)
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    switch state {
    case .connecting:
      state = .open(context)
      owner?.socketConnected(self)
    case .unconnected, .open: break
    case .closed: context.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = false
    var buffer = unwrapInboundIn(data)
    if buffer.readableBytes < buffer.storageCapacity / ForwardLimits.copyBelowPart {
      buffer = context.channel.allocator.buffer(buffer: buffer)
    }
    owner?.socket(self, read: buffer)
  }

  func channelReadComplete(context: ChannelHandlerContext) { owner?.socketPaused(self) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(.inputClosed) = event as? ChannelEvent { owner?.socketFinished(self) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
    guard case .open = state else { return }
    state = .closed
    owner?.socketReset(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard case .open = state else { return }
    state = .closed
    owner?.socketGone(self)
  }
}
