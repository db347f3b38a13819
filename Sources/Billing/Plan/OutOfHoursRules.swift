public import SessionModel

/// When work costs more because nobody wants to do it then. All times are those of a clock on the wall in the plan's zone.
public struct OutOfHoursRules: Hashable, Sendable {
  /// A window of the week. It belongs to the day it starts: one from 18:00 to 08:00 reaches into the next morning.
  public struct Rule: Hashable, Sendable {
    /// The days on which it starts.
    public let days: Weekdays
    /// When it starts; before 24:00.
    public let from: TimeOfDay
    /// When it ends, never equal to ``from``; at or before it means the next day.
    public let to: TimeOfDay
    /// What the price is multiplied with, 100 or more.
    public let percent: Percent

    /// All of it, by hand.
    public init(days: Weekdays, from: TimeOfDay, to: TimeOfDay, percent: Percent) {
      self.days = days
      self.from = from
      self.to = to
      self.percent = percent
    }
  }

  /// Dates that count from 00:00 to 24:00.
  public struct Holidays: Hashable, Sendable {
    /// The dates.
    public let dates: [CivilDate]
    /// What the price is multiplied with, 100 or more.
    public let percent: Percent

    /// Dates and their percentage.
    public init(dates: [CivilDate], percent: Percent) {
      self.dates = dates
      self.percent = percent
    }
  }

  /// The windows; where several hold, the highest percentage counts, never a sum.
  public let rules: [Rule]
  /// The holidays, if any.
  public let holidays: Holidays?

  /// No such time.
  public static let none = OutOfHoursRules(rules: [])

  /// Windows and holidays.
  public init(rules: [Rule], holidays: Holidays? = nil) {
    self.rules = rules
    self.holidays = holidays
  }

  /// Whether there is no such time at all.
  public var isEmpty: Bool { rules.isEmpty && (holidays?.dates.isEmpty ?? true) }
}
