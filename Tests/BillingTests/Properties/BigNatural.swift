/// A natural number of any size: what amounts are computed with here, so that the width of no integer type decides.
struct BigNatural {
  /// Base 2^32, the lowest first.
  private var limbs: [UInt64]

  init(_ value: UInt64) { limbs = [value & 0xffff_ffff, value >> 32] }

  static func * (left: BigNatural, right: UInt64) -> BigNatural {
    let factors = [right & 0xffff_ffff, right >> 32]
    var result = left
    result.limbs = [UInt64](repeating: 0, count: left.limbs.count + 2)
    for (shift, factor) in factors.enumerated() where factor > 0 {
      var carry: UInt64 = 0
      for index in 0..<(left.limbs.count + 1) {
        let limb = index < left.limbs.count ? left.limbs[index] : 0
        let sum = limb * factor + carry + result.limbs[index + shift]
        result.limbs[index + shift] = sum & 0xffff_ffff
        carry = sum >> 32
      }
    }
    return result
  }

  static func + (left: BigNatural, right: BigNatural) -> BigNatural {
    var result = left
    result.limbs = []
    var carry: UInt64 = 0
    for index in 0..<max(left.limbs.count, right.limbs.count) {
      carry += index < left.limbs.count ? left.limbs[index] : 0
      carry += index < right.limbs.count ? right.limbs[index] : 0
      result.limbs.append(carry & 0xffff_ffff)
      carry >>= 32
    }
    result.limbs.append(carry)
    return result
  }

  /// Division by a small number, the rest dropped. Dividing by a product is dividing by its factors in turn.
  static func / (left: BigNatural, right: UInt64) -> BigNatural {
    var result = left
    var rest: UInt64 = 0
    for index in left.limbs.indices.reversed() {
      let value = rest << 32 | left.limbs[index]
      result.limbs[index] = value / right
      rest = value % right
    }
    return result
  }

  /// The number, or nil when it does not fit.
  var small: Int64? {
    guard limbs.dropFirst(2).allSatisfy({ $0 == 0 }) else { return nil }
    return Int64(exactly: (limbs.count > 1 ? limbs[1] << 32 : 0) | limbs[0])
  }

  /// numerator × factors / denominators as an exact fraction, rounded half up: floor((2n + d) / 2d).
  static func rounded(_ factors: [Int64], over denominators: [Int64]) -> Int64? {
    var (numerator, denominator) = (BigNatural(1), BigNatural(1))
    for factor in factors { numerator = numerator * UInt64(factor) }
    for factor in denominators { denominator = denominator * UInt64(factor) }
    var result = numerator * 2 + denominator
    for factor in denominators { result = result / UInt64(factor) }
    return (result / 2).small
  }
}
