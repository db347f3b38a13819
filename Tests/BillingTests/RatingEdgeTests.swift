import Billing
import SessionModel
import Testing

struct RatingEdgeTests {
  private func work(_ milliseconds: Int64) -> [WorkInterval] {
    [WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: milliseconds))]
  }

  @Test func underOneSecondIsFreeHoweverItIsSplit() throws {
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: 9000, firstSeconds: 900, thenSeconds: 300,
      callOutMinor: 2000)
    #expect(try Rating.rate(plan: plan, intervals: work(999)).lines.isEmpty)
    #expect(try Rating.rate(plan: plan, intervals: work(1000)).amountMinor == 4250)
    let parts = (0..<10).map {
      WorkInterval(from: WallTime(milliseconds: $0 * 1000), to: WallTime(milliseconds: $0 * 1000 + 100))
    }
    #expect(try Rating.rate(plan: plan, intervals: parts).activeSeconds == 1)
    #expect(try Rating.rate(plan: plan, intervals: Array(parts.dropLast())).amountMinor == 0)
  }

  @Test func anIntervalThatEndsBeforeItBeginsIsRefused() {
    let (late, early) = (WallTime(milliseconds: 1), WallTime(milliseconds: 0))
    #expect(throws: RatingError.reversedInterval(from: late, to: early)) {
      try Rating.rate(plan: .standard, intervals: [WorkInterval(from: late, to: early)])
    }
  }

  @Test func whatDoesNotFitIsThrownAndNeverTraps() throws {
    let dear = Percent(10_000)
    let plan = try Plan(
      id: "p", name: "P", currency: .eur, ratePerHourMinor: Plan.maximumAmountMinor, firstSeconds: 1, thenSeconds: 1,
      workTypes: [WorkType(type: "dear", percent: dear)],
      outOfHours: OutOfHoursRules(
        rules: [
          .init(
            days: .all, from: try #require(TimeOfDay("00:00")), to: try #require(TimeOfDay("24:00")), percent: dear)
        ]))
    let years = WorkInterval(
      from: WallTime(milliseconds: 0), to: WallTime(milliseconds: Rating.maximumActiveMilliseconds))
    #expect(throws: RatingError.overflow) { try Rating.rate(plan: plan, intervals: [years]) }
    #expect(try Rating.rate(plan: .standard, intervals: [years]).amountMinor > 0)
    let everything = WorkInterval(from: WallTime(milliseconds: .min), to: WallTime(milliseconds: .max))
    #expect(throws: RatingError.tooLong) { try Rating.rate(plan: .standard, intervals: [everything]) }
  }

  @Test func percentagesAreExactDecimals() throws {
    #expect(Percent(100).description == "100" && Percent.zero.json == 0)
    let percent = try #require(Percent(coefficient: 18_750, scale: 2))
    #expect(percent.description == "187.5" && percent.json == "187.5")
    #expect(Percent(187) < percent && percent < Percent(188) && percent == Percent(coefficient: 1875, scale: 1))
    #expect(Percent(coefficient: 5, scale: 3)?.description == "0.005")
    #expect(Percent(coefficient: 1, scale: 9) == nil && Percent(coefficient: 1, scale: -1) == nil)
  }
}
