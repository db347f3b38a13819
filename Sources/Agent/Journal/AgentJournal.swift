import NIOCore
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// The agent's own record of its sessions: what the customer said yes to, what was signed, when the link was down, how
/// much time there was by its own measure, how it ended. It is what the agent holds against the relay's record when they
/// meet again. On the event loop; without a state directory it lives as long as the program.
final class AgentJournal {
  /// The journal is written anew, without what no longer matters, when it is this long, in bytes …
  static let compactionBytes = 256 * 1024
  /// … and so many times as long as it was when it was last written anew.
  static let compactionFactor = 2

  private(set) var book: JournalBook
  private var text: JournalText
  private var writer: JournalWriter?
  private var bytes = 0
  private var bytesOfLastWhole = 0

  /// Goes on from what was found. `tell` hears of the writing, on the event loop.
  init(
    _ start: JournalStart, key: Ed25519PrivateKey, loop: any EventLoop,
    tell: @escaping (JournalWriter.News) -> Void
  ) {
    book = start.book
    text = JournalText(key: key)
    guard let store = start.store else { return }
    let bound = NIOLoopBound(tell, eventLoop: loop)
    writer = JournalWriter(store) { news in loop.execute { bound.value(news) } }
    // What was found is written anew: that mends a torn end, and shows at once whether it can be written at all.
    writeWhole()
  }

  /// Writes one more thing down.
  func note(_ event: JournalRecord.Event, of session: SessionID, at time: WallTime = SystemClock.now()) {
    let record = JournalRecord(time: time, session: session, event: event)
    book.apply(record)
    guard let writer else { return }
    let limit = max(Self.compactionBytes, Self.compactionFactor * bytesOfLastWhole)
    if bytes < limit, let line = try? text.next(record), writer.append(line) {
      bytes += line.count
    } else {
      writeWhole()
    }
  }

  /// Succeeds when everything noted is on the disk, or cannot be.
  func flushed(on loop: any EventLoop) -> EventLoopFuture<Void> {
    writer?.flushed(on: loop) ?? loop.makeSucceededVoidFuture()
  }

  private func writeWhole() {
    // A signature that cannot be made: the next record tries again.
    var text = text
    guard let whole = try? text.begin(book.records) else { return }
    self.text = text
    bytes = whole.count
    bytesOfLastWhole = whole.count
    writer?.replace(with: whole)
  }
}
