import SessionModel

public import struct NIOCore.ByteBuffer

// What the owner asks for. Nothing here is sent at once: it is queued, and nextFrame(at:) hands it out.
extension TunnelMachine {
  /// Asks the peer for a stream. Bytes may be handed over at once; they go when the peer accepted.
  public mutating func open(_ opening: StreamOpening) throws(StreamRefusal) -> StreamID {
    if isFailed { throw .ended }
    guard role == .relay else { throw .notOurs }
    guard leaving == .no, !peerLeaves else { throw .goingAway }
    guard table.count < limits.maximumStreams else { throw .tooManyStreams }
    guard let number = nextStream else { throw .numbersExhausted }
    var writer = WireWriter()
    var trial = share
    let size = trial.initialSize()
    writer.integer(UInt32(clamping: size))
    let payload: ByteBuffer
    do {
      try opening.write(into: &writer)
      payload = try writer.finish()
    } catch { throw .unsendable(error) }
    share = trial
    let (next, overflow) = number.addingReportingOverflow(2)
    nextStream = overflow ? nil : next
    let stream = StreamID(rawValue: number)
    var entry = StreamEntry(id: stream, life: .opening, window: ReceiveWindow(size: size, now: now))
    entry.outgoing.append(.open, payload)
    table.insert(entry)
    wake(stream, to: .fresh)
    return stream
  }

  /// Grants a stream that the peer asked for. False when it does not wait for that (any more).
  @discardableResult
  public mutating func accept(_ stream: StreamID) -> Bool {
    guard table.read(stream, { $0.life == .offered }) == true else { return false }
    let size = share.initialSize()
    let now = now
    _ = table.with(stream) { entry in
      guard entry.life.accept() else { return }
      entry.window = ReceiveWindow(size: size, now: now)
      var payload = ByteBuffer()
      payload.writeInteger(UInt32(clamping: size))
      entry.outgoing.append(.accept, payload)
    }
    wake(stream, to: .fresh)
    return true
  }

  /// Hands over bytes for the peer. The writer keeps to ``sendRoom(_:)``; when the stream already holds
  /// ``TunnelLimits/sendBufferBytes`` it is ended, because dropping bytes in silence would be worse. False when the bytes
  /// were not taken: the stream is over, not accepted by this side, or closed for writing.
  @discardableResult
  public mutating func send(_ stream: StreamID, _ lane: Lane, _ bytes: ByteBuffer) -> Bool {
    let limit = limits.sendBufferBytes
    let hasRoom = table.with(stream) { entry -> Bool? in
      guard entry.life.canWrite else { return nil }
      if bytes.readableBytes == 0 { return true }
      guard entry.outgoing.dataBytes < limit else { return false }
      entry.outgoing.append(lane, bytes)
      return true
    }
    switch hasRoom {
    case .some(.some(true)):
      wake(stream, to: .fresh)
      return true
    case .some(.some(false)):
      end(stream, StreamEnd(.failed, "more was written than the line takes"))
      return false
    case .some(.none), .none:
      return false
    }
  }

  /// Writes no more on the stream: EOF goes behind what was handed over. The peer may go on writing.
  @discardableResult
  public mutating func finishWriting(_ stream: StreamID) -> Bool {
    let done = table.with(stream) { entry in
      guard entry.life.finish() else { return false }
      entry.outgoing.append(.endOfFile, ByteBuffer())
      return true
    }
    guard done == true else { return false }
    wake(stream, to: .fresh)
    return true
  }

  /// Ends the stream. ``ResetCode/finished`` goes behind what was handed over, once the peer accepted the stream; any other
  /// code drops that and goes at once. No event follows. What the stream's reader still holds counts no longer. For a
  /// stream that is over already this only says that its reader holds nothing any more.
  @discardableResult
  public mutating func end(_ stream: StreamID, _ end: StreamEnd) -> Bool {
    release(stream)
    guard table.contains(stream) else { return false }
    if end.code == .finished {
      switch table.with(stream, { $0.life.close() }) {
      case .queued:
        table.with(stream) { $0.outgoing.append(.reset, end.payload) }
        wake(stream, to: .fresh)
        return true
      case .underWay: return true
      case .immediate, nil: break
      }
    }
    guard let entry = remove(stream, readerHolds: false) else { return false }
    // A peer that has not seen the OPEN need not hear of its end.
    guard !entry.outgoing.holdsOpen else { return true }
    guard resets.count < limits.maximumPendingResets else {
      _ = fail(.flood)
      return false
    }
    resets.append((stream, end))
    return true
  }

