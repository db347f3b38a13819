/// Names a stream within its tunnel. The relay opens odd streams, the agent even ones, each in rising order; a number is
/// never used twice. Today only the relay opens streams.
public struct StreamID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The number on the wire.
  public let rawValue: UInt32
  /// From the number on the wire.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// What frames that belong to no stream carry: 0.
  public static let tunnel = StreamID(rawValue: 0)

  /// By number.
  public static func < (left: StreamID, right: StreamID) -> Bool { left.rawValue < right.rawValue }

  /// The number.
  public var description: String { String(rawValue) }
}

/// Which end of the tunnel this is.
public enum TunnelRole: Hashable, Sendable {
  /// The end that listens, and opens streams.
  case relay
  /// The end that dials, and runs what the streams ask for.
  case agent
}

/// Which of a stream's kinds of bytes. All are under the stream's credit and keep their order among each other.
public enum Lane: Hashable, Sendable {
  /// Input, or a program's standard output.
  case standard
  /// A program's standard error.
  case error
  /// What the agent reports of file work: events as ``FileEventReader`` reads them. Only agents send it.
  case report

  var frameType: FrameType {
    switch self {
    case .standard: .data
    case .error: .dataError
    case .report: .report
    }
  }
}
