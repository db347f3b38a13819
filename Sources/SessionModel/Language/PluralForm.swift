/// The form a noun takes behind a whole number, by the cardinal rules of the Unicode CLDR.
public enum PluralForm: Hashable, Sendable {
  /// 1 minute; 1, 21, 31 минута.
  case one
  /// 2 to 4 minuty; 2 to 4, 22 to 24 минуты. Only in Russian and Polish.
  case few
  /// Everything else.
  case many
}

extension Language {
  /// The form behind `count`, whose sign does not matter. Korean has one form only, ``PluralForm/many``.
  public func plural(_ count: Int64) -> PluralForm {
    let (unit, tens) = (count.magnitude % 10, count.magnitude % 100)
    let isFew = (2...4).contains(unit) && !(12...14).contains(tens)
    switch self {
    case .korean: return .many
    case .english, .finnish: return count.magnitude == 1 ? .one : .many
    case .russian: return unit == 1 && tens != 11 ? .one : isFew ? .few : .many
    case .polish: return count.magnitude == 1 ? .one : isFew ? .few : .many
    }
  }

  /// The one of three forms that stands behind `count`.
  public func form<Text>(_ count: Int64, _ one: Text, _ few: Text, _ many: Text) -> Text {
    switch plural(count) {
    case .one: one
    case .few: few
    case .many: many
    }
  }
}
