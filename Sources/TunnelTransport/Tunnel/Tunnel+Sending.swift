import NIOCore
import SessionModel
import TunnelProtocol

extension Tunnel {
  /// Something was asked of the machine: it may have something to say now, or another deadline.
  func changed() {
    if !isReceiving && !isPumping { schedulePump() }
  }

  /// Runs ``pump()`` once the present task of the event loop is over.
  func schedulePump() {
    guard !isPumpScheduled, !isOver else { return }
    isPumpScheduled = true
    eventLoop.assumeIsolated().execute { [weak self] in
      guard let self else { return }
      self.isPumpScheduled = false
      self.pump()
    }
  }

  /// Looks at the clock, writes what the machine has to say as far as the channel takes it, tells the delegate whose
  /// buffer has room again, and sets the timer. Ends when nobody has anything more to say.
  func pump() {
    guard !isPumping, !isOver else { return }
    isPumping = true
    defer { isPumping = false }
    let now = BootClock.now()
    guard tick(at: now), let connection, connection.isCarrying, let context = connection.context else { return }
    var written = 0
    while true {
      let wrote = gather(connection, context, at: now)
      written += wrote
      let freed = reportFreed()
      guard self.connection === connection else { return }
      if wrote == 0 && !freed { break }
      if written >= TransportLimits.turnBytes {
        schedulePump()
        break
      }
    }
    setTimer(at: now)
  }

  /// Writes one buffer of frames.
  /// - Returns: its length in bytes; 0 when the machine has nothing to say or the channel takes nothing.
  private func gather(
    _ connection: TunnelHandler, _ context: ChannelHandlerContext, at now: MonotonicInstant
  ) -> Int {
    guard context.channel.isWritable, let first = machine.nextFrame(at: now) else { return 0 }
    var buffer = context.channel.allocator.buffer(
      capacity: first.payload.readableBytes < 1024
        ? 2 * 1024 : TransportLimits.gatherBytes + Frame.maximumPayloadBytes + Frame.headerBytes)
    first.write(into: &buffer)
    while buffer.readableBytes < TransportLimits.gatherBytes, let frame = machine.nextFrame(at: now) {
      frame.write(into: &buffer)
    }
    let bytes = buffer.readableBytes
    context.writeAndFlush(connection.wrapOutboundOut(buffer), promise: nil)
    return bytes
  }

  /// - Returns: whether anybody was told anything.
  private func reportFreed() -> Bool {
    var hasReported = false
    while let (stream, bytes) = machine.nextWritable() {
      hasReported = true
      delegate?.tunnel(self, stream: stream, freed: bytes)
      if isOver { break }
    }
    return hasReported
  }

  // MARK: Clock

  /// - Returns: false when the tunnel is over.
  private func tick(at now: MonotonicInstant) -> Bool {
    do throws(TunnelFault) {
      try machine.tick(at: now)
      return true
    } catch {
      switch (error, connection) {
      case (.deadPeer, let connection?): connection.abort(.deadPeer)
      case (_, let connection?): connection.leave(GoAway(.fault, error.description), .fault(error))
      case (_, nil): end(.fault(error))
      }
      return false
    }
  }

  /// Sets the timer for the machine's next deadline. A timer that comes too early does no harm and stays.
  private func setTimer(at now: MonotonicInstant) {
    guard let deadline = machine.nextDeadline else { return }
    let latest = now.advanced(byMilliseconds: TransportLimits.longestTimerMilliseconds)
    // A deadline that has passed although the machine was just asked waits for a full channel: that wakes us anyway.
    let earliest = now.advanced(byMilliseconds: TransportLimits.shortestTimerMilliseconds)
    let due = deadline <= now ? earliest : min(deadline, latest)
    if let tickTimer {
      if tickTimer.due <= due && tickTimer.due > now { return }
      tickTimer.timer.cancel()
    }
    let delay = TimeAmount.nanoseconds(due.nanoseconds - now.nanoseconds)
    let timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] () -> Void in
      guard let self else { return }
      self.tickTimer = nil
      self.pump()
    }
    tickTimer = (due, timer)
  }
}
