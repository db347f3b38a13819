import NIOCore

/// One direction of a delayed connection: what its channel receives goes out on `target`, `delay` later.
///
/// The line's rate is not limited; only its length is. While the receiver takes nothing, no more than
/// ``maturedBytes`` wait behind it, so that a stalled reader is felt by the sender as on a real line.
final class DelayLine: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// Most bytes on their way: 100 ms there and back at 1 GiB/s, a side.
  static let travellingBytes = 64 << 20
  /// Most bytes that have arrived and wait for the receiver.
  static let maturedBytes = 1 << 20

  private enum Item {
    case bytes(ByteBuffer)
    /// The sender will write no more.
    case halfClose
    /// The connection is gone.
    case close
  }

  private let target: any Channel
  private let delay: TimeAmount
  private var line = CircularBuffer<(due: NIODeadline, item: Item)>()
  private var travelling = 0
  private var matured = 0
  private var ending: CloseMode?
  private var wantsToRead = false
  private var timerRuns = false
  private var context: ChannelHandlerContext?

  /// A direction towards `target`, which lives on the same event loop.
  init(target: any Channel, delay: TimeAmount) {
    self.target = target
    self.delay = delay
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { context.read() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    context.fireChannelActive()
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    travelling += bytes.readableBytes
    enqueue(.bytes(bytes), on: context.eventLoop)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    wantsToRead = true
    readOn()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { enqueue(.halfClose, on: context.eventLoop) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    enqueue(.close, on: context.eventLoop)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func enqueue(_ item: Item, on loop: any EventLoop) {
    line.append((.now() + delay, item))
    startTimer(on: loop)
  }

  private func startTimer(on loop: any EventLoop) {
    guard !timerRuns, let first = line.first else { return }
    timerRuns = true
    loop.assumeIsolated().scheduleTask(deadline: first.due) {
      self.timerRuns = false
      self.deliver()
      self.startTimer(on: loop)
    }
  }

  private func deliver() {
    let now = NIODeadline.now()
    var wrote = false
    while let first = line.first, first.due <= now {
      line.removeFirst()
      switch first.item {
      case .bytes(let bytes):
        let count = bytes.readableBytes
        travelling -= count
        matured += count
        target.write(bytes).assumeIsolated().whenComplete { _ in
          self.matured -= count
          self.endWhenDrained()
          self.readOn()
        }
        wrote = true
      case .halfClose: ending = ending ?? .output
      case .close: ending = .all
      }
    }
    if wrote { target.flush() }
    endWhenDrained()
    readOn()
  }

  /// A channel that is closed, and one that is half-closed when the other half is closed already, forgets what it has
  /// not written yet: so the end waits for the last byte.
  private func endWhenDrained() {
    guard let mode = ending, matured == 0 else { return }
    target.close(mode: mode, promise: nil)
  }

  private func readOn() {
    guard wantsToRead, travelling < Self.travellingBytes, matured < Self.maturedBytes else { return }
    wantsToRead = false
    context?.read()
  }
}
