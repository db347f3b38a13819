import Billing
import Foundation
import SessionModel
import TestSupport
import Testing

/// Rules that hold for every plan and every work: 100,000 random ones, in shares that run side by side.
@Suite("Properties of rating")
struct RatingPropertyTests {
  static let shares = 8
  static let casesPerShare = 12_500

  @Test("every property holds", arguments: 0..<shares)
  func everyPropertyHolds(share: Int) throws {
    let seed = Seed.current &+ UInt64(share)
    var random = SeededGenerator(seed: seed)
    for index in 0..<Self.casesPerShare {
      let example = try RandomCase(using: &random)
      let rated: RatedWork
      do {
        rated = try example.rated(example.work.intervals)
      } catch {
        // Only a price of a trillion can be too dear.
        #expect(error as? RatingError == .overflow && Reference(example).overflows, "seed \(seed), case \(index)")
        continue
      }
      let problems =
        Self.differsFromReference(rated, example) + Self.totals(rated, example)
        + (try Self.orderOrSplitting(rated, example, &random)) + (try Self.clocks(rated, example))
        + (try Self.moreWork(rated, example, &random))
      #expect(problems.isEmpty, "seed \(seed), case \(index): \(problems)\n\(example.plan.json.text)\n\(example.work)")
      if !problems.isEmpty { return }
    }
  }

  /// Every line is that of the reference: kinds, seconds, percentages, amounts rounded once, technicians, order.
  private static func differsFromReference(_ rated: RatedWork, _ example: RandomCase) -> [String] {
    let reference = Reference(example)
    let lines = rated.lines.map {
      Reference.Line(
        kind: $0.kind, seconds: $0.seconds, percent: Reference.scaled($0.percent), amountMinor: $0.amountMinor,
        technician: $0.technician)
    }
    var problems: [String] = []
    if lines != reference.lines { problems.append("\(lines) is not \(reference.lines)") }
    if rated.activeSeconds != reference.activeSeconds { problems.append("active \(rated.activeSeconds)") }
    if rated.billedSeconds != reference.billedSeconds { problems.append("billed \(rated.billedSeconds)") }
    return problems
  }

  private static func totals(_ rated: RatedWork, _ example: RandomCase) -> [String] {
    var problems: [String] = []
    if rated.amountMinor != rated.lines.reduce(0, { $0 + $1.amountMinor }) { problems.append("total is not the sum") }
    if rated.billedSeconds != rated.lines.reduce(0, { $0 + $1.seconds }) { problems.append("seconds are not the sum") }
    if rated.billedSeconds != rated.activeSeconds + rated.paddingSeconds - rated.forgivenSeconds {
      problems.append("billed is not active + padding - forgiven")
    }
    let clocks = Int64(example.plan.technicians == .each ? 3 : 1)
    if rated.forgivenSeconds > example.plan.graceSeconds * clocks { problems.append("more forgiven than grace") }
    if rated.paddingSeconds < 0 || rated.forgivenSeconds < 0 { problems.append("negative padding") }
    if rated.lines.contains(where: { $0.seconds == 0 && $0.amountMinor == 0 }) { problems.append("an empty line") }
    if rated.amountMinor < 0 { problems.append("a negative sum") }
    if rated.includedSeconds > example.work.includedLeftSeconds { problems.append("more drawn than left") }
    return problems
  }

  private static func orderOrSplitting(
    _ rated: RatedWork, _ example: RandomCase, _ random: inout SeededGenerator
  ) throws -> [String] {
    var pieces: [WorkInterval] = []
    for interval in example.work.intervals {
      let middle = Int64.random(in: interval.from.milliseconds...interval.to.milliseconds, using: &random)
      let overlap = Int64.random(in: interval.from.milliseconds...middle, using: &random)
      for (from, to) in [(interval.from.milliseconds, middle), (overlap, interval.to.milliseconds)] {
        pieces.append(
          WorkInterval(
            from: WallTime(milliseconds: from), to: WallTime(milliseconds: to), technician: interval.technician,
            workType: interval.workType))
      }
    }
    pieces.shuffle(using: &random)
    return try example.rated(pieces) == rated ? [] : ["order or splitting changes something"]
  }

  private static func clocks(_ rated: RatedWork, _ example: RandomCase) throws -> [String] {
    let other: RatedWork
    do {
      other = try Rating.rate(plan: example.otherPlan, work: example.work)
    } catch RatingError.overflow {
      return []
    }
    let (each, union) = example.plan.technicians == .each ? (rated, other) : (other, rated)
    return each.activeMilliseconds >= union.activeMilliseconds ? [] : ["each has less activity than union"]
  }

  /// Before rounding, more work inside a band already touched never costs less. Time that is paid in advance is priced like
  /// any other here: where it is free, padding may move into it.
  private static func moreWork(
    _ rated: RatedWork, _ example: RandomCase, _ random: inout SeededGenerator
  ) throws -> [String] {
    guard let one = example.spans.randomElement(using: &random), one.from < one.to else { return [] }
    let isMine = { (technician: String?) in example.plan.technicians == .union || technician == one.technician }
    let mine = example.spans.indices.filter { isMine(example.spans[$0].technician) }
    let touched = Set((0..<example.ticks).compactMap { Reference.band($0, mine, example) })
    // Further ticks, also behind the end, that nobody works in and whose band is touched.
    let more = Array(
      (0..<example.ticks * 2).filter { tick in
        Reference.band(tick, mine, example) == nil
          && touched.contains(Reference.band(tick, example.workTypes[one.workType].thousandths, example))
      }.shuffled(using: &random).prefix(.random(in: 1...4, using: &random)))
    let wider = example.work.intervals + more.map { example.interval($0, $0 + 1, one.technician, one.workType) }
    func plain(_ intervals: [WorkInterval]) throws -> RatedWork {
      let work = Work(intervals: intervals, isRework: example.work.isRework, continues: example.work.continues)
      return try Rating.rate(plan: example.plan, work: work)
    }
    func cost(_ rated: RatedWork) -> Int128 {
      rated.lines.reduce(0) { sum, line in
        // What no rounding has touched: seconds times percent; the fee in the same measure.
        sum + Int128(line.seconds) * Int128(Reference.scaled(line.percent)) * Int128(example.plan.ratePerHourMinor)
          + (line.seconds == 0 ? Int128(line.amountMinor) * 3600 * 10_000_000_000 : 0)
      }
    }
    do {
      let isPlain = example.work.includedLeftSeconds == 0 && example.work.quote == nil
      let before = isPlain ? rated : try plain(example.work.intervals)
      return cost(try plain(wider)) >= cost(before) ? [] : ["more work costs less: \(more)"]
    } catch RatingError.overflow {
      return []
    }
  }

  @Test("the machine's time zone changes nothing")
  func theMachinesTimeZoneChangesNothing() throws {
    let before = NSTimeZone.default
    defer { NSTimeZone.default = before }
    var random = SeededGenerator()
    let examples = try (0..<500).map { _ in try RandomCase(using: &random) }
    let rated = examples.map { example in try? example.rated(example.work.intervals) }
    for name in ["Pacific/Kiritimati", "America/St_Johns", "Australia/Lord_Howe", "UTC"] {
      NSTimeZone.default = try #require(TimeZone(identifier: name))
      for (example, expected) in zip(examples, rated) {
        let again = try? example.rated(example.work.intervals)
        #expect(again == expected, "seed \(Seed.current), \(name)")
      }
    }
  }
}
