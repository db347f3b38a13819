/// A connection that leads nowhere any more: it ends once all that was open on it has been over for a while. What is asked
/// for meanwhile does not keep it: a browser would ask for ever.
struct Retirement {
  /// What the technician is told.
  let reason: String
  /// The newest channel that counts.
  private let lastChannel: UInt64
  /// When it ends; nil while one of them is open.
  private(set) var deadline: ContinuousClock.Instant?

  init(reason: String, lastChannel: UInt64) {
    self.reason = reason
    self.lastChannel = lastChannel
  }

  /// To be asked with every turn.
  /// - Returns: whether it is time to go.
  mutating func isDue(_ channels: [ChannelRecord], at now: ContinuousClock.Instant) -> Bool {
    guard !channels.contains(where: { $0.number <= lastChannel }) else {
      deadline = nil
      return false
    }
    let due = deadline ?? now.advanced(by: .milliseconds(SSHLimits.retirementMilliseconds))
    deadline = due
    return now >= due
  }
}
