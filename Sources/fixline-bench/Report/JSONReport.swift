import Foundation

/// The report for a program: one object, with every sample.
struct JSONReport: Encodable {
  struct Series: Encodable {
    let setUp: String
    let samples: [Double]
    let failure: String?
  }

  struct Value: Encodable {
    let setUp: String
    let value: Double?
  }

  struct Row: Encodable {
    let name: String
    let unit: String
    let higherIsBetter: Bool
    let values: [Value]
    let ratioToReverse: Double?
    let ratioToSshd: Double?
  }

  struct Measured: Encodable {
    let name: String
    let unit: String
    let series: [Series]
  }

  struct CostRow: Encodable {
    let measurement: String
    let relaySecondsPerGib: [Double]
    let agentSecondsPerGib: [Double]
    let relayGrowthMib: [Double]
    let agentGrowthMib: [Double]
  }

  struct ConditionPart: Encodable {
    let name: String
    let roundTripMs: Int
    let ciphers: String
    let payloadBytes: Int
    let rows: [Row]
    let measurements: [Measured]
    let fixlineCosts: [CostRow]
  }

  struct StallRow: Encodable {
    let name: String
    let relayGrowthMib: Double?
    let agentGrowthMib: Double?
    let attachSeconds: Double?
    let failure: String?
  }

  struct InterruptionRow: Encodable {
    let name: String
    let undisturbedMibs: Double?
    let brokenMibs: Double?
    let cuts: Double?
    let millisecondsPerCut: Double?
  }

  struct RetentionRow: Encodable {
    let name: String
    let retainedMibs: [Double]
    let unretainedMibs: [Double]
    let ratio: Double?
  }

  struct LoadStretch: Encodable {
    let seconds: Double
    let relayShare: Double
    let coreShare: Double
    let tunnelsShare: Double
    let checkpoints: Int

    init(_ stretch: SessionLoad.Stretch) {
      (seconds, relayShare, coreShare) = (stretch.seconds, stretch.whole, stretch.core)
      (tunnelsShare, checkpoints) = (stretch.tunnels, stretch.checkpoints)
    }
  }

  struct LoadPart: Encodable {
    let sessions: Int
    let atWork: LoadStretch
    let busy: LoadStretch
    let quiet: LoadStretch
    let checkpointShare: Double
    let ledgerBytesBefore: [Int]
    let ledgerBytesAfter: [Int]
  }

  struct Line: Encodable {
    let text: String
    let value: Double?
    let atLeast: Double?
    let atMost: Double?
    let below: Double?
    let holds: Bool?
  }

  struct Options: Encodable {
    let mebibytes: Int
    let rounds: Int
    let attachesPerRound: Int
    let echoSamplesPerRound: Int
    let rsyncFiles: Int
    let sessions: Int
  }

  let machine: MachineFacts
  let options: Options
  let conditions: [ConditionPart]
  let stalls: [StallRow]
  let interruptions: [InterruptionRow]
  let retentions: [RetentionRow]
  let load: LoadPart?
  let acceptance: [Line]
  let failures: [String]

  init(_ report: BenchReport) {
    machine = report.machine
    options = Options(
      mebibytes: report.plan.mebibytes, rounds: report.plan.rounds, attachesPerRound: report.plan.attachesPerRound,
      echoSamplesPerRound: report.plan.echoSamples, rsyncFiles: report.plan.files,
      sessions: report.plan.sessions)
    conditions = report.results.map(Self.part)
    stalls = report.stalls.map { stall in
      switch stall.result {
      case .success(let found):
        StallRow(
          name: stall.kind.rawValue, relayGrowthMib: found.relayGrowthMiB, agentGrowthMib: found.agentGrowthMiB,
          attachSeconds: found.attachSeconds, failure: nil)
      case .failure(let failure):
        StallRow(
          name: stall.kind.rawValue, relayGrowthMib: nil, agentGrowthMib: nil, attachSeconds: nil, failure: failure.line
        )
      }
    }
    interruptions = report.interruptions.map {
      InterruptionRow(
        name: $0.measurement.rawValue, undisturbedMibs: $0.median(\.undisturbedMiBs),
        brokenMibs: $0.median(\.brokenMiBs),
        cuts: $0.median { Double($0.cuts) }, millisecondsPerCut: $0.millisecondsPerCut)
    }
    retentions = report.retentions.map { retention in
      let found = try? retention.result.get()
      return RetentionRow(
        name: retention.measurement.rawValue, retainedMibs: found?.retainedMiBs ?? [],
        unretainedMibs: found?.unretainedMiBs ?? [], ratio: retention.ratio)
    }
    load = report.load.map { load in
      LoadPart(
        sessions: load.sessions, atWork: LoadStretch(load.atWork), busy: LoadStretch(load.busy),
        quiet: LoadStretch(load.quiet), checkpointShare: load.checkpointShare,
        ledgerBytesBefore: [load.ledgerBefore.file, load.ledgerBefore.log],
        ledgerBytesAfter: [load.ledgerAfter.file, load.ledgerAfter.log])
    }
    acceptance = report.acceptance.map { line in
      var bounds: (atLeast: Double?, atMost: Double?, below: Double?) = (nil, nil, nil)
      switch line.limit {
      case .atLeast(let bound): bounds.atLeast = bound
      case .atMost(let bound): bounds.atMost = bound
      case .below(let bound): bounds.below = bound
      }
      return Line(
        text: line.text, value: line.value, atLeast: bounds.atLeast, atMost: bounds.atMost, below: bounds.below,
        holds: line.holds)
    }
    failures = report.failures
  }

  private static func part(_ result: ConditionResult) -> ConditionPart {
    let figures = Figure.all.filter { result.outcomes[$0.measurement] != nil }
    let rows = figures.map { figure in
      let own = result.value(figure, .fixline)
      return Row(
        name: figure.name, unit: figure.unit, higherIsBetter: figure.higherIsBetter,
        values: SetUpName.allCases.map { Value(setUp: $0.rawValue, value: result.value(figure, $0)) },
        ratioToReverse: Statistics.ratio(own, result.value(figure, .reverse)),
        ratioToSshd: Statistics.ratio(own, result.value(figure, .sshd)))
    }
    let measured = Metric.allCases.compactMap { measurement -> Measured? in
      guard let outcomes = result.outcomes[measurement],
        let unit = Figure.all.first(where: { $0.measurement == measurement })?.unit
      else { return nil }
      let series = SetUpName.allCases.compactMap { setUp in
        outcomes[setUp].map { Series(setUp: setUp.rawValue, samples: $0.samples, failure: $0.failure) }
      }
      return Measured(name: measurement.rawValue, unit: unit, series: series)
    }
    return ConditionPart(
      name: result.condition.name, roundTripMs: result.condition.roundTripMilliseconds,
      ciphers: result.condition.pinned ? ClientConfiguration.pinnedCipher : "stock",
      payloadBytes: result.payloadBytes, rows: rows, measurements: measured,
      fixlineCosts: result.costs.map {
        CostRow(
          measurement: $0.measurement.rawValue, relaySecondsPerGib: $0.relaySecondsPerGiB,
          agentSecondsPerGib: $0.agentSecondsPerGiB, relayGrowthMib: $0.relayGrowthMiB,
          agentGrowthMib: $0.agentGrowthMiB)
      })
  }

  /// The text; every key in snake_case.
  var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
