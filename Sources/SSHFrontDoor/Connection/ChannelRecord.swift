import NIOCore
import SessionModel

/// Something on its way to the technician over one channel.
enum Outbound {
  /// `isCounted` bytes are reported to the delegate once they have gone; the front door's own lines are not.
  case data(ByteBuffer, toError: Bool, isCounted: Bool)
  case eof
  case exitStatus(UInt32)
  case exitSignal(name: String, coreDumped: Bool, message: String)
  case close
}

/// What a technician said about a channel before he asked for something.
struct Preparation {
  var terminal: TerminalRequest?
  var environment: [EnvironmentVariable] = []
  /// Why whatever he asks will be refused.
  var problem: String?
}

/// One channel as its connection's thread sees it. A close by the peer ends an open channel only while our EOF is still to
/// come: after it the command may still be running, and the peer waits for its exit status.
///
/// ```
///   session opened             shell, exec, subsystem        accept
///  ───────────────▶ preparing ────────────────────▶ asked ───────────▶ open
///   direct-tcpip asked                               ▲ │                │
///  ──────────────────────────────────────────────────┘ │ refuse         │ close sent, peer closed,
///                                                       ▼                ▼ or connection over
///                                                     (refusal queued) ─▶ over ──▶ removed once the peer closed too
/// ```
final class ChannelRecord {
  /// Where it stands.
  enum Phase {
    /// Open for the client, who has not said what for.
    case preparing(Preparation)
    /// The delegate is to say yes or no. The message is kept for the answer; nil once it was answered.
    case asked(Message?)
    /// In use, or still being emptied after `close`.
    case open
    /// The delegate was told that it is over.
    case over
  }

  let number: UInt64
  var phase: Phase
  /// libssh's channel; nil while a direct-tcpip waits for its answer, and when that was no.
  var handle: ChannelHandle?
  /// The delegate's end; there is one from the time something was asked.
  var face: SSHChannel?
  /// What is shown goes to a terminal: lines end with CR LF, and errors have no stream of their own.
  var hasTerminal = false

  /// What waits to be written, bounded by what the delegate was told it may give.
  var outbound = CircularBuffer<Outbound>()
  /// The client reads no more of what is not an error.
  var discardsOutput = false
  /// Input taken out of libssh and not yet allowed to the delegate: at most one full window.
  var inbound = ByteBuffer()
  /// Bytes the delegate still allows.
  var inputAllowance = 0
  var isEOFDelivered = false
  /// Our EOF has gone. A client whose own has gone too closes the channel at once, and still waits for the exit status.
  var isEOFSent = false

  init(number: UInt64, phase: Phase) {
    self.number = number
    self.phase = phase
  }

  var delegate: (any SSHChannelDelegate)? { face?.delegate }

  var isOver: Bool {
    switch phase {
    case .preparing, .asked, .open: false
    case .over: true
    }
  }

  /// Nothing names it any more: it is over here, and the peer has closed it or it was never open.
  var isRemovable: Bool { isOver && handle?.isClosedByPeer ?? true }

  /// Queued data may go: the request was answered.
  var mayWrite: Bool {
    switch phase {
    case .asked(let message): message == nil
    case .open: true
    case .preparing, .over: false
    }
  }

  /// Queues a line for the technician's eyes. What could drive his terminal is escaped.
  func queueNotice(_ line: String) {
    let lines = line.split(separator: "\n", omittingEmptySubsequences: false).map { TextSafety.escaped(String($0)) }
    let end = hasTerminal ? "\r\n" : "\n"
    let text = lines.joined(separator: end) + end
    outbound.append(.data(ByteBuffer(string: text), toError: !hasTerminal, isCounted: false))
  }

  /// Tells the delegate that it is over; the first call counts.
  func finish(orderly: Bool) {
    guard !isOver else { return }
    phase = .over
    outbound.removeAll()
    inbound = ByteBuffer()
    face?.closed(orderly: orderly)
  }

  // MARK: Data

  /// Bytes written to libssh in one go, and whether the session should be looked at again.
  struct Flushed {
    var hasProgressed = false
    /// The channel was closed from this side.
    var isClosed = false
  }

  /// Writes what is queued, at most `limit` bytes of data, as far as the window and the socket go.
  func flush(limit: Int, session: Session) -> Flushed {
    var result = Flushed()
    guard mayWrite, let handle else { return result }
    var rest = limit
    var drainedBytes = 0
    loop: while let item = outbound.popFirst() {
      switch item {
      case .data(var bytes, let toError, let isCounted):
        let before = bytes.readableBytes
        if handle.isClosedByPeer || (discardsOutput && !toError) {
          if isCounted { drainedBytes += before }
          continue loop
        }
        guard rest > 0, !session.hasPendingOutput else {
          outbound.prepend(item)
          break loop
        }
        switch handle.write(&bytes, limit: rest, toError: toError) {
        case .wrote(let count):
          rest -= count
          if isCounted { drainedBytes += count }
          if bytes.readableBytes > 0 { outbound.prepend(.data(bytes, toError: toError, isCounted: isCounted)) }
          if count == 0 { break loop }
          result.hasProgressed = true
        case .failed:
          // After an EOF, or on a channel at its end: pointless, and the giver may go on.
          if isCounted { drainedBytes += before }
        }
      case .eof:
        handle.sendEOF()
        isEOFSent = true
      case .exitStatus(let status): handle.sendExitStatus(status)
      case .exitSignal(let name, let coreDumped, let message):
        handle.sendExitSignal(name: name, coreDumped: coreDumped, message: message)
      case .close:
        guard handle.close() else {
          outbound.prepend(.close)
          break loop
        }
        result.isClosed = true
        break loop
      }
    }
    if drainedBytes > 0 { delegate?.channelDrained(bytes: drainedBytes) }
    return result
  }

  /// Hands on what came in, as far as it was allowed.
  func deliverInput() {
    guard let handle, let delegate else { return }
    while inputAllowance > 0 {
      if inbound.readableBytes == 0 {
        guard handle.unreadBytes > 0 else { break }
        inbound = handle.readAll()
        if inbound.readableBytes == 0 { break }
      }
      let count = min(inputAllowance, inbound.readableBytes)
      guard let bytes = inbound.readSlice(length: count) else { break }
      inputAllowance -= count
      delegate.channelInput(bytes)
    }
    if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    if handle.hasPeerEOF && !isEOFDelivered && handle.unreadBytes == 0 && inbound.readableBytes == 0 {
      isEOFDelivered = true
      delegate.channelEOF()
    }
  }
}
