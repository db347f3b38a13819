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
        This visit has nearly reached its limit of 360.00 EUR.
        Charged so far: 351.00 EUR, VAT included, for 3 h 54 min.
        The work has stopped. No time counts until you choose.
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

  @Test func underAnAgreedPriceOtherWorkGoesOnWithinIt() {
    var facts = LimitFacts(
      limit: .scope(workType: "consult"), charged: Samples.money("9.00"), billedSeconds: 360, prices: .net)
    #expect(LimitQuestion.text(facts, in: .english).contains("\n1 = go on at the price of this work\n"))
    facts.isPriceAgreed = true
    #expect(LimitQuestion.text(facts, in: .english).contains("\n1 = go on, within the agreed price\n"))
  }
}
