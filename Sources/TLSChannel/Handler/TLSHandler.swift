public import NIOCore

/// TLS 1.3 in a channel pipeline: cipher text on the side of the socket, plain text behind it.
///
/// ```
///            active             done                    close(), close_notify,
///   idle ───────────▶ handshaking ─────▶ open ──────────── error ─────────────▶ closing ────▶ closed
///                         │                                                        ▲   peer ended, or
///                         └──────────────── error, timeout ────────────────────────┘   1 s passed
/// ```
/// - Every failure arrives exactly once as a ``TLSError`` in `errorCaught`; the handler then closes the channel.
/// - Reading keeps to `read()`: cipher text that arrives unasked is held as it is (at most one burst of the socket), not
///   decrypted; no new burst is asked for before somebody behind asks. What was asked for is decrypted straight into the
///   buffer handed on.
/// - Writes are gathered until `flush()`, then encrypted into full records and handed to the socket as one buffer, whose
///   size is what the channel's water marks see.
/// - Closing sends close_notify, then discards what arrives until the peer has closed too, at most
///   ``TLSLimits/closeGraceMilliseconds``. Both modes of closing close both directions.
public final class TLSHandler: ChannelDuplexHandler {
  /// Cipher text.
  public typealias InboundIn = ByteBuffer
  /// Plain text.
  public typealias InboundOut = ByteBuffer
  /// Plain text.
  public typealias OutboundIn = ByteBuffer
  /// Cipher text.
  public typealias OutboundOut = ByteBuffer

  enum State {
    /// The channel is not active yet.
    case idle
    /// `grace` ends it.
    case handshaking(grace: Scheduled<Void>)
    case open
    /// Our last words are sent; `grace` stops the wait for the peer's. With `awaitsNotify` its close_notify ends the
    /// wait, otherwise only the end of the connection.
    case closing(awaitsNotify: Bool, grace: Scheduled<Void>)
    case closed
  }

  let engine: TLSEngine
  var state = State.idle
  var pending: PendingWrites
  var context: ChannelHandlerContext?

  /// Somebody behind asked for data and has been given none yet.
  var isReadWanted = false
  /// Data has been handed on since the last channelReadComplete: what belongs to the same burst follows it.
  var isInBurst = false
  /// Set while decrypted data is being handed on from `read()`, which whoever gets it may call again.
  var isDelivering = false
  /// The first byte has been looked at.
  var isProbed = false
  /// What the peer sent before the handshake was complete.
  var handshakeBytes = 0

  /// A handler for one connection.
  public init(configuration: TLSConfiguration) throws(TLSError) {
    engine = try TLSEngine(configuration: configuration)
    pending = PendingWrites()
  }

  /// Keying material bound to this connection (RFC 8446 section 7.5); both sides get the same bytes.
  /// - Throws: ``TLSError/notConnected`` before the handshake is complete.
  public func exportKeyingMaterial(label: String, context: [UInt8], length: Int) throws(TLSError) -> [UInt8] {
    try engine.exportKeyingMaterial(label: label, context: context, length: length)
  }

  /// Closes the channel at once, without close_notify and without waiting: for a peer that does not answer any more.
  /// On the channel's event loop only.
  public func abort() {
    guard let context else { return }
    finish()
    context.close(mode: .all, promise: nil)
  }

  // MARK: Life of the channel

