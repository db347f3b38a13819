import PTY
import TunnelProtocol

/// When a process's stream may end: after its exit was reported **and** everything it wrote was read.
///
/// ```
///             laneEnded (the last) → finishWriting
///   running ───────────────────────────────▶ silent
///     │ exited                                 │ exited → complete
///     ▼                                        ▼
///   draining ──laneEnded (the last), quiet──▶ complete
/// ```
/// On pipes, as with sshd, a child that keeps the command's output open keeps the stream open. A terminal may stay open
/// below the children of a shell that has exited; so its output counts as read when it is quiet after the exit: the
/// kernel answers a read only after everything written before has arrived.
struct ProcessEnding: Hashable, Sendable {
  /// A terminal's output counts as read when a read has waited this long after the exit, in milliseconds.
  static let quietMilliseconds: Int64 = 20

  /// How long the end of a command's output is kept back for its exit, which mostly follows at once, in milliseconds. A
  /// client whose own input has ended closes the channel when it hears of the end of output, and would miss the status.
  static let exitGraceMilliseconds: Int64 = 500

  private enum State: Hashable, Sendable {
    case running(open: Set<Lane>)
    /// Nothing more to read, but it runs.
    case silent
    case draining(open: Set<Lane>, ProcessExit.Cause)
    case complete
  }

  enum Event: Hashable, Sendable {
    case laneEnded(Lane)
    case exited(ProcessExit.Cause)
    /// A terminal was quiet for ``quietMilliseconds`` while a read was waiting.
    case quiet
    /// The keeper is gone: no exit will ever be reported.
    case lost
  }

  enum Action: Hashable, Sendable {
    case none
    /// The process writes no more. If it runs on for ``exitGraceMilliseconds``, tell the technician.
    case finishWriting
    /// Watch for quiet from now on.
    case awaitQuiet
    /// Say how it ended, and end the stream.
    case complete(ProcessExit.Cause)
    /// Nobody knows how it ended.
    case fail
  }

  private let isTerminal: Bool
  private var state: State

  init(isTerminal: Bool) {
    self.isTerminal = isTerminal
    state = .running(open: isTerminal ? [.standard] : [.standard, .error])
  }

  /// Whether a terminal's output is being read to its end.
  var isDraining: Bool {
    switch state {
    case .draining: true
    case .running, .silent, .complete: false
    }
  }

  /// Whether how it ended is known and everything it wrote was read.
  var isComplete: Bool {
    switch state {
    case .complete: true
    case .running, .silent, .draining: false
    }
  }

  mutating func handle(_ event: Event) -> Action {
    switch (state, event) {
    case (.running(var open), .laneEnded(let lane)):
      open.remove(lane)
      state = open.isEmpty ? .silent : .running(open: open)
      return open.isEmpty ? .finishWriting : .none
    case (.running(let open), .exited(let cause)):
      state = .draining(open: open, cause)
      return isTerminal ? .awaitQuiet : .none
    case (.silent, .exited(let cause)):
      state = .complete
      return .complete(cause)
    case (.draining(var open, let cause), .laneEnded(let lane)):
      open.remove(lane)
      state = open.isEmpty ? .complete : .draining(open: open, cause)
      return open.isEmpty ? .complete(cause) : .none
    case (.draining(_, let cause), .quiet):
      guard isTerminal else { return .none }
      state = .complete
      return .complete(cause)
    case (.running, .lost), (.silent, .lost):
      state = .complete
      return .fail
    case (.draining(_, let cause), .lost):
      state = .complete
      return .complete(cause)
    case (.running, .quiet), (.silent, .laneEnded), (.silent, .quiet), (.draining, .exited), (.complete, _):
      return .none
    }
  }
}
