/// What a frame is, as the first byte of its header says. Values this build does not know are kept as they are: types
/// 0x01-0x3F are unnumbered, 0x40-0x7F numbered, so that an unknown one can be skipped without losing count.
public struct FrameType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The byte on the wire.
  public let rawValue: UInt8
  /// From the byte on the wire.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The agent's first frame: ``Hello``.
  public static let hello = FrameType(rawValue: 0x01)
  /// The relay's answer: ``Welcome``.
  public static let welcome = FrameType(rawValue: 0x02)
  /// The highest number received.
  public static let acknowledgement = FrameType(rawValue: 0x03)
  /// A question to be answered at once.
  public static let ping = FrameType(rawValue: 0x04)
  /// The answer to a ping, with its number.
  public static let pong = FrameType(rawValue: 0x05)
  /// The sender is about to leave: ``GoAway``.
  public static let goAway = FrameType(rawValue: 0x06)
  /// The agent's first frame when it takes a tunnel up again: ``Resume``.
  public static let resume = FrameType(rawValue: 0x07)
  /// The relay's answer to it: ``Resumed``.
  public static let resumed = FrameType(rawValue: 0x08)

  /// A stream is asked for: ``StreamOpening``.
  public static let open = FrameType(rawValue: 0x40)
  /// The stream is granted, with the window for what its opener writes.
  public static let accept = FrameType(rawValue: 0x41)
  /// Bytes of a stream (input, or a program's standard output).
  public static let data = FrameType(rawValue: 0x42)
  /// Bytes of a program's standard error.
  public static let dataError = FrameType(rawValue: 0x43)
  /// The sender writes no more on the stream.
  public static let endOfFile = FrameType(rawValue: 0x44)
  /// The stream is over: ``StreamEnd``.
  public static let reset = FrameType(rawValue: 0x45)
  /// More may be written on the stream.
  public static let credit = FrameType(rawValue: 0x46)
  /// Something about the stream, in order with its bytes: ``StreamMessage``.
  public static let message = FrameType(rawValue: 0x47)
  /// Something about sessions or the tunnel: ``ControlMessage``.
  public static let control = FrameType(rawValue: 0x48)
  /// Bytes of a stream in which the agent reports what is done with files: ``FileEventReader``.
  public static let report = FrameType(rawValue: 0x49)

  /// Where a frame's type belongs, and so which headers are right for it.
  enum Family {
    case unnumbered
    case numbered
    case reserved
  }

  var family: Family {
    switch rawValue {
    case 0x01...0x3F: .unnumbered
    case 0x40...0x7F: .numbered
    default: .reserved
    }
  }

  /// Whether a frame of this type names a stream; nil for types this build does not know, which may do either.
  var belongsToStream: Bool? {
    switch rawValue {
    case 0x01...0x08, FrameType.control.rawValue: false
    case FrameType.open.rawValue...FrameType.message.rawValue, FrameType.report.rawValue: true
    default: nil
    }
  }

  /// The name used in the documentation, or the number of an unknown type.
  public var description: String {
    switch self {
    case .hello: "HELLO"
    case .welcome: "WELCOME"
    case .acknowledgement: "ACK"
    case .ping: "PING"
    case .pong: "PONG"
    case .goAway: "GOAWAY"
    case .resume: "RESUME"
    case .resumed: "RESUMED"
    case .open: "OPEN"
    case .accept: "ACCEPT"
    case .data: "DATA"
    case .dataError: "DATA_ERROR"
    case .endOfFile: "EOF"
    case .reset: "RESET"
    case .credit: "CREDIT"
    case .message: "MESSAGE"
    case .control: "CONTROL"
    case .report: "REPORT"
    default: "type 0x" + String(rawValue, radix: 16)
    }
  }
}
