import Billing
import SessionModel
import Testing

@Suite("Quotes, limits, allowances")
struct AgreementTests {
  private let quote = Quote(id: "Q1", binding: .notToExceed, amountMinor: 4000)

  @Test("each session in closing order gets what is left of a quote, the call-out too")
  func notToExceed() throws {
    var history = CustomerHistory(try CustomerHistory.plan(["call_out": "10.00"]))
    let problem = try CustomerHistory.caseID()
    #expect(try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 10, quote: quote).amountMinor == 3250)
    let second = try history.work(problem, at: "2026-03-03T09:00:00Z", minutes: 10, quote: quote)
    #expect(second.amountMinor == 750 && second.lines.last?.kind == .quote && second.lines.last?.reason == "Q1")
    #expect(try history.work(problem, at: "2026-03-04T09:00:00Z", minutes: 60, quote: quote).amountMinor == 0)
    #expect(Entitlements.shortfall(of: quote, earlier: history.sessions) == nil)
  }

  @Test("under not_to_exceed included time pays first, under fixed it is untouched")
  func included() throws {
    var history = CustomerHistory(try CustomerHistory.plan(["included": ["amount": "2h"]]), includedSince: "2026-03")
    let problem = try CustomerHistory.caseID()
    let first = try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 30, quote: quote)
    #expect(first.amountMinor == 0 && first.includedSeconds == 1980 && first.quoteUsedMinor == 0)
    let fixed = Quote(id: "Q2", binding: .fixed, amountMinor: 6000)
    let second = try history.work(problem, at: "2026-03-03T09:00:00Z", minutes: 30, quote: fixed)
    #expect(second.includedSeconds == 0 && second.amountMinor == 4950 && second.quoteUsedMinor == 4950)
    let line = try #require(Entitlements.shortfall(of: fixed, earlier: history.sessions))
    #expect(line.kind == .quote && line.amountMinor == 1050 && line.seconds == 0 && line.reason == "Q2")
  }

  @Test("a fixed price of a case that nobody worked on is not charged")
  func unworked() throws {
    var history = CustomerHistory(try CustomerHistory.plan())
    let fixed = Quote(id: "Q2", binding: .fixed, amountMinor: 6000)
    #expect(Entitlements.shortfall(of: fixed, earlier: []) == nil)
    try history.work(CustomerHistory.caseID(), at: "2026-03-02T09:00:00Z", minutes: 0, quote: fixed)
    #expect(Entitlements.shortfall(of: fixed, earlier: history.sessions) == nil)
  }

  @Test("what a session had cost when its quote was accepted stays owed")
  func owedBefore() throws {
    var history = CustomerHistory(try CustomerHistory.plan())
    let problem = try CustomerHistory.caseID()
    let late = Quote(id: "Q1", binding: .notToExceed, amountMinor: 4000, owedBeforeMinor: 18_000)
    let rated = try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 180, quote: late)
    #expect(rated.amountMinor == 22_000 && rated.quoteUsedMinor == 4000)
    #expect(try history.standing(problem, at: "2026-03-03T09:00:00Z", quote: quote).quote?.leftMinor == 0)
  }

  @Test("an allowance takes off at most what is there, with reason and author")
  func allowances() throws {
    let interval = WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: 60_000))
    let rated = try Rating.rate(
      plan: try CustomerHistory.plan(["rate_per_hour": "90.02", "first": "1m", "then": "1m"]), intervals: [interval])
    #expect(rated.amountMinor == 150)
    func less(_ size: Allowance.Size, of work: RatedWork, reason: String = "late") throws -> RatedWork {
      try work.adding(Allowance(kind: .discount, size: size, reason: reason, author: "anna"))
    }
    // 4.5 is rounded as a positive amount: 5 off, not 4.
    let three = try #require(Percent("3"))
    let reduced = try less(.share(three), of: rated)
    #expect(reduced.amountMinor == 145 && reduced.lines.last?.amountMinor == -5)
    #expect(reduced.lines.last?.reason == "late" && reduced.lines.last?.technician == "anna")
    #expect(try less(.amount(minor: 1000), of: reduced).amountMinor == 0)
    let nothing = try less(.all, of: reduced)
    #expect(nothing.amountMinor == 0 && nothing.lines.last?.amountMinor == -145)
    #expect(nothing.billedSeconds == rated.billedSeconds)
    #expect(throws: AllowanceError.nothingToReduce) { try less(.all, of: nothing) }
    for size in [.amount(minor: 0), .amount(minor: -1), .share(.zero), .share(Percent(101))] as [Allowance.Size] {
      #expect(throws: AllowanceError.impossibleSize) { try less(size, of: rated) }
    }
    for reason in ["", "a\u{202e}b"] {
      #expect(throws: AllowanceError.self) { try less(.all, of: rated, reason: reason) }
    }
    // A waiver uses up no less of a quote: the shortfall of a fixed price would bring it back.
    let capped = try Rating.rate(
      plan: .standard, work: Work(intervals: [interval], quote: QuoteLeft(id: "Q", leftMinor: 2000)))
    #expect(try less(.all, of: capped).quoteUsedMinor == 2000)
  }

  @Test("an amount that was told only goes down")
  func neverRaised() throws {
    func rated(_ minutes: Int64, _ plan: Plan = .standard) throws -> RatedWork {
      let to = WallTime(milliseconds: minutes * 60_000)
      return try Rating.rate(plan: plan, intervals: [WorkInterval(from: WallTime(milliseconds: 0), to: to)])
    }
    let (short, long) = (try rated(10), try rated(30))
    #expect(Entitlements.neverRaised(long, short) == short && Entitlements.neverRaised(short, long) == short)
    let same = try rated(12)
    #expect(same != short && Entitlements.neverRaised(short, same) == short)
    let yen = try CustomerHistory.plan(["currency": "JPY", "rate_per_hour": "1"])
    #expect(Entitlements.neverRaised(short, try rated(1, yen)) == short)
    let gross = try CustomerHistory.plan(["prices": "gross", "rate_per_hour": "1.00"])
    #expect(Entitlements.neverRaised(short, try rated(1, gross)) == short, "with tax and without do not compare")
  }
}
