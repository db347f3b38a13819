import SessionModel
import TestSupport
import Testing

@testable import Billing

/// What must hold of every text in every language.
struct EveryLanguageTests {
  @Test(arguments: Language.allCases) func consentsSayEverythingInEightLinesOfSixtyColumns(language: Language) throws {
    for (facts, about) in try Matrix.consents() {
      let text = ConsentText.text(facts, in: language)
      let hasEverything = ["all at once", "everything", "much"].contains { about.contains($0) }
      check(
        text, "\(language), \(about)",
        maximumLines: hasEverything ? ConsentText.mostLines : ConsentText.maximumLines)
      #expect(!text.contains("…"), "\(language), \(about): cut\n\(text)")
    }
  }

  @Test(arguments: Language.allCases) func noLimitAndNoIncludedTimeIsEverLeftOut(language: Language) throws {
    for (facts, about) in try Matrix.consents() where facts.rework == nil && facts.quote == nil {
      let text = ConsentText.text(facts, in: language).split(separator: "\n").joined(separator: " ")
      let included = facts.outOfHours.now == nil ? facts.includedLeftSeconds : nil
      let parts = [
        facts.limits.sessionAmount.map { language.money($0) },
        facts.limits.sessionSeconds.map { language.duration(seconds: $0) },
        facts.limits.monthSeconds.map { language.duration(seconds: $0) },
        included.map { language.duration(seconds: $0) },
      ]
      for part in parts.compactMap(\.self) {
        #expect(text.contains(part), "\(language), \(about): \(part) is missing\n\(text)")
      }
    }
  }

  /// With the plan of the money rules nothing gives way, in no language: no limit, no included time, nothing dearer.
  @Test(arguments: Language.allCases) func aWholePlanFits(language: Language) throws {
    for (facts, about) in try Matrix.consents()
    where about.hasPrefix("all at once") && !about.contains("call-out") && !about.contains("per technician") {
      let text = ConsentText.text(facts, in: language).split(separator: "\n").joined(separator: " ")
      let words = CustomerWords.of(language)
      for part in [
        language.money(Samples.money("180.00")),
        words.price.dearerLater(language.percent("150"), language.clock(Samples.clock("18:00")), false),
        words.price.dearerWorkLater(
          language.money(facts.otherWork[0].hourly(facts.plan, hour: Percent(150))),
          language.clock(Samples.clock("18:00")), false),
        (facts.plan.outOfHours.isEmpty ? words.consent.shortIncluded : words.consent.shortIncludedUsual)(
          language.duration(seconds: 4800)),
      ] {
        #expect(text.contains(part), "\(language), \(about): \(part) is missing\n\(text)")
      }
    }
  }

