public import SessionModel

/// Up to when a peer was surely there.
public enum Hearing {
  /// An agent heard within this is taken for present, in milliseconds: it answers a ping a second, and the core looks
  /// four times a second.
  public static let presentMilliseconds: Int64 = 2500

  /// Whether an agent last heard then is there at `now`.
  public static func isPresent(lastHeard: MonotonicInstant, at now: MonotonicInstant) -> Bool {
    now.milliseconds(since: lastHeard) <= presentMilliseconds
  }

  /// The latest instant up to which time may count: `now` while the agent is being heard, else when it last was. Never
  /// later than `now`.
  public static func provenInstant(lastHeard: MonotonicInstant, at now: MonotonicInstant) -> MonotonicInstant {
    isPresent(lastHeard: lastHeard, at: now) ? now : min(lastHeard, now)
  }
}
