import Glibc
import NIOCore

/// One connection through a ``FaultProxy``; on its event loop only.
final class FaultLink {
  /// What is still to happen.
  var fault: FaultProxy.Fault?
  /// The directions whose bytes stay where they are, by who sent them.
  var held: Set<FaultProxy.Side> = []
  /// Nothing passes any more, in neither direction; a side that was not told keeps a socket that is silent.
  private(set) var severed = false

  let network: FaultNetwork
  let loop: any EventLoop
  private let channels: [FaultProxy.Side: any Channel]
  private var alive: Set<FaultProxy.Side> = [.agent, .relay]
  private var pipes: [FaultPipe] = []

  init(network: FaultNetwork, loop: any EventLoop, agent: any Channel, relay: any Channel) {
    self.network = network
    self.loop = loop
    channels = [.agent: agent, .relay: relay]
  }

  /// Makes a channel's close a reset.
  static func lingerNot(_ channel: any Channel) {
    (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      .assumeIsolated().whenComplete { _ in }
  }

  func add(_ pipe: FaultPipe) { pipes.append(pipe) }

  /// Does it, for the direction that begins at `side` where it is about one.
  func perform(_ act: FaultProxy.Act, of side: FaultProxy.Side) {
    switch act {
    case .hold: held.insert(side)
    case .halfClose: pipes.first { $0.from == side }?.end(.output)
    case .cut(let cut, let sides):
      severed = true
      for side in sides {
        guard let channel = channels[side], alive.contains(side) else { continue }
        if cut == .reset { Self.lingerNot(channel) }
        channel.close(promise: nil)
      }
    }
  }

  func release() {
    held = []
    for pipe in pipes { pipe.deliver() }
  }

  /// A side's socket is gone.
  func ended(_ side: FaultProxy.Side) {
    alive.remove(side)
    guard alive.isEmpty else { return }
    pipes = []
    network.forget(self)
  }
}

/// One direction of a ``FaultLink``: what the channel receives goes out on `target`.
final class FaultPipe: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// Most bytes that wait here, for their time or for the receiver.
  private static let waitingBytes = 4 << 20

  private enum Item {
    case bytes(ByteBuffer)
    case end(CloseMode)
  }

  let from: FaultProxy.Side
  private let link: FaultLink
  private let target: any Channel
  private var queue = CircularBuffer<(due: NIODeadline, item: Item)>()
  /// Bytes in ``queue``, and those handed to `target` that it has not taken.
  private var waiting = 0
  private var unwritten = 0
  /// Bytes handed to `target` since the beginning.
  private var passed = 0
  private var ending: CloseMode?
  private var wantsToRead = false
  private var isScheduled = false
  private var context: ChannelHandlerContext?

  init(_ link: FaultLink, from: FaultProxy.Side, target: any Channel) {
    self.link = link
    self.from = from
    self.target = target
    link.add(self)
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
    waiting += bytes.readableBytes
    queue.append((.now() + link.network.delay, .bytes(bytes)))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    wantsToRead = true
    deliver()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      // Who was told nothing of a cut, and now leaves, leaves for good.
      if link.severed { context.close(promise: nil) } else { end(.output) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(.all)
    link.ended(from)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// The direction ends behind what is on its way.
  func end(_ mode: CloseMode) {
    queue.append((.now() + link.network.delay, .end(mode)))
    deliver()
  }

  /// Passes on what is due, until something holds it up.
  func deliver() {
    defer {
      target.flush()
      endWhenWritten()
      readOn()
    }
    while !link.severed, !link.held.contains(from), ending == nil, let first = queue.first {
      guard first.due <= .now() else { return wake(at: first.due) }
      guard case .bytes(var bytes) = first.item else {
        if case .end(let mode) = first.item { ending = mode }
        queue.removeFirst()
        continue
      }
      let fault = link.fault.flatMap { $0.of == from ? $0 : nil }
      let room = fault.map { max(0, $0.after - passed) } ?? .max
      let count = min(bytes.readableBytes, link.network.portion ?? .max, room)
      if let piece = bytes.readSlice(length: count), count > 0 { write(piece) }
      if bytes.readableBytes == 0 { queue.removeFirst() } else { queue[queue.startIndex].item = .bytes(bytes) }
      if let fault, count == room { return strike(fault) }
      if link.network.portion != nil { return wake(at: .now()) }
    }
  }

  private func write(_ piece: ByteBuffer) {
    let count = piece.readableBytes
    passed += count
    unwritten += count
    link.network.passed(count, from: from)
    target.write(piece).assumeIsolated().whenComplete { _ in
      self.waiting -= count
      self.unwritten -= count
      self.endWhenWritten()
      self.readOn()
    }
  }

  /// So many bytes have gone. An end that is not a reset comes behind the last of them.
  private func strike(_ fault: FaultProxy.Fault) {
    link.fault = nil
    target.flush()
    guard case .cut(.close, _) = fault.act, unwritten > 0 else { return link.perform(fault.act, of: from) }
    target.writeAndFlush(ByteBuffer()).assumeIsolated().whenComplete { _ in
      self.link.perform(fault.act, of: self.from)
    }
  }

  /// A closed channel forgets what it has not written yet: so the end waits for the last byte.
  private func endWhenWritten() {
    guard let mode = ending, unwritten == 0, !link.severed else { return }
    target.close(mode: mode, promise: nil)
  }

  private func wake(at deadline: NIODeadline) {
    guard !isScheduled else { return }
    isScheduled = true
    link.loop.assumeIsolated().scheduleTask(deadline: deadline) {
      self.isScheduled = false
      self.deliver()
    }
  }

  private func readOn() {
    guard wantsToRead, !link.severed, !link.held.contains(from), waiting < Self.waitingBytes else { return }
    wantsToRead = false
    context?.read()
  }
}
