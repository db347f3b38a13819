/// Why a tunnel has to end: the peer broke the protocol, or is not there any more. What only one stream did wrong ends
/// that stream and never shows up here: see ``StreamFault``.
public enum TunnelFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// A type that is neither numbered nor unnumbered.
  case reservedType(UInt8)
  /// A payload longer than ``Frame/maximumPayloadBytes``.
  case oversized(FrameType, bytes: Int)
  /// A number on a frame that has none, or none on a frame that needs one.
  case misnumbered(FrameType)
  /// A stream's frame without a stream, or a tunnel's frame with one.
  case misplaced(FrameType, StreamID)
  /// A number other than the next one: frames lost, repeated or reordered.
  case outOfOrder(expected: UInt64, received: UInt64)
  /// A frame that has no place here, such as a second HELLO.
  case unexpected(FrameType)
  /// A payload that does not follow its format.
  case malformed(FrameType, Malformation)
  /// An acknowledgement of a number that was not sent, or less than acknowledged before.
  case falseAcknowledgement(UInt64)
  /// The answer to a ping that was not sent.
  case falsePong(UInt64)
  /// An OPEN with a stream that is not the peer's next one.
  case falseOpening(StreamID)
  /// A frame on a stream that nobody opened.
  case unknownStream(StreamID)
  /// A control message that only the other side may send.
  case wrongDirection(kind: UInt16)
  /// More streams that were ended here than answers can be kept for: the peer takes none.
  case flood
  /// Control messages faster than ``TunnelLimits/controlPerSecond``.
  case controlFlood
  /// Control messages wait, and no more can be kept; the peer takes none.
  case controlQueueFull
  /// Nothing was heard for the given time.
  case deadPeer(afterMilliseconds: Int64)

  /// One line for people.
  public var description: String {
    switch self {
    case .reservedType(let byte): "the peer sent a frame of the reserved type 0x\(String(byte, radix: 16))"
    case .oversized(let type, let bytes): "the peer sent a \(type) frame of \(bytes) bytes, which is too long"
    case .misnumbered(let type): "the peer sent a \(type) frame with a number that does not fit its type"
    case .misplaced(let type, let stream): "the peer sent a \(type) frame on stream \(stream), where it has no place"
    case .outOfOrder(let expected, let received): "the peer sent frame \(received) where \(expected) was due"
    case .unexpected(let type): "the peer sent a \(type) frame where none may come"
    case .malformed(let type, let malformation): "the peer sent a malformed \(type) frame: \(malformation)"
    case .falseAcknowledgement(let number): "the peer acknowledged frame \(number) out of turn"
    case .falsePong(let number): "the peer answered ping \(number), which was not sent"
    case .falseOpening(let stream): "the peer opened stream \(stream) out of turn"
    case .unknownStream(let stream): "the peer sent a frame on stream \(stream), which nobody opened"
    case .wrongDirection(let kind): "the peer sent control message \(kind), which only this side may send"
    case .flood: "the peer asks for streams faster than they can be refused"
    case .controlFlood: "the peer sends control messages too fast"
    case .controlQueueFull: "the peer takes no control messages"
    case .deadPeer(let milliseconds): "nothing was heard from the peer for \(milliseconds / 1000) s"
    }
  }
}

/// What is wrong with a payload. `field` is the name used in the module's front page.
public enum Malformation: Error, Hashable, Sendable, CustomStringConvertible {
  /// It ends before the field does, or the field says that it is longer than what follows.
  case truncated(field: String)
  /// The field, or the list, is longer than its limit.
  case tooLong(field: String)
  /// The field is not UTF-8.
  case notText(field: String)
  /// The field has a value that it may not have.
  case invalid(field: String)
  /// Bytes follow the last field.
  case trailingBytes

  /// A few words for people.
  public var description: String {
    switch self {
    case .truncated(let field): "it ends within \(field)"
    case .tooLong(let field): "\(field) is too long"
    case .notText(let field): "\(field) is not UTF-8"
    case .invalid(let field): "\(field) has no valid value"
    case .trailingBytes: "bytes follow its end"
    }
  }
}

/// What a peer did wrong on one stream. The stream is reset, the tunnel and the other streams go on.
public enum StreamFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// DATA beyond the window.
  case beyondCredit
  /// DATA without a byte.
  case emptyData
  /// DATA or EOF after EOF.
  case afterEndOfFile
  /// A credit of nothing, or one that lifts the sum over ``TunnelLimits/maximumCreditBytes``.
  case creditOverflow
  /// A frame other than ACCEPT or RESET before the stream was accepted.
  case beforeAccept
  /// A second ACCEPT, or an ACCEPT of one's own stream.
  case unexpectedAccept
  /// A message that only the other side may send.
  case wrongDirection
  /// A second exit status or exit signal.
  case secondExit

  /// A few words for people.
  public var description: String {
    switch self {
    case .beyondCredit: "data beyond the window"
    case .emptyData: "empty data"
    case .afterEndOfFile: "data after the end of file"
    case .creditOverflow: "credit overflow"
    case .beforeAccept: "a frame before the stream was accepted"
    case .unexpectedAccept: "an accept out of turn"
    case .wrongDirection: "a message from the wrong side"
    case .secondExit: "a second exit status"
    }
  }
}
