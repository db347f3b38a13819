/// What a measurement gave for one set-up.
struct Outcome: Equatable, Sendable {
  var samples: [Double] = []
  /// Why there is no figure. One failed round is enough: what is left of the samples is not shown.
  var failure: String?
}

/// What one measurement cost Fixline, a value per round.
struct Cost: Equatable, Sendable {
  let measurement: Metric
  /// User and system time per GiB moved; empty for what is no transfer.
  var relaySecondsPerGiB: [Double] = []
  var agentSecondsPerGiB: [Double] = []
  /// Highest resident size, less that of the program just started, in MiB.
  var relayGrowthMiB: [Double] = []
  var agentGrowthMiB: [Double] = []
}

/// Everything measured under one condition.
struct ConditionResult: Equatable, Sendable {
  let condition: Condition
  let payloadBytes: Int
  var outcomes: [Metric: [SetUpName: Outcome]] = [:]
  var costs: [Cost] = []

  /// Adds samples, or the failure.
  mutating func add(_ measurement: Metric, _ setUp: SetUpName, _ result: Result<[Double], BenchFailure>) {
    switch result {
    case .success(let samples): outcomes[measurement, default: [:]][setUp, default: Outcome()].samples += samples
    case .failure(let failure): outcomes[measurement, default: [:]][setUp, default: Outcome()].failure = failure.line
    }
  }

  /// Whether a round failed, so that the next need not be tried.
  func failed(_ measurement: Metric, _ setUp: SetUpName) -> Bool { outcomes[measurement]?[setUp]?.failure != nil }

  /// The figure of a row.
  func value(_ figure: Figure, _ setUp: SetUpName) -> Double? {
    guard let outcome = outcomes[figure.measurement]?[setUp], outcome.failure == nil else { return nil }
    return Statistics.quantile(figure.share, of: outcome.samples)
  }
}

/// What the relay did while something stood still.
struct Stall: Equatable, Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case technician = "technician stops reading"
    case machine = "machine stops reading"
    case disk = "disk stops writing"
  }

  struct Findings: Equatable, Sendable {
    /// Highest resident size until 3 s of standing still have passed, less that of the program just started, in MiB.
    let relayGrowthMiB: Double
    let agentGrowthMiB: Double
    /// `ssh HOST true` beside it.
    let attachSeconds: Double
  }

  let kind: Kind
  let result: Result<Findings, BenchFailure>
}

/// A transfer over a line that is cut again and again.
struct Interruptions: Equatable, Sendable {
  struct Round: Equatable, Sendable {
    let undisturbedMiBs: Double
    let brokenMiBs: Double
    let cuts: Int
  }

  let measurement: Metric
  /// What a round moves.
  let bytes: Int
  let result: Result<[Round], BenchFailure>

  /// The median over the rounds; nil when it failed.
  func median(_ value: (Round) -> Double) -> Double? {
    guard case .success(let rounds) = result else { return nil }
    return Statistics.median(of: rounds.map(value))
  }

  /// How much longer a round took, for each cut; nil when it was too short for any.
  var millisecondsPerCut: Double? {
    guard case .success(let rounds) = result else { return nil }
    let mebibytes = Double(bytes) / Double(1 << 20)
    return Statistics.median(
      of: rounds.filter { $0.cuts > 0 }.map { round in
        (mebibytes / round.brokenMiBs - mebibytes / round.undisturbedMiBs) * 1000 / Double(round.cuts)
      })
  }
}

/// A transfer with and without what resumption needs: frames kept, and acknowledged.
struct Retention: Equatable, Sendable {
  struct Findings: Equatable, Sendable {
    let retainedMiBs: [Double]
    let unretainedMiBs: [Double]
  }

  let measurement: Metric
  let result: Result<Findings, BenchFailure>

  /// The median with, and the median without.
  var medians: (retained: Double?, unretained: Double?) {
    guard case .success(let found) = result else { return (nil, nil) }
    return (Statistics.median(of: found.retainedMiBs), Statistics.median(of: found.unretainedMiBs))
  }

  /// The first divided by the second.
  var ratio: Double? { Statistics.ratio(medians.retained, medians.unretained) }
}

/// Why something could not be measured, in one line.
struct BenchFailure: Error, Equatable, CustomStringConvertible {
  let line: String
  var description: String { line }
  init(_ line: String) { self.line = line }
}
