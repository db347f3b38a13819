public import SessionModel

/// What can happen to a session. Channels are told apart by numbers of the caller's choosing.
public enum SessionEvent: Hashable, Sendable {
  /// Put the question before the customer.
  case askConsent(timeoutMilliseconds: Int64 = SessionLimits.consentTimeoutMilliseconds)
  /// The customer said yes, and the signed consent is stored.
  case accepted
  /// The customer said no.
  case declined
  /// The technician went away before there was an answer.
  case requesterLeft
  /// A technician's channel is there. Before consent it waits; it then counts from the moment of consent on.
  case channelOpened(UInt64)
  /// A technician's channel is gone.
  case channelClosed(UInt64)
  /// The tunnel broke, or its peer has been silent for too long; it was last heard at that instant.
  case linkLost(lastHeard: MonotonicInstant)
  /// The tunnel goes on.
  case linkRestored
  /// Another instance of the agent is there: whatever the old one ran counts no more. The old one was last heard then.
  case agentReplaced(lastHeard: MonotonicInstant, by: AgentSuccessor = .restarted)
  /// Bytes went either way.
  case bytes
  /// Somebody stopped the clock.
  case paused
  /// Somebody let it run again.
  case unpaused
  /// The next period would pass a limit of the plan.
  case limitReached
  /// The customer granted more.
  case limitGranted
  /// The ledger cannot be written.
  case storageFailed
  /// It can again.
  case storageRecovered
  /// Somebody ends the session.
  case close(outcome: Outcome, note: String, by: Closer)
  /// Time went by; see ``SessionMachine/nextDeadline``.
  case tick

  /// Whether it can stop the clock by itself. Such an event counts as of an instant at which the machine was there for certain
  /// (``Hearing``): a line that died unnoticed would be billed as quiet time otherwise.
  public var stopsTheClock: Bool {
    switch self {
    case .channelClosed, .paused, .limitReached, .storageFailed, .close: true
    case .askConsent, .accepted, .declined, .requesterLeft, .channelOpened, .linkLost, .linkRestored, .agentReplaced,
      .bytes,
      .unpaused, .limitGranted, .storageRecovered, .tick:
      false
    }
  }
}

/// Which instance of an agent took the place of the one before.
public enum AgentSuccessor: Hashable, Sendable, CaseIterable {
  /// The old one was gone: the agent was started anew.
  case restarted
  /// The old one was still connected: there are two with one key, and the newer one works.
  case second
}

/// What a session wants done, in this order.
public enum SessionAction: Hashable, Sendable {
  /// Show the customer the question (again, after the link came back).
  case ask
  /// Consent was given: streams may be opened. Time accrues unless a suspend follows.
  case activate
  /// No time accrues any more, or the reasons why not have changed; sorted, not empty.
  case suspend([SuspendReason])
  /// Time accrues again.
  case resume
  /// It is over: end the channels, rate it, tell both sides.
  case close(Closure)
}

/// An event that makes no sense in the session's state. The state is unchanged. The description is one line.
public enum SessionRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The event does not belong to this state.
  case notNow(SessionState)
  /// That channel is open already.
  case channelAlreadyOpen(UInt64)
  /// There is no such channel.
  case noSuchChannel(UInt64)
  /// The session has ``SessionLimits/maximumChannels``.
  case tooManyChannels

  /// What was wrong.
  public var description: String {
    switch self {
    case .notNow(.closed): "the session is closed"
    case .notNow(let state): "not possible while the session is \(state.rawValue)"
    case .channelAlreadyOpen(let channel): "channel \(channel) is open already"
    case .noSuchChannel(let channel): "the session has no channel \(channel)"
    case .tooManyChannels: "the session has \(SessionLimits.maximumChannels) channels; close one first"
    }
  }
}
