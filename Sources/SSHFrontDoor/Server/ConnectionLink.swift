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
  /// While it is quiet, this event loop may serve the connection.
  case serve(on: any EventLoop)
  /// End the connection and tell the technician why.
  case end(reason: String)
}

/// The way from any thread to a connection. Outlives the connection, since channels may be held for longer.
///
/// The connection itself is behind a lock, so that one thread at a time works on it. Its own thread takes the turns it is
/// woken for and waits for the lock; any other takes one only when the connection is quiet and the lock is free, and wakes
/// that thread otherwise: so nothing that was announced is ever left to nobody.
final class ConnectionLink: Sendable {
  let wake: Wake
  private let connection = Mutex<Connection?>(nil)
  private let mailbox = Mailbox<ConnectionCommand>()
  private let isOver = Atomic<Bool>(false)
  private let isWakeDue = Atomic<Bool>(false)
  private let isShared = Atomic<Bool>(false)

  /// Nil when the process has no descriptors left.
  init?() {
    guard let wake = Wake() else { return nil }
    self.wake = wake
  }

  func post(_ command: ChannelCommand, waking: Bool = true) { post(.channel(command), waking: waking) }

  /// Without `waking` the thread may sleep on until ``lookIfDue()``, also over what others post meanwhile.
  func post(_ command: ConnectionCommand, waking: Bool = true) {
    guard !isOver.load(ordering: .acquiring), mailbox.post(command) else { return }
    if waking { wake.signal() } else { isWakeDue.store(true, ordering: .releasing) }
  }

  /// Has what was posted without waking done: here and now when the connection is quiet, else by its thread.
  func lookIfDue() {
    if isWakeDue.exchange(false, ordering: .acquiringAndReleasing) { look(isReadable: false) }
  }

  /// Somebody else than the connection's thread has something for the connection.
  func look(isReadable: Bool) {
    if isShared.load(ordering: .acquiring),
      connection.withLockIfAvailable({ $0?.takeBriefTurn(isReadable: isReadable) ?? true }) ?? false
    {
      return
    }
    wake.signal()
  }

  // MARK: The connection, under its lock

  /// Whether others than the connection's thread may take turns; a hint, which the connection knows better.
  func mayBeShared(_ isShared: Bool) { self.isShared.store(isShared, ordering: .releasing) }

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
    }
    finish()
    connection.withLock { connection in
      connection?.finish()
      connection = nil
    }
  }

  /// Nobody will drain any more: what is posted from now on is dropped.
  func finish() {
    isOver.store(true, ordering: .releasing)
    var rest: [ConnectionCommand] = []
    mailbox.drain(into: &rest)
  }
}
