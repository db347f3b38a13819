import NIOCore
import SessionModel
import TunnelProtocol

/// One channel a technician opened: what he writes, what he reads, and how it ended. Every byte is checked as it comes.
final class TechnicianChannel {
  /// What he asked for, as the simulated machine understands it.
  enum Work {
    /// A terminal: what is typed comes back threefold.
    case shell
    /// A command that writes so many bytes and exits.
    case download(Int)
    /// A transfer that takes so many bytes and exits.
    case upload(Int)
  }

  enum Ending: Equatable {
    /// In order: all was read, and there was an exit.
    case finished
    /// Not in order, and he was told why.
    case broken(String)
    /// He closed it himself, or his own connection broke.
    case left
  }

  let key: UInt64
  let work: Work
  let technicianKey: Fingerprint
  let trace: Trace
  var session: SessionID?
  var number: UInt64 = 0
  var stream: StreamID?
  /// The machine took it on.
  var isAccepted = false
  /// What he still means to write, and what he has written, in bytes.
  private(set) var unwritten = 0
  private(set) var written = 0
  private(set) var received = 0
  /// What arrived and he has not read yet.
  private(set) var unread = 0
  private(set) var mostUnread = 0
  private(set) var ending: Ending?
  private(set) var exit: UInt32?
  private var hasEOF = false
  /// What went wrong with the bytes.
  private(set) var fault: String?

  init(key: UInt64, work: Work, technicianKey: Fingerprint, trace: Trace) {
    self.key = key
    self.work = work
    self.technicianKey = technicianKey
    self.trace = trace
    if case .upload(let bytes) = work { unwritten = bytes }
  }

  var isOver: Bool { ending != nil }

  var isShell: Bool { if case .shell = work { true } else { false } }

  /// What the OPEN asks for: the key travels as a variable, the amount as the command.
  func opening(session: SessionID) -> StreamOpening {
    let variables = [EnvironmentVariable(name: "KEY", value: String(key))]
    switch work {
    case .shell:
      return StreamOpening(
        session: session, kind: .shell,
        terminal: TerminalRequest(
          term: "xterm", size: TerminalSize(columns: 80, rows: 24, widthPixels: 0, heightPixels: 0)),
        environment: variables)
    case .download(let bytes):
      return StreamOpening(
        session: session, kind: .exec(command: Array("download \(bytes)".utf8)), environment: variables)
    case .upload: return StreamOpening(session: session, kind: .sftp, environment: variables)
    }
  }

  func type(_ bytes: Int) { unwritten += bytes }

  /// The next bytes to send, at most `room`.
  func take(atMost room: Int) -> ByteBuffer? {
    guard unwritten > 0, room > 0 else { return nil }
    let piece = Pattern.piece(key, at: written, count: min(unwritten, room, 16_384))
    written += piece.readableBytes
    unwritten -= piece.readableBytes
    return piece
  }

  /// He writes nothing more once all is written.
  var closesInput: Bool { if case .upload = work { unwritten == 0 } else { false } }

  func arrived(_ bytes: ByteBuffer) {
    if hasEOF || exit != nil { fault = fault ?? "bytes behind the end of \(key)" }
    if !Pattern.holds(bytes, ~key, at: received) {
      fault = fault ?? "stream \(key) differs at byte \(received) or the next \(bytes.readableBytes)"
    }
    received += bytes.readableBytes
    unread += bytes.readableBytes
    mostUnread = max(mostUnread, unread)
  }

  func read() -> Int {
    defer { unread = 0 }
    return unread
  }

  func exited(_ status: UInt32) { exit = status }

  func ended() { hasEOF = true }

  func end(_ ending: Ending) {
    guard self.ending == nil else { return }
    self.ending = ending
    trace.note("channel-over", "\(key) \(ending) sent \(written) received \(received)")
    guard ending == .finished else { return }
    switch work {
    case .shell: break
    case .download(let bytes):
      if received != bytes || exit != 0 { fault = fault ?? "download \(key) finished with \(received) of \(bytes)" }
    case .upload(let bytes):
      // The machine's exit says how much it took.
      if exit != UInt32(truncatingIfNeeded: bytes) {
        fault = fault ?? "upload \(key): \(exit ?? 0) of \(bytes) arrived"
      }
    }
  }
}
