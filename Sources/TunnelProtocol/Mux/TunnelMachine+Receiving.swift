public import SessionModel

import struct NIOCore.ByteBuffer

extension TunnelMachine {
  /// Takes a frame from the peer; what it means to the owner, if anything. Throws when the tunnel has to end, and from then
  /// on always.
  public mutating func receive(_ frame: Frame, at instant: MonotonicInstant) throws(TunnelFault) -> TunnelEvent? {
    advance(to: instant)
    if case .failed(let fault) = condition { throw fault }
    if case .cut = condition { return nil }
    do throws(TunnelFault) {
      try checkHeader(frame)
      liveness.heard(at: now)
      guard frame.type.family == .numbered else { return try receiveUnnumbered(frame) }
      try acknowledgement.receive(frame, now: now)
      return try receiveNumbered(frame)
    } catch {
      throw fail(error)
    }
  }

  /// What ``FrameDecoder`` checks, for frames that come another way.
  private func checkHeader(_ frame: Frame) throws(TunnelFault) {
    if frame.payload.readableBytes > Frame.maximumPayloadBytes {
      throw .oversized(frame.type, bytes: frame.payload.readableBytes)
    }
    if let belongs = frame.type.belongsToStream, belongs == (frame.stream == .tunnel) {
      throw .misplaced(frame.type, frame.stream)
    }
    switch frame.type.family {
    case .unnumbered: if frame.number != 0 { throw .misnumbered(frame.type) }
    case .numbered: if frame.number == 0 { throw .misnumbered(frame.type) }
    case .reserved: throw .reservedType(frame.type.rawValue)
    }
  }

  // MARK: - The tunnel's frames

  private mutating func receiveUnnumbered(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    switch frame.type {
    case .acknowledgement:
      let number = try number(in: frame)
      guard retained.acknowledge(number) else { throw .falseAcknowledgement(number) }
      wakeWaiting()
      return nil
    case .ping:
      guard controlAllowance.take(at: now) else { throw .controlFlood }
      liveness.receivePing(try number(in: frame))
      return nil
    case .pong:
      let number = try number(in: frame)
      guard liveness.receivePong(number, at: now) else { throw .falsePong(number) }
      return nil
    case .goAway:
      guard controlAllowance.take(at: now) else { throw .controlFlood }
      peerLeaves = true
      do { return .goAway(try GoAway(payload: frame.payload)) } catch { throw .malformed(.goAway, error) }
    case .hello, .welcome, .resume, .resumed:
      throw .unexpected(frame.type)
    default:
      guard controlAllowance.take(at: now) else { throw .controlFlood }
      return nil
    }
  }

  /// The only field of ACK, PING and PONG.
  private func number(in frame: Frame) throws(TunnelFault) -> UInt64 {
    var reader = WireReader(frame.payload)
    do {
      let number = try reader.integer("number", as: UInt64.self)
      try reader.finish()
      return number
    } catch { throw .malformed(frame.type, error) }
  }

  private mutating func receiveNumbered(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    switch frame.type {
    case .open: return try receiveOpen(frame)
    case .accept: return try receiveAccept(frame)
    case .data: return try receiveData(frame, .standard)
    case .dataError: return try receiveData(frame, .error)
    case .report: return try receiveData(frame, .report)
    case .endOfFile: return try receiveEndOfFile(frame)
    case .reset: return try receiveReset(frame)
    case .credit: return try receiveCredit(frame)
    case .message: return try receiveMessage(frame)
    case .control: return try receiveControl(frame)
    default:
      guard controlAllowance.take(at: now) else { throw .controlFlood }
      return nil
    }
  }

  private mutating func receiveControl(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    guard controlAllowance.take(at: now) else { throw .controlFlood }
    let message: ControlMessage?
    do { message = try ControlMessage.decode(frame.payload) } catch { throw .malformed(.control, error) }
    guard let message else { return nil }
    guard message.kind.sender != role else { throw .wrongDirection(kind: message.kind.rawValue) }
    return .control(message)
  }

  // MARK: - Streams

  private mutating func receiveOpen(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    guard isPeers(frame.stream), frame.stream.rawValue > highestPeerStream else { throw .falseOpening(frame.stream) }
    highestPeerStream = frame.stream.rawValue
    var reader = WireReader(frame.payload)
    let window: UInt32
    let opening: StreamOpening?
    do {
      window = try reader.integer("window")
      opening = try StreamOpening.read(from: &reader)
    } catch { throw .malformed(.open, error) }
    guard role == .agent else { return try refuse(frame.stream, .refused, "only the relay opens streams") }
    guard leaving == .no else { return try refuse(frame.stream, .refused, "this side is leaving") }
    guard let opening else { return try refuse(frame.stream, .refused, "an unknown kind of stream") }
    guard table.count < limits.maximumStreams else { return try refuse(frame.stream, .limit, "too many streams") }
    var entry = StreamEntry(id: frame.stream, life: .offered, window: ReceiveWindow(size: 0, now: now))
    guard window == 0 || entry.credit.add(window) else {
      return try refuse(frame.stream, .failed, StreamFault.creditOverflow.description)
    }
    table.insert(entry)
    return .open(frame.stream, opening)
  }

