/// A period that is a whole number of one unit, which people say in words: 15 minutes, 2 hours, 90 seconds. Others are
/// written in abbreviated units.
struct WholePeriod {
  enum Unit { case hour, minute, second }

  /// More seconds than this are not said in seconds.
  static let maximumSeconds: Int64 = 120

  var count: Int64
  var unit: Unit

  init?(_ seconds: Int64) {
    if seconds % 3600 == 0 {
      (count, unit) = (seconds / 3600, .hour)
    } else if seconds % 60 == 0 {
      (count, unit) = (seconds / 60, .minute)
    } else if seconds <= Self.maximumSeconds {
      (count, unit) = (seconds, .second)
    } else {
      return nil
    }
  }
}