  /// Sends a message in order with the stream's bytes. False when the stream takes none, only the other side may send it, an
  /// exit was told already, or too many wait.
  @discardableResult
  public mutating func post(_ message: StreamMessage, on stream: StreamID) -> Bool {
    guard message.sender == role, let payload = try? message.encoded() else { return false }
    let taken = table.with(stream) { entry in
      guard entry.life.canPost else { return false }
      if message.sender == .agent {
        guard !entry.hasExited else { return false }
        entry.hasExited = true
      }
      return entry.outgoing.append(message: payload) { waiting in
        guard case .windowChange = message, case .frame(.message, let bytes) = waiting,
          case .windowChange? = try? StreamMessage.decode(bytes)
        else { return false }
        return true
      }
    }
    guard taken == true else { return false }
    wake(stream, to: .fresh)
    return true
  }

  /// Sends a control message, behind those posted before. False when it cannot be sent: a field is over its limit, it is
  /// one that only the other side may send, or the tunnel is over. When the peer takes none and the queue is full, the
  /// tunnel fails; ``tick(at:)`` says so.
  @discardableResult
  public mutating func post(_ message: ControlMessage) -> Bool {
    guard !isFailed, message.kind.sender == role, let payload = try? message.encoded() else {
      return false
    }
    let cost = payload.readableBytes + TunnelLimits.frameCostBytes
    guard controlBytes + cost <= limits.controlQueueBytes else {
      _ = fail(.controlQueueFull)
      return false
    }
    controlBytes += cost
    controls.append(payload)
    return true
  }

  /// Tells the peer that this side leaves. What is open goes on; nothing new is opened or granted. Only the first counts.
  public mutating func goAway(_ reason: GoAway) {
    if leaving == .no { leaving = .queued(reason) }
  }

  /// The reader took `bytes` of what it was handed: their room goes back to the peer. To be called also for streams that
  /// are over, as long as their bytes are still being read; ``end(_:_:)`` says that nobody reads them any more.
  public mutating func consumed(_ stream: StreamID, bytes: Int) {
    if var window = lingering[stream] {
      _ = window.consume(payload: bytes, now: now)
      share.shrinkToHeld(&window)
      lingering[stream] = window.size > limits.floorWindowBytes ? window : nil
      return
    }
    let now = now
    // Before the first answer to a ping nothing grows.
    let longLine = liveness.smallestRoundTrip.map { trip in
      let (span, overflow) = trip.multipliedReportingOverflow(by: TunnelLimits.growthRoundTrips)
      return overflow ? Int64.max : span
    }
    var share = share
    let isDue = table.with(stream) { entry in
      let elapsed = entry.window.consume(payload: bytes, now: now)
      guard entry.life.isReading else { return false }
      if let elapsed, let longLine, elapsed <= max(longLine, TunnelLimits.growthFloorNanoseconds) {
        share.grow(&entry.window, isLineLong: elapsed <= longLine)
      }
      guard entry.window.isCreditDue, !entry.awaitsCreditFrame else { return false }
      entry.awaitsCreditFrame = true
      return true
    }
    self.share = share
    if isDue == true { awaitingCredit.append(stream) }
  }

  /// A writer whose bytes went out since the last call, and how many; nil when there is none (any more).
  public mutating func nextWritable() -> (stream: StreamID, freedBytes: Int)? {
    while let stream = freed.popFirst() {
      let bytes = table.with(stream) { entry in
        defer { entry.freedBytes = 0 }
        return entry.freedBytes
      }
      if let bytes, bytes > 0 { return (stream, bytes) }
    }
    return nil
  }

  // MARK: - Within

  /// Gives a stream a turn, unless it has one coming.
  mutating func wake(_ stream: StreamID, to place: TurnOrder.Place) {
    let wasIdle = table.with(stream) { entry in
      guard entry.place == .idle else { return false }
      entry.place = place
      return true
    }
    if wasIdle == true { turns.place(stream, place) }
  }

  /// Takes a stream out of the table. What its reader still holds above the floor stays counted until it is read.
  mutating func remove(_ stream: StreamID, readerHolds: Bool) -> StreamEntry? {
    guard let entry = table.remove(stream) else { return nil }
    removals += 1
    if removals > limits.maximumStreams { forgetRemoved() }
    var window = entry.window
    if readerHolds {
      share.shrinkToHeld(&window)
      if window.size > limits.floorWindowBytes { lingering[stream] = window }
    } else {
      share.release(window)
    }
    return entry
  }

  /// Streams that are over leave their numbers in the queues until somebody comes to them. When nobody does, because the
  /// line is stuck, they are taken out here: so the queues stay in proportion to the table.
  private mutating func forgetRemoved() {
    removals = 0
    let table = table
    turns.keep { table.contains($0) }
    awaitingCredit.keep { table.contains($0) }
    freed.keep { table.contains($0) }
  }

  /// Nobody reads any more what a stream that is over left.
  private mutating func release(_ stream: StreamID) {
    if let window = lingering.removeValue(forKey: stream) { share.release(window) }
  }
}
