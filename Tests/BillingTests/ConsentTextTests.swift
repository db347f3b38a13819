import Billing
import SessionModel
import Testing

struct ConsentTextTests {
  private func plan(
    rate: Int64 = 9000, first: Int64 = 900, then: Int64 = 360, callOut: Int64 = 0, prices: PriceBasis = .gross
  ) throws -> Plan {
    try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: rate, firstSeconds: first, thenSeconds: then,
      callOutMinor: callOut, prices: prices)
  }

  private func text(
    technician: String = "anna", shop: String = "Kallio PC", phone: String = "+358 40 123 4567",
    purpose: String = "printer does not print", plan: Plan, allowances: Allowances = .all
  ) -> String {
    ConsentText.english(
      technician: technician, shop: shop, phone: phone, purpose: purpose, plan: plan, allowances: allowances)
  }

  @Test func aConsumerReadsTheWordsOfTheMoneyRules() throws {
    #expect(
      text(plan: try plan()) == """
        Who: anna, Kallio PC, +358 40 123 4567
        Why: printer does not print
        Price, VAT included: 22.50 EUR for the first 15 minutes,
        then 9.00 EUR for every 6 minutes begun.
        They can change files and use your network. Ctrl+C stops it.
        Start now? When it is done, the 14-day right to cancel ends.
        Type y = yes, and I will pay.    n = no, it costs nothing.
        """)
  }

  @Test func aBusinessReadsTheNetPriceAndNothingOfConsumerLaw() {
    #expect(
      text(shop: "", phone: "", plan: .standard) == """
        Who: anna
        Why: printer does not print
        Price, without VAT: 22.50 EUR for the first 15 minutes,
        then 9.00 EUR for every 6 minutes begun.
        They can change files and use your network. Ctrl+C stops it.
        Type y = yes, and I will pay.    n = no, it costs nothing.
        """)
  }

  @Test func emptyPartsAreLeftOut() {
    #expect(text(shop: "", plan: .standard).hasPrefix("Who: anna, +358 40 123 4567\n"))
    #expect(text(phone: " ", plan: .standard).hasPrefix("Who: anna, Kallio PC\n"))
    #expect(!text(purpose: "", plan: .standard).contains("Why"))
  }

  @Test func aPriceThatIsNotExactIsGivenByTheHour() throws {
    #expect(
      PriceText.english(plan: try plan(rate: 9010, first: 60, then: 60)) == "Price, VAT included: 90.10 EUR an hour. "
        + "The first minute counts whole, then every minute begun.")
    #expect(
      PriceText.english(plan: try plan(rate: 9000, first: 900, then: 7)).contains("90.00 EUR an hour"))
    #expect(
      PriceText.english(plan: try plan(first: 900, then: 900))
        == "Price, VAT included: 22.50 EUR for every 15 minutes begun.")
  }

  @Test func aCallOutIsNamedBeforeItIsOwed() throws {
    let lines = text(plan: try plan(callOut: 2000)).split(separator: "\n")
    #expect(lines[2] == "Price, VAT included: 20.00 EUR call-out, 22.50 EUR for the")
    #expect(lines[3] == "first 15 minutes, then 9.00 EUR for every 6 minutes begun.")
  }

  @Test func whatIsAllowedIsSaidTruly() {
    let cases: [(Allowances, String)] = [
      (.all, "change files and use your network. Ctrl+C stops it."),
      ([.shell, .forward], "change files and use your network. Ctrl+C stops it."),
      ([.readFiles, .forward], "see your files, use your network. Ctrl+C stops it."),
      ([.writeFiles, .forward], "put files here, use your network. Ctrl+C stops it."),
      ([.forward], "use your network only. Ctrl+C stops it."),
      ([.shell], "see and change your files. Ctrl+C stops it all."),
      ([.readFiles, .writeFiles], "see and change your files. Ctrl+C stops it all."),
      ([.readFiles], "see but not change your files. Ctrl+C stops it all."),
      ([.writeFiles], "put files here. Ctrl+C stops it all."), ([], "do nothing here yet. Ctrl+C stops it all."),
    ]
    for (allowances, words) in cases {
      let shown = text(plan: .standard, allowances: allowances)
      #expect(shown.contains("They can \(words)\n"))
      #expect(shown.split(separator: "\n").allSatisfy { $0.count <= ConsentText.maximumColumns })
    }
  }

  @Test func aLongPurposeTakesASecondLineAndIsThenCut() {
    let lines = text(purpose: String(repeating: "printer ", count: 40), plan: .standard).split(separator: "\n")
    #expect(lines[1].hasPrefix("Why: printer printer") && lines[2].hasSuffix("…"))
    #expect(lines[3].hasPrefix("Price"))
  }

  @Test func theScreenAlwaysFitsAndMayAlwaysBeShown() throws {
    var generator = SeededGenerator(seed: Seed.current)
    let samples = [
      "a", "Kallio PC", "한국 컴퓨터 수리점", "Очень длинное название", "\u{1b}[2J\u{202e}", "x y", "", " ", "…", "😀",
    ]
    func words() -> String {
      (0..<Int.random(in: 0...30, using: &generator)).map { _ in samples.randomElement(using: &generator) ?? "" }
        .joined(separator: Bool.random(using: &generator) ? " " : "")
    }
    for _ in 0..<1000 {
      let limit = Int64.random(in: 1...Plan.maximumPeriodSeconds, using: &generator)
      let top = Bool.random(using: &generator) ? 100_000 : Plan.maximumAmountMinor
      let round: Int64 = [1, 60, 3600].randomElement(using: &generator) ?? 1
      let plan = try plan(
        rate: .random(in: 0...top, using: &generator) / round * round,
        first: max(1, .random(in: 1...limit, using: &generator) / round * round),
        then: max(1, .random(in: 1...limit, using: &generator) / round * round),
        callOut: Bool.random(using: &generator) ? 0 : .random(in: 0...top, using: &generator),
        prices: Bool.random(using: &generator) ? .net : .gross)
      let allowances = Allowances(rawValue: .random(in: 0...15, using: &generator))
      let text = text(
        technician: words(), shop: words(), phone: words(), purpose: words(), plan: plan, allowances: allowances)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines.count <= ConsentText.maximumLines, "seed \(Seed.current)\n\(text)")
      #expect(
        lines.allSatisfy { TextWidth.columns(of: String($0)) <= ConsentText.maximumColumns && !$0.isEmpty },
        "seed \(Seed.current)\n\(text)")
      #expect(TextSafety.problem(inShownText: text) == nil, "seed \(Seed.current)\n\(text)")
      // The price is whole: nothing of it was cut.
      #expect(text.contains("begun.") && !lines.contains { $0.contains("EUR…") }, "seed \(Seed.current)\n\(text)")
      #expect(text.hasSuffix("n = no, it costs nothing."))
    }
  }
}

