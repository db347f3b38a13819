import Billing
import SessionModel
import Testing

/// Rules that hold for every plan and every work, tried on many of them.
struct RatingPropertyTests {
  private static let rounds = 600

  struct Example {
    let plan: Plan
    let intervals: [WorkInterval]
    let continues: Bool

    init(using generator: inout SeededGenerator) throws {
      let then = Int64.random(in: 1...900, using: &generator)
      let codes = ["EUR", "JPY", "KWD"]
      let currency = try #require(Currency(codes[Int.random(in: 0..<3, using: &generator)]))
      plan = try Plan(
        id: "p", name: "P", currency: currency, ratePerHourMinor: .random(in: 0...30_000, using: &generator),
        firstSeconds: .random(in: 1...1800, using: &generator), thenSeconds: then,
        graceSeconds: .random(in: 0..<then, using: &generator),
        callOutMinor: Bool.random(using: &generator) ? 0 : .random(in: 1...5000, using: &generator))
      intervals = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
        let from = Int64.random(in: 0...7200, using: &generator) * 250
        return Self.interval(from, from + Int64.random(in: 0...4000, using: &generator) * 250)
      }
      continues = .random(using: &generator)
    }

    static func interval(_ from: Int64, _ to: Int64) -> WorkInterval {
      WorkInterval(from: WallTime(milliseconds: from), to: WallTime(milliseconds: to))
    }

    func rated(_ intervals: [WorkInterval]) throws -> RatedWork {
      try Rating.rate(plan: plan, intervals: intervals, continues: continues)
    }
  }

  private func forEachExample(_ body: (Example, inout SeededGenerator) throws -> Void) throws {
    var generator = SeededGenerator(seed: Seed.current)
    for _ in 0..<Self.rounds {
      let example = try Example(using: &generator)
      try body(example, &generator)
    }
  }

  @Test func orderAndSplittingChangeNothing() throws {
    try forEachExample { example, generator in
      var pieces: [WorkInterval] = []
      for interval in example.intervals {
        let middle = Int64.random(in: interval.from.milliseconds...interval.to.milliseconds, using: &generator)
        let overlap = Int64.random(in: interval.from.milliseconds...middle, using: &generator)
        pieces.append(Example.interval(interval.from.milliseconds, middle))
        pieces.append(Example.interval(overlap, interval.to.milliseconds))
      }
      pieces.shuffle(using: &generator)
      let whole = try example.rated(example.intervals)
      #expect(try example.rated(pieces) == whole, "seed \(Seed.current)")
    }
  }

  @Test func moreWorkNeverCostsLess() throws {
    try forEachExample { example, generator in
      let less = try example.rated(example.intervals)
      let from = Int64.random(in: 0...2_000_000, using: &generator)
      let more = try example.rated(
        example.intervals + [Example.interval(from, from + .random(in: 0...1_000_000, using: &generator))])
      #expect(more.activeSeconds >= less.activeSeconds, "seed \(Seed.current)")
      #expect(more.billedSeconds >= less.billedSeconds, "seed \(Seed.current)")
      #expect(more.amountMinor >= less.amountMinor, "seed \(Seed.current)")
    }
  }

  @Test func totalsAreTheSumOfLinesAndNoLineIsEmpty() throws {
    try forEachExample { example, _ in
      let rated = try example.rated(example.intervals)
      #expect(rated.amountMinor == rated.lines.map(\.amountMinor).reduce(0, +), "seed \(Seed.current)")
      #expect(rated.billedSeconds == rated.lines.map(\.seconds).reduce(0, +), "seed \(Seed.current)")
      #expect(rated.lines.allSatisfy { $0.seconds > 0 || $0.amountMinor != 0 }, "seed \(Seed.current)")
      if rated.activeSeconds == 0 { #expect(rated.lines.isEmpty) }
    }
  }

  @Test func aReferenceThatCountsQuarterSecondsAgrees() throws {
    try forEachExample { example, _ in
      let rated = try example.rated(example.intervals)
      var quarters = [Bool](repeating: false, count: 12_000)
      for interval in example.intervals {
        for quarter in (interval.from.milliseconds / 250)..<(interval.to.milliseconds / 250) {
          quarters[Int(quarter)] = true
        }
      }
      let active = Int64(quarters.count { $0 } / 4)
      var billed: Int64 = 0
      if active > 0 {
        billed = example.continues ? 0 : example.plan.firstSeconds
        while billed + example.plan.graceSeconds < active { billed += example.plan.thenSeconds }
      }
      // seconds × rate / 3600, half up, as floor((2n + d) / 2d).
      var amount = (2 * billed * example.plan.ratePerHourMinor + 3600) / 7200
      if active > 0 && !example.continues { amount += example.plan.callOutMinor }
      #expect(rated.activeSeconds == active, "seed \(Seed.current)")
      #expect(rated.billedSeconds == billed, "seed \(Seed.current)")
      #expect(rated.amountMinor == amount, "seed \(Seed.current)")
    }
  }
}

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
      outOfHours: OutOfHours(
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
