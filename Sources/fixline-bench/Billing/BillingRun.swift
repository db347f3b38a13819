import Billing
import Foundation
import SessionModel

/// One month rated: every session with what holds around it, by a plan that uses every part of the rules.
struct BillingRun {
  let sessions: Int
  /// Time for standing and rating; making the month up is not in it.
  let seconds: Double
  /// The most memory the process had, with the month and every result in it.
  let peakMebibytes: Double
  /// What was billed, to show that something was.
  let billedSeconds: Int64

  /// Sessions of one customer in the month.
  private static let sessionsPerCustomer = 50
  /// 2026-11-01T00:00:00Z.
  private static let monthStart: Int64 = 1_793_491_200_000

  init(sessions: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let plan = try Self.plan()
    let month = plan.month(of: WallTime(milliseconds: Self.monthStart))
    var results: [RatedWork] = []
    results.reserveCapacity(sessions)
    var spent = Duration.zero
    while results.count < sessions {
      let caseID = CaseID(using: &random)
      let count = min(Self.sessionsPerCustomer, sessions - results.count)
      let works = (0..<count).map { _ in Self.intervals(using: &random) }.sorted { $0[0].from < $1[0].from }
      var earlier: [EarlierSession] = []
      spent += try ContinuousClock().measure {
        for intervals in works {
          let standing = Entitlements.standing(
            plan: plan, caseID: caseID, includedSince: month, earlier: earlier, at: intervals[0].from)
          let rated = try Rating.rate(plan: standing.plan, work: standing.work(intervals))
          earlier.append(
            EarlierSession(
              caseID: caseID, plan: standing.plan, firstActiveAt: intervals[0].from,
              closedAt: intervals[intervals.count - 1].to, outcome: earlier.count % 3 == 0 ? .fixed : .onSite,
              isRework: standing.rework != nil, billedSeconds: rated.billedSeconds,
              includedSeconds: rated.includedSeconds))
          results.append(rated)
        }
      }
    }
    self.sessions = sessions
    seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    billedSeconds = results.reduce(0) { $0 + $1.billedSeconds }
    guard let peak = Self.peakKibibytes() else { throw BenchFailure("/proc/self/status names no VmHWM") }
    peakMebibytes = Double(peak) / 1024
  }

  /// Sessions, seconds and memory as scripts read them.
  var json: JSONValue {
    [
      "sessions": .integer(Int64(sessions)), "rating_microseconds": .integer(Int64(seconds * 1_000_000)),
      "peak_kibibytes": .integer(Int64(peakMebibytes * 1024)), "billed_seconds": .integer(billedSeconds),
    ]
  }

  private static func plan() throws -> Plan {
    try Plan(
      json: [
        "id": "bench", "name": "Remote support", "currency": "EUR", "rate_per_hour": "90.00", "first": "15m",
        "then": "6m", "grace": "30s", "call_out": "20.00", "timezone": "Europe/Helsinki",
        "work_types": [["type": "remote", "percent": 100], ["type": "consult", "percent": 120]],
        "out_of_hours": [
          "rules": [
            ["days": "mon-sun", "from": "18:00", "to": "08:00", "percent": 150],
            ["days": "sat-sun", "from": "00:00", "to": "24:00", "percent": 200],
          ], "holidays": ["dates": ["2026-11-20"], "percent": 200],
        ], "included": ["per": "month", "amount": "2h"], "rework": ["window": "2d", "percent": 50],
        "technicians": "each",
      ])
  }

  /// One to eight stretches of some minutes, by two technicians, somewhere in the month.
  private static func intervals(using random: inout SeededGenerator) -> [WorkInterval] {
    var at = monthStart + Int64.random(in: 0..<29 * 86_400_000, using: &random)
    return (0..<Int.random(in: 1...8, using: &random)).map { _ in
      let from = at
      at += Int64.random(in: 1000...900_000, using: &random)
      let to = at
      at += Int64.random(in: 0...300_000, using: &random)
      return WorkInterval(
        from: WallTime(milliseconds: from), to: WallTime(milliseconds: to),
        technician: Bool.random(using: &random) ? "anna" : "bo",
        workType: Int.random(in: 0..<5, using: &random) == 0 ? "consult" : nil)
    }
  }

  private static func peakKibibytes() -> Int? {
    let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) }
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
  }
}

/// SplitMix64: the same month from the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