struct ClosingTextTests {
  private func closing(seconds: Int64, outcome: Outcome = .fixed, continues: Bool = false, plan: Plan = .standard)
    throws -> [String]
  {
    let work = [WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: seconds * 1000))]
    let rated = try Rating.rate(plan: plan, intervals: work, continues: continues)
    return ClosingText.english(
      rated: rated, plan: plan, outcome: outcome, technician: "anna", continues: continues
    ).split(separator: "\n").map(String.init)
  }

  @Test func theReasonOfTheChargeIsGiven() throws {
    #expect(try closing(seconds: 720)[2] == "Charged  15 min  (the agreed minimum)")
    #expect(try closing(seconds: 901)[1...2] == ["Worked   15 min 01 s", "Charged  21 min  (every 6 minutes begun)"])
    #expect(try closing(seconds: 900)[2] == "Charged  15 min")
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 300,
      graceSeconds: 30, callOutMinor: 2000)
    #expect(try closing(seconds: 925, plan: plan)[2] == "Charged  15 min  (the last moments are free)")
    #expect(
      try closing(seconds: 925, plan: plan)[3...4] == ["Call-out 20.00 EUR", "TO PAY   42.50 EUR  (without VAT)"])
    #expect(
      try closing(seconds: 20, continues: true, plan: plan)[2...3] == [
        "Charged  0 s  (the last moments are free)", "TO PAY   nothing",
      ])
  }

  @Test func nothingDoneIsNothingToPay() throws {
    for outcome in [Outcome.declined, .unanswered, .withdrawn, .unclosed] {
      #expect(
        try closing(seconds: 0, outcome: outcome) == [
          "Nothing was done. There is nothing to pay.", "The visit is over. No one is connected.",
        ])
    }
  }

  @Test func anOutcomeNobodyNamedIsNotInvented() throws {
    #expect(try closing(seconds: 60, outcome: .unclosed)[0] == "Worked   1 min")
    for outcome in Outcome.allCases {
      let lines = try closing(seconds: 60, outcome: outcome)
      #expect(lines.last == "The visit is over. No one is connected.")
      #expect(lines.allSatisfy { TextWidth.columns(of: $0) <= 60 })
    }
  }
}
