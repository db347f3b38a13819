import SessionModel

/// What a person with a stopwatch would make of a session, who sees everything that happens and trusts no meter.
///
/// Time counts while the session runs, a channel is open, the relay can write, and the agent is being heard: as far as the
/// last word that arrived from it. Quiet time counts up to the idle limit. Where two readings are possible,
/// ``possibleNanoseconds`` has the longer and ``certainNanoseconds`` the shorter; what a crash may cost stands in
/// ``allowanceNanoseconds``. All on the relay's steady clock.
struct Stopwatch {
  /// A checkpoint every 5 s, committed at most 250 ms later, looked for every 250 ms.
  static let lossNanoseconds: Int64 = (5000 + 250 + 250) * 1_000_000
  /// Closings within this of the agent's last word count to their own instant: ``Metering/Hearing``.
  static let graceNanoseconds: Int64 = 2_500_000_000
  /// Ticks come this late at most: around the idle limit both readings are possible.
  static let slackNanoseconds: Int64 = 600_000_000

  /// A byte that ends idleness counts when the agent was heard after it: that takes a ping and a tick at most.
  static let wakeNanoseconds: Int64 = 1_500_000_000

  private struct Stretch {
    let from: Int64
    var bytes: [Int64] = []
    var openings: [Int64] = []
  }

  let idleNanoseconds: Int64
  private(set) var possibleNanoseconds: Int64 = 0
  private(set) var certainNanoseconds: Int64 = 0
  private(set) var allowanceNanoseconds: Int64 = 0
  private(set) var stretches = 0
  private(set) var wasActivated = false
  private(set) var isClosed = false
  private var isRunning = false
  private var hasChannel = false
  private var hasStorage = true
  private var isLinkUp = true
  private var isAwake = true
  private var lastHeard: Int64
  private var stretch: Stretch?
  /// When the statement that waits for its answer was made.
  private var unansweredSince: Int64?
  private var lastEnd: (at: Int64, quiet: Int64)?

  init(idleLimitMilliseconds: Int64, heard: MonotonicInstant) {
    idleNanoseconds = idleLimitMilliseconds * 1_000_000
    lastHeard = heard.nanoseconds
  }

  // MARK: What it sees

  mutating func heard(at now: MonotonicInstant, isNew: Bool) {
    if isNew, isLinkUp { linkDown(at: now) }
    isLinkUp = true
    lastHeard = now.nanoseconds
    update(now.nanoseconds)
  }

  /// The connection is no more; nobody saw when it went, so the last word is its end.
  mutating func linkDown(at now: MonotonicInstant) {
    isLinkUp = false
    end(possible: lastHeard, certain: lastHeard, known: now.nanoseconds)
  }

  mutating func activated(at now: MonotonicInstant) {
    wasActivated = true
    isRunning = true
    update(now.nanoseconds)
  }

  mutating func conditions(hasChannel: Bool, hasStorage: Bool, at now: MonotonicInstant) {
    self.hasChannel = hasChannel
    self.hasStorage = hasStorage
    update(now.nanoseconds)
  }

  mutating func sign(at now: MonotonicInstant, isByte: Bool) {
    if isByte { stretch?.bytes.append(now.nanoseconds) } else { stretch?.openings.append(now.nanoseconds) }
  }

  mutating func stated(at now: MonotonicInstant) { unansweredSince = unansweredSince ?? now.nanoseconds }

  mutating func confirmed(at now: MonotonicInstant) { unansweredSince = nil }

  mutating func ended(at now: MonotonicInstant) {
    isRunning = false
    update(now.nanoseconds)
  }

  mutating func closed(isConfirmed: Bool, at now: MonotonicInstant) {
    ended(at: now)
    isClosed = true
    if !isConfirmed { allow(now.nanoseconds) }
  }

  /// The relay's computer falls asleep, or is awake again.
  mutating func slept(_ isAsleep: Bool, at now: MonotonicInstant) {
    isAwake = !isAsleep
    if isAsleep { end(possible: now.nanoseconds, certain: min(now.nanoseconds, lastHeard), known: .max) }
    update(now.nanoseconds)
  }

  /// A close that no ledger has after all: another relay goes on with the session.
  mutating func reopened() {
    isClosed = false
    isRunning = true
  }

  mutating func relayDied(at now: MonotonicInstant) {
    guard !isClosed else { return }
    end(possible: now.nanoseconds, certain: lastHeard, known: now.nanoseconds)
    allow(now.nanoseconds)
    hasChannel = false
    hasStorage = true
    isLinkUp = false
    unansweredSince = nil
  }

  // MARK: What it makes of it

  private mutating func update(_ now: Int64) {
    let runs = isAwake && isRunning && hasChannel && hasStorage && isLinkUp
    if runs, stretch == nil {
      stretch = Stretch(from: now)
      stretches += 1
    } else if !runs, stretch != nil {
      end(
        possible: now - lastHeard <= Self.graceNanoseconds ? now : lastHeard, certain: min(now, lastHeard),
        known: now)
    }
  }

  /// - Parameter known: when the end was noticed: what had been quiet for too long by then was idle.
  private mutating func end(possible: Int64, certain: Int64, known: Int64) {
    guard let ended = stretch else { return }
    stretch = nil
    let signs = (ended.bytes + ended.openings).sorted()
    possibleNanoseconds += count(ended.from, signs, to: max(possible, ended.from), limit: idleNanoseconds, wake: 0)
    let limit = idleNanoseconds - Self.slackNanoseconds
    let lastByte = ended.bytes.last { $0 <= certain } ?? ended.from
    let sure = known - lastByte <= limit ? max(certain, ended.from) : lastByte
    // A stretch that begins with neither a byte nor a channel may begin idle.
    let begins = min(ended.bytes.first ?? sure, ended.openings.first ?? sure)
    if begins < sure {
      certainNanoseconds += count(begins, ended.bytes, to: sure, limit: limit, wake: Self.wakeNanoseconds)
    }
    let last = ended.bytes.last { $0 <= possible } ?? ended.from
    lastEnd = (possible, min(max(0, possible - last), idleNanoseconds))
  }

  /// Time between two signs of life counts when it is short enough.
  private func count(_ from: Int64, _ signs: [Int64], to end: Int64, limit: Int64, wake: Int64) -> Int64 {
    var last = from
    var sum: Int64 = 0
    for sign in signs + [end] where sign <= end {
      if sign - last <= limit { sum += max(0, sign - last) }
      last = max(last, sign - last <= limit ? sign : sign + wake)
    }
    return sum
  }

  /// What was not signed and stored by now may be lost: since the statement that was, and what was quiet.
  private mutating func allow(_ now: Int64) {
    guard let lastEnd else { return }
    let waiting = unansweredSince.map { max(0, lastEnd.at - $0) } ?? 0
    allowanceNanoseconds += Self.lossNanoseconds + waiting + lastEnd.quiet
  }
}
