import CLibSSH
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Tells an event loop that a socket can be read, without reading it: SwiftNIO watches only what it reads itself, so the
/// kernel is asked to put a count into an eventfd, and that is what the loop reads. One answer for each `ask`.
///
/// ```
///             ask                   the socket can be read, or is at its end
///   silent ───────────▶ asked ─────────────────────────────────────────────▶ silent, and `readable` is called
/// ```
@safe final class SocketWatch: Sendable {
  /// Where `readable` is called.
  let loop: any EventLoop
  private let descriptor: CInt
  private let context: aio_context_t
  private let event: Wake
  private let readable: @Sendable () -> Void
  private let isAsked = Atomic<Bool>(false)
  private let isListening = Atomic<Bool>(false)
  private let channel = Mutex<(any Channel)?>(nil)

  /// Nil where the kernel does not offer it, or has no room for another.
  private init?(descriptor: CInt, loop: any EventLoop, readable: @escaping @Sendable () -> Void) {
    guard let event = Wake() else { return nil }
    let context = fixline_ssh_poll_new()
    guard context != 0 else { return nil }
    self.descriptor = descriptor
    self.loop = loop
    self.context = context
    self.event = event
    self.readable = readable
  }

  /// Begins to listen on `loop`; `descriptor` has to stay open for as long as something is asked.
  static func start(
    descriptor: CInt, loop: any EventLoop, readable: @escaping @Sendable () -> Void
  ) -> SocketWatch? {
    guard let watch = SocketWatch(descriptor: descriptor, loop: loop, readable: readable) else { return nil }
    let copy = fcntl(watch.event.descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { return nil }
    NIOPipeBootstrap(group: loop)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: MemoryLayout<eventfd_t>.size))
      .channelInitializer { [weak watch] channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Listener(watch)) }
      }
      .takingOwnershipOfDescriptor(input: copy)
      .whenComplete { [weak watch] result in
        switch result {
        case .success(let channel):
          guard let watch else { return channel.close(promise: nil) }
          watch.channel.withLock { $0 = channel }
        case .failure: close(copy)
        }
      }
    return watch
  }

  deinit {
    fixline_ssh_poll_free(context)
    channel.withLock { $0 }?.close(promise: nil)
  }

  /// Has `readable` called as soon as the socket can be read, which may be at once. Of no effect while that is asked already.
  /// For one thread at a time.
  /// - Returns: false when it cannot be had, now or for good.
  func ask() -> Bool {
    guard isListening.load(ordering: .acquiring) else { return false }
    guard !isAsked.load(ordering: .acquiring) else { return true }
    isAsked.store(true, ordering: .releasing)
    if fixline_ssh_poll_ask(context, descriptor, event.descriptor) { return true }
    isAsked.store(false, ordering: .releasing)
    return false
  }

  private func answered() {
    isAsked.store(false, ordering: .releasing)
    readable()
  }

  /// The eventfd on the event loop.
  private final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private weak var watch: SocketWatch?

    init(_ watch: SocketWatch?) { self.watch = watch }

    func channelActive(context: ChannelHandlerContext) { watch?.isListening.store(true, ordering: .releasing) }

    /// Nobody listens any more: whoever waits is to look for himself.
    func channelInactive(context: ChannelHandlerContext) {
      watch?.isListening.store(false, ordering: .releasing)
      watch?.answered()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { watch?.answered() }
  }
}
