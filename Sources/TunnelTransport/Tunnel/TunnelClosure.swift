public import TLSChannel
public import TunnelProtocol

/// Why a tunnel, or a connection of one, ended: the first thing that happened.
public enum TunnelClosure: Error, Hashable, Sendable, CustomStringConvertible {
  /// One of the two sides said that it leaves; this is what it said.
  case goAway(GoAway)
  /// Closed in an orderly way, by either side, without a reason.
  case closed
  /// Broken off: the line failed, or the other program ended at once.
  case truncated
  /// Nothing was heard from the peer any more.
  case deadPeer
  /// The peer broke the tunnel protocol.
  case fault(TunnelFault)
  /// The relay could not prove that it holds its signing key, or it is not the key remembered.
  case welcomeRefused
  /// The relay does not take the tunnel up again.
  case resumeRefused(ResumeRefusal)
  /// TLS failed.
  case tls(TLSError)
  /// The operating system reported an error; its words.
  case io(String)
  /// HELLO and WELCOME did not pass in time.
  case handshakeTimedOut

  /// One line for people.
  public var description: String {
    switch self {
    case .goAway(let reason): "the other side left (\(reason))"
    case .closed: "the connection was closed"
    case .truncated: "the connection broke off"
    case .deadPeer: "the other side does not answer any more"
    case .fault(let fault): fault.description
    case .welcomeRefused: "the relay's signing key is not the one expected, or it could not prove that it holds it"
    case .resumeRefused(let refusal): "a tunnel was not taken up again: \(refusal)"
    case .tls(let error): error.description
    case .io(let text): "the connection failed: \(text)"
    case .handshakeTimedOut: "the other side connected, but did not introduce itself in time"
    }
  }
}

/// Thrown by a relay's `welcome` closure to turn an agent away with a reason it is told.
public struct TunnelRefusal: Error, Hashable, Sendable {
  /// What the agent is told.
  public let reason: GoAway
  /// A refusal.
  public init(_ reason: GoAway) { self.reason = reason }
}
