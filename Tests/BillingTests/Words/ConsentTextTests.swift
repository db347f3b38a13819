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

  /// Whoever has paid for the whole job reads that nothing comes on top, and a yes costs him nothing.
  @Test func anAgreedPriceThatWasChargedAsksForNoMoney() throws {
    var facts = ConsentFacts(
      technician: "anna", plan: try Samples.plan(), allowances: .all, at: WallTime(milliseconds: 1_764_576_000_000))
    facts.isConsumer = true
    facts.quote = QuoteTerms(kind: .fixed, amount: Samples.money("180.00"), left: Samples.money("0.00"))
    let text = ConsentText.text(facts, in: .english)
    #expect(text.contains("Agreed price for the whole job, 180.00 EUR: charged already."), "\(text)")
    #expect(text.contains("Neither costs anything.") && !text.contains("right to cancel"), "\(text)")
    facts.quote?.left = Samples.money("0.01")
    #expect(ConsentText.text(facts, in: .english).contains("I will pay"))
    facts.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("180.00"), left: Samples.money("0.00"))
    let atMost = ConsentText.text(facts, in: .english)
    #expect(atMost.contains("0.00 EUR of it left") && atMost.contains("Neither costs anything."), "\(atMost)")
  }

  /// A session under a quote is stopped by the limits that the agreed price does not answer: those stand here, and no others.
  @Test func theLimitsThatHoldAreTheLimitsThatStandHere() throws {
    func limit(_ change: (inout ConsentFacts) -> Void) throws -> String? {
      var facts = try Samples.consent()
      facts.purpose = ""
      facts.limits = LimitTerms(sessionAmount: Samples.money("180.00"), sessionSeconds: 7200, monthSeconds: 36_000)
      change(&facts)
      let lines = ConsentText.text(facts, in: .english).split(separator: "\n").map(String.init)
      return lines.first { $0.hasPrefix("We ") }
    }
    #expect(try limit { _ in }?.hasPrefix("We stop and ask you before it passes 180.00 EUR, 2 h") == true)
    #expect(
      try limit { $0.limits.sessionAmount = nil } == "We stop and ask you before it passes 2 h or 10 h this month.")
    let price = Samples.money("180.00")
    #expect(
      try limit { $0.quote = QuoteTerms(kind: .notToExceed, amount: price) }
        == "We stop and ask you before it passes 2 h or 10 h this month.")
    #expect(
      try limit { $0.quote = QuoteTerms(kind: .fixed, amount: price) }
        == "We stop and ask you before it passes 10 h this month.")
    #expect(
      try limit {
        $0.quote = QuoteTerms(kind: .fixed, amount: price)
        $0.limits.monthSeconds = nil
      } == nil)
    let until = Samples.day("2026-04-01")
    #expect(
      try limit { $0.rework = ReworkTerms(percent: .zero, until: until) }
        == "We stop and ask you before it passes 2 h or 10 h this month.")
  }

  @Test func aFixedPriceIsThePriceOfReworkToo() throws {
    var facts = try Samples.consent()
    facts.rework = ReworkTerms(percent: Percent(50), until: Samples.day("2026-04-01"))
    facts.quote = QuoteTerms(kind: .fixed, amount: Samples.money("180.00"))
    let text = ConsentText.text(facts, in: .english)
    #expect(text.contains("\nAgreed price, VAT included: 180.00 EUR for the whole job.\n") && !text.contains("at most"))
  }

  private func otherWork(rate: String = "90.00", _ percents: [Int64], hour: Int64 = 100) throws -> [String] {
    let types = percents.enumerated().map { index, percent -> JSONValue in
      ["type": .string("kind\(index)"), "percent": .integer(percent)]
    }
    let plan = try Plan(json: [
      "id": "p", "name": "P", "currency": "EUR", "rate_per_hour": .string(rate), "first": "15m", "then": "6m",
      "prices": "gross", "work_types": .array(types),
    ])
    var facts = ConsentFacts(technician: "anna", plan: plan, allowances: [.shell], at: WallTime(milliseconds: 0))
    if hour != 100 { facts.outOfHours.now = Percent(hour) }
    return ConsentText.text(facts, in: .english).split(separator: "\n").map(String.init)
  }

  @Test func otherWorkIsMeasuredByThePriceThatIsNamed() throws {
    #expect(try otherWork([100, 120]).contains("Other work: kind1 120 % of this price."))
    #expect(try otherWork([120, 100]).contains("Other work: kind1 83.4 % of this price."))
    #expect(try otherWork([100, 120], hour: 150).contains("Other work: kind1 120 % of this price."))
    // Where no price at this hour is exact, the usual one is named, of which other work is 1.2 times 150 %.
    let inexact = try otherWork(rate: "90.01", [100, 120], hour: 150)
    #expect(inexact.contains { $0.hasPrefix("Price, VAT included: 90.01 EUR an hour.") })
    #expect(inexact.contains("Other work: kind1 180 % of this price."), "\(inexact)")
  }

  @Test func besideWorkThatCostsNothingOtherWorkStandsByItsOwnPrice() throws {
    #expect(try otherWork([0, 100, 50]).contains("Other work, an hour: kind1 90.00 EUR, kind2 45.00 EUR."))
    #expect(try otherWork([0, 100], hour: 150).contains("Other work, an hour: kind1 135.00 EUR."))
    #expect(try otherWork(rate: "90.01", [0, 50]).contains("Other work, an hour: kind1 45.01 EUR."))
    #expect(try otherWork([0, 0]).allSatisfy { !$0.contains("Other work") })
  }

  /// An evening and a kind of work multiply: 150 % of 150 % of 90.00 EUR. Both percentages alone would say 135.00.
  @Test func whatBothTogetherCostIsSaid() throws {
    var facts = try Samples.consent()
    facts.outOfHours.rises = [150, 120].map { .init(percent: Percent($0), from: Samples.clock("20:00")) }.reversed()
    facts.otherWork = [
      OtherWork(type: "consult", percent: Percent(150)), OtherWork(type: "plan", percent: Percent(110)),
    ]
    for language in Language.allCases {
      let most = language.money(Samples.money("202.50"))
      #expect(
        joined(facts, language).contains(
          CustomerWords.of(language).price.dearerWorkLater(most, language.clock(Samples.clock("20:00")), false)),
        "\(language)")
    }
    // Where there is room, each has a line.
    (facts.purpose, facts.isConsumer, facts.outOfHours.rises) = ("", false, Array(facts.outOfHours.rises.suffix(1)))
    #expect(joined(facts, .english).contains("Other work from\u{a0}20:00: at most 202.50 EUR an hour."))
    // Cheaper work is not dearer in the evening than the evening itself.
    facts.otherWork = [OtherWork(type: "chat", percent: Percent(50))]
    #expect(!joined(facts, .english).contains("an hour"))
  }

  /// Whatever the price that is named, percentages are of it: 150 % of a kind that costs 110 % of 89.99 are 165 % of 89.99.
  @Test func whatRaisesThePriceIsMeasuredByThePriceThatIsNamed() throws {
    func lines(rate: String, first: Int64, now: Int64?, rise: Int64, isTomorrow: Bool = false) throws -> [String] {
      var json = try Samples.plan().json
      json["rate_per_hour"] = .string(rate)
      json["work_types"] = [["type": "remote", "percent": .integer(first)]]
      var facts = ConsentFacts(
        technician: "anna", plan: try Plan(json: json), allowances: [.shell], at: WallTime(milliseconds: 0))
      facts.outOfHours = OutOfHoursOutlook(
        now: now.map { Percent($0) },
        rises: [.init(percent: Percent(rise), from: Samples.clock("19:00"), isTomorrow: isTomorrow)])
      return ConsentText.text(facts, in: .english).split(separator: "\u{a0}").joined(separator: " ")
        .split(separator: "\n").map(String.init)
    }
    let inexact = try lines(rate: "89.99", first: 110, now: nil, rise: 150)
    #expect(inexact.contains { $0.contains("Now 110 % of this price.") }, "\(inexact)")
    #expect(inexact.contains { $0.contains("From 19:00: 165 % of this price.") }, "\(inexact)")
    let exact = try lines(rate: "90.00", first: 110, now: nil, rise: 150, isTomorrow: true)
    #expect(exact.contains { $0.contains("From 19:00 tomorrow: 150 % of this price.") }, "\(exact)")
    let evening = try lines(rate: "90.00", first: 100, now: 150, rise: 200)
    #expect(evening.contains { $0.contains("From 19:00: 133.4 % of this price.") }, "\(evening)")
    #expect(try lines(rate: "90.00", first: 0, now: nil, rise: 150).allSatisfy { !$0.contains("From") })
  }

  /// Nobody is to take half of the half for what he pays, or the whole.
  @Test func whetherThePriceIsReducedAlreadyIsSaid() throws {
    func text(rate: Int64) throws -> String {
      var facts = try Samples.consent()
      facts.plan = try Samples.plan(rate: rate, callOut: 2000)
      facts.rework = ReworkTerms(percent: Percent(50), until: Samples.day("2026-04-01"))
      return joined(facts, .english)
    }
    let exact = try text(rate: 9000)
    #expect(exact.contains("10.00 EUR call-out, 11.25 EUR") && exact.contains("already 50 %"), "\(exact)")
    let inexact = try text(rate: 9001)
    #expect(inexact.contains("20.00 EUR call-out, 90.01 EUR an hour."), "\(inexact)")
    #expect(inexact.contains("you pay 50 %") || inexact.contains("You pay 50 %"), "\(inexact)")
  }

  @Test func includedTimeThatLeavesEveningsOutSaysSo() throws {
    func text(_ covers: Bool, evenings: Bool = true, _ language: Language) throws -> String {
      var json = try Samples.plan().json
      json["included"] = ["amount": "2h", "covers_out_of_hours": .bool(covers)]
      if evenings {
        json["out_of_hours"] = ["rules": [["days": "mon", "from": "18:00", "to": "24:00", "percent": 150]]]
      }
      var facts = ConsentFacts(
        technician: "anna", plan: try Plan(json: json), allowances: [.shell], at: WallTime(milliseconds: 0))
      facts.includedLeftSeconds = 4800
      return joined(facts, language)
    }
    for language in Language.allCases {
      let words = CustomerWords.of(language).consent
      let left = language.duration(seconds: 4800)
      let usual = [words.includedUsual(left), words.shortIncludedUsual(left)]
      let says = try text(false, language)
      #expect(usual.contains { says.contains($0) }, "\(language): \(says)")
      for always in [try text(true, language), try text(false, evenings: false, language)] {
        #expect(!usual.contains { always.contains($0) } && always.contains(left), "\(language): \(always)")
      }
    }
  }

  private func joined(_ facts: ConsentFacts, _ language: Language) -> String {
    ConsentText.text(facts, in: language).split(separator: "\n").joined(separator: " ")
  }

  /// What only makes it cheaper is not called dearer where there is little room.
  @Test func cheaperWorkIsNotCalledDearer() throws {
    var facts = try Samples.consent()
    facts.otherWork = [OtherWork(type: "chat", percent: Percent(50))]
    for language in Language.allCases {
      let words = CustomerWords.of(language)
      let money = ConsentMoney(facts: facts, language: language, words: words)
      let half = words.price.otherWorkAtMost(language.percent("50"))
      #expect(money.statements.map(\.short).contains(half), "\(language)")
    }
  }
}
