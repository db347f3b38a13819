import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Testing

@testable import Relay

@Suite("What is agreed around a session") struct AgreementTests {
  private let start = WallTime(milliseconds: 1_763_757_000_000)

  @Test("a user name names a code and a case")
  func destinations() throws {
    let code = try #require(JoinCode("482177305"))
    let one = try #require(CaseID("k3x9q7"))
    let table: [(String, JoinCode?, Destination.Target)] = [
      ("482177305", code, .open), ("482-177-305", code, .open), ("482177305+k3x9q7", code, .named(one)),
      ("482177305+new", code, .new), ("482177305+", code, .unreadable("")),
      ("482177305+k3x9q7mt", code, .unreadable("k3x9q7mt")), ("482177305+new+new", code, .unreadable("new+new")),
      ("48217730+new", nil, .new), ("+k3x9q7", nil, .named(one)), ("root", nil, .open),
    ]
    for (user, code, target) in table {
      let destination = Destination(user: user)
      #expect(destination.code == code && destination.target == target, "\(user)")
    }
  }

  @Test("metered time is cut where the kind of work changed, and nothing is lost")
  func workTypes() {
    var types = WorkTypes()
    let intervals = [
      MeterInterval(fromMilliseconds: 0, toMilliseconds: 1000),
      MeterInterval(fromMilliseconds: 2000, toMilliseconds: 5000),
    ]
    #expect(types.cut(intervals).map(\.type) == [nil, nil])
    types.change(to: "consult", fromMilliseconds: 3000)
    types.change(to: "remote", fromMilliseconds: 2500)
    let cut = types.cut(intervals)
    #expect(cut.map(\.type) == [nil, nil, "remote"], "a change never lies before the one before it")
    #expect(cut.reduce(0) { $0 + $1.interval.milliseconds } == 4000)
    #expect(cut.map(\.interval.fromMilliseconds) == [0, 2000, 3000])
  }

  private func tiny() throws -> Plan {
    try Plan(
      id: "tiny", name: "Tiny", currency: .eur, ratePerHourMinor: 360_000, firstSeconds: 2, thenSeconds: 1,
      rework: ReworkRule(windowSeconds: 86_400, percent: .zero), mergeGapSeconds: 0)
  }

  private func rating(_ milliseconds: Int64, _ terms: SessionTerms, _ register: CustomerRegister) throws
    -> SessionRating
  {
    let session = try #require(SessionID("7k2m9xqa"))
    let subject = SessionRating.Subject(
      id: session, technician: try #require(Name("mika")), terms: terms, start: start)
    let time = MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: milliseconds)])
    return try SessionRating(time, of: subject, register, now: start)
  }

  @Test("a promised price caps what a session costs, until it is broken with a reason")
  func promise() throws {
    let rig = try Rig()
    let one = try #require(CaseID("k3x9q7"))
    var terms = SessionTerms(plan: try tiny())
    terms.caseID = one
    let opened = CaseOpened(caseID: one, title: "Printer", by: "mika").draft()
    try rig.ledger.append([opened], at: start)
    #expect(try rating(5000, terms, rig.ledger.register()).work.amountMinor == 500)
    let promise = PromiseMade(
      caseID: one, number: 1, subject: .price, text: "three at most", amountMinor: 300, currency: "EUR", by: "anna")
    try rig.ledger.append([promise.draft()], at: start)
    let kept = try rating(5000, terms, rig.ledger.register())
    #expect(kept.work.amountMinor == 300 && kept.unpromisedMinor == 500 && kept.keptPromise == promise)
    #expect(kept.work.lines.last?.reason == "Promised: three at most")
    #expect(try rating(2500, terms, rig.ledger.register()).keptPromise == nil)
    let broken = PromiseBroken(caseID: one, number: 1, reason: "two problems", by: "anna")
    try rig.ledger.append([broken.draft()], at: start)
    #expect(try rating(5000, terms, rig.ledger.register()).work.amountMinor == 500)
  }

  @Test("every choice of a question has a meaning on record")
  func choices() {
    for kind in QuestionKind.allCases {
      #expect(kind.answers.count == Int(kind.choiceCount))
      #expect(kind.answer(0) == nil && kind.answer(kind.choiceCount + 1) == nil)
    }
    #expect(QuestionKind.limit.answer(QuestionKind.declining) == .stop)
    #expect(QuestionKind.quote.answer(QuestionKind.declining) == .no)
    #expect(QuestionKind.limit.answer(QuestionKind.agreeing) == .goOn)
    #expect(QuestionKind.limit.answer(QuestionKind.outOfScope) == .askQuote)
  }
}
