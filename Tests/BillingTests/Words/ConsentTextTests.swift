import SessionModel
import Testing

@testable import Billing

struct ConsentTextTests {
  @Test func aConsumerReadsTheWordsOfTheMoneyRules() throws {
    var facts = try Samples.consent(prices: .gross)
    facts.limits.sessionAmount = Samples.money("180.00")
    facts.allowances = [.shell]
    #expect(
      ConsentText.text(facts, in: .english) == """
        Who: anna, Kallio PC, +358 40 123 4567
        Why: printer does not print
        Price, VAT included: 22.50 EUR for the first 15 minutes,
        then 9.00 EUR for every 6 minutes begun.
        We stop and ask you before it passes 180.00 EUR.
        They can see and change your files. Ctrl+C stops it all.
        Start now? When it is done, the 14-day right to cancel ends.
        Type y = yes, and I will pay.    n = no, it costs nothing.
        """)
  }

  @Test func aBusinessReadsTheNetPriceAndNothingOfConsumerLaw() throws {
    var facts = try Samples.consent(prices: .net)
    (facts.shop, facts.phone) = ("", "")
    #expect(
      ConsentText.text(facts, in: .english) == """
        Who: anna
        Why: printer does not print
        Price, without VAT: 22.50 EUR for the first 15 minutes,
        then 9.00 EUR for every 6 minutes begun.
        They can change files and use your network. Ctrl+C stops it.
        Type y = yes, and I will pay.    n = no, it costs nothing.
        """)
  }

  @Test func emptyPartsAreLeftOut() throws {
    var facts = try Samples.consent()
    facts.shop = ""
    #expect(ConsentText.text(facts, in: .english).hasPrefix("Who: anna, +358 40 123 4567\n"))
    facts.shop = "Kallio PC"
    facts.phone = " "
    #expect(ConsentText.text(facts, in: .english).hasPrefix("Who: anna, Kallio PC\n"))
    facts.purpose = ""
    #expect(!ConsentText.text(facts, in: .english).contains("Why"))
  }

  @Test func aPriceThatIsNotExactIsGivenByTheHour() throws {
    func price(rate: Int64, first: Int64, then: Int64) throws -> String {
      PriceText.text(plan: try Samples.plan(rate: rate, first: first, then: then, prices: .gross), in: .english)
    }
    #expect(
      try price(rate: 9010, first: 60, then: 60)
        == "Price, VAT included: 90.10 EUR an hour. We charge every minute begun.")
    #expect(
      try price(rate: 9000, first: 900, then: 7)
        == "Price, VAT included: 90.00 EUR an hour. We charge the whole first 15 minutes, then every 7 seconds begun.")
    #expect(
      try price(rate: 9000, first: 900, then: 900) == "Price, VAT included: 22.50 EUR for every 15 minutes begun.")
  }

  @Test func aLongPurposeTakesASecondLineAndIsThenCut() throws {
    var facts = try Samples.consent()
    facts.purpose = String(repeating: "printer ", count: 40)
    let lines = ConsentText.text(facts, in: .english).split(separator: "\n")
    #expect(lines[1].hasPrefix("Why: printer printer") && lines[2].hasSuffix("…"))
    #expect(lines[3].hasPrefix("Price"))
  }
}
