public import NIOCore

extension TLSHandler {
  /// Takes cipher text from the socket.
  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var arrived = unwrapInboundIn(data)
    switch state {
    case .idle, .closed: return
    case .closing(let awaitsNotify, _):
      if awaitsNotify {
        hold(&arrived)
        discardArrived(context)
      }
      return
    case .handshaking, .open: break
    }
    if !isProbed, let first = arrived.readableBytesView.first {
      isProbed = true
      guard PlainTextAnswer.mayBeTLS(first, isClient: engine.isClient) else { return refusePlainText(arrived, context) }
    }
    hold(&arrived)
    switch state {
    case .handshaking: advanceHandshake(context)
    case .open: decryptArrived(context)
    case .idle, .closing, .closed: break
    }
  }

  /// The socket's burst is over: so is ours, and if it brought nothing to those behind, another one is asked for.
  public func channelReadComplete(context: ChannelHandlerContext) {
    let delivered = isInBurst
    isInBurst = false
    sendWire(context, promise: nil)
    context.fireChannelReadComplete()
    switch state {
    case .handshaking, .closing: context.read()
    case .open: if !delivered && isReadWanted { context.read() }
    case .idle, .closed: break
    }
  }

  /// Somebody behind wants data: what was held back comes first, the socket next.
  public func read(context: ChannelHandlerContext) {
    isReadWanted = true
    guard case .open = state, !isInBurst, !isDelivering, engine.hasArrivals else {
      return context.read()
    }
    isDelivering = true
    decryptArrived(context)
    isDelivering = false
    let delivered = isInBurst
    isInBurst = false
    sendWire(context, promise: nil)
    if delivered { context.fireChannelReadComplete() }
    if !delivered || isReadWanted { context.read() }
  }

  /// Puts `arrived` behind what is held; without a copy when nothing is.
  private func hold(_ arrived: inout ByteBuffer) {
    if engine.wire.inbound.readableBytes == 0 {
      engine.wire.inbound = arrived
    } else {
      engine.wire.inbound.writeBuffer(&arrived)
    }
  }

  /// Decrypts what is held and hands it on, if somebody asked or the burst has begun.
  func decryptArrived(_ context: ChannelHandlerContext) {
    guard isReadWanted || isInBurst else { return }
    while case .open = state, engine.hasArrivals {
      var plain = roomForArrivals(context)
      let step = engine.read(into: &plain)
      if plain.readableBytes > 0 {
        isReadWanted = false
        isInBurst = true
        context.fireChannelRead(wrapInboundOut(plain))
      }
      guard case .open = state else { return }
      switch step {
      case .full: continue
      case .needsInput: return
      case .closedByPeer: return closedByPeer(context)
      case .failed(let error): return fail(error, context)
      }
    }
  }

  /// A buffer for what has arrived. Slices of it live on in queues behind, so it is no larger than it must be: since NIO's
  /// buffers are as large as a power of two, what would leave a quarter of one empty fills a smaller one, and the rest another.
  func roomForArrivals(_ context: ChannelHandlerContext) -> ByteBuffer {
    let arrived = max(engine.wire.inbound.readableBytes, engine.decryptedBytes, TLSLimits.smallestBufferBytes)
    let bytes = min(arrived, TLSLimits.largestBufferBytes)
    let smaller = 1 << (Int.bitWidth - 1 - bytes.leadingZeroBitCount)
    return context.channel.allocator.buffer(capacity: bytes < smaller / 2 * 3 ? smaller : bytes)
  }

  /// After our own close_notify only the peer's matters.
  func discardArrived(_ context: ChannelHandlerContext) {
    var plain = roomForArrivals(context)
    while true {
      switch engine.read(into: &plain) {
      case .full: plain.clear()
      case .needsInput: return
      case .closedByPeer, .failed: return abort()
      }
    }
  }

  private func refusePlainText(_ arrived: ByteBuffer, _ context: ChannelHandlerContext) {
    if !engine.isClient, let answer = PlainTextAnswer.answer(to: arrived) {
      engine.wire.outbound.writeString(answer)
    }
    fail(.notTLS, context)
  }
}
