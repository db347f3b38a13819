public import SessionModel

/// The waits of one session, in milliseconds.
public struct SessionLimits: Hashable, Sendable {
  /// How long the customer has to answer.
  public static let consentTimeoutMilliseconds: Int64 = 120_000
  /// How long a session without a channel stays open, unless the plan says otherwise.
  public static let standardMergeGapMilliseconds: Int64 = 600_000
  /// How long a session outlives its tunnel.
  public static let resumeWindowMilliseconds: Int64 = 600_000
  /// Most channels one session holds; opening more is refused.
  public static let maximumChannels = 1024

  /// How long a session without a channel stays open.
  public var mergeGapMilliseconds: Int64
  /// How long a session outlives its tunnel.
  public var resumeWindowMilliseconds: Int64
  /// Quiet time up to this counts.
  public var idleLimitMilliseconds: Int64

  /// The waits of a plan; the standard ones where not given.
  public init(
    mergeGapMilliseconds: Int64 = SessionLimits.standardMergeGapMilliseconds,
    resumeWindowMilliseconds: Int64 = SessionLimits.resumeWindowMilliseconds,
    idleLimitMilliseconds: Int64 = Meter.standardIdleLimitMilliseconds
  ) {
    self.mergeGapMilliseconds = mergeGapMilliseconds
    self.resumeWindowMilliseconds = resumeWindowMilliseconds
    self.idleLimitMilliseconds = idleLimitMilliseconds
  }
}

/// Who or what ended a session.
public enum Closer: Hashable, Sendable {
  /// The technician, by name, or a supervisor.
  case technician(String)
  /// The customer.
  case customer
  /// Nobody: a wait ran out or the machine went away.
  case relay
}

/// How a session ended.
public struct Closure: Hashable, Sendable {
  /// The outcome named, or the one that follows.
  public let outcome: Outcome
  /// What the technician wrote, or why it ended by itself.
  public let note: String
  /// Who ended it.
  public let by: Closer

  /// The run of its agent that took over, where it ended for that.
  public var successor: AgentSuccessor? { by == .relay ? AgentSuccessor.allCases.first { $0.note == note } : nil }

  /// An end.
  public init(outcome: Outcome, note: String, by: Closer) {
    self.outcome = outcome
    self.note = note
    self.by = by
  }
}

extension AgentSuccessor {
  /// The note of a session that ended with the agent before this one.
  var note: String {
    switch self {
    case .restarted: "the agent was restarted"
    case .second: "a second agent with this machine's key took over"
    }
  }
}
