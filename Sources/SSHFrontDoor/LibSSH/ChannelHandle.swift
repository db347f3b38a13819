import CLibSSH
import NIOCore

/// How a write into libssh went.
enum WriteResult {
  /// This many bytes were taken, perhaps none: the window is shut, or keys are being exchanged.
  case wrote(Int)
  /// The channel or the connection is at its end.
  case failed
}

/// An open `ssh_channel`, on its session's thread only. Holds the session, so that the session outlives it. Frees the channel
/// when the peer has closed it, and else leaves that to the session: a channel freed before the peer's close is freed by libssh
/// on its arrival, and messages that still name it would dangle. For the same reason a handle whose peer has closed is to be
/// let go only when no message waits.
@safe final class ChannelHandle {
  private let raw: ssh_channel
  private let watch: UnsafeMutablePointer<fixline_ssh_watch>
  private let session: Session

  /// Takes over `raw`; nil when there is no memory.
  init?(raw: ssh_channel, session: Session) {
    guard let watch = unsafe fixline_ssh_watch(raw, session.isOpenSSHClient) else { return nil }
    unsafe self.raw = raw
    unsafe self.watch = watch
    self.session = session
  }

  deinit {
    let isClosed = unsafe watch.pointee.closed
    unsafe fixline_ssh_unwatch(raw, watch)
    if isClosed { unsafe ssh_channel_free(raw) }
  }

  static func identity(of raw: ssh_channel) -> ChannelIdentity {
    ChannelIdentity(value: UInt(bitPattern: raw))
  }

  var identity: ChannelIdentity { unsafe Self.identity(of: raw) }

  /// Bytes the peer sent that nobody has read.
  var unreadBytes: Int { Int(unsafe watch.pointee.unread) }
  /// The peer sends no more.
  var hasPeerEOF: Bool { unsafe watch.pointee.eof }
  /// The peer has closed the channel.
  var isClosedByPeer: Bool { unsafe watch.pointee.closed }

  /// Agent forwarding was asked for on this channel; known of OpenSSH's client alone, which wants no answer.
  var wantsAgent: Bool { unsafe watch.pointee.agent }

  /// The signals that came since the last look.
  func takeSignals() -> [String] {
    guard unsafe watch.pointee.signal_count > 0 else { return [] }
    var names: [String] = []
    for index in 0..<(unsafe watch.pointee.signal_count) {
      if let name = unsafe fixline_ssh_watch_signal(watch, index) { names.append(unsafe String(cString: name)) }
    }
    unsafe watch.pointee.signal_count = 0
    return names
  }

  /// The peer sent more than it was allowed.
  var hasOverrunWindow: Bool { unsafe watch.pointee.overrun }
  /// This side decides what the peer may send; else libssh does, as an unknown one may.
  var decidesWindow: Bool { unsafe watch.pointee.decides_window }

  /// Takes what is unread, at most `limit` bytes, and lets the peer go on until it has `window` bytes under way or unread.
  /// That is told when half of it is used up, and only with a reading: once nothing is unread, half the window is free.
  func read(limit: Int, window: Int) -> ByteBuffer {
    guard decidesWindow else { return readAll() }
    let count = min(limit, unreadBytes)
    guard count > 0 else { return ByteBuffer() }
    let outstanding = unreadBytes - count + Int(unsafe watch.pointee.window)
    let isHalfUsed = outstanding <= window / 2 && !hasPeerEOF && !isClosedByPeer
    return read(count, grant: isHalfUsed ? min(window - outstanding, SSHLimits.largestWindowBytes) : 0)
  }

  /// Everything unread. Where libssh decides it opens the whole window on every read, whatever is still buffered, so reading a
  /// little at a time would let the buffer grow without bound.
  private func readAll() -> ByteBuffer {
    var buffer = ByteBuffer()
    while unreadBytes > 0 {
      var piece = read(unreadBytes, grant: 0)
      if buffer.writeBuffer(&piece) == 0 { break }
    }
    return buffer
  }

  private func read(_ count: Int, grant: Int) -> ByteBuffer {
    var buffer = ByteBuffer()
    let taken = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
      let taken = unsafe fixline_ssh_channel_take(raw, watch, target.baseAddress, UInt32(count), UInt32(grant))
      return max(0, Int(taken))
    }
    if taken == 0 { unsafe watch.pointee.unread = 0 }
    return buffer
  }

  /// The peer's largest packet is one to work with. To be looked at before anything is written.
  var hasUsablePacketSize: Bool {
    let bytes = unsafe fixline_ssh_channel_packet_bytes(raw)
    return bytes == 0 || bytes >= SSHLimits.minimumPacketBytes
  }

  /// Bytes the peer lets us send at this moment.
  var windowBytes: Int { Int(unsafe ssh_channel_window_size(raw)) }

  /// Sends as much of `bytes` as may go, at most `limit`.
  func write(_ bytes: ByteBuffer, limit: Int, toError: Bool) -> WriteResult {
    let count = min(bytes.readableBytes, limit, windowBytes)
    guard count > 0 else { return .wrote(0) }
    let written = unsafe bytes.withUnsafeReadableBytes { source in
      toError
        ? unsafe ssh_channel_write_stderr(raw, source.baseAddress, UInt32(count))
        : unsafe ssh_channel_write(raw, source.baseAddress, UInt32(count))
    }
    guard written >= 0 else { return .failed }
    return .wrote(Int(written))
  }

  /// No more will be written.
  func sendEOF() { _ = unsafe ssh_channel_send_eof(raw) }

  /// The command's exit status (RFC 4254 section 6.10).
  func sendExitStatus(_ status: UInt32) {
    _ = unsafe ssh_channel_request_send_exit_status(raw, CInt(bitPattern: status))
  }

  /// The command's death by signal (RFC 4254 section 6.10).
  func sendExitSignal(name: String, coreDumped: Bool, message: String) {
    _ = unsafe ssh_channel_request_send_exit_signal(raw, name, coreDumped ? 1 : 0, message, "")
  }

  /// Closes this side; false when it has to be called again, because the EOF before it is still on its way.
  func close() -> Bool { unsafe ssh_channel_close(raw) != SSH_AGAIN || ssh_channel_is_open(raw) == 0 }
}
