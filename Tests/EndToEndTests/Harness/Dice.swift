import TestSupport

/// A random generator that can be thrown again: FIXLINE_SEED=N repeats what a failed test printed.
struct Dice: RandomNumberGenerator {
  let seed: UInt64
  private var generator: SeededGenerator

  /// From FIXLINE_SEED, or a new seed; `salt` keeps tests of one run apart.
  init(salt: Int = 0) {
    seed = Seed.given ?? UInt64.random(in: 0...999_999_999)
    generator = SeededGenerator(seed: seed &+ UInt64(bitPattern: Int64(salt)) &* 0xD1B5_4A32_D192_ED03)
  }

  mutating func next() -> UInt64 { generator.next() }

  mutating func roll(_ range: Range<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func pick<Value>(_ values: [Value]) throws -> Value {
    try unwrap(values.randomElement(using: &self), "something to pick from")
  }
}
