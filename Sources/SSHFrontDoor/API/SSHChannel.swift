public import NIOCore
import Synchronization

/// The relay's end of one SSH channel. May be used from any thread: what it is told is posted to the connection's thread,
/// which is woken once for any number of posts. Everything is done in the order in which it was told. After the channel is
/// closed all of it does nothing.
///
/// ```
///               accept                    close, refuse, or the peer closes, or the connection ends
///   asked ──────────────▶ open ─────────────────────────────────────────────────▶ closed
///     │   notice: answered already, still `asked` for the peer                       ▲
///     └──────────────────────────────────────────────────────────────────────────────┘
/// ```
public final class SSHChannel: Sendable {
  /// Counts the channels of its connection, from 1.
  public let number: UInt64
  /// The connection's login.
  public let login: SSHLogin

  private enum Listener {
    case none
    case listening(any SSHChannelDelegate)
    case closed(orderly: Bool)
  }
  private let link: ConnectionLink
  private let listener = Mutex<Listener>(.none)

  init(number: UInt64, login: SSHLogin, link: ConnectionLink) {
    self.number = number
    self.login = login
    self.link = link
  }

  /// Who hears what comes over the channel; held until the channel is closed. To be set in `opened`, before `accept`. When the
  /// channel is closed already, the delegate is told so at once, on the calling thread.
  public func setDelegate(_ delegate: any SSHChannelDelegate) {
    let closed: Bool? = listener.withLock { state in
      switch state {
      case .none, .listening:
        state = .listening(delegate)
        return nil
      case .closed(let orderly): return orderly
      }
    }
    if let closed { delegate.channelClosed(orderly: closed) }
  }

  /// Says yes to what was asked.
  public func accept() { link.post(ChannelCommand(channel: number, action: .accept)) }

  /// Says no, with one line the technician reads: on stderr, with exit status 255, for a shell, a command or a subsystem. A
  /// forward is refused by an open failure, which has no room for the line in libssh.
  public func refuse(_ line: String) { link.post(ChannelCommand(channel: number, action: .refuse(line))) }

  /// Sends bytes: to his stdout, or his stderr. They are queued without limit; keep to what `channelDrained` gave back.
  /// - Parameter waking: false when ``wake()`` follows shortly, so that the connection is woken once for many pieces.
  public func write(_ bytes: ByteBuffer, toError: Bool = false, waking: Bool = true) {
    guard bytes.readableBytes > 0 else { return }
    link.post(ChannelCommand(channel: number, action: .write(bytes, toError: toError)), waking: waking)
  }

  /// Has what was written without waking sent. When it is little, the calling thread may do that itself, and the channels'
  /// delegates hear of it there: not to be called from them, nor with a lock held that they take.
  public func wake() { link.serveIfDue() }

  /// Nothing more will be written; after queued data.
  public func sendEOF() { link.post(ChannelCommand(channel: number, action: .sendEOF)) }

  /// The command ended with this status; after queued data.
  public func exitStatus(_ status: UInt32) { link.post(ChannelCommand(channel: number, action: .exitStatus(status))) }

  /// The command was ended by a signal, named as in RFC 4254 section 6.10 without `SIG`; after queued data.
  public func exitSignal(name: String, coreDumped: Bool, message: String) {
    link.post(
      ChannelCommand(
        channel: number, action: .exitSignal(name: name, coreDumped: coreDumped, message: message)))
  }

  /// Closes the channel; after queued data.
  public func close() { link.post(ChannelCommand(channel: number, action: .close)) }

  /// Closes the channel at once; what is queued is dropped. For a technician who no longer reads.
  public func closeNow() { link.post(ChannelCommand(channel: number, action: .closeNow)) }

  /// Lets this many more bytes of input come. Nothing is read for the channel beyond what was allowed in all.
  public func allowInput(bytes: Int) {
    guard bytes > 0 else { return }
    link.post(ChannelCommand(channel: number, action: .allowInput(bytes)))
  }

  /// A line for the technician: on stderr, or on his terminal when he has one. May come before `accept` (then the request is
  /// answered, but the channel not yet open for the delegate). Control characters other than the line feed are escaped.
  public func notice(_ line: String) { link.post(ChannelCommand(channel: number, action: .notice(line))) }

  // MARK: The connection's thread.

  var delegate: (any SSHChannelDelegate)? {
    listener.withLock { state in
      switch state {
      case .none, .closed: nil
      case .listening(let delegate): delegate
      }
    }
  }

  /// Tells the delegate that the channel is over; the first call counts.
  func closed(orderly: Bool) {
    let delegate: (any SSHChannelDelegate)? = listener.withLock { state in
      switch state {
      case .none:
        state = .closed(orderly: orderly)
        return nil
      case .listening(let delegate):
        state = .closed(orderly: orderly)
        return delegate
      case .closed: return nil
      }
    }
    delegate?.channelClosed(orderly: orderly)
  }
}
