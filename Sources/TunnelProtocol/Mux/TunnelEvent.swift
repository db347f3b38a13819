public import struct NIOCore.ByteBuffer

/// What a received frame means to the owner of a tunnel.
public enum TunnelEvent: Hashable, Sendable {
  /// The peer asks for a stream: answer with ``TunnelMachine/accept(_:)`` or ``TunnelMachine/end(_:_:)``.
  indirect case open(StreamID, StreamOpening)
  /// The peer granted the stream that this side asked for.
  case accepted(StreamID)
  /// Bytes arrived. Their room is given back only by ``TunnelMachine/consumed(_:bytes:)``.
  case data(StreamID, Lane, ByteBuffer)
  /// The peer writes no more on the stream. This side still may.
  case eof(StreamID)
  /// Something about the stream, in order with its bytes.
  case message(StreamID, StreamMessage)
  /// The stream is over, by the peer or because the peer broke its rules. Nothing more comes of it.
  case ended(StreamID, StreamEnd)
  /// Something about sessions or the tunnel.
  indirect case control(ControlMessage)
  /// The peer is about to leave. What is open goes on; nothing new can be opened.
  case goAway(GoAway)
}

/// Why a stream could not be opened.
public enum StreamRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// One of the two sides is leaving.
  case goingAway
  /// ``TunnelLimits/maximumStreams`` are open.
  case tooManyStreams
  /// Every number has been used; another tunnel is needed.
  case numbersExhausted
  /// The request does not fit its format, for instance because the command is longer than a frame.
  case unsendable(Malformation)
  /// Only the relay opens streams.
  case notOurs
  /// The tunnel is over.
  case ended

  /// One line for people.
  public var description: String {
    switch self {
    case .goingAway: "the connection to the machine is being closed"
    case .tooManyStreams: "too many channels are open on this machine; close one and try again"
    case .numbersExhausted: "the connection to the machine is worn out; it has to be made anew"
    case .unsendable(let malformation): "the request cannot be sent: \(malformation)"
    case .notOurs: "only the relay opens streams"
    case .ended: "the connection to the machine is gone"
    }
  }
}
