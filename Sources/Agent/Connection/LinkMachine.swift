import SessionModel
import TunnelProtocol

/// How a dial or a tunnel failed, as far as the next step depends on it.
enum LinkFailure: Hashable, Sendable {
  /// Trying again may help: no route, nobody listening, a dead peer, a draining relay.
  case temporary(String)
  /// Trying again cannot help before somebody changes something: wrong pin, untrusted certificate, TLS too old. Once a
  /// tunnel was up it counts as temporary: it may be a captive network's page, and work is waiting.
  case untrusted(String)
  /// Never tried again: the relay has another signing key than the remembered one, or speaks no common version.
  case refused(String)
  /// Another agent with the same key took over.
  case replaced(String)

  /// One line.
  var line: String {
    switch self {
    case .temporary(let line), .untrusted(let line), .refused(let line), .replaced(let line): line
    }
  }
}

/// When to dial, wait, and stop.
///
/// ```
///             ┌────────── retryDue ───────────┐
///             ▼                               │
///  init ─▶ dialing ──failed (temporary)──▶ waiting
///             │  └─established─▶ up ──lost──────┘
///             │                  │
///       untrusted, refused,   stopRequested ─▶ closing ──settled, lost, limit──▶ stopped(code)
///       stopRequested            │
///             └──────────────────┴─ refused, replaced ─▶ stopped(code)
/// ```
/// ``Event/broken(_:_:)`` stops it from any state.
struct LinkMachine: Sendable {
  /// A tunnel that lived this long starts the back-off over, in milliseconds. A relay that accepts and drops at once is
  /// not hammered, unless somebody's work hangs on it: ``isUrgent``.
  static let stableMilliseconds: Int64 = 10_000
  /// The longest first wait while it is urgent, in milliseconds.
  static let urgentBaseMilliseconds: Int64 = 50
  /// The longest wait of all while it is urgent, in milliseconds.
  static let urgentCapMilliseconds: Int64 = 1_000
  /// How long the relay may take to answer the customer's Ctrl+C, in milliseconds.
  static let closingLimitMilliseconds: Int64 = 3_000

  enum State: Hashable, Sendable {
    /// A connection is being made.
    case dialing
    /// The relay said Welcome at that instant.
    case up(since: MonotonicInstant)
    /// Down; a timer runs.
    case waiting
    /// The customer ends it and the relay was told.
    case closing
    /// Nothing more happens.
    case stopped(ExitCode)
  }

  enum Event: Hashable, Sendable {
    case established
    /// The dial failed, or the tunnel closed.
    case failed(LinkFailure)
    case retryDue
    /// Ctrl+C, SIGTERM, SIGHUP.
    case stopRequested
    /// Every session was closed by the relay.
    case settled
    /// ``closingLimitMilliseconds`` have passed.
    case closingLimitReached
    /// Something on this computer that the agent cannot do without is gone: what to exit with, and why.
    case broken(ExitCode, String)
  }

  enum Action: Hashable, Sendable {
    case none
    case dial
    /// Say why, and send ``Event/retryDue`` later.
    case retry(line: String, milliseconds: Int64)
    /// End everything at once, tell the relay, and send ``Event/closingLimitReached`` later.
    case beginClosing(limitMilliseconds: Int64)
    /// End everything and exit; the line, if any, says why on standard error.
    case stop(ExitCode, line: String?)
  }

  private(set) var state = State.dialing
  /// Whether somebody's work hangs on the line: then it is tried again within ``urgentCapMilliseconds``.
  var isUrgent = false
  private var hasBeenUp = false
  private var backoff = Backoff()
  private var urgentBackoff = Backoff(baseMilliseconds: urgentBaseMilliseconds, capMilliseconds: urgentCapMilliseconds)

  mutating func handle(
    _ event: Event, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
  ) -> Action {
    switch (state, event) {
    case (.dialing, .established):
      state = .up(since: now)
      hasBeenUp = true
      urgentBackoff.reset()
      return .none
    case (.dialing, .failed(let failure)):
      return after(failure, using: &generator)
    case (.up(let since), .failed(let failure)):
      if now.milliseconds(since: since) >= Self.stableMilliseconds { backoff.reset() }
      return after(failure, using: &generator)
    case (.waiting, .retryDue):
      state = .dialing
      return .dial
    case (.up, .stopRequested):
      state = .closing
      return .beginClosing(limitMilliseconds: Self.closingLimitMilliseconds)
    case (.dialing, .stopRequested), (.waiting, .stopRequested):
      return stop(.success, nil)
    case (.closing, .settled), (.closing, .closingLimitReached), (.closing, .failed), (.closing, .stopRequested):
      return stop(.success, nil)
    case (.dialing, .broken(let code, let line)), (.up, .broken(let code, let line)),
      (.waiting, .broken(let code, let line)), (.closing, .broken(let code, let line)):
      return stop(code, line)
    case (.dialing, .retryDue), (.dialing, .settled), (.dialing, .closingLimitReached),
      (.up, .established), (.up, .retryDue), (.up, .settled), (.up, .closingLimitReached),
      (.waiting, .established), (.waiting, .failed), (.waiting, .settled), (.waiting, .closingLimitReached),
      (.closing, .established), (.closing, .retryDue), (.stopped, _):
      return .none
    }
  }

  private mutating func after(
    _ failure: LinkFailure, using generator: inout some RandomNumberGenerator
  ) -> Action {
    switch failure {
    case .temporary(let line):
      return wait(line, using: &generator)
    case .untrusted(let line):
      return hasBeenUp ? wait(line, using: &generator) : stop(.relayRefused, line)
    case .refused(let line):
      return stop(.relayRefused, line)
    case .replaced(let line):
      return stop(.replaced, line)
    }
  }

  private mutating func wait(_ line: String, using generator: inout some RandomNumberGenerator) -> Action {
    state = .waiting
    let delay =
      isUrgent
      ? urgentBackoff.nextDelayMilliseconds(using: &generator) : backoff.nextDelayMilliseconds(using: &generator)
    return .retry(line: line, milliseconds: delay)
  }

  private mutating func stop(_ code: ExitCode, _ line: String?) -> Action {
    state = .stopped(code)
    return .stop(code, line: line)
  }
}
