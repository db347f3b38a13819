public import SessionModel

/// What makes a tunnel this one: judged whenever a connection wants to carry it on.
public struct TunnelIdentity: Hashable, Sendable {
  /// As ``Welcome/tunnel`` names it.
  public let tunnel: InstanceID
  /// The agent's run it belongs to.
  public let agentInstance: InstanceID
  /// The relay's run it belongs to.
  public let relayInstance: InstanceID
  /// SHA-256 of the SPKI of the agent's key: the only proof there is. Nil on the agent, who gives it.
  public let agentKey: Fingerprint?
  /// The version both speak.
  public let version: UInt16

  /// What an introduction came to.
  public init(welcome: Welcome, agentInstance: InstanceID, agentKey: Fingerprint?) {
    tunnel = welcome.tunnel
    self.agentInstance = agentInstance
    relayInstance = welcome.instance
    self.agentKey = agentKey
    version = welcome.version
  }

  /// The agent's first frame on another connection.
  public func resume(received: UInt64) -> Resume {
    Resume(version: version, instance: agentInstance, tunnel: tunnel, received: received)
  }

  /// Why the relay does not let the holder of `key` take the tunnel up; nil when it may. Nothing is changed.
  public func refusal(of resume: Resume, key: Fingerprint, machine: TunnelMachine) -> ResumeRefusal? {
    if resume.tunnel != tunnel { return .unknownTunnel }
    if key != agentKey { return .otherKey }
    if resume.instance != agentInstance { return .otherRun }
    if resume.version != version { return .otherVersion }
    return machine.canResume(peerReceived: resume.received) ? nil : .impossibleNumber(resume.received)
  }

  /// Whether a relay's answer is about this tunnel. Its signature is checked elsewhere.
  public func matches(_ resumed: Resumed) -> Bool {
    resumed.tunnel == tunnel && resumed.instance == relayInstance
  }
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

  /// What the agent is told: the same for all but one, so that nothing is learned about a tunnel by guessing.
  public var goAway: GoAway {
    switch self {
    case .replaced: GoAway(.replaced, "another connection of this machine took over")
    case .unknownTunnel, .otherKey, .otherRun, .otherVersion, .impossibleNumber:
      GoAway(.cannotResume, "this relay does not have the tunnel; connect anew")
    }
  }
}
