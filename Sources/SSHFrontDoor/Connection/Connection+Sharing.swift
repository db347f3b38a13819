import NIOCore

/// Who serves a connection: its own thread, and while it is quiet also the event loop of the tunnel it is joined to, so that a
/// keystroke and its echo cross no thread on their way.
///
/// ```
///              quiet, nothing waits, a loop watches the socket
///   alone ────────────────────────────────────────────────────────▶ shared
///     ▲                                                                │
///     └── much moves, a question came, output waits for the socket, ───┘
///         an earlier deadline, the end: the thread is woken
/// ```
/// Alone, the thread polls the socket, and nobody else takes turns. Shared, the thread sleeps until somebody wakes it or a
/// deadline comes; the loop takes a brief turn for what the socket or the tunnel has brought.
extension Connection {
  /// Writes in a brief turn, and what each may be, in bytes: what is not through then is no keystroke's echo.
  private static let briefWrites = 2
  private static let briefBytes = 8 * 1_024

  /// An event loop that may serve this connection.
  func watch(on loop: any EventLoop) {
    guard watch?.loop !== loop else { return }
    watch = SocketWatch.start(descriptor: descriptor, loop: loop) { [link] in link.look(isReadable: true) }
  }

  /// What the connection's thread waits for, besides its wake.
  struct Wait {
    /// -1 while an event loop watches the socket.
    var socket: CInt
    var isReading: Bool
    var isWriting: Bool
    var milliseconds: Int64?
  }

  /// A turn of the connection's own thread, after what it has waited for.
  /// - Returns: what to wait for now; nil when the connection is over.
  func takeTurn(_ ready: PollWait.Readiness) -> Wait? {
    if ready.failed { end("the system's poll failed") } else { turn(ready) }
    if case .over = stage { return nil }
    share()
    if isShared {
      reads = SSHLimits.readsPerTurn
      return Wait(socket: -1, isReading: false, isWriting: false, milliseconds: waitMilliseconds())
    }
    reads = readsAllowed()
    return Wait(
      socket: descriptor, isReading: reads > 0, isWriting: wishesToWrite, milliseconds: waitMilliseconds())
  }

  /// The end of a turn of the connection's thread: whether it may leave the socket to the loop.
  private func share() {
    isShared = isQuiet && watch?.ask() ?? false
    sharedDeadline = nextDeadline
    link.mayBeShared(isShared)
  }

  /// A turn of a thread that is not the connection's, and has better to do than a long one.
  /// - Returns: false when the connection's thread has to be woken.
  func takeBriefTurn(isReadable: Bool) -> Bool {
    guard isShared else { return false }
    takePosts()
    if case .serving = stage {
      if isReadable { pump(reads: 1, isBrief: true) }
      collect()
      writeOut(writes: Self.briefWrites, bytes: Self.briefBytes)
    }
    isShared = isQuiet && nextDeadline >= sharedDeadline && watch?.ask() ?? false
    if !isShared {
      isBusy = true
      link.mayBeShared(false)
    }
    return isShared
  }

  private var isQuiet: Bool {
    guard watch != nil, case .serving = stage, !isBusy, waitingMessage == nil, !session.hasPendingOutput,
      !session.isBroken, !holdsTooMuchInput
    else { return false }
    return pace.isQuiet(bytes: session.bytesReceived + session.bytesSent, at: .now)
  }
}
