public import SessionModel
public import NIOCore

/// Decides who comes in and hears what they ask for. Every call comes on the thread of the connection it is about, so it may
/// block briefly and holds up nobody but that technician; calls about different connections come at the same time.
public protocol SSHFrontDoorDelegate: AnyObject, Sendable {
  /// Whether this key may come in. Asked when a client offers a key (then nothing is proved yet) and again once it has
  /// signed; the identity is bound only on the second. Cheap and free of side effects, please: anybody may ask.
  func authenticate(_ login: SSHLogin) -> Bool

  /// The key has signed and was allowed: from now on this connection is his. `disconnected` will follow.
  func authenticated(_ login: SSHLogin)

  /// The technician asks for something. Set the channel's delegate in this call; answer with `accept` or `refuse`, now or
  /// later, from any thread.
  func opened(_ channel: SSHChannel, request: SSHRequest)

  /// An authenticated connection is over; all its channels were told so before. Exactly once.
  func disconnected(_ login: SSHLogin)

  /// Something worth a line in the operator's log. What a peer sent is escaped in it.
  func note(_ line: String)
}

extension SSHFrontDoorDelegate {
  /// Nothing.
  public func authenticated(_ login: SSHLogin) {}
  /// Nothing.
  public func note(_ line: String) {}
}

/// Hears what comes over one channel, one call after the other: on the thread of its connection, or on that of a caller of
/// `SSHChannel.wake`. So it never blocks.
public protocol SSHChannelDelegate: AnyObject, Sendable {
  /// Bytes from the technician, at most as many as were allowed by `SSHChannel.allowInput`.
  func channelInput(_ bytes: ByteBuffer)
  /// This many bytes given to `SSHChannel.write` have gone on towards the technician (or have become pointless, because he
  /// closed the channel): as many may be given again.
  func channelDrained(bytes: Int)
  /// The technician sends no more; he may still read. After all input.
  func channelEOF()
  /// His terminal has another size.
  func channelResized(_ size: TerminalSize)
  /// He sends a signal, named as in RFC 4254 section 6.10 without `SIG`.
  func channelSignal(_ name: String)
  /// He reads no more, but may still send (`eow@openssh.com`): close the reading end of what the command writes.
  func channelReadClosed()
  /// The channel is over. Exactly once, and the last call. `orderly` is true when either side closed the channel, false
  /// when the connection broke or was ended under it, also by a DISCONNECT without a close: then detach.
  func channelClosed(orderly: Bool)
}
