import NIOCore
import SSHFrontDoor
import SessionModel
import Synchronization

/// Asks a technician at his terminal whether he comes for the problem he was last there for: y or n, no Enter. One byte is
/// read at a time, so that what he types behind the answer is left for his shell.
final class SameProblemQuestion: SSHChannelDelegate {
  /// Keys that are neither y nor n, at most.
  static let maximumKeys = 64
  /// How long he may take, in milliseconds.
  static let limitMilliseconds: Int64 = 60_000

  enum Answer: Sendable {
    case same, new
    /// He went away or did not answer.
    case none
  }

  private struct State {
    var keys = 0
    var terminal: TerminalSize?
    var answered: (@Sendable (Answer, TerminalSize?) -> Void)?
  }

  private let channel: SSHChannel
  private let state: Mutex<State>

  /// - Parameter answered: called once, on any thread, with the size the terminal has by then if it was changed.
  init(
    _ channel: SSHChannel, _ line: String, answered: @escaping @Sendable (Answer, TerminalSize?) -> Void
  ) {
    self.channel = channel
    state = Mutex(State(answered: answered))
    channel.setDelegate(self)
    channel.notice(line)
    channel.allowInput(bytes: 1)
  }

  /// Time is up.
  func expire() { answer(.none) }

  private func answer(_ answer: Answer) {
    let (answered, size) = state.withLock { ($0.answered.take(), $0.terminal) }
    answered?(answer, size)
  }

  func channelInput(_ bytes: ByteBuffer) {
    for byte in bytes.readableBytesView {
      switch byte {
      case UInt8(ascii: "y"), UInt8(ascii: "Y"): return answer(.same)
      case UInt8(ascii: "n"), UInt8(ascii: "N"): return answer(.new)
      // Ctrl+C, Ctrl+D: the terminal is raw, so that they come as bytes.
      case 3, 4: return answer(.none)
      default: state.withLock { $0.keys += 1 }
      }
    }
    if state.withLock({ $0.keys >= Self.maximumKeys }) { return answer(.none) }
    channel.allowInput(bytes: 1)
  }

  func channelResized(_ size: TerminalSize) { state.withLock { $0.terminal = size } }
  func channelEOF() { answer(.none) }
  func channelClosed(orderly: Bool) { answer(.none) }
  func channelDrained(bytes: Int) {}
  func channelSignal(_ name: String) {}
  func channelReadClosed() {}
}
