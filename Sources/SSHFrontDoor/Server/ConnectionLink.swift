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
}

/// The way from any thread to a connection's thread. Outlives the connection, since channels may be held for longer.
final class ConnectionLink: Sendable {
  let wake: Wake
  private let mailbox = Mailbox<ConnectionCommand>()
  private let isOver = Atomic<Bool>(false)
  private let isWakeDue = Atomic<Bool>(false)

  /// Nil when the process has no descriptors left.
  init?() {
    guard let wake = Wake() else { return nil }
    self.wake = wake
  }

  func post(_ command: ChannelCommand, waking: Bool = true) { post(.channel(command), waking: waking) }

  /// Without `waking` the thread may sleep on until ``wakeIfDue()``, also over what others post meanwhile.
  func post(_ command: ConnectionCommand, waking: Bool = true) {
    guard !isOver.load(ordering: .acquiring), mailbox.post(command) else { return }
    if waking { wake.signal() } else { isWakeDue.store(true, ordering: .releasing) }
  }

  /// Wakes the thread for what was posted without.
  func wakeIfDue() {
    if isWakeDue.exchange(false, ordering: .acquiringAndReleasing) { wake.signal() }
  }

  /// The connection's thread takes everything posted.
  func drain(into commands: inout [ConnectionCommand]) { mailbox.drain(into: &commands) }

  /// Nobody will drain any more: what is posted from now on is dropped.
  func finish() {
    isOver.store(true, ordering: .releasing)
    var rest: [ConnectionCommand] = []
    mailbox.drain(into: &rest)
  }
}
