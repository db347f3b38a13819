public import NIOCore
public import SessionModel
public import TunnelProtocol

/// What the owner of a tunnel asks of it. On the tunnel's event loop only. Nothing is written before the present task or
/// burst of frames is over, so that many small requests leave as one write. While the tunnel is cut everything goes on, within the
/// machine's limits, and is sent when it is resumed.
extension Tunnel {
  /// What was sent and not acknowledged, in bytes, with ``TunnelProtocol/TunnelLimits/frameCostBytes`` a frame.
  public var retainedBytes: Int { machine.retainedBytes }

  /// When the last frame of the peer arrived.
  public var lastHeard: MonotonicInstant { machine.lastHeard }

  /// The round trip, smoothed over about eight pings, in nanoseconds; nil before the first.
  public var roundTripNanoseconds: Int64? { machine.roundTripNanoseconds }

  /// Whether the peer is pinged every second, as while a session is active.
  public var activePinging: Bool {
    get { machine.activePinging }
    set {
      // Silence counts from now, not from when the machine last looked at the clock.
      machine.observe(BootClock.now())
      machine.activePinging = newValue
      changed()
    }
  }

  /// Asks the peer for a stream; `.accepted` or `.ended` answers.
  public func open(_ opening: StreamOpening) throws(StreamRefusal) -> StreamID {
    if isOver { throw .ended }
    let stream = try machine.open(opening)
    changed()
    return stream
  }

  /// Grants a stream the peer asked for.
  /// - Returns: false when there is no such request.
  @discardableResult
  public func accept(_ stream: StreamID) -> Bool { command { $0.accept(stream) } }

  /// Sends bytes on a stream. Writers keep to ``sendRoom(_:)``, or stop at `TunnelLimits.sendBufferBytes` and go on as
  /// the delegate hears that bytes were freed; a stream that is given more is ended.
  /// - Returns: false when they were not taken: the stream is over, or closed for writing.
  @discardableResult
  public func send(_ stream: StreamID, _ lane: Lane = .standard, _ bytes: ByteBuffer) -> Bool {
    command { $0.send(stream, lane, bytes) }
  }

  /// How many bytes ``send(_:_:_:)`` takes now.
  public func sendRoom(_ stream: StreamID) -> Int { machine.sendRoom(stream) }

  /// Ends this side's bytes on a stream, behind what was sent.
  @discardableResult
  public func finishWriting(_ stream: StreamID) -> Bool { command { $0.finishWriting(stream) } }

  /// Ends a stream: `.finished` behind what was sent, any other reason at once.
  @discardableResult
  public func end(_ stream: StreamID, _ end: StreamEnd) -> Bool { command { $0.end(stream, end) } }

  /// Says something about a stream, in order with its bytes.
  @discardableResult
  public func post(_ message: StreamMessage, on stream: StreamID) -> Bool { command { $0.post(message, on: stream) } }

  /// Says something about a session or the tunnel.
  @discardableResult
  public func post(_ message: ControlMessage) -> Bool { command { $0.post(message) } }

  /// Gives the room of `bytes` received on a stream back to the peer: the reader has taken them.
  public func consumed(_ stream: StreamID, bytes: Int) {
    command {
      $0.consumed(stream, bytes: bytes)
      return true
    }
  }

  /// Tells the peer that this side leaves. With `thenClose` the tunnel ends right behind it, and what was not written yet is
  /// dropped; otherwise what is open goes on.
  public func goAway(_ reason: GoAway, thenClose: Bool) {
    eventLoop.assertInEventLoop()
    guard thenClose else {
      command {
        $0.goAway(reason)
        return true
      }
      return
    }
    if ownClosure == nil { ownClosure = .goAway(reason) }
    if let connection { connection.leave(reason, .goAway(reason)) } else { end(.goAway(reason)) }
  }

  /// Ends the tunnel in an orderly way without a reason.
  public func close() {
    eventLoop.assertInEventLoop()
    if ownClosure == nil { ownClosure = .closed }
    if let connection { connection.close() } else { end(.closed) }
  }

  /// Ends the connection at once, without a word: both sides find the tunnel cut.
  public func breakOff() {
    eventLoop.assertInEventLoop()
    connection?.abort(.truncated)
  }

  @discardableResult
  private func command(_ body: (inout TunnelMachine) -> Bool) -> Bool {
    eventLoop.assertInEventLoop()
    if isOver { return false }
    let done = body(&machine)
    changed()
    return done
  }
}
