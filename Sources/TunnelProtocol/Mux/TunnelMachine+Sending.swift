public import SessionModel

import struct NIOCore.ByteBuffer

extension TunnelMachine {
  /// The next frame to send; nil when there is none now. In this order: answers to pings, acknowledgements, pings, control
  /// messages, GOAWAY, resets, credit; then streams by turns, one frame of at most ``Frame/maximumPayloadBytes`` each. What a
  /// resumed tunnel sends again comes before all that is numbered.
  /// A numbered frame handed out counts as sent.
  public mutating func nextFrame(at instant: MonotonicInstant) -> Frame? {
    advance(to: instant)
    guard case .running = condition else { return nil }
    if let number = liveness.takePong() { return Frame(type: .pong, payload: Self.payload(number)) }
    if let number = acknowledgement.takeDue(at: now) {
      return Frame(type: .acknowledgement, payload: Self.payload(number))
    }
    if let number = liveness.takePing(at: now) { return Frame(type: .ping, payload: Self.payload(number)) }
    if let frame = retained.nextAgain() { return frame }
    if let frame = nextControl() { return frame }
    if case .queued(let reason) = leaving {
      leaving = .announced(reason)
      return reason.frame()
    }
    if let frame = nextReset() { return frame }
    if let frame = nextCredit() { return frame }
    return nextFromStreams()
  }

  private static func payload(_ value: some FixedWidthInteger) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeInteger(value)
    return buffer
  }

  private mutating func nextControl() -> Frame? {
    guard let payload = controls.first, retained.hasRoom(forPayload: payload.readableBytes) else { return nil }
    _ = controls.popFirst()
    controlBytes -= payload.readableBytes + TunnelLimits.frameCostBytes
    return retained.stamp(Frame(type: .control, payload: payload))
  }

  private mutating func nextReset() -> Frame? {
    guard let (stream, end) = resets.first else { return nil }
    let payload = end.payload
    guard retained.hasRoom(forPayload: payload.readableBytes) else { return nil }
    _ = resets.popFirst()
    return retained.stamp(Frame(type: .reset, stream: stream, payload: payload))
  }

  private mutating func nextCredit() -> Frame? {
    while let stream = awaitingCredit.first {
      guard retained.hasRoom(forPayload: MemoryLayout<UInt32>.size) else { return nil }
      _ = awaitingCredit.popFirst()
      let amount = table.with(stream) { entry in
        entry.awaitsCreditFrame = false
        return entry.life.isReading ? entry.window.grant() : 0
      }
      guard let amount, amount > 0 else { continue }
      let payload = Self.payload(UInt32(clamping: amount))
      return retained.stamp(Frame(type: .credit, stream: stream, payload: payload))
    }
    return nil
  }

  // MARK: - Streams by turns

  /// What a stream can do with its turn.
  private enum Turn {
    case frame(FrameType, ByteBuffer, told: Bool)
    /// It waits for credit or ACCEPT, or has nothing.
    case nothing
    /// It waits for acknowledgements.
    case full
  }

  private mutating func nextFromStreams() -> Frame? {
    while let stream = turns.next() {
      guard let turn = takeTurn(stream) else { continue }
      switch turn {
      case .nothing:
        place(stream, .idle)
      case .full:
        place(stream, .waiting)
      case .frame(let type, let payload, let told):
        if told { freed.append(stream) }
        if type == .reset {
          _ = remove(stream, readerHolds: false)
        } else {
          place(stream, .ready)
        }
        return retained.stamp(Frame(type: type, stream: stream, payload: payload))
      }
    }
    return nil
  }

  private mutating func takeTurn(_ stream: StreamID) -> Turn? {
    let retained = (data: retained.hasRoomForData, other: retained.hasRoom(forPayload: Frame.maximumPayloadBytes))
    return table.with(stream) { entry -> Turn in
      switch entry.outgoing.first {
      case nil: return .nothing
      case .frame(let type, _):
        guard entry.life.mayTransmit || type == .open else { return .nothing }
        guard retained.other else { return .full }
      case .data:
        guard entry.life.mayTransmit, entry.credit.maximumPayload > 0 else { return .nothing }
        guard retained.data else { return .full }
      }
      let isData = if case .data? = entry.outgoing.first { true } else { false }
      guard let (type, payload) = entry.outgoing.take(atMost: entry.credit.maximumPayload) else { return .nothing }
      guard isData else { return .frame(type, payload, told: false) }
      entry.credit.spend(payload: payload.readableBytes)
      let told = entry.freedBytes == 0
      entry.freedBytes += payload.readableBytes
      return .frame(type, payload, told: told)
    }
  }

  private mutating func place(_ stream: StreamID, _ place: TurnOrder.Place) {
    table.with(stream) { $0.place = place }
    turns.place(stream, place)
  }

  /// Acknowledgements made room: those who waited for it queue again.
  mutating func wakeWaiting() {
    guard retained.hasRoomForData else { return }
    while let stream = turns.nextWaiting() {
      if table.contains(stream) { place(stream, .ready) }
    }
  }
}
