/// Rule 5: seconds × rate × percent as an exact fraction, rounded once, half up.
enum LineAmount {
  /// The amount in minor units of `seconds` (0 or more) at `ratePerHourMinor` (0 or more) and `percent` (0 or more).
  /// - Throws: ``RatingError/overflow`` when the product does not fit 128 bits or the amount 64.
  static func minorUnits(
    seconds: Int64, ratePerHourMinor: Int64, percent: Percent
  ) throws(RatingError) -> Int64 {
    // Two factors of 64 bits fit 128 with room; the third may not.
    try rounded(Int128(seconds) * Int128(ratePerHourMinor), percent: percent, divisor: 3600)
  }

  /// `percent` of an amount of minor units (0 or more).
  /// - Throws: ``RatingError/overflow`` when the product does not fit 128 bits or the amount 64.
  static func minorUnits(_ percent: Percent, of amountMinor: Int64) throws(RatingError) -> Int64 {
    try rounded(Int128(amountMinor), percent: percent, divisor: 1)
  }

  private static func rounded(_ value: Int128, percent: Percent, divisor: Int128) throws(RatingError) -> Int64 {
    let (numerator, overflow) = value.multipliedReportingOverflow(by: Int128(percent.coefficient))
    if overflow { throw .overflow }
    let denominator = divisor * Int128(percent.denominator)
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    guard let amount = Int64(exactly: remainder >= denominator - remainder ? quotient + 1 : quotient) else {
      throw .overflow
    }
    return amount
  }

  /// Whether a period at the full price is a whole number of minor units, so that it may be named in a price text.
  static func isExact(seconds: Int64, ratePerHourMinor: Int64) -> Bool {
    (Int128(seconds) * Int128(ratePerHourMinor)) % 3600 == 0
  }
}
