extension Int64 {
  /// The sum; at the end of the range where it does not fit. For sums of what a disk holds, which must not end a program;
  /// money is added by ``Money/adding(_:)``, which says that it does not fit.
  public func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
