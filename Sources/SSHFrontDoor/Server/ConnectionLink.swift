import Mailbox
import NIOCore
import Synchronization

/// What a channel's holder tells the connection's thread.
struct ChannelCommand: Sendable {
  enum Action: Sendable {
    case accept
    case refuse(String)
    case write(ByteBuffer, toError: Bool)
    case sendEOF
    case exitStatus(UInt32)
    case exitSignal(name: String, coreDumped: Bool, message: String)
    case close
    case closeNow
    case allowInput(Int)
    case notice(String)
  }

  let channel: UInt64
  let action: Action
}

/// What other threads tell a connection's thread.
enum ConnectionCommand: Sendable {
  case channel(ChannelCommand)
  /// End the connection and tell the technician why.
  case end(reason: String)
  /// The same once all that is open on it is over.
  case retire(reason: String)
}

/// The way from any thread to a connection. Outlives the connection, since channels may be held for longer.
///
/// The connection itself is behind a lock, so that one thread at a time works on it. Its own thread waits for the lock. Who has
/// brought a little output takes it there himself when the lock is free, which saves a keystroke's echo a thread; otherwise he
/// wakes the connection's thread: so nothing that was posted is ever left to nobody.
final class ConnectionLink: Sendable {
  private let wake: Wake
  private let connection = Mutex<Connection?>(nil)
  private let mailbox = Mailbox<ConnectionCommand>()
  private let isOver = Atomic<Bool>(false)
  private let isWakeDue = Atomic<Bool>(false)

  /// Nil when the process has no descriptors left.
  init?() {
    guard let wake = Wake() else { return nil }
    self.wake = wake
  }

  func post(_ command: ChannelCommand, waking: Bool = true) { post(.channel(command), waking: waking) }

  /// Without `waking` the thread may sleep on until ``serveIfDue()``, also over what others post meanwhile.
  func post(_ command: ConnectionCommand, waking: Bool = true) {
    guard !isOver.load(ordering: .acquiring), mailbox.post(command) else { return }
    if waking { wake.signal() } else { isWakeDue.store(true, ordering: .releasing) }
  }

  /// Has what was posted without waking done: on the spot when it is little and nobody else has the connection, else by the
  /// connection's thread. Never waits.
  func serveIfDue() {
    guard isWakeDue.exchange(false, ordering: .acquiringAndReleasing) else { return }
    let isServed = connection.withLockIfAvailable { $0?.takeBriefTurn() ?? true } ?? false
    if !isServed { wake.signal() }
  }

  /// Whoever has the turn takes everything posted.
  func drain(into commands: inout [ConnectionCommand]) { mailbox.drain(into: &commands) }

  // MARK: The connection's thread

  /// Serves a connection to its end. It is made under the lock, so that nobody else ever has it.
  func serve(_ make: @Sendable () -> sending Connection?) {
    connection.withLock { $0 = make() }
    var ready = PollWait.Readiness()
    while let wait = connection.withLock({ $0?.takeTurn(ready) }) {
      ready = PollWait.wait(
        socket: wait.socket, reading: wait.isReading, writing: wait.isWriting, wake: wake,
        milliseconds: wait.milliseconds)
      if ready.woken { wake.clear() }
    }
    isOver.store(true, ordering: .releasing)
    connection.withLock { connection in
      connection?.finish()
      connection = nil
    }
    // Nobody will take what was posted meanwhile.
    var rest: [ConnectionCommand] = []
    mailbox.drain(into: &rest)
  }
}