  private mutating func refuse(_ stream: StreamID, _ code: ResetCode, _ text: String)
    throws(TunnelFault) -> TunnelEvent?
  {
    guard resets.count < limits.maximumPendingResets else { throw .flood }
    resets.append((stream, StreamEnd(code, text)))
    return nil
  }

  private mutating func receiveAccept(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    let window = try amount(in: frame, "window")
    var otherwise: TunnelEvent?
    guard try admit(.accept, frame.stream, otherwise: &otherwise) else { return otherwise }
    let fits = table.with(frame.stream) { window == 0 || $0.credit.add(window) }
    guard fits == true else { return try broke(frame.stream, .creditOverflow) }
    wake(frame.stream, to: .ready)
    return .accepted(frame.stream)
  }

  private mutating func receiveData(_ frame: Frame, _ lane: Lane) throws(TunnelFault) -> TunnelEvent? {
    var otherwise: TunnelEvent?
    guard try admit(.data, frame.stream, otherwise: &otherwise) else { return otherwise }
    if lane == .report, role == .agent { return try broke(frame.stream, .wrongDirection) }
    let bytes = frame.payload.readableBytes
    if bytes == 0 { return try broke(frame.stream, .emptyData) }
    let now = now
    let fits = table.with(frame.stream) { $0.window.receive(payload: bytes, now: now) }
    guard fits == true else { return try broke(frame.stream, .beyondCredit) }
    return .data(frame.stream, lane, frame.payload)
  }

  private mutating func receiveEndOfFile(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    if frame.payload.readableBytes > 0 { throw .malformed(.endOfFile, .trailingBytes) }
    var otherwise: TunnelEvent?
    guard try admit(.endOfFile, frame.stream, otherwise: &otherwise) else { return otherwise }
    return .eof(frame.stream)
  }

  private mutating func receiveMessage(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    let message: StreamMessage?
    do { message = try StreamMessage.decode(frame.payload) } catch { throw .malformed(.message, error) }
    var otherwise: TunnelEvent?
    guard try admit(.message, frame.stream, otherwise: &otherwise) else { return otherwise }
    guard let message else { return nil }
    guard message.sender != role else { return try broke(frame.stream, .wrongDirection) }
    if message.sender == .agent {
      let isFirst = table.with(frame.stream) { entry in
        defer { entry.hasExited = true }
        return !entry.hasExited
      }
      guard isFirst == true else { return try broke(frame.stream, .secondExit) }
    }
    return .message(frame.stream, message)
  }

  private mutating func receiveCredit(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    let amount = try amount(in: frame, "credit")
    var otherwise: TunnelEvent?
    guard try admit(.credit, frame.stream, otherwise: &otherwise) else { return otherwise }
    let fits = table.with(frame.stream) { $0.credit.add(amount) }
    guard fits == true else { return try broke(frame.stream, .creditOverflow) }
    wake(frame.stream, to: .ready)
    return nil
  }

  private mutating func receiveReset(_ frame: Frame) throws(TunnelFault) -> TunnelEvent? {
    let end: StreamEnd
    do { end = try StreamEnd(payload: frame.payload) } catch { throw .malformed(.reset, error) }
    try checkKnown(frame.stream)
    guard let entry = remove(frame.stream, readerHolds: true), entry.life != .closing else { return nil }
    return .ended(frame.stream, end)
  }

  // MARK: - Scope

  /// Whether the peer opens streams of this parity.
  private func isPeers(_ stream: StreamID) -> Bool {
    switch role {
    case .relay: stream.rawValue % 2 == 0
    case .agent: stream.rawValue % 2 == 1
    }
  }

  /// A frame on a stream that never was is the tunnel's fault; one on a stream that is over may have crossed its end.
  private func checkKnown(_ stream: StreamID) throws(TunnelFault) {
    let wasOpened =
      isPeers(stream) ? stream.rawValue <= highestPeerStream : nextStream.map { stream.rawValue < $0 } ?? true
    if !wasOpened { throw .unknownStream(stream) }
  }

  /// Whether a stream takes a frame now. When it does not, `event` is what that means to the owner.
  private mutating func admit(_ input: StreamLife.Input, _ stream: StreamID, otherwise event: inout TunnelEvent?)
    throws(TunnelFault) -> Bool
  {
    guard let verdict = table.with(stream, { $0.life.receive(input) }) else {
      try checkKnown(stream)
      return false
    }
    switch verdict {
    case .proceed: return true
    case .drop: return false
    case .fault(let fault):
      event = try broke(stream, fault)
      return false
    }
  }

  /// The peer broke a stream's rules: that stream is reset, on both sides.
  private mutating func broke(_ stream: StreamID, _ fault: StreamFault) throws(TunnelFault) -> TunnelEvent? {
    guard let entry = remove(stream, readerHolds: true) else { return nil }
    let end = StreamEnd(.failed, fault.description)
    if !entry.outgoing.holdsOpen { _ = try refuse(stream, end.code, end.text) }
    return entry.life == .closing ? nil : .ended(stream, end)
  }

  /// The only field of ACCEPT and CREDIT.
  private func amount(in frame: Frame, _ field: String) throws(TunnelFault) -> UInt32 {
    var reader = WireReader(frame.payload)
    do {
      let amount = try reader.integer(field, as: UInt32.self)
      try reader.finish()
      return amount
    } catch { throw .malformed(frame.type, error) }
  }
}
