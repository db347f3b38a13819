import Ledger
import LedgerSQLite
import SessionModel
import Testing

@testable import Relay

@Suite("What session show says of events")
struct EventWordsTests {
  @Test("a suspension of which a reason goes is still the same one; one that gets a reason, and the next, say theirs")
  func suspensions() throws {
    let rig = try Rig()
    let id = try #require(Rig.session)
    let resumed = SessionResumed().draft(session: id)
    func suspended(_ reasons: SuspendReason...) -> EntryDraft {
      SessionSuspended(reasons: reasons, since: Rig.wall).draft(session: id)
    }
    try rig.ledger.append(
      try rig.agreed(id) + [
        SessionActivated().draft(session: id), suspended(.noChannel), suspended(.link, .noChannel),
        suspended(.noChannel),
        resumed, suspended(.link),
        SessionRestored(epoch: 2, activeMilliseconds: 0, reason: "restarted").draft(session: id),
        suspended(.noChannel), resumed, suspended(.noChannel),
      ], at: Rig.wall)
    let record = try #require(try rig.ledger.record(session: id))
    let shown = SessionReports.text(record).split(separator: "\n").filter { $0.contains("session-suspended") }.map {
      line in
      String(line.drop { $0 != "s" }.dropFirst("session-suspended".count)).trimmingPrefix { $0 == " " }
    }
    #expect(
      shown == [
        "no-channel", "link, no-channel", "still suspended: no-channel", "link", "still suspended: no-channel",
        "no-channel",
      ], "\(shown)")
  }
}
