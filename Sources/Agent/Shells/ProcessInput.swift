import Glibc
import NIOCore
import NIOPosix

/// The descriptor a process reads from. Each piece is reported when the process's side took it, or when it never will:
/// that is what gives the technician room for more, so a process that does not read costs no memory past its window.
final class ProcessInput: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum State {
    /// The descriptor is being registered; what came meanwhile waits.
    case starting([(ByteBuffer, () -> Void)], finishing: Bool)
    case open(ChannelHandlerContext)
    case finishing(ChannelHandlerContext)
    case closed
  }

  private var state = State.starting([], finishing: false)
  /// Pieces written and not yet taken.
  private var waiting = 0
  private var isFlushScheduled = false

  /// Takes over `descriptor`.
  func start(descriptor: CInt, on loop: any EventLoop) {
    PipeSize.enlarge(descriptor)
    let bound = NIOLoopBound(self, eventLoop: loop)
    NIOPipeBootstrap(group: loop)
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
      }
      .takingOwnershipOfDescriptor(output: descriptor)
      .assumeIsolated()
      .whenFailure { _ in
        Glibc.close(descriptor)
        self.becomeClosed()
      }
  }

  /// Writes a piece; `taken` is called once.
  func write(_ bytes: ByteBuffer, taken: @escaping () -> Void) {
    switch state {
    case .starting(let pieces, let finishing):
      state = .starting(pieces + [(bytes, taken)], finishing: finishing)
    case .open(let context):
      waiting += 1
      let written = context.eventLoop.makePromise(of: Void.self)
      written.futureResult.assumeIsolated().whenComplete { _ in
        self.waiting -= 1
        taken()
        self.closeWhenDone()
      }
      context.write(NIOAny(bytes), promise: written)
      flushSoon(context)
    case .finishing, .closed:
      taken()
    }
  }

  /// What one burst of frames brings is written in one call.
  private func flushSoon(_ context: ChannelHandlerContext) {
    guard !isFlushScheduled else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      switch self.state {
      case .open, .finishing: context.flush()
      case .starting, .closed: break
      }
    }
  }

  /// No more will be written: closes behind the last piece.
  func finish() {
    switch state {
    case .starting(let pieces, _): state = .starting(pieces, finishing: true)
    case .open(let context):
      state = .finishing(context)
      closeWhenDone()
    case .finishing, .closed: break
    }
  }

  /// Closes at once.
  func close() {
    switch state {
    case .open(let context), .finishing(let context): context.close(promise: nil)
    case .starting: becomeClosed()
    case .closed: break
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    switch state {
    case .starting(let pieces, let finishing):
      state = .open(context)
      for (bytes, taken) in pieces { write(bytes, taken: taken) }
      if finishing { finish() }
    case .open, .finishing: break
    case .closed: context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { becomeClosed() }

  /// The process closed its input: the rest is dropped.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func closeWhenDone() {
    guard case .finishing(let context) = state, waiting == 0 else { return }
    context.close(promise: nil)
  }

  private func becomeClosed() {
    let before = state
    state = .closed
    if case .starting(let pieces, _) = before {
      for (_, taken) in pieces { taken() }
    }
  }
}
