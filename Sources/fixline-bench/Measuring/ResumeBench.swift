import Foundation

/// Breaks the line again and again under a transfer through Fixline, and sees what each time costs.
struct ResumeBench: Sendable {
  /// From one cut to the next.
  static let interval = Duration.milliseconds(400)
  /// What is measured so.
  static let measurements: [Metric] = [.bulkOut, .bulkIn]

  let bench: Bench

  /// Every round of one transfer, each undisturbed and over a line that breaks; a failure is part of the result.
  func interruptions(_ measurement: Metric) async throws -> Interruptions {
    do {
      guard let line = bench.world.fixline.proxy else { throw BenchFailure("there is no line to cut") }
      var rounds: [Interruptions.Round] = []
      for _ in 0..<bench.plan.rounds {
        let undisturbed = try await bench.samples(measurement, .fixline)
        let before = line.cuts
        let cutting = Task {
          while !Task.isCancelled {
            try await Task.sleep(for: Self.interval)
            await line.cut()
          }
        }
        defer { cutting.cancel() }
        let broken = try await bench.samples(measurement, .fixline)
        cutting.cancel()
        guard let first = undisturbed.first, let second = broken.first else { continue }
        rounds.append(.init(undisturbedMiBs: first, brokenMiBs: second, cuts: line.cuts - before))
      }
      return Interruptions(
        measurement: measurement, bytes: bench.plan.payloadBytes(bench.world.condition), result: .success(rounds))
    } catch let failure as BenchFailure {
      return Interruptions(measurement: measurement, bytes: 0, result: .failure(failure))
    }
  }
}
