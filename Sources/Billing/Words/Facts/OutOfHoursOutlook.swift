public import SessionModel

/// What the out-of-hours rules make of the price now, and of the hours to come.
public struct OutOfHoursOutlook: Hashable, Sendable {
  /// A time of day from which on the price is another.
  public struct Rise: Hashable, Sendable {
    /// Of the usual price.
    public var percent: Percent
    /// By the plan's clock.
    public var from: CivilTime
    /// Whether that is on the day after the one that was looked from.
    public var isTomorrow: Bool

    /// A percentage and when it begins.
    public init(percent: Percent, from: CivilTime, isTomorrow: Bool = false) {
      self.percent = percent
      self.from = from
      self.isTomorrow = isTomorrow
    }
  }

  /// How far ahead is looked, in seconds, whatever limits there are: they count billed time, and a session may rest for hours
  /// between two billed minutes.
  public static let horizonSeconds: Int64 = 86_400
  /// Most rises that are told of. Where there are more, the last one told stands for all that follow: it has their highest
  /// percentage.
  public static let maximumRises = 3

  /// Of the usual price; nil outside every rule.
  public var now: Percent?
  /// Each dearer than all before it.
  public var rises: [Rise]

  /// All of it, by hand.
  public init(now: Percent? = nil, rises: [Rise] = []) {
    self.now = now
    self.rises = rises
  }

  /// What a plan's rules bring from a moment on.
  public init(_ plan: Plan, at now: WallTime) {
    self.init()
    guard !plan.outOfHours.isEmpty else { return }
    let end = now.milliseconds + Self.horizonSeconds * 1000
    var moment = now.milliseconds
    var highest = Percent.hundred
    let today = plan.timeZone.date(at: now)
    while moment < end {
      let (percent, next) = plan.cell(at: moment, before: end)
      if moment == now.milliseconds { self.now = percent }
      if let percent, percent > highest {
        highest = percent
        if moment > now.milliseconds {
          let start = WallTime(milliseconds: moment)
          let clock = CivilTime(start, offsetSeconds: plan.timeZone.offsetSeconds(at: start))
          if rises.count < Self.maximumRises {
            rises.append(Rise(percent: percent, from: clock, isTomorrow: clock.date > today))
          } else {
            rises[rises.count - 1].percent = percent
          }
        }
      }
      moment = next
    }
  }
}
