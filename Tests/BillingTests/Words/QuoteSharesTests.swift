import SessionModel
import Testing

@testable import Billing

/// A receipt under a price that was agreed when something was owed already: who adds up its figures comes to its sum.
struct QuoteSharesTests {
  /// 20.00 owed by the clock, then a price of 12.00 for what came on top, then two discounts of nearly all of it.
  @Test func whatWasOwedBeforeAPriceStandsWithTheFigures() throws {
    let facts = try facts(["60.00", "-28.00"], letOff: ["-3.20", "-28.80"], owed: "20.00", .fixed, "12.00")
    #expect(
      figures(facts) == """
        Time     1 min  60.00 EUR
        Agreed   -28.00 EUR
                 Together 32.00 EUR: 20.00 EUR from before this
                 price was agreed, 12.00 EUR under it (fixed price
                 12.00 EUR).
        Discount -3.20 EUR  (sorry)
        Discount -28.80 EUR  (sorry)
        TO PAY   nothing
        """)
  }

  @Test func withoutDiscountsItIsTheSum() throws {
    let facts = try facts(["20.00", "-7.00"], owed: "10.00", .fixed, "3.00")
    #expect(
      figures(facts) == """
        Time     1 min  20.00 EUR
        Agreed   -7.00 EUR
                 Together 13.00 EUR: 10.00 EUR from before this
                 price was agreed, 3.00 EUR under it (fixed price
                 3.00 EUR).
        TO PAY   13.00 EUR  (VAT included)
        """)
  }

  /// All of it was owed before: the price took nothing off, and the time is named for the words that follow.
  @Test func aPriceUnderWhichNothingCameIsNamedBesideWhatWasOwed() throws {
    let facts = try facts(["22.50"], owed: "22.50", .notToExceed, "20.00")
    #expect(
      figures(facts) == """
        Time     1 min  22.50 EUR
                 Together 22.50 EUR: 22.50 EUR from before this
                 price was agreed, 0.00 EUR under it (at most
                 20.00 EUR).
        TO PAY   22.50 EUR  (VAT included)
        """)
  }

  @Test func whatEarlierVisitsUsedOfAPriceIsNamed() throws {
    #expect(
      joined(figures(try facts(["60.00", "-55.00"], owed: "0.00", .fixed, "12.00"))).contains(
        "Agreed -55.00 EUR (12.00 EUR for the whole job, 7.00 EUR of it used before)"))
    #expect(
      figures(try facts(["60.00", "-48.00"], owed: "0.00", .fixed, "12.00")).contains(
        "Agreed   -48.00 EUR  (12.00 EUR for the whole job)"))
    // Below its price a quote takes nothing off: what is left of it was not used.
    #expect(!figures(try facts(["25.00"], owed: "20.00", .notToExceed, "12.00")).contains("used before"))
  }

  @Test(arguments: Language.allCases, [QuoteTerms.Kind.fixed, .notToExceed])
  func everyFigureAddsUpInEveryLanguage(language: Language, kind: QuoteTerms.Kind) throws {
    let words = CustomerWords.of(language).receipt
    for letOff in [[], ["-3.20"], ["-3.20", "-28.80"], ["-32.00"], ["-32.00", "0.00"]] {
      let facts = try facts(["60.00", "-28.00"], letOff: letOff, owed: "20.00", kind, "12.00")
      let lines = figures(facts, in: language)
      let money = { (text: String) in language.money(Samples.money(text)) }
      let terms = (kind == .fixed ? words.fixedBeside : words.atMost)(money("12.00"))
      let shares = words.quoteShares(money("32.00"), money("20.00"), money("12.00"), terms)
      #expect(joined(lines).contains(joined(shares)), "\(lines)")
      let places = [money("60.00"), money("-28.00"), joined(shares)].compactMap {
        joined(lines).firstRange(of: $0)?.lowerBound
      }
      #expect(places.count == 3 && places == places.sorted(), "\(lines)")
      let total = facts.lines.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
      #expect(facts.total.minorUnits == total)
      #expect(joined(lines).contains(total == 0 ? words.nothing : language.money(facts.total)), "\(lines)")
      #expect(!lines.contains(words.fixedPrice(money("12.00"))), "it is not all that is to pay: \(lines)")
    }
  }

  @Test func whereTheFiguresHaveNoRoomNothingIsSaidOfThem() throws {
    var facts = try facts(["60.00", "-28.00"], owed: "20.00", .fixed, "12.00")
    facts.lines = []
    #expect(!ReceiptText.text(facts, in: .english).contains("Together"))
  }

  /// A receipt whose lines are a line of time, a quote's reduction if there is one, and what was let off.
  private func facts(
    _ lines: [String], letOff: [String] = [], owed: String, _ kind: QuoteTerms.Kind, _ price: String
  ) throws -> ReceiptFacts {
    var facts = try Samples.receipt(seconds: 60)
    let amounts = lines.map { Samples.money($0) }
    facts.lines =
      amounts.enumerated().map { index, amount in
        ReceiptLine(
          kind: index == 0 ? .time : .quote, seconds: index == 0 ? 60 : 0, percent: .hundred, amount: amount)
      }
      + letOff.map {
        ReceiptLine(
          kind: .allowance, seconds: 0, percent: .hundred, amount: Samples.money($0), note: "sorry")
      }
    facts.total = Money(minorUnits: facts.lines.reduce(0) { $0 + $1.amount.minorUnits }, currency: .eur)
    facts.quote = QuoteTerms(kind: kind, amount: Samples.money(price), left: Samples.money("0.00"))
    facts.owedBeforeQuote = Samples.money(owed)
    return facts
  }

  /// What stands between the time charged and the words behind the sum.
  private func figures(_ facts: ReceiptFacts, in language: Language = .english) -> String {
    let words = CustomerWords.of(language).receipt
    let lines = ReceiptText.text(facts, in: language).split(separator: "\n").map(String.init)
    let charged = lines.firstIndex { $0.hasPrefix(words.charged) } ?? lines.startIndex
    let total = lines.firstIndex { $0.hasPrefix(words.toPay) } ?? lines.startIndex
    return lines[charged...total].dropFirst().joined(separator: "\n")
  }

  /// The same without the line breaks.
  private func joined(_ text: String) -> String { text.split { $0 == " " || $0 == "\n" }.joined(separator: " ") }
}
