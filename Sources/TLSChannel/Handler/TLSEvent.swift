/// What a ``TLSHandler`` tells the handlers behind it, as user inbound events.
public enum TLSEvent: Sendable, Equatable {
  /// Both sides are who they should be. A client may still learn that its certificate was refused.
  case handshakeCompleted(TLSPeer)
  /// The peer sent close_notify: everything it had to say has arrived. The handler answers it and closes the channel.
  case closedByPeer
}
