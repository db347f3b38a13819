import Foundation

/// A random generator (SplitMix64) that can be thrown again: FIXLINE_SEED=N repeats what a failed test printed.
struct Dice: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  /// From FIXLINE_SEED, or a new seed; `salt` keeps tests of one run apart.
  init(salt: Int = 0) {
    let named = ProcessInfo.processInfo.environment["FIXLINE_SEED"].flatMap { UInt64($0) }
    seed = named ?? UInt64.random(in: 0...999_999_999)
    state = seed &+ UInt64(bitPattern: Int64(salt)) &* 0xD1B5_4A32_D192_ED03
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func pick<Value>(_ values: [Value]) throws -> Value {
    try unwrap(values.randomElement(using: &self), "something to pick from")
  }
}
