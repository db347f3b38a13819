public import SessionModel

extension Plan {
  /// What the customer has to know about out-of-hours prices before he says yes: the percentage that holds at `moment`, or
  /// else the first above 100 that begins within `lookAheadSeconds`, with its time by the plan's clock. Nil when neither.
  public func outOfHours(at moment: WallTime, lookAheadSeconds: Int64) -> OutOfHours? {
    let seconds = min(max(lookAheadSeconds, 0), Self.maximumPeriodSeconds)
    let end = moment.advanced(byMilliseconds: seconds * 1000).milliseconds
    var at = moment.milliseconds
    repeat {
      let cell = cell(at: at, before: max(end, at + 1))
      if let percent = cell.percent {
        if at == moment.milliseconds { return .now(percent) }
        if percent > .hundred {
          let start = WallTime(milliseconds: at)
          return .later(percent, from: CivilTime(start, offsetSeconds: timeZone.offsetSeconds(at: start)))
        }
      }
      at = cell.end
    } while at < end
    return nil
  }
}