  /// Starts the handshake if the channel is active already.
  public func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { start(context) }
  }

  /// Lets go of the channel.
  public func handlerRemoved(context: ChannelHandlerContext) {
    finish()
    self.context = nil
    pending.failAll(ChannelError.ioOnClosedChannel)
  }

  /// Starts the handshake.
  public func channelActive(context: ChannelHandlerContext) {
    start(context)
    context.fireChannelActive()
  }

  /// Tells an orderly end from a truncation.
  public func channelInactive(context: ChannelHandlerContext) {
    let end: TLSError?
    switch state {
    case .idle, .closing, .closed: end = nil
    case .handshaking: end = .closedDuringHandshake
    case .open: end = lastWords(context)
    }
    finish()
    pending.failAll(end ?? ChannelError.ioOnClosedChannel)
    if let end { context.fireErrorCaught(end) }
    context.fireChannelInactive()
  }

  /// The socket is gone: hands on what had arrived and was held back, and finds out whether it ended in an orderly way.
  private func lastWords(_ context: ChannelHandlerContext) -> TLSError? {
    var hasDelivered = false
    defer { if hasDelivered { context.fireChannelReadComplete() } }
    while true {
      var plain = roomForArrivals(context)
      let step = engine.read(into: &plain)
      if plain.readableBytes > 0 {
        hasDelivered = true
        context.fireChannelRead(wrapInboundOut(plain))
      }
      switch step {
      case .full: continue
      case .needsInput: return .truncated
      case .failed(let error): return error
      case .closedByPeer:
        context.fireUserInboundEventTriggered(TLSEvent.closedByPeer)
        return nil
      }
    }
  }

  private func start(_ context: ChannelHandlerContext) {
    guard case .idle = state else { return }
    let grace = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(TLSLimits.handshakeGraceSeconds)) {
      [weak self] in
      guard let self, let context = self.context, case .handshaking = self.state else { return }
      self.fail(.handshakeTimedOut, context)
    }
    state = .handshaking(grace: grace)
    if engine.isClient { advanceHandshake(context) }
  }

  /// Ends in `closed`, whatever was before; stops the clock of the state left.
  func finish() {
    switch state {
    case .handshaking(let grace), .closing(_, let grace): grace.cancel()
    case .idle, .open, .closed: break
    }
    state = .closed
  }

  // MARK: Handshake

  func advanceHandshake(_ context: ChannelHandlerContext) {
    let before = engine.wire.inbound.readableBytes
    let step = engine.handshake()
    handshakeBytes += before - engine.wire.inbound.readableBytes
    switch step {
    case .needsInput:
      sendWire(context, promise: nil)
      if handshakeBytes > TLSLimits.handshakeBytes { fail(.handshakeTooLarge, context) }
    case .failed(let error): fail(error, context)
    case .done:
      guard let peer = engine.peer else { return fail(.noCertificate, context) }
      finish()
      state = .open
      sendWire(context, promise: nil)
      context.fireUserInboundEventTriggered(TLSEvent.handshakeCompleted(peer))
      guard case .open = state else { return }
      flush(context: context)
      decryptArrived(context)
    }
  }

  // MARK: The end

  /// Reports `error`, sends the alert OpenSSL may have written, and closes: at once when the peer ended the connection.
  func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
    startClosing(context, awaitsNotify: false)
    pending.failAll(error)
    context.fireErrorCaught(error)
    if engine.isEndedByPeer { abort() }
  }

  /// Sends what is left to send, and waits a while for the peer to end the connection.
  func startClosing(_ context: ChannelHandlerContext, awaitsNotify: Bool, sent: EventLoopPromise<Void>? = nil) {
    finish()
    let grace = context.eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(TLSLimits.closeGraceMilliseconds)
    ) { [weak self] () -> Void in self?.abort() }
    state = .closing(awaitsNotify: awaitsNotify, grace: grace)
    if !awaitsNotify { engine.wire.inbound.clear() }
    sendWire(context, promise: sent)
    context.read()
  }

  /// The peer said its last: answers and closes as soon as the answer is out.
  func closedByPeer(_ context: ChannelHandlerContext) {
    context.fireUserInboundEventTriggered(TLSEvent.closedByPeer)
    guard case .open = state else { return }
    flush(context: context)
    guard case .open = state else { return }
    engine.shutdown()
    let sent = context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.abort() }
    startClosing(context, awaitsNotify: false, sent: sent)
    pending.failAll(ChannelError.ioOnClosedChannel)
  }

  /// Closes in an orderly way when the connection is open, at once otherwise.
  public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    switch (mode, state) {
    case (.input, _): context.close(mode: mode, promise: promise)
    case (_, .open):
      engine.shutdown()
      startClosing(context, awaitsNotify: true)
      pending.failAll(ChannelError.ioOnClosedChannel)
      discardArrived(context)
      context.channel.closeFuture.cascade(to: promise)
    case (_, .closing): context.channel.closeFuture.cascade(to: promise)
    case (_, .idle), (_, .handshaking), (_, .closed):
      finish()
      pending.failAll(ChannelError.ioOnClosedChannel)
      context.close(mode: .all, promise: promise)
    }
  }
}
