import Billing
import SessionModel

/// The money rules once more, written differently: tick by tick over a grid, with fractions of any size.
struct Reference {
  struct Line: Equatable {
    var kind: LineKind
    var seconds: Int64
    /// In hundred-millionths of a percent.
    var percent: Int64
    var amountMinor: Int64
    var technician: String?
  }

  /// A percentage in hundred-millionths, and whether it is out of hours; the cheaper of two stands first.
  struct Band: Hashable, Comparable {
    let percent: Int64
    let outside: Bool
    static func < (left: Band, right: Band) -> Bool {
      if left.percent != right.percent { return left.percent < right.percent }
      return left.outside && !right.outside
    }
  }

  private(set) var lines: [Line] = []
  private(set) var activeSeconds: Int64 = 0
  private(set) var billedSeconds: Int64 = 0
  /// Whether an amount did not fit 64 bits.
  private(set) var overflows = false

  init(_ example: RandomCase) {
    let plan = example.plan
    var groups: [(name: String?, first: Int, spans: [Int])] = []
    for name in plan.technicians == .each ? ["anna", "bo", nil] : [nil] as [String?] {
      let mine = example.spans.indices.filter { plan.technicians == .union || example.spans[$0].technician == name }
      let worked = mine.filter { example.spans[$0].from < example.spans[$0].to }
      if let first = worked.map({ example.spans[$0].from }).min() { groups.append((name, first, worked)) }
    }
    groups.sort { ($0.first, $0.name ?? "") < ($1.first, $1.name ?? "") }
    var includedLeft = example.work.includedLeftSeconds
    var reachedWork = false
    for group in groups {
      let ticks = Self.ticks(group.spans, example)
      let total = ticks.values.reduce(0, +) * example.tick
      guard total >= 1000 else { continue }
      reachedWork = true
      rate(ticks.mapValues { $0 * example.tick }, total, group.name, &includedLeft, example)
    }
    let reworkPercent = (plan.rework?.percent).map(Self.scaled) ?? 0
    if reachedWork && !example.work.continues {
      let percent = example.work.isRework ? reworkPercent : 10_000_000_000
      let amount = rounded([plan.callOutMinor, percent], over: [100, 100_000_000])
      if amount > 0 {
        lines.append(Line(kind: .callOut, seconds: 0, percent: percent, amountMinor: amount, technician: nil))
      }
    }
    let sum = lines.reduce(0) { $0 + $1.amountMinor }
    if let quote = example.work.quote, sum > quote.leftMinor {
      lines.append(
        Line(
          kind: .quote, seconds: 0, percent: 10_000_000_000, amountMinor: quote.leftMinor - sum, technician: nil))
    }
  }

  /// A percentage in hundred-millionths.
  static func scaled(_ percent: Percent) -> Int64 {
    (percent.scale..<8).reduce(percent.coefficient) { value, _ in value * 10 }
  }

  /// The band of a tick that somebody of `spans` works in; nil when nobody does.
  static func band(_ tick: Int, _ spans: [Int], _ example: RandomCase) -> Band? {
    var cheapest: Int64?
    for index in spans {
      let span = example.spans[index]
      if span.from <= tick && tick < span.to {
        let thousandths = example.workTypes[span.workType].thousandths
        cheapest = min(cheapest ?? thousandths, thousandths)
      }
    }
    return cheapest.map { band(tick, $0, example) }
  }

  /// The band of a tick for work of a type of so many thousandths of a percent.
  static func band(_ tick: Int, _ workType: Int64, _ example: RandomCase) -> Band {
    // Two thousandths of a percent multiply to hundred-millionths of one.
    Band(percent: workType * (example.outOfHours[tick] ?? 100_000), outside: example.outOfHours[tick] == nil)
  }

  private static func ticks(_ spans: [Int], _ example: RandomCase) -> [Band: Int64] {
    var ticks: [Band: Int64] = [:]
    for tick in 0..<example.ticks {
      if let band = band(tick, spans, example) { ticks[band, default: 0] += 1 }
    }
    return ticks
  }

  private mutating func rate(
    _ milliseconds: [Band: Int64], _ total: Int64, _ name: String?, _ includedLeft: inout Int64, _ example: RandomCase
  ) {
    let plan = example.plan
    let active = total / 1000
    var billed = example.work.continues ? 0 : plan.firstSeconds
    while billed + plan.graceSeconds < active { billed += plan.thenSeconds }
    activeSeconds += active
    billedSeconds += billed
    if example.work.isRework {
      if billed > 0 { add(.rework, billed, (plan.rework?.percent).map(Self.scaled) ?? 0, name, plan) }
      return
    }
    let order = milliseconds.keys.sorted()
    var seconds = milliseconds.mapValues { $0 / 1000 }
    var missing = billed - seconds.values.reduce(0, +)
    if missing >= 0 {
      seconds[order[0], default: 0] += missing
    } else {
      // What the cut left over went to the cheapest first, and is the first to be forgiven.
      for band in order {
        while missing < 0, seconds[band, default: 0] > 0 {
          seconds[band, default: 0] -= 1
          missing += 1
        }
      }
    }
    var included: Int64 = 0
    let payable =
      order.filter(\.outside) + (plan.included?.coversOutOfHours == true ? order.filter { !$0.outside } : [])
    for band in payable {
      let share = min(includedLeft, seconds[band, default: 0])
      includedLeft -= share
      included += share
      seconds[band, default: 0] -= share
    }
    if included > 0 { add(.included, included, 0, name, plan) }
    for percent in Set(order.map(\.percent)).sorted() {
      let time = order.filter { $0.percent == percent }.reduce(0) { $0 + seconds[$1, default: 0] }
      if time > 0 { add(.time, time, percent, name, plan) }
    }
  }

  private mutating func add(_ kind: LineKind, _ seconds: Int64, _ percent: Int64, _ name: String?, _ plan: Plan) {
    lines.append(
      Line(
        kind: kind, seconds: seconds, percent: percent,
        amountMinor: rounded([seconds, plan.ratePerHourMinor, percent], over: [3600, 100, 100_000_000]),
        technician: name))
  }

  private mutating func rounded(_ factors: [Int64], over denominators: [Int64]) -> Int64 {
    guard let amount = BigNatural.rounded(factors, over: denominators) else {
      overflows = true
      return 0
    }
    return amount
  }
}
