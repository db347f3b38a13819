import SessionModel

extension Receipt {
  /// What does not add up in it; nil when everything does. One line. Nothing overflows, whatever the numbers are.
  public var flaw: String? { lineFlaw ?? workFlaw ?? taxFlaw }

  private var lineFlaw: String? {
    var amount = Int128(0)
    var seconds = Int128(0)
    for line in lines {
      amount += Int128(line.amountMinor)
      seconds += Int128(line.seconds)
    }
    if amount != Int128(amountMinor) { return "the total is not the sum of its lines" }
    if seconds != Int128(billedSeconds) { return "the charged time is not the sum of its lines" }
    return nil
  }

  private var workFlaw: String? {
    if chain.sequence == 0 { return "it names no entry of the ledger" }
    if work.moreCount == 0 && work.moreMilliseconds > 0 { return "time is summed up that is of no stretch" }
    // A session settled from what is left of its record may not know when it was.
    guard work != .unknown else { return nil }
    var sum = Int128(work.moreMilliseconds)
    for interval in work.intervals {
      if interval.milliseconds < 0 { return "a stretch of work ends before it begins" }
      sum += Int128(interval.milliseconds)
    }
    return sum == Int128(activeMilliseconds) ? nil : "the time worked is not the sum of its stretches"
  }

  /// Tax is rounded once; by which rule is the plan's matter, so that it may be one minor unit off the exact fraction.
  private var taxFlaw: String? {
    guard let tax else { return nil }
    guard let rate = DecimalText(tax.percent) else { return "the rate of tax is no number" }
    let (coefficient, whole) = (Int128(rate.coefficient), 100 * Int128(rate.divisor))
    // Gross: amount × p / (100 + p). Net: amount × p / 100.
    let divisor = prices == .gross ? whole + coefficient : whole
    let exact = Int128(amountMinor) * coefficient
    let difference = Int128(tax.amountMinor) * divisor - exact
    return difference.magnitude <= divisor.magnitude ? nil : "the tax is not what its rate makes of the total"
  }
}
