/// Order statistics of a few samples.
enum Statistics {
  /// The value a `share` of the sorted samples does not exceed, by linear interpolation between neighbours (type 7 of
  /// Hyndman and Fan, which most tools use). Nil without samples. `share` is from 0 to 1.
  static func quantile(_ share: Double, of samples: [Double]) -> Double? {
    guard let last = samples.indices.last else { return nil }
    let sorted = samples.sorted()
    let place = min(max(share, 0), 1) * Double(last)
    let below = Int(place)
    let above = min(below + 1, last)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }

  /// The middle one, or the mean of the middle two.
  static func median(of samples: [Double]) -> Double? { quantile(0.5, of: samples) }

  /// `first / second`; nil without both, and where the second is not above zero.
  static func ratio(_ first: Double?, _ second: Double?) -> Double? {
    guard let first, let second, second > 0 else { return nil }
    return first / second
  }
}
