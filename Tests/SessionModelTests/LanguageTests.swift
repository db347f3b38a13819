import SessionModel
import Testing

struct LanguageTests {
  @Test(
    "tags and locales name a language; what is unknown is English",
    arguments: [
      ("pl-PL", .polish), ("pl", .polish), ("ko_KR.UTF-8", .korean), ("FI", .finnish), ("ru_RU.KOI8-R", .russian),
      ("ru@x", .russian), ("en-GB", .english), ("de", .english), ("", .english), ("C", .english), ("plx", .english),
      ("p", .english),
    ] as [(String, Language)])
  func tag(tag: String, language: Language) {
    #expect(Language(tag: tag) == language)
  }

  @Test("an unknown tag can be told from English")
  func known() {
    #expect(Language(knownTag: "de") == nil && Language(knownTag: "en") == .english)
    for language in Language.allCases { #expect(Language(knownTag: language.tag) == language) }
  }

  @Test(
    "nouns behind numbers",
    arguments: [
      (.english, [1], [], [0, 2, 11, 21, 101]), (.finnish, [1], [], [0, 2, 21]), (.korean, [], [], [0, 1, 2]),
      (.russian, [1, 21, 31, 101, 121], [2, 3, 4, 22, 104], [0, 5, 11, 12, 14, 20, 25, 111, 112]),
      (.polish, [1], [2, 3, 4, 22, 34, 102], [0, 5, 11, 12, 14, 21, 25, 31, 112]),
    ] as [(Language, [Int64], [Int64], [Int64])])
  func plural(language: Language, one: [Int64], few: [Int64], many: [Int64]) {
    for count in one { #expect(language.plural(count) == .one, "\(language) \(count)") }
    for count in few { #expect(language.plural(count) == .few, "\(language) \(count)") }
    for count in many { #expect(language.plural(count) == .many, "\(language) \(count)") }
    #expect(Language.russian.plural(-21) == .one && Language.russian.plural(.min) == .many)
  }

  @Test(
    "amounts as people write them",
    arguments: [
      (.english, "1234567.50", "EUR", "1,234,567.50 EUR"), (.english, "-5.00", "EUR", "-5.00 EUR"),
      (.english, "999", "JPY", "999 JPY"), (.korean, "22500", "KRW", "22,500원"),
      (.korean, "22.50", "EUR", "22.50유로"), (.korean, "22.50", "USD", "22.50 USD"),
      (.finnish, "1234.50", "EUR", "1\u{a0}234,50\u{a0}€"), (.finnish, "0.05", "SEK", "0,05\u{a0}SEK"),
      (.russian, "1234567.00", "RUB", "1\u{a0}234\u{a0}567,00\u{a0}руб."), (.russian, "22.50", "EUR", "22,50\u{a0}€"),
      (.polish, "1234.00", "PLN", "1234,00\u{a0}zł"), (.polish, "12345.00", "PLN", "12\u{a0}345,00\u{a0}zł"),
      (.polish, "0.831", "KWD", "0,831\u{a0}KWD"),
    ] as [(Language, String, String, String)])
  func money(language: Language, decimal: String, code: String, text: String) throws {
    let currency = try #require(Currency(code))
    #expect(language.money(try Money(decimal: decimal, currency: currency, allowingNegative: true)) == text)
  }

  @Test(
    "percentages",
    arguments: [
      (.english, "25.5 %"), (.korean, "25.5%"), (.finnish, "25,5\u{a0}%"), (.russian, "25,5\u{a0}%"),
      (.polish, "25,5%"),
    ] as [(Language, String)])
  func percent(language: Language, text: String) { #expect(language.percent("25.5") == text) }

  @Test(
    "whole numbers",
    arguments: [
      (.english, "-1,234"), (.korean, "-1,234"), (.finnish, "-1\u{a0}234"), (.russian, "-1\u{a0}234"),
      (.polish, "-1234"),
    ] as [(Language, String)])
  func number(language: Language, text: String) { #expect(language.number(-1234) == text) }

  @Test(
    "days and times of day",
    arguments: [
      (.english, "1 April 2026", "09:05-10:20"), (.korean, "2026년 4월 1일", "09:05~10:20"),
      (.finnish, "1.4.2026", "09.05–10.20"), (.russian, "1\u{a0}апреля\u{a0}2026\u{a0}года", "09:05–10:20"),
      (.polish, "1\u{a0}kwietnia\u{a0}2026\u{a0}roku", "09:05–10:20"),
    ] as [(Language, String, String)])
  func time(language: Language, date: String, clock: String) throws {
    let day = try #require(CivilDate(year: 2026, month: 4, day: 1))
    let from = try #require(CivilTime(date: day, hour: 9, minute: 5))
    let to = try #require(CivilTime(date: day, hour: 10, minute: 20))
    #expect(language.date(day) == date)
    #expect(language.clock(from: from, to: to) == clock)
  }

  @Test("every month has a name of its own")
  func months() throws {
    for language in Language.allCases {
      let names = try (1...12).map { language.date(try #require(CivilDate(year: 2026, month: $0, day: 9))) }
      #expect(Set(names).count == 12)
    }
  }

  @Test(
    "durations",
    arguments: [
      (.english, ["0 s", "45 s", "12 min", "15 min 01 s", "1 h", "1 h 05 min", "1 h 00 min 07 s"]),
      (.korean, ["0초", "45초", "12분", "15분 1초", "1시간", "1시간 5분", "1시간 0분 7초"]),
      (.finnish, ["0 s", "45 s", "12 min", "15 min 01 s", "1 h", "1 h 05 min", "1 h 00 min 07 s"]),
      (.russian, ["0 с", "45 с", "12 мин", "15 мин 01 с", "1 ч", "1 ч 05 мин", "1 ч 00 мин 07 с"]),
      (.polish, ["0 s", "45 s", "12 min", "15 min 01 s", "1 godz.", "1 godz. 05 min", "1 godz. 00 min 07 s"]),
    ] as [(Language, [String])])
  func duration(language: Language, texts: [String]) {
    let space = language == .english ? " " : "\u{a0}"
    for (seconds, text) in zip([0, 45, 720, 901, 3600, 3900, 3607] as [Int64], texts) {
      #expect(language.duration(seconds: seconds) == text.split(separator: " ").joined(separator: space))
    }
    #expect(language.shortDuration(seconds: 3907) == language.duration(seconds: 3900))
    #expect(language.duration(seconds: -5) == language.duration(seconds: 0))
  }

  @Test("a clock reads the same on both sides of 1970")
  func civilTime() throws {
    let moment = try #require(WallTime(rfc3339: "1969-12-31T23:59:59Z"))
    #expect(CivilTime(moment).date == CivilDate(year: 1969, month: 12, day: 31))
    #expect(CivilTime(moment).hour == 23 && CivilTime(moment).minute == 59)
    #expect(CivilTime(moment, offsetSeconds: 7200) == CivilTime(date: CivilDate(daysSince1970: 0), hour: 1, minute: 59))
    #expect(CivilTime(date: CivilDate(daysSince1970: 0), hour: 24, minute: 0) == nil)
    #expect(CivilTime(date: CivilDate(daysSince1970: 0), hour: 0, minute: 60) == nil)
  }
}
