import Glibc
import NIOCore
import NIOPosix

/// Says once when a descriptor can be read, and reads nothing: its owner does. Used for what is not a stream of bytes to
/// NIO: a keeper's reports, the terminal a person answers on, a signal.
///
/// NIO watches descriptors only through channels that read them. This one reads into a buffer without room, which
/// takes nothing off a pipe, terminal or socket and looks like the end of file; so the channel closes, and that is the
/// news. The channel has a duplicate of the descriptor; the owner's own is left alone. Arming anew after the owner has
/// read everything loses nothing, since readiness is a level.
final class DescriptorWatch {
  private let channel: NIOLoopBound<Sentinel>

  /// Calls `ready` once, on `loop`, unless cancelled before. To be called on `loop`.
  init(_ descriptor: CInt, on loop: any EventLoop, ready: @escaping () -> Void) {
    let sentinel = Sentinel(ready)
    let bound = NIOLoopBound(sentinel, eventLoop: loop)
    channel = bound
    let duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard duplicate >= 0 else {
      // Out of descriptors: looking at once is the best there is, and what is looked at will say so.
      loop.assumeIsolated().execute { sentinel.fire() }
      return
    }
    NIOPipeBootstrap(group: loop)
      .channelOption(.autoRead, value: false)
      .channelOption(.maxMessagesPerRead, value: 1)
      .channelOption(.recvAllocator, value: NoRoom())
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
      }
      .takingOwnershipOfDescriptor(input: duplicate)
      .assumeIsolated()
      .whenFailure { _ in sentinel.fire() }
  }

  /// `ready` will not be called any more.
  func cancel() { channel.value.cancel() }

  private struct NoRoom: RecvByteBufferAllocator {
    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: 0) }
    mutating func record(actualReadBytes: Int) -> Bool { false }
  }

  private final class Sentinel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var ready: (() -> Void)?
    private var context: ChannelHandlerContext?

    init(_ ready: @escaping () -> Void) { self.ready = ready }

    func fire() {
      let call = ready
      ready = nil
      call?()
    }

    func cancel() {
      ready = nil
      context?.close(promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
      guard ready != nil else {
        context.close(promise: nil)
        return
      }
      self.context = context
      context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
      self.context = nil
      fire()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}
