import Foundation
import Testing

/// How many worlds are lived through, and which.
enum Seeds {
  private static let environment = ProcessInfo.processInfo.environment

  /// `FIXLINE_SEED`: only this one, with its log.
  static let only: UInt64? = environment["FIXLINE_SEED"].flatMap { UInt64($0) }
  /// `FIXLINE_SEEDS`: so many instead of 300.
  static let count: UInt64 = environment["FIXLINE_SEEDS"].flatMap { UInt64($0) } ?? 300
  /// `FIXLINE_BROKEN`: look for seeds that notice each broken rule.
  static let isSearching = environment["FIXLINE_BROKEN"] != nil
  /// Worlds in one test case.
  static let batch: UInt64 = 10

  static var batches: [Range<UInt64>] {
    if let only { return [only..<only + 1] }
    return stride(from: 1, through: count, by: Int(batch)).map { $0..<min($0 + batch, count + 1) }
  }
}

/// Whole worlds, one a seed.
@Suite struct SimulationTests {
  @Test(arguments: Seeds.batches)
  func `every world keeps the rules and comes to an end`(_ seeds: Range<UInt64>) throws {
    for seed in seeds {
      let world = try World(Settings(seed: seed))
      guard let failure = world.run() else { continue }
      Issue.record("FIXLINE_SEED=\(seed): \(failure)\n\(world.settings)\n\(world.trace.tail.joined(separator: "\n"))")
    }
  }
}
