import SessionModel
import Testing

@testable import Billing

struct QuestionTextTests {
  /// A yes at the second question grants the plan's 180.00 again, not the 360.00 that were allowed by then.
  @Test func whatAYesGrantsIsSaidInAll() {
    let twice = LimitFacts(
      limit: .sessionAmount(Samples.money("360.00"), granted: Samples.money("540.00")),
      charged: Samples.money("351.00"), billedSeconds: 14_040, prices: .gross)
    #expect(
      LimitQuestion.text(twice, in: .english) == """
        Going on would pass this visit's limit of 360.00 EUR.
        Charged so far: 351.00 EUR, VAT included, for 3 h 54 min.
        No time counts. The technician waits until you choose.
        1 = go on at this price, up to 540.00 EUR in all
        2 = stop here
        3 = this is something else: tell me a price first
        """)
    let month = LimitFacts(
      limit: .monthTime(seconds: 36_000, grantedSeconds: 72_000), charged: Samples.money("9.00"), billedSeconds: 360,
      prices: .net)
    let text = LimitQuestion.text(month, in: .english)
    #expect(text.contains("limit of 10 h.") && text.contains("up to 20 h in all"), "\(text)")
  }

  @Test(arguments: Language.allCases) func whyAQuestionIsTakenBackIsASentenceOfItsOwn(language: Language) {
    let texts = QuestionWithdrawal.allCases.map { $0.text(in: language) }
    #expect(Set(texts).count == texts.count && texts.allSatisfy { $0.hasSuffix(".") }, "\(texts)")
  }

  @Test func anHourOfAKindOfWorkCostsWhatIsBilledForIt() throws {
    var json = try Samples.plan().json
    json["work_types"] = [["type": "remote", "percent": 100], ["type": "consult", "percent": 150]]
    json["out_of_hours"] = ["rules": [["days": "mon-sun", "from": "18:00", "to": "24:00", "percent": 150]]]
    let plan = try Plan(json: json)
    let noon = try #require(WallTime(rfc3339: "2026-03-02T12:00:00Z"))
    let evening = try #require(WallTime(rfc3339: "2026-03-02T19:00:00Z"))
    #expect(plan.hourly(of: "consult", at: noon) == Samples.money("135.00"))
    #expect(plan.hourly(of: "consult", at: evening) == Samples.money("202.50"))
    #expect(plan.hourly(of: "consult", at: evening, rework: Percent(50)) == Samples.money("45.00"))
    #expect(plan.hourly(of: "consult", at: evening, rework: .zero) == Samples.money("0.00"))
  }

  @Test func underAnAgreedPriceOtherWorkGoesOnWithinIt() {
    var facts = LimitFacts(
      limit: .scope(workType: "consult"), charged: Samples.money("9.00"), billedSeconds: 360, prices: .net)
    facts.hourly = Samples.money("180.00")
    #expect(
      LimitQuestion.text(facts, in: .english).contains("\n1 = go on, at 180.00 EUR an hour for this work\n"))
    facts.isPriceAgreed = true
    #expect(LimitQuestion.text(facts, in: .english).contains("\n1 = go on, within the agreed price\n"))
  }

  @Test func aPriceOfferedLateSaysWhatStaysOwedBesideIt() {
    func facts(_ charged: String, _ prices: PriceBasis = .gross) -> QuoteFacts {
      QuoteFacts(
        technician: "anna", work: "move the photographs",
        terms: QuoteTerms(kind: .notToExceed, amount: Samples.money("40.00")), prices: prices,
        charged: Samples.money(charged), billedSeconds: 7200)
    }
    #expect(
      QuoteQuestion.text(facts("180.00"), in: .english) == """
        anna offers you a price.
        For: move the photographs
        Price, VAT included: at most 40.00 EUR.
        It binds the shop: you will not pay more for this.
        Charged so far: 180.00 EUR, VAT included, for 2 h.
        That stays owed, on top of this price.
        Type y = yes, I agree to this price.    n = no.
        """)
    for language in Language.allCases {
      let words = CustomerWords.of(language)
      for (prices, charged) in [(PriceBasis.gross, words.limit.chargedGross), (.net, words.limit.chargedNet)] {
        let lines = QuoteQuestion.text(facts("180.00", prices), in: language).split(separator: "\n").map(String.init)
        let sum = charged(language.money(Samples.money("180.00")), language.duration(seconds: 7200))
        #expect(lines.contains(sum) && lines.contains(words.quote.staysOwed), "\(language) \(lines)")
        let nothing = QuoteQuestion.text(facts("0.00", prices), in: language)
        #expect(!nothing.contains(words.quote.staysOwed), "\(language): nothing is owed")
      }
    }
  }
}
