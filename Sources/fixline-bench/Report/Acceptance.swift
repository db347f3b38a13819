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
  static func lines(_ results: [ConditionResult], stalls: [Stall], plan: BenchPlan) -> [Acceptance] {
    var lines: [Acceptance] = []
    for result in results {
      lines += result.condition.roundTripMilliseconds == 0 ? near(result) : delayed(result)
    }
    let names = Set(Figure.all.filter { plan.measurements.contains($0.measurement) }.map(\.name))
    lines = lines.filter { line in names.contains { line.text.contains(": \($0) to ") } }
    lines += stalls.map { stall in
      let growth: Double? = if case .success(let found) = stall.result { found.relayGrowthMiB } else { nil }
      return Acceptance(text: "relay growth in MiB, \(stall.kind.rawValue)", value: growth, limit: .below(32))
    }
    return lines
  }
}
