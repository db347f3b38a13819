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

  /// Who reads what the front door itself has to say.
  enum Audience {
    /// A program: a subsystem, or what a forward connects.
    case nobody
    /// A command's stderr.
    case command
    /// Somebody at a shell or a terminal.
    case interactive
  }

  let number: UInt64
  var phase: Phase
  var audience = Audience.nobody
  /// libssh's channel; nil while a direct-tcpip waits for its answer, and when that was no.
  var handle: ChannelHandle?
  /// The delegate's end; there is one from the time something was asked.
  var face: SSHChannel?
  /// What is shown goes to a terminal: lines end with CR LF, and errors have no stream of their own.
  var hasTerminal = false

  /// What waits to be written, bounded by what the delegate was told it may give.
  var outbound = CircularBuffer<Outbound>()
  /// What of it is the front door's own lines, in bytes.
  private(set) var waitingNoticeBytes = 0
  /// What was queued last leaves its line unfinished.
  private var isWithinLine = false
  /// The client reads no more of what is not an error.
  var discardsOutput = false
  /// Input taken out of libssh and not yet allowed to the delegate: at most one full window, and nothing where this side
  /// decides what the peer may send.
  var inbound = ByteBuffer()
  /// What the peer may send that nobody has read.
  var inputWindow = InputWindow()
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

  /// Input held for it, here and in libssh, in bytes.
  var heldInputBytes: Int { inbound.readableBytes + (handle?.unreadBytes ?? 0) }

  /// Output that waits, in bytes.
  var waitingBytes: Int {
    outbound.reduce(0) { sum, item in
      if case .data(let bytes, _, _) = item { sum + bytes.readableBytes } else { sum }
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

  /// Somebody sits there, and can still be told something.
  var isInteractive: Bool {
    guard case .interactive = audience, case .open = phase, let handle else { return false }
    return !isEOFSent && !handle.isClosedByPeer
  }

  /// Queues what the delegate gives.
  func queueOutput(_ bytes: ByteBuffer, toError: Bool) {
    if let last = bytes.readableBytesView.last { isWithinLine = last != UInt8(ascii: "\n") }
    outbound.append(.data(bytes, toError: toError, isCounted: true))
  }

  /// Queues a line for the technician's eyes. What could drive his terminal is escaped.
  func queueNotice(_ line: String) {
    let lines = line.split(separator: "\n", omittingEmptySubsequences: false).map { TextSafety.escaped(String($0)) }
    let end = hasTerminal ? "\r\n" : "\n"
    // Behind a prompt, or half a line of the machine's, it would pass for the machine's own.
    let beginning = hasTerminal && isWithinLine ? end : ""
    let text = beginning + lines.joined(separator: end) + end
    isWithinLine = false
    waitingNoticeBytes += text.utf8.count
    outbound.append(.data(ByteBuffer(string: text), toError: !hasTerminal, isCounted: false))
  }

  /// What is queued will not go any more.
  func dropOutbound() {
    outbound.removeAll()
    waitingNoticeBytes = 0
  }

  /// Tells the delegate that it is over; the first call counts.
  func finish(orderly: Bool) {
    guard !isOver else { return }
    phase = .over
    dropOutbound()
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

  /// Writes what is queued, at most `limit` bytes of data, as far as the window and the socket go. Small pieces are joined in
  /// `joined`, whose storage is used again.
  func flush(limit: Int, session: Session, joined: inout ByteBuffer) -> Flushed {
    var result = Flushed()
    guard mayWrite, let handle else { return result }
    var rest = limit
    var drainedBytes = 0
    loop: while let item = outbound.first {
      switch item {
      case .data(let bytes, let toError, _):
        if bytes.readableBytes == 0 {
          outbound.removeFirst()
          continue loop
        }
        if handle.isClosedByPeer || (discardsOutput && !toError) {
          drainedBytes += consume(bytes.readableBytes)
          continue loop
        }
        guard rest > 0, !session.hasPendingOutput else { break loop }
        switch write(first: bytes, limit: rest, toError: toError, handle: handle, joined: &joined) {
        case .wrote(let count):
          rest -= count
          drainedBytes += consume(count)
          if count == 0 { break loop }
          result.hasProgressed = true
        case .failed:
          // After an EOF, or on a channel at its end: pointless, and the giver may go on.
          drainedBytes += consume(bytes.readableBytes)
        }
      case .eof:
        outbound.removeFirst()
        handle.sendEOF()
        isEOFSent = true
      case .exitStatus(let status):
        outbound.removeFirst()
        handle.sendExitStatus(status)
      case .exitSignal(let name, let coreDumped, let message):
        outbound.removeFirst()
        handle.sendExitSignal(name: name, coreDumped: coreDumped, message: message)
      case .close:
        guard handle.close() else { break loop }
        outbound.removeFirst()
        result.isClosed = true
        break loop
      }
    }
    if drainedBytes > 0 { delegate?.channelDrained(bytes: drainedBytes) }
    return result
  }

  /// One write of the data at the front of the queue. libssh makes a packet of every piece and a system call of every write, so
  /// what would not fill one alone is joined with what follows it.
  private func write(
    first: ByteBuffer, limit: Int, toError: Bool, handle: ChannelHandle, joined: inout ByteBuffer
  ) -> WriteResult {
    let room = min(limit, handle.windowBytes)
    guard outbound.count > 1, first.readableBytes < room else {
      return handle.write(first, limit: room, toError: toError)
    }
    joined.clear()
    for item in outbound {
      guard case .data(let bytes, toError, _) = item, joined.readableBytes < room else { break }
      let count = min(bytes.readableBytes, room - joined.readableBytes)
      if var piece = bytes.getSlice(at: bytes.readerIndex, length: count) { joined.writeBuffer(&piece) }
    }
    return handle.write(joined, limit: room, toError: toError)
  }

  /// Takes bytes that are done with from the front of the queue; gives those the delegate is to be told of.
  private func consume(_ count: Int) -> Int {
    var rest = count
    var countedBytes = 0
    while rest > 0, case .data(var bytes, let toError, let isCounted) = outbound.first {
      let taken = min(rest, bytes.readableBytes)
      rest -= taken
      if isCounted { countedBytes += taken } else { waitingNoticeBytes -= taken }
      bytes.moveReaderIndex(forwardBy: taken)
      if bytes.readableBytes == 0 {
        outbound.removeFirst()
      } else {
        outbound[outbound.startIndex] = .data(bytes, toError: toError, isCounted: isCounted)
      }
    }
    return countedBytes
  }

  /// Hands on what came in, as far as it was allowed. While that is all of it, the window may widen.
  func deliverInput(share: inout InputWindowShare) {
    guard let handle, let delegate else { return }
    while inputAllowance > 0 {
      if inbound.readableBytes == 0 {
        guard handle.unreadBytes > 0 else { break }
        if handle.unreadBytes <= inputAllowance { share.widen(&inputWindow, after: handle.unreadBytes) }
        inbound = handle.read(limit: inputAllowance, window: inputWindow.bytes)
        if inbound.readableBytes == 0 { break }
      }
      let count = min(inputAllowance, inbound.readableBytes)
      guard let bytes = inbound.readSlice(length: count) else { break }
      inputAllowance -= count
      delegate.channelInput(bytes)
    }
    if inbound.readableBytes == 0 { inbound = ByteBuffer() }
    // A close without an EOF says as much; before our own EOF it ends the channel at once.
    let isPeerDone = handle.hasPeerEOF || (handle.isClosedByPeer && isEOFSent)
    if isPeerDone && !isEOFDelivered && handle.unreadBytes == 0 && inbound.readableBytes == 0 {
      isEOFDelivered = true
      delegate.channelEOF()
    }
  }
}
