/// What is to be measured and how much of it.
struct BenchPlan: Codable, Equatable, Sendable {
  /// Most payload: everything lies in memory several times.
  static let mebibytesLimit = 8192
  /// Most rounds.
  static let roundsLimit = 100
  /// Files rsync is given.
  static let rsyncFiles = 5_000
  /// Keystrokes per round. A terminal keeps 4,095 characters of a line; these and their warm-up stay in one.
  static let echoSamples = 300
  /// Most sessions at once: the relay is asked for as many ssh connections.
  static let sessionsLimit = 3000
  /// With a delay the payload is divided by this: OpenSSH moves 2 MiB a round trip, whatever the line carries.
  static let delayedShare = 4

  var mebibytes: Int
  var rounds: Int
  var measurements: [Metric]
  var conditions: [Condition]
  /// `ssh HOST true`, times per round.
  var attachesPerRound = 3
  /// With resumption and without, times per round; each is four transfers.
  var turnsPerRound = 6
  /// Keystrokes per round.
  var echoSamples = BenchPlan.echoSamples
  /// Files in the tree for rsync.
  var files = BenchPlan.rsyncFiles
  /// Sessions at work at once.
  var sessions = 1000
  /// How long they are watched, each time.
  var sessionSeconds = 30
  /// How often with the text of work, and with twice as much.
  var sessionTurns = 4

  /// Checks the bounds. `quick` is one round of small sizes, enough to see that everything runs.
  init(
    mebibytes: Int, rounds: Int, sessions: Int = 1000, measurements: [Metric], conditions: [Condition], quick: Bool
  ) throws(UsageError) {
    guard (1...Self.mebibytesLimit).contains(mebibytes) else {
      throw UsageError("--mebibytes takes 1 to \(Self.mebibytesLimit)")
    }
    guard (1...Self.roundsLimit).contains(rounds) else { throw UsageError("--rounds takes 1 to \(Self.roundsLimit)") }
    guard (1...Self.sessionsLimit).contains(sessions) else {
      throw UsageError("--sessions takes 1 to \(Self.sessionsLimit)")
    }
    self.mebibytes = mebibytes
    self.rounds = rounds
    self.sessions = sessions
    self.measurements = measurements
    self.conditions = conditions
    if quick {
      self.mebibytes = min(mebibytes, 16)
      self.rounds = 1
      attachesPerRound = 1
      turnsPerRound = 1
      echoSamples = 50
      files = 100
      self.sessions = min(sessions, 12)
      sessionSeconds = 5
      sessionTurns = 1
    }
  }

  /// The payload under a condition, in bytes. At least one MiB.
  func payloadBytes(_ condition: Condition) -> Int {
    let share = condition.roundTripMilliseconds > 0 ? Self.delayedShare : 1
    return max(mebibytes / share, 1) << 20
  }

  /// Keystrokes of one round: a fifth where each waits for the line, so that five rounds still give 300.
  func echoSamples(_ condition: Condition) -> Int {
    condition.roundTripMilliseconds > 0 ? max(echoSamples / 5, 1) : echoSamples
  }

  /// What is measured under a condition.
  func measurements(_ condition: Condition) -> [Metric] {
    measurements.filter { !$0.isApart && (condition.roundTripMilliseconds == 0 || $0.isDelayed) }
  }
}

/// The three ways to the machine, in the order of the columns.
enum SetUpName: String, CaseIterable, Codable, Sendable {
  /// `ssh` straight to an sshd.
  case sshd
  /// What a technician would build himself: `ssh -R` from the customer to a jump host, ProxyJump through it.
  case reverse
  /// Relay and agent.
  case fixline
}
