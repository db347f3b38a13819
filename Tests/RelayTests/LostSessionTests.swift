import Ledger
import LedgerSQLite
import Logging
import Metering
import SessionModel
import Signing
import Testing
import TunnelProtocol

@testable import Relay

/// An older copy of the ledger was put back: agents know of sessions, with this relay's signature, that it does not have.
@Suite("Sessions an older copy of the ledger does not have")
struct LostSessionTests {
  private let rig: Rig
  private let id: SessionID

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
  }

  /// The agent comes, once more, and says what it holds of the session.
  private func visit(_ core: RelayCore, _ newest: CountersignedCheckpoint?) async throws {
    await core.agentComes(rig)
    let machine = try #require(await core.machines[rig.spki])
    await core.sessionHeld(
      HeldSession(session: id, newest: newest, measuredMilliseconds: 15_000, isJournalDamaged: false), by: machine)
  }

  private func newest(_ session: SessionID? = nil, relay: Ed25519PrivateKey? = nil) throws -> CountersignedCheckpoint {
    let time = MeteredTime(intervals: [MeterInterval(fromMilliseconds: 0, toMilliseconds: 14_117)])
    let stored = try rig.signed(session ?? id, epoch: 1, sequence: 3, time)
    return CountersignedCheckpoint(
      statement: stored.statement,
      relaySignature: try relay.map { try $0.sign(stored.statement.signedBytes) } ?? stored.relaySignature,
      agentSignature: stored.agentSignature)
  }

  @Test("what this relay signed and does not know is noted, once, and is no session")
  func noted() async throws {
    let core = try await rig.start()
    try await visit(core, try newest())
    try await visit(core, try newest())
    #expect(try rig.entries(id) == [.reconciled])
    let noted = try #require(try rig.ledger.entries(session: id).first.flatMap { Reconciled($0) })
    #expect(noted.decision == .noted && noted.agentSignedMilliseconds == 14_117)
    #expect(noted.reason.contains("older copy"))

    #expect(try rig.ledger.sessions(since: nil, until: nil).isEmpty)
    #expect(try rig.ledger.openSessions().isEmpty)
    #expect(try rig.ledger.register().sessions.isEmpty)
    #expect(try SessionReceipts(id, in: rig.ledger) == nil)
    #expect(Restoration.prepare(in: rig.ledger, try rig.ledger.register(), log: Rig.log).isEmpty)
    #expect(try rig.ledger.verify(anchors: [], check: nil).isSound)

    let record = try #require(try rig.ledger.record(session: id))
    #expect(record.json["state"] == .null && record.json["opened_at"] == .null)
    let shown = SessionReports.text(record)
    #expect(shown.contains("not on record") && shown.contains("agent signed 14117 ms"), "\(shown)")
  }

  @Test("nobody else fills the ledger: without this relay's signature under it, it is not noted")
  func notSigned() async throws {
    let core = try await rig.start()
    try await visit(core, nil)
    try await visit(core, try newest(relay: try Ed25519PrivateKey.generate()))
    try await visit(core, try newest(SessionID("00000000")))
    #expect(try rig.entries(id).isEmpty)
  }
}
