import SessionModel
import Testing

struct MoneyTests {
  @Test(arguments: [
    ("22.50", "EUR", 2250), ("22.5", "EUR", 2250), ("22", "EUR", 2200), ("0", "EUR", 0), ("0.01", "EUR", 1),
    ("1000", "JPY", 1000), ("7.125", "KWD", 7125), ("0.001", "TND", 1),
    ("92233720368547758.07", "EUR", .max), ("9223372036854775807", "JPY", .max),
  ])
  func exactTextIsRead(text: String, code: String, minor: Int64) throws {
    let currency = try #require(Currency(code))
    let money = try Money(decimal: text, currency: currency)
    #expect(money.minorUnits == minor)
    #expect(try Money(decimal: money.decimalText, currency: currency) == money)
  }

  @Test(arguments: [
    "", ".", "-", "1.", ".5", "+1", "1,5", "1e3", " 1", "1 ", "1.5.0", "00", "01", "--1", "1-", "0x1", "٣", "1.0٣",
    "NaN",
  ])
  func otherTextIsMalformed(text: String) {
    #expect(throws: MoneyError.malformed(text)) { try Money(decimal: text, currency: .eur) }
  }

  @Test func tooManyDecimalsOverflowAndNegativeAreToldApart() throws {
    let yen = try #require(Currency("JPY"))
    #expect(throws: MoneyError.tooManyDecimals("1.001", .eur)) { try Money(decimal: "1.001", currency: .eur) }
    #expect(throws: MoneyError.tooManyDecimals("1.000", .eur)) { try Money(decimal: "1.000", currency: .eur) }
    #expect(throws: MoneyError.tooManyDecimals("1.0", yen)) { try Money(decimal: "1.0", currency: yen) }
    #expect(throws: MoneyError.overflow) { try Money(decimal: "92233720368547758.08", currency: .eur) }
    #expect(throws: MoneyError.overflow) { try Money(decimal: String(repeating: "9", count: 400), currency: .eur) }
    #expect(throws: MoneyError.negative("-1")) { try Money(decimal: "-1", currency: .eur) }
    #expect(throws: MoneyError.negative("-0")) { try Money(decimal: "-0", currency: .eur) }
  }

  @Test func negativeAmountsAreReadWhereAllowed() throws {
    let money = try Money(decimal: "-50.05", currency: .eur, allowingNegative: true)
    #expect(money.minorUnits == -5005)
    #expect(money.description == "-50.05 EUR")
    let least = try Money(decimal: "-92233720368547758.08", currency: .eur, allowingNegative: true)
    #expect(least.minorUnits == .min)
    #expect(least.decimalText == "-92233720368547758.08")
  }

  @Test(arguments: [
    (2250, "EUR", "22.50 EUR"), (5, "EUR", "0.05 EUR"), (-5, "EUR", "-0.05 EUR"), (0, "EUR", "0.00 EUR"),
    (333, "JPY", "333 JPY"), (831, "KWD", "0.831 KWD"), (-1831, "KWD", "-1.831 KWD"),
  ])
  func textHasAllDecimals(minor: Int64, code: String, text: String) throws {
    #expect(Money(minorUnits: minor, currency: try #require(Currency(code))).description == text)
  }

  @Test func sumsAreChecked() throws {
    let one = Money(minorUnits: 1, currency: .eur)
    #expect(try one.adding(one).minorUnits == 2)
    #expect(try one.subtracting(Money(minorUnits: 3, currency: .eur)).minorUnits == -2)
    #expect(throws: MoneyError.overflow) { try Money(minorUnits: .max, currency: .eur).adding(one) }
    #expect(throws: MoneyError.overflow) { try Money(minorUnits: .min, currency: .eur).subtracting(one) }
    let yen = try #require(Currency("JPY"))
    #expect(throws: MoneyError.differentCurrencies(.eur, yen)) {
      try one.adding(Money(minorUnits: 1, currency: yen))
    }
  }

  @Test func errorsAreOneLineWhateverTheTextHolds() {
    let text = MoneyError.malformed("1\n\u{1b}[2J\u{202e}").description
    #expect(TextSafety.problem(inField: text) == nil)
  }
}

struct CurrencyTests {
  @Test func exponentsAreThoseOfISO4217() {
    let two = "EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON BGN UAH RUB KZT TRY CAD AUD NZD"
    for code in two.split(separator: " ") { #expect(Currency(String(code))?.exponent == 2) }
    for code in ["JPY", "KRW", "ISK", "CLP", "VND"] { #expect(Currency(code)?.exponent == 0) }
    for code in ["KWD", "BHD", "JOD", "OMR", "TND"] { #expect(Currency(code)?.exponent == 3) }
    for currency in Currency.all {
      #expect(currency.code.utf8.count == 3 && currency.code == currency.code.uppercased())
    }
    #expect(Set(Currency.all).count == Currency.all.count && Currency.all.count > 150)
  }

  @Test(arguments: ["", "eur", "XAU", "XBA", "XTS", "EURO", "E", "€"])
  func codesWithoutAMinorUnitAreRefused(code: String) { #expect(Currency(code) == nil) }
}