  @Test(arguments: Language.allCases) func questionsFitTheSameSpace(language: Language) {
    for facts in Matrix.limits() {
      let text = LimitQuestion.text(facts, in: language)
      check(text, "\(language) \(facts.limit)", maximumLines: ConsentText.maximumLines)
      for choice in ["1 = ", "2 = ", "3 = "] { #expect(text.contains("\n\(choice)"), "\(text)") }
    }
    for var facts in Matrix.quotes() {
      check(QuoteQuestion.text(facts, in: language), "\(language)", maximumLines: ConsentText.maximumLines)
      facts.work = String(repeating: "a very long description ", count: 20)
      facts.technician = String(repeating: "한국", count: 30)
      facts.terms.amount = Samples.money("9999999999.99")
      if facts.charged.minorUnits > 0 { facts.charged = Samples.money("9999999999.99") }
      let long = QuoteQuestion.text(facts, in: language)
      check(long, "\(language), long", maximumLines: ConsentText.mostLines)
      #expect(long.split(separator: "\n").joined(separator: " ").split(separator: "very long").count > 8, "\(long)")
    }
  }

  @Test(arguments: Language.allCases) func receiptsFitSixtyColumns(language: Language) throws {
    for facts in try Matrix.receipts() {
      let text = ReceiptText.text(facts, in: language)
      check(text, "\(language)")
      #expect(!text.contains("…"), "\(text)")
    }
  }

  @Test(arguments: Language.allCases) func nothingIsLeftInEnglish(language: Language) throws {
    guard language != .english else { return }
    for (facts, about) in try Matrix.consents() {
      let names = ["anna", "Kallio", "printer"]
      let english = Set(ConsentText.text(facts, in: .english).split(separator: "\n"))
      for line in ConsentText.text(facts, in: language).split(separator: "\n")
      where !names.contains(where: line.contains) {
        #expect(!english.contains(line), "\(language), \(about): \(line)")
      }
    }
  }

  @Test(arguments: Language.allCases) func whateverTheNamesTheScreenFitsAndMayBeShown(language: Language) throws {
    var generator = SeededGenerator()
    func words() -> String { Self.words(using: &generator) }
    for _ in 0..<200 {
      let facts = try Self.randomFacts(using: &generator)
      let text = ConsentText.text(facts, in: language)
      check(text, "\(language), seed \(Seed.current)", maximumLines: ConsentText.mostLines)
      // Of the price nothing is ever cut: what is cut stands in the lines of who and why.
      let consent = CustomerWords.of(language).consent
      let whole = text.split(separator: "\n").dropFirst().drop { $0.hasPrefix(consent.why) }
      #expect(facts.purpose.contains("…") || !whole.dropFirst().joined().contains("…"), "seed \(Seed.current)\n\(text)")
      var receipt = try Samples.fullReceipt()
      (receipt.shop, receipt.address, receipt.customer, receipt.purpose) = (words(), words(), words(), words())
      (receipt.email, receipt.phone, receipt.path, receipt.vatID) = (words(), words(), words(), words())
      receipt.adviceDeclined = (0..<8).map { _ in words() }
      receipt.brokenPromises = (0..<Int.random(in: 0...5, using: &generator)).map { _ in
        BrokenPromise(text: words(), price: Samples.money("1.00"), reason: words(), by: words())
      }
      receipt.lines += [
        ReceiptLine(kind: .allowance, seconds: 0, percent: .hundred, amount: Samples.money("-1.00"), note: words())
      ]
      check(ReceiptText.text(receipt, in: language), "\(language), seed \(Seed.current)")
    }
  }

  private static func words(using generator: inout SeededGenerator) -> String {
    let samples = [
      "a", "Kallio PC", "한국 컴퓨터 수리점", "Очень длинное название", "\u{1b}[2J\u{202e}", "x y", "", " ", "…", "😀", "77",
    ]
    var words: [String] = []
    for _ in 0..<Int.random(in: 0...30, using: &generator) {
      words.append(samples.randomElement(using: &generator) ?? "")
    }
    return words.joined(separator: Bool.random(using: &generator) ? " " : "")
  }

  private static func randomFacts(using generator: inout SeededGenerator) throws -> ConsentFacts {
    // What is promised: prices up to 1,000.00, periods up to a day.
    let limit = Int64.random(in: 1...86_400, using: &generator)
    let top: Int64 = Bool.random(using: &generator) ? 10_000 : 100_000
    let round: Int64 = [1, 60, 3600].randomElement(using: &generator) ?? 1
    let plan = try Samples.plan(
      rate: .random(in: 0...top, using: &generator) / round * round,
      first: max(1, .random(in: 1...limit, using: &generator) / round * round),
      then: max(1, .random(in: 1...limit, using: &generator) / round * round),
      callOut: Bool.random(using: &generator) ? 0 : .random(in: 0...top, using: &generator),
      prices: Bool.random(using: &generator) ? .net : .gross)
    var facts = ConsentFacts(
      technician: words(using: &generator), plan: plan,
      allowances: Allowances(rawValue: .random(in: 0...15, using: &generator)),
      at: WallTime(milliseconds: 0))
    facts.shop = words(using: &generator)
    facts.phone = words(using: &generator)
    facts.purpose = words(using: &generator)
    if Bool.random(using: &generator) { Matrix.everything(&facts) }
    if Bool.random(using: &generator) {
      facts.quote = QuoteTerms(kind: .notToExceed, amount: Money(minorUnits: top, currency: .eur))
    }
    if Int.random(in: 0...3, using: &generator) == 0 {
      facts.rework = ReworkTerms(
        percent: Percent(.random(in: 0...99, using: &generator)), until: Samples.day("2026-09-30"))
    }
    if Bool.random(using: &generator) {
      facts.outOfHours.now = Percent(coefficient: .random(in: 1001...3000, using: &generator), scale: 1)
    }
    facts.eachTechnician = Bool.random(using: &generator)
    facts.continues = Bool.random(using: &generator)
    return facts
  }

  private func check(_ text: String, _ about: String, maximumLines: Int = .max) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= maximumLines, "\(about)\n\(text)")
    for line in lines {
      #expect(TextWidth.columns(of: String(line)) <= ConsentText.maximumColumns && !line.isEmpty, "\(about)\n\(text)")
    }
    #expect(!text.contains(".."), "\(about)\n\(text)")
    #expect(TextSafety.problem(inShownText: text) == nil, "\(about)\n\(text)")
  }
}
