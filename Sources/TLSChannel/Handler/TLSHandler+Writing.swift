public import NIOCore

extension TLSHandler {
  /// Keeps plain text until it is flushed.
  public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch state {
    case .closing, .closed: promise?.fail(ChannelError.ioOnClosedChannel)
    case .idle, .handshaking:
      let bytes = unwrapOutboundIn(data)
      guard pending.bytes + bytes.readableBytes <= TLSLimits.earlyWriteBytes else {
        promise?.fail(TLSError.notConnected)
        return
      }
      pending.append(bytes, promise: promise)
    case .open: pending.append(unwrapOutboundIn(data), promise: promise)
    }
  }

  /// Encrypts what was written and sends it; before the handshake is complete, as soon as it is.
  public func flush(context: ChannelHandlerContext) {
    guard case .open = state, !pending.isEmpty else { return }
    let bytes = pending.bytes
    let records = bytes / TLSLimits.recordBytes + 1
    engine.wire.outbound.reserveCapacity(minimumWritableBytes: bytes + records * TLSLimits.recordOverheadBytes)
    do throws(TLSError) {
      let promise = try pending.drain(into: engine, allocator: context.channel.allocator, eventLoop: context.eventLoop)
      sendWire(context, promise: promise)
    } catch {
      fail(error, context)
    }
  }

  /// Hands the outgoing cipher text to the socket as one buffer.
  func sendWire(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
    guard engine.wire.outbound.readableBytes > 0 else {
      promise?.succeed(())
      return
    }
    var outbound = ByteBuffer()
    swap(&outbound, &engine.wire.outbound)
    context.writeAndFlush(wrapOutboundOut(outbound), promise: promise)
  }
}

/// Plain text that was written and not yet encrypted, with its promises.
struct PendingWrites {
  private var writes = CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>()
  /// Bytes in it.
  private(set) var bytes = 0

  /// Whether nothing is waiting; an empty write with a promise counts.
  var isEmpty: Bool { writes.isEmpty }

  mutating func append(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>?) {
    bytes += buffer.readableBytes
    writes.append((buffer, promise))
  }

  mutating func failAll(_ error: any Error) {
    let failed = writes
    writes = CircularBuffer()
    bytes = 0
    for write in failed { write.promise?.fail(error) }
  }

  /// Encrypts everything as full records: buffers of a record or more are read in place, smaller ones are gathered.
  /// - Returns: one promise that keeps all the writes' promises; nil when nobody wants to know.
  /// - Throws: what OpenSSL reports; the promises have failed with it.
  mutating func drain(
    into engine: TLSEngine, allocator: ByteBufferAllocator, eventLoop: any EventLoop
  ) throws(TLSError) -> EventLoopPromise<Void>? {
    let drained = writes
    var gathered = ByteBuffer()
    if drained.count > 1 { gathered = allocator.buffer(capacity: min(bytes, TLSLimits.recordBytes)) }
    writes.removeAll(keepingCapacity: drained.count < 64)
    bytes = 0
    do throws(TLSError) {
      for write in drained { try Self.encrypt(write.bytes, gathering: &gathered, into: engine) }
      if gathered.readableBytes > 0 { try engine.write(gathered.readableBytesView) }
    } catch {
      for write in drained { write.promise?.fail(error) }
      throw error
    }
    let promises = drained.compactMap(\.promise)
    guard promises.count > 1 else { return promises.first }
    let all = eventLoop.makePromise(of: Void.self)
    for promise in promises { all.futureResult.cascade(to: promise) }
    return all
  }

  private static func encrypt(
    _ buffer: ByteBuffer, gathering gathered: inout ByteBuffer, into engine: TLSEngine
  ) throws(TLSError) {
    var rest = buffer.readableBytesView
    if gathered.readableBytes > 0 {
      let fitting = rest.prefix(TLSLimits.recordBytes - gathered.readableBytes)
      gathered.writeBytes(fitting)
      rest = rest.dropFirst(fitting.count)
      if gathered.readableBytes < TLSLimits.recordBytes { return }
      try engine.write(gathered.readableBytesView)
      gathered.clear()
    }
    let whole = rest.count / TLSLimits.recordBytes * TLSLimits.recordBytes
    if whole > 0 { try engine.write(rest.prefix(whole)) }
    gathered.writeBytes(rest.dropFirst(whole))
  }
}
