import Billing
import SessionModel
import TestSupport
import Testing

@Suite("Included time, months")
struct IncludedTests {
  private func history(rollover: Int64) throws -> CustomerHistory {
    CustomerHistory(
      try CustomerHistory.plan([
        "first": "30m", "then": "30m", "included": ["amount": "2h", "rollover_months": .integer(rollover)],
      ]),
      includedSince: "2026-01")
  }

  @Test("a session belongs to the month of its first active second on the plan's wall")
  func months() throws {
    let plan = try CustomerHistory.plan()
    #expect(plan.month(of: try CustomerHistory.time("2026-03-31T20:59:59.999Z")).description == "2026-03")
    #expect(plan.month(of: try CustomerHistory.time("2026-03-31T21:00:00Z")).description == "2026-04")
    #expect(BillingMonth("2026-13") == nil && BillingMonth("2026-1") == nil && BillingMonth("") == nil)
    #expect(try #require(BillingMonth("2025-12")) < (try #require(BillingMonth("2026-01"))))
  }

  @Test("included time is drawn in closing order, and the rest is paid")
  func closingOrder() throws {
    var history = try history(rollover: 0)
    let problem = try CustomerHistory.caseID()
    #expect(try history.work(problem, at: "2026-01-05T09:00:00Z", minutes: 90).amountMinor == 0)
    // 30 minutes are left of two hours: 120 are billed, 90 paid.
    let second = try history.work(problem, at: "2026-01-06T09:00:00Z", minutes: 91)
    #expect(second.lines.map(\.kind) == [.included, .time] && second.includedSeconds == 1800)
    #expect(second.amountMinor == 13_500)
    #expect(try history.standing(problem, at: "2026-01-07T09:00:00Z").includedLeftSeconds == 0)
    #expect(try history.standing(problem, at: "2026-02-07T09:00:00Z").includedLeftSeconds == 7200)
    #expect(try history.standing(problem, at: "2026-01-07T09:00:00Z").billedThisMonthSeconds == 5400 + 7200)
  }

  @Test("time rolls over, the oldest is drawn first, and what is older runs out")
  func rollover() throws {
    var history = try history(rollover: 1)
    let problem = try CustomerHistory.caseID()
    func left(_ month: String) throws -> Int64 {
      try history.standing(problem, at: "\(month)-15T09:00:00Z").includedLeftSeconds
    }
    #expect(try left("2026-01") == 7200, "nothing rolls over from before the customer had it")
    #expect(try left("2026-02") == 14_400)
    #expect(try left("2026-03") == 14_400, "January ran out")
    try history.work(problem, at: "2026-02-02T09:00:00Z", minutes: 60)
    #expect(try left("2026-02") == 10_800)
    #expect(try left("2026-03") == 14_400, "it was January's that was drawn")
    try history.work(problem, at: "2026-02-03T09:00:00Z", minutes: 90)
    #expect(try left("2026-02") == 5400)
    #expect(try left("2026-03") == 5400 + 7200, "half an hour of February's, after January's last hour")
  }

  @Test("a session that closes late draws for the month it began in")
  func lateClose() throws {
    var history = try history(rollover: 0)
    let problem = try CustomerHistory.caseID()
    try history.work(problem, at: "2026-02-02T09:00:00Z", minutes: 60)
    try history.work(problem, at: "2026-01-31T21:59:00Z", minutes: 120)
    #expect(try history.standing(problem, at: "2026-02-03T09:00:00Z").includedLeftSeconds == 3600)
  }

  @Test("who is not known has none, and neither has a plan without")
  func nobody() throws {
    var history = try history(rollover: 3)
    history.includedSince = nil
    #expect(try history.standing(CustomerHistory.caseID(), at: "2026-01-05T09:00:00Z").includedLeftSeconds == 0)
    let none = CustomerHistory(try CustomerHistory.plan(), includedSince: "2026-01")
    #expect(try none.standing(CustomerHistory.caseID(), at: "2026-01-05T09:00:00Z").includedLeftSeconds == 0)
  }

  @Test("whatever is drawn, a month never gives more than it has")
  func balance() throws {
    var random = SeededGenerator()
    for _ in 0..<200 {
      var history = try history(rollover: .random(in: 0...3, using: &random))
      var drawn: Int64 = 0
      for _ in 0..<12 {
        let month = Int.random(in: 1...6, using: &random)
        let time = "2026-0\(month)-1\(Int.random(in: 0...9, using: &random))T0\(month):00:00Z"
        let before = try history.standing(CustomerHistory.caseID(), at: time).includedLeftSeconds
        let rated = try history.work(
          CustomerHistory.caseID(), at: time, minutes: .random(in: 1...200, using: &random), outcome: .abandoned)
        drawn += rated.includedSeconds
        let after = try history.standing(CustomerHistory.caseID(), at: time).includedLeftSeconds
        #expect(before - after == rated.includedSeconds && after >= 0, "seed \(Seed.current)")
      }
      #expect(drawn <= 6 * 7200, "seed \(Seed.current)")
    }
  }
}
