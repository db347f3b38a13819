import Foundation

/// The whole run: worlds one after another, rounds interleaved over the set-ups.
struct BenchRun: Sendable {
  let plan: BenchPlan
  let programs: FixlinePrograms
  let workplace: Workplace
  /// Where progress is told.
  let tell: @Sendable (String) -> Void

  /// Measures everything that is planned.
  func run() async throws -> BenchReport {
    var report = BenchReport(machine: try await MachineFacts.read(workplace), plan: plan)
    let payload = try await Payload.make(plan, workplace)
    var troubles: [String] = []
    for condition in plan.conditions where !plan.measurements(condition).isEmpty {
      var result = ConditionResult(condition: condition, payloadBytes: plan.payloadBytes(condition))
      troubles += try await part(condition.name) { try await measure(condition, payload, into: &result) }
      report.results.append(result)
    }
    if plan.measurements.contains(.stalls) {
      troubles += try await part("stalls") { try await stalls(payload, into: &report) }
    }
    if plan.measurements.contains(.resume) {
      troubles += try await part("resume") { try await resume(payload, into: &report) }
    }
    if plan.measurements.contains(.retained) {
      troubles += try await part("retained") { try await retained(payload, into: &report) }
    }
    if plan.measurements.contains(.sessions) {
      troubles += try await part("sessions") { try await sessions(into: &report) }
    }
    report.troubles = troubles
    return report
  }

  /// One part of the run. Whatever becomes of it, the others are measured, and all of it has ended before the next begins.
  /// - Returns: why it came to nothing, when it did.
  private func part(_ name: String, _ body: () async throws -> Void) async throws -> [String] {
    tell("\(name): setting up")
    var troubles: [String] = []
    do {
      try await body()
    } catch let failure as BenchFailure {
      troubles.append("\(name): \(failure.line)")
    }
    troubles.forEach(tell)
    await workplace.endDaemons()
    try? FileManager.default.removeItem(atPath: "\(workplace.path)/\(name)")
    return troubles
  }

