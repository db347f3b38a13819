/// Moves bytes through two pairs of relay and agent by turns: one keeps what it sends until it is acknowledged, as ever, and
/// the other has no resumption and keeps nothing.
struct RetainedBench: Sendable {
  /// What is measured so.
  static let measurements: [Metric] = [.bulkOut, .bulkIn]
  /// A transfer is this part of the payload: many short ones tell more of a small difference than a few long ones.
  static let payloadShare = 4

  let bench: Bench

  /// Every round of one transfer; a failure is part of the result. Each comes twice, the other between or around, so that a
  /// machine that grows slower or quicker meanwhile favours neither.
  func retention(_ measurement: Metric) async throws -> Retention {
    let (retained, unretained) = (SetUpName.fixline.rawValue, World.unretained)
    let bytes = max(bench.plan.payloadBytes(.stock) / Self.payloadShare, 1 << 20)
    let file = "\(bench.world.directory)/part"
    do {
      _ = try await bench.workplace.run(
        ["head", "-c", "\(bytes)", "/dev/urandom"], output: .file(file))
      var rates: [String: [Double]] = [:]
      for turn in 0..<bench.plan.rounds * bench.plan.turnsPerRound {
        let (first, second) = turn % 2 == 0 ? (retained, unretained) : (unretained, retained)
        for host in [first, second, second, first] {
          let rate =
            try await measurement == .bulkIn
            ? bench.bulkIn(host, file, bytes: bytes) : bench.bulkOut(host, bytes: bytes)
          rates[host, default: []].append(rate)
        }
      }
      return Retention(
        measurement: measurement,
        result: .success(.init(retainedMiBs: rates[retained] ?? [], unretainedMiBs: rates[unretained] ?? [])))
    } catch let failure as BenchFailure {
      return Retention(measurement: measurement, result: .failure(failure))
    }
  }
}
