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

/// Why a relay does not let a connection take a tunnel up.
public enum ResumeRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is none of that identifier: it is over, or another run of the relay had it.
  case unknownTunnel
  /// Another run of the agent has taken its place.
  case replaced
  /// It belongs to another agent's key: forged.
  case otherKey
  /// It belongs to another run of the agent.
  case otherRun
  /// It was made with another version.
  case otherVersion
  /// The agent says it received what was never sent, or less than it acknowledged: forged, or an old RESUME played again.
  case impossibleNumber(UInt64)

  /// A few words for the log and the record.
  public var description: String {
    switch self {
    case .unknownTunnel: "there is no such tunnel"
    case .replaced: "another run of the agent has taken its place"
    case .otherKey: "it belongs to another agent's key"
    case .otherRun: "it belongs to another run of the agent"
    case .otherVersion: "it was made with another version of the protocol"
    case .impossibleNumber(let number): "the agent cannot have received frame \(number) as the latest"
    }
  }

  /// What the agent is told. Who is not the tunnel's agent learns nothing about it.
  var goAway: GoAway {
    switch self {
    case .replaced: GoAway(.replaced, "another connection of this machine took over")
    case .unknownTunnel, .otherKey, .otherRun, .otherVersion, .impossibleNumber:
      GoAway(.cannotResume, "this relay does not have the tunnel; connect anew")
    }
  }
}