  /// What runs in a world of its own.
  private func world(
    _ condition: Condition, _ name: String, _ payload: Payload, setUps: [SetUpName] = SetUpName.allCases,
    lineCanBeCut: Bool = false, withUnretained: Bool = false, _ body: (Bench) async throws -> Void
  ) async throws {
    let world = try await World.start(
      condition, programs, workplace, name: name, setUps: setUps, lineCanBeCut: lineCanBeCut,
      withUnretained: withUnretained)
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(Bench(world: world, workplace: workplace, plan: plan, payload: payload)))
    } catch {
      result = .failure(error)
    }
    await world.stop()
    try result.get()
  }

  private func stalls(_ payload: Payload, into report: inout BenchReport) async throws {
    try await world(.stock, "stalls", payload, setUps: [.sshd, .fixline]) { bench in
      try await bench.verify(SetUpName.fixline.rawValue)
      _ = try await bench.attach(.sshd)
      for kind in Stall.Kind.allCases {
        let stall = try await StallBench(bench: bench).stall(kind)
        if case .failure(let failure) = stall.result { tell("\(kind.rawValue): \(failure.line)") }
        report.stalls.append(stall)
      }
    }
  }

  private func resume(_ payload: Payload, into report: inout BenchReport) async throws {
    try await world(.stock, "resume", payload, setUps: [.sshd, .fixline], lineCanBeCut: true) { bench in
      try await bench.verify(SetUpName.fixline.rawValue)
      for measurement in ResumeBench.measurements {
        let found = try await ResumeBench(bench: bench).interruptions(measurement)
        if case .failure(let failure) = found.result { tell("\(measurement.rawValue): \(failure.line)") }
        report.interruptions.append(found)
      }
    }
  }

  private func retained(_ payload: Payload, into report: inout BenchReport) async throws {
    try await world(.stock, "retained", payload, setUps: [.sshd, .fixline], withUnretained: true) { bench in
      for host in [SetUpName.fixline.rawValue, World.unretained] { try await bench.verify(host) }
      for measurement in RetainedBench.measurements {
        let found = try await RetainedBench(bench: bench).retention(measurement)
        if case .failure(let failure) = found.result { tell("\(measurement.rawValue): \(failure.line)") }
        report.retentions.append(found)
      }
    }
  }

  private func sessions(into report: inout BenchReport) async throws {
    let crowd = try await Crowd.gather(plan.sessions, programs, workplace, name: "sessions", tell)
    report.load = try await SessionsBench(crowd: crowd, programs: programs, plan: plan).load()
  }

  private func measure(_ condition: Condition, _ payload: Payload, into result: inout ConditionResult) async throws {
    try await world(condition, condition.name, payload) { bench in
      try await rounds(condition, bench, into: &result)
    }
  }

  private func rounds(_ condition: Condition, _ bench: Bench, into result: inout ConditionResult) async throws {
    for setUp in SetUpName.allCases {
      try await bench.verify(setUp.rawValue)
      let files = plan.measurements(condition).filter { [.sftpGet, .sftpPut, .scp].contains($0) }
      guard !files.isEmpty else { continue }
      do {
        try await bench.verifyFiles(setUp)
      } catch let failure as BenchFailure {
        let line = "sftp is refused: \(failure.line)"
        tell("\(setUp.rawValue): \(line)")
        for measurement in files { result.add(measurement, setUp, .failure(BenchFailure(line))) }
      }
    }
    for round in 0..<plan.rounds {
      tell("\(condition.name): round \(round + 1) of \(plan.rounds)")
      for (index, measurement) in plan.measurements(condition).enumerated() {
        for place in SetUpName.allCases.indices {
          // Each goes first in turn, so that none always finds the machine as the same other one left it.
          let setUp = SetUpName.allCases[(place + round + index) % SetUpName.allCases.count]
          guard !result.failed(measurement, setUp) else { continue }
          try await sample(measurement, setUp, bench, into: &result)
        }
      }
    }
  }

  private func sample(
    _ measurement: Metric, _ setUp: SetUpName, _ bench: Bench, into result: inout ConditionResult
  ) async throws {
    let pair = bench.world.fixline
    let before = (relay: pair.relay.cpuSeconds, agent: pair.agent.cpuSeconds)
    let sampler = setUp == .fixline ? MemorySampler([pair.relay, pair.agent]) : nil
    do {
      let samples = try await bench.samples(measurement, setUp)
      result.add(measurement, setUp, .success(samples))
    } catch let failure as BenchFailure {
      tell("\(setUp.rawValue), \(measurement.rawValue): \(failure.line)")
      result.add(measurement, setUp, .failure(failure))
    } catch {
      _ = await sampler?.stop()
      throw error
    }
    guard let peaks = await sampler?.stop() else { return }
    guard let relayAfter = pair.relay.cpuSeconds, let agentAfter = pair.agent.cpuSeconds,
      let relayBefore = before.relay, let agentBefore = before.agent
    else { throw BenchFailure("relay or agent ended during \(measurement.rawValue)") }
    guard !result.failed(measurement, setUp) else {
      result.costs.removeAll { $0.measurement == measurement }
      return
    }
    let place: Int
    if let known = result.costs.firstIndex(where: { $0.measurement == measurement }) {
      place = known
    } else {
      place = result.costs.count
      result.costs.append(Cost(measurement: measurement))
    }
    result.costs[place].relayGrowthMiB.append(Double(peaks[0]) / Double(1 << 20))
    result.costs[place].agentGrowthMiB.append(Double(peaks[1]) / Double(1 << 20))
    if measurement.isTransfer {
      let gibibytes = Double(result.payloadBytes) / Double(1 << 30)
      result.costs[place].relaySecondsPerGiB.append((relayAfter - relayBefore) / gibibytes)
      result.costs[place].agentSecondsPerGiB.append((agentAfter - agentBefore) / gibibytes)
    }
  }
}
