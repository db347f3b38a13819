import Billing
import SessionModel
import Testing

@Suite("Continuing and rework")
struct ReworkTests {
  private func history(_ more: [String: JSONValue] = [:]) throws -> CustomerHistory {
    CustomerHistory(
      try CustomerHistory.plan(more.merging(["rework": ["window": "30d", "percent": 0]]) { given, _ in given }))
  }

  @Test("work that goes on within the merge gap has no first period and no call-out; later work has both")
  func continues() throws {
    var history = try history(["call_out": "20.00"])
    let problem = try CustomerHistory.caseID()
    #expect(try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 20, outcome: .unclosed).amountMinor == 5150)
    // Closed at 09:20, the gap is ten minutes and its last millisecond counts.
    #expect(try history.standing(problem, at: "2026-03-02T09:30:00Z").continues)
    #expect(try !history.standing(problem, at: "2026-03-02T09:30:00.001Z").continues)
    #expect(try !history.standing(problem, at: "2026-03-02T09:19:59Z").continues, "before its close nothing closed")
    #expect(try !history.standing(CustomerHistory.caseID("bbbbbb"), at: "2026-03-02T09:25:00Z").continues)
    #expect(try history.work(problem, at: "2026-03-02T09:25:00Z", minutes: 1).amountMinor == 900)
    #expect(try history.standing(problem, at: "2026-03-02T09:36:00Z").continues, "a chain of them")
  }

  @Test("an attempt that did not reach work is nothing to go on from")
  func freeAttempts() throws {
    var history = try history()
    let problem = try CustomerHistory.caseID()
    #expect(try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 0).lines.isEmpty)
    #expect(try !history.standing(problem, at: "2026-03-02T09:01:00Z").continues)
    #expect(try history.standing(problem, at: "2026-03-02T09:01:00Z").rework == nil)
  }

  @Test("the window ends with its last local day")
  func window() throws {
    var history = try history()
    let problem = try CustomerHistory.caseID()
    // 23:50 on 2 March in Helsinki; closed at 00:02 on the 3rd. Clocks are set in between.
    try history.work(problem, at: "2026-03-02T21:50:00Z", minutes: 12)
    #expect(history.sessions[0].promises.first?.until == CivilDate("2026-04-02"))
    #expect(try history.standing(problem, at: "2026-04-02T20:59:59Z").rework != nil)
    #expect(try history.standing(problem, at: "2026-04-02T21:00:00Z").rework == nil)
    #expect(try history.standing(CustomerHistory.caseID("bbbbbb"), at: "2026-03-04T09:00:00Z").rework == nil)
  }

  @Test("rework is free and neither starts nor extends a window")
  func reworkExtendsNothing() throws {
    var history = try history(["call_out": "20.00"])
    let problem = try CustomerHistory.caseID()
    try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 12)
    let again = try history.work(problem, at: "2026-03-30T09:00:00Z", minutes: 25)
    #expect(again.amountMinor == 0 && again.lines.map(\.kind) == [.rework] && again.lines[0].seconds == 1620)
    #expect(history.sessions[1].promises.isEmpty)
    #expect(try history.standing(problem, at: "2026-04-01T09:00:00Z").rework != nil)
    #expect(try history.standing(problem, at: "2026-04-02T09:00:00Z").rework == nil)
  }

  @Test("only a charged session that closed fixed promises anything; an unfinished job goes on as charged work")
  func charged() throws {
    var history = try history()
    let problem = try CustomerHistory.caseID()
    try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 12, outcome: .onSite)
    #expect(try history.standing(problem, at: "2026-03-03T09:00:00Z").rework == nil)
    try history.work(problem, at: "2026-03-03T09:00:00Z", minutes: 12)
    // A later charged session that did not end fixed takes no promise back.
    try history.work(problem, at: "2026-04-20T09:00:00Z", minutes: 12, outcome: .abandoned)
    #expect(history.sessions.map(\.isRework) == [false, false, false])
    #expect(try history.standing(problem, at: "2026-04-01T09:00:00Z").rework?.until == CivilDate("2026-04-02"))
    // Of two charged ones that did, the latest counts.
    try history.work(problem, at: "2026-05-04T09:00:00Z", minutes: 12)
    #expect(try history.standing(problem, at: "2026-05-05T09:00:00Z").rework?.until == CivilDate("2026-06-03"))
  }

  @Test("time that included time paid was charged")
  func includedIsCharged() throws {
    var history = try history(["included": ["amount": "2h"]])
    history.includedSince = BillingMonth("2026-03")
    let problem = try CustomerHistory.caseID()
    #expect(try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 12).amountMinor == 0)
    #expect(try history.standing(problem, at: "2026-03-03T09:00:00Z").rework != nil)
  }

  @Test("a promise outlives the plan it was made under, at the price that was promised")
  func changeOfPlan() throws {
    var history = try history()
    let problem = try CustomerHistory.caseID()
    try history.work(problem, at: "2026-03-02T09:00:00Z", minutes: 12)
    for rework in [nil, ["window": "1d", "percent": 50]] as [JSONValue?] {
      var json = try CustomerHistory.plan().json
      json["rework"] = rework
      let standing = Entitlements.standing(
        plan: try Plan(json: json), caseID: problem, includedSince: nil, earlier: history.sessions,
        at: try CustomerHistory.time("2026-03-20T09:00:00Z"))
      #expect(standing.rework?.rule.percent == .zero && standing.plan.rework == history.plan.rework)
      let work = standing.work([
        WorkInterval(from: WallTime(milliseconds: 0), to: WallTime(milliseconds: 60_000))
      ])
      #expect(try Rating.rate(plan: standing.plan, work: work).amountMinor == 0)
    }
  }
}
