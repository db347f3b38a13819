import Foundation

/// Where random tests begin. A failure names it, and FIXLINE_SEED=N repeats what failed.
public enum Seed {
  /// What FIXLINE_SEED says.
  public static let given: UInt64? = ProcessInfo.processInfo.environment["FIXLINE_SEED"].flatMap { UInt64($0) }
  /// That, or one of this run.
  public static let current: UInt64 = given ?? .random(in: 0...UInt64.max)
}

/// SplitMix64: the same numbers from the same seed, everywhere.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// What it began with.
  public let seed: UInt64
  private var state: UInt64

  /// From the seed of this run, or from another.
  public init(seed: UInt64 = Seed.current) {
    self.seed = seed
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// So many bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}
