import SessionModel
import Testing

@testable import Billing

struct ReceiptTextTests {
  private func lines(_ facts: ReceiptFacts, in language: Language = .english) -> [String] {
    ReceiptText.text(facts, in: language).split(separator: "\n").map(String.init)
  }

  @Test func theReceiptOfTheMoneyRules() throws {
    #expect(
      ReceiptText.text(try Samples.fullReceipt(), in: .english) == """
        RECEIPT k3x9q7ab, 2 March 2026
        Kallio PC, Kaarlenkatu 5, Helsinki, +358 40 123 4567,
        VAT FI12345678
        For Example Oy: printer does not print
        Result: fixed, by anna
        Worked   12 min  (10:02-10:09, 10:15-10:20)
        Charged  15 min  (the agreed minimum)
        TO PAY   22.50 EUR  (VAT 25.5 %, 4.57, included)
        Pay later: the invoice comes to office@example.fi.
        You said yes to this price at 10:01.
        Same problem? Free until the end of 1 April 2026.
        Questions? Call +358 40 123 4567 first.
        The visit is over. No one is connected.
        Check it: fixline-agent verify receipts/k3x9q7ab.json
        """)
  }

  @Test func theReasonOfTheChargeIsGiven() throws {
    #expect(lines(try Samples.receipt(seconds: 720)).contains("Charged  15 min  (the agreed minimum)"))
    #expect(lines(try Samples.receipt(seconds: 901)).contains("Charged  21 min  (every 6 minutes begun)"))
    #expect(lines(try Samples.receipt(seconds: 900)).contains("Charged  15 min"))
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 300,
      graceSeconds: 30, callOutMinor: 2000)
    let overrun = lines(try Samples.receipt(seconds: 925, plan: plan))
    #expect(overrun.contains("Charged  15 min  (the last moments are free)"))
    #expect(
      overrun.contains("Time     15 min  22.50 EUR") && overrun.contains("Call-out 20.00 EUR")
        && overrun.contains("TO PAY   42.50 EUR  (without VAT)"))
    let short = lines(try Samples.receipt(seconds: 20, continues: true, plan: plan))
    #expect(short.contains("Charged  0 s  (the last moments are free)") && short.contains("TO PAY   nothing"))
  }

  @Test func everyKindOfLineIsShownWithItsReason() throws {
    var facts = try Samples.receipt()
    facts.lines = [
      ReceiptLine(
        kind: .included, seconds: 900, percent: .zero, amount: Samples.money("0.00"), technician: "anna"),
      ReceiptLine(kind: .rework, seconds: 360, percent: Percent(50), amount: Samples.money("4.50")),
      ReceiptLine(kind: .time, seconds: 900, percent: Percent(150), amount: Samples.money("33.75"), technician: "bob"),
      ReceiptLine(kind: .callOut, seconds: 0, percent: .hundred, amount: Samples.money("20.00")),
      ReceiptLine(kind: .quote, seconds: 0, percent: .hundred, amount: Samples.money("-12.00")),
      ReceiptLine(
        kind: .allowance, seconds: 0, percent: .hundred, amount: Samples.money("-5.00"), note: "we came late"),
    ]
    facts.includedLeftSeconds = 2700
    facts.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("46.25"))
    facts.adviceDeclined = ["a backup of the photographs"]
    facts.isConfirmed = false
    let lines = lines(facts)
    for line in [
      "PROVISIONAL RECEIPT k3x9q7ab, 2 March 2026", "Not confirmed by the relay yet.",
      "Included 15 min  (anna)", "Included time left this month: 45 min.", "Rework   6 min × 50 %  4.50 EUR",
      "Time     15 min × 150 %  33.75 EUR  (bob)", "Call-out 20.00 EUR",
      "Agreed   -12.00 EUR  (at most 46.25 EUR)", "Discount -5.00 EUR  (we came late)",
      "We advised this, and you declined: a backup of the", "photographs",
    ] {
      #expect(lines.contains(line), "\(line)\n\(lines.joined(separator: "\n"))")
    }
  }

  @Test func aFixedPriceSaysWhatIsStillToPay() throws {
    var facts = try Samples.receipt()
    facts.quote = QuoteTerms(kind: .fixed, amount: Samples.money("50.00"), left: Samples.money("29.50"))
    let rest = "Of the fixed price of 50.00 EUR, 29.50 EUR is left to pay"
    #expect(ReceiptText.text(facts, in: .english).contains(rest))
    facts.quote?.left = Samples.money("0.00")
    #expect(!ReceiptText.text(facts, in: .english).contains("left to pay"))
    facts.quote = QuoteTerms(kind: .notToExceed, amount: Samples.money("50.00"), left: Samples.money("29.50"))
    #expect(!ReceiptText.text(facts, in: .english).contains("left to pay"))
  }

  @Test func theNewestAdviceIsNamedAndTheOthersAreCounted() throws {
    var facts = try Samples.receipt()
    facts.adviceDeclined = (1...7).map { "advice \($0)" }
    let lines = lines(facts)
    for number in 1...7 {
      #expect(lines.contains("We advised this, and you declined: advice \(number)") == (number > 2))
    }
    #expect(lines.contains("Before that we advised more, and you declined: 2."))
    facts.adviceDeclined.removeFirst(2)
    #expect(!ReceiptText.text(facts, in: .english).contains("Before that"))
  }

  @Test(arguments: Language.allCases) func whatIsLeftOfTheIncludedTimeIsOneLine(language: Language) throws {
    for seconds: Int64 in [0, 59, 2700, 356_459] {
      var facts = try Samples.receipt()
      let before = lines(facts, in: language)
      facts.includedLeftSeconds = seconds
      let after = lines(facts, in: language)
      #expect(after.count == before.count + 1, "\(after)")
      #expect(after.contains { $0.contains(language.duration(seconds: seconds)) && !before.contains($0) }, "\(after)")
    }
  }

  @Test func nothingDoneIsNothingToPay() throws {
    for outcome in [Outcome.declined, .unanswered, .withdrawn, .unclosed] {
      let lines = lines(try Samples.receipt(seconds: 0, outcome: outcome))
      #expect(lines.contains("It took less than a second. There is nothing to pay."))
      #expect(lines.last == "The visit is over. No one is connected.")
      #expect(!lines.contains { $0.hasPrefix("Worked") || $0.hasPrefix("TO PAY") || $0.hasPrefix("Result") })
    }
  }

  @Test func anOutcomeNobodyNamedIsNotInvented() throws {
    #expect(!lines(try Samples.receipt(outcome: .unclosed)).contains { $0.hasPrefix("Result") })
    for outcome in Outcome.closable {
      #expect(lines(try Samples.receipt(outcome: outcome)).contains { $0.hasPrefix("Result: ") })
    }
  }

  @Test func manyIntervalsAreCountedAndLongOnesWrapped() throws {
    var facts = try Samples.receipt()
    facts.intervals = (10..<20).map { ClockInterval(from: Samples.clock("\($0):00"), to: Samples.clock("\($0):05")) }
    let text = ReceiptText.text(facts, in: .english)
    #expect(
      text.contains(
        """
        Worked   12 min
                 (10:00-10:05, 11:00-11:05, 12:00-12:05,
                 13:00-13:05, 14:00-14:05, 15:00-15:05 and 4 more)
        """), "\(text)")
  }

  @Test func aYesOnAnotherDayNamesTheDay() throws {
    var facts = try Samples.receipt()
    facts.consentAt = Samples.clock("23:58", on: "2026-03-01")
    #expect(lines(facts).contains("You said yes to this price on 1 March 2026 at 23:58."))
  }
}
