/// A line Fixline has to keep to, and what was found.
struct Acceptance: Equatable, Sendable {
  enum Limit: Equatable, Sendable {
    case atLeast(Double)
    case atMost(Double)
    case below(Double)
  }

  let text: String
  let value: Double?
  let limit: Limit

  /// Nil when it was not measured.
  var holds: Bool? {
    guard let value else { return nil }
    return switch limit {
    case .atLeast(let bound): value >= bound
    case .atMost(let bound): value <= bound
    case .below(let bound): value < bound
    }
  }

  /// What has to hold without delay: against the tunnel one builds oneself, and against sshd directly.
  private static func near(_ result: ConditionResult) -> [Acceptance] {
    func line(_ figure: Figure, _ other: SetUpName, _ limit: Limit) -> Acceptance {
      Acceptance(
        text: "\(result.condition.name): \(figure.name) to \(other.rawValue)",
        value: Statistics.ratio(result.value(figure, .fixline), result.value(figure, other)), limit: limit)
    }
    let direct = result.condition.pinned ? 0.6 : 0.8
    return [line(.attach, .reverse, .atMost(0.6)), line(.echoP50, .reverse, .atMost(1.1))]
      + Figure.transfers.map { line($0, .reverse, .atLeast(2.5)) } + [line(.echoP50, .sshd, .atMost(1.6))]
      + Figure.transfers.map { line($0, .sshd, .atLeast(direct)) }
  }

  /// A single transfer from the machine over a line with a delay, against either peer.
  private static func delayed(_ result: ConditionResult) -> [Acceptance] {
    [SetUpName.reverse, .sshd].flatMap { other in
      [Figure.bulkOut, .sftpGet].map { figure in
        Acceptance(
          text: "\(result.condition.name): \(figure.name) to \(other.rawValue)",
          value: Statistics.ratio(result.value(figure, .fixline), result.value(figure, other)), limit: .atLeast(0.8))
      }
    }
  }

  /// Every line that was asked for: those whose measurement ran.
  static func lines(_ report: BenchReport) -> [Acceptance] {
    var lines: [Acceptance] = []
    for result in report.results {
      lines += result.condition.roundTripMilliseconds == 0 ? near(result) : delayed(result)
    }
    let names = Set(Figure.all.filter { report.plan.measurements.contains($0.measurement) }.map(\.name))
    lines = lines.filter { line in names.contains { line.text.contains(": \($0) to ") } }
    lines += report.stalls.map { stall in
      let growth: Double? = if case .success(let found) = stall.result { found.relayGrowthMiB } else { nil }
      return Acceptance(text: "relay growth in MiB, \(stall.kind.rawValue)", value: growth, limit: .below(32))
    }
    lines += report.retentions.map {
      Acceptance(
        text: "\($0.measurement.rawValue), with resumption to without", value: $0.ratio,
        limit: .atLeast(1 - largestResumptionShare))
    }
    if let load = report.load { lines += self.load(load) }
    return lines
  }

  /// What resumption may take of a transfer's rate.
  static let largestResumptionShare = 0.03
  /// What the checkpoints of a thousand sessions may take of one core; of fewer no less.
  static let largestCheckpointShare = 0.1
  /// What the ledger's log may hold, in MiB: it is taken over into the file at one.
  static let largestLogMiB = 2.0

  private static func load(_ load: SessionLoad) -> [Acceptance] {
    let sessions = "\(load.sessions) sessions"
    return [
      Acceptance(
        text: "\(sessions): share of one core, checkpoints", value: load.checkpointShare,
        limit: .below(largestCheckpointShare * max(1, Double(load.sessions) / 1000))),
      Acceptance(text: "\(sessions): growth of the ledger in MiB", value: load.growthMiB, limit: .atMost(0)),
      Acceptance(
        text: "\(sessions): the ledger's log in MiB", value: Double(load.ledgerAfter.log) / Double(1 << 20),
        limit: .below(largestLogMiB)),
    ]
  }
}
