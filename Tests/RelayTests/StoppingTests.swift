import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Testing
import TunnelTransport

@testable import Relay

@Suite("A relay that is stopped")
struct StoppingTests {
  private let rig: Rig
  private let id: SessionID
  private let code: JoinCode

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    code = try #require(Rig.code)
  }

  /// A session at work for two seconds until now.
  private func working() async throws -> RelayCore {
    try rig.leaveBehind(id, code: code, clocks: SystemClocks.now())
    let core = try await rig.start()
    await core.agentComes(rig, holding: [id])
    let now = BootClock.now()
    try await core.sign(id, rig, at: now)
    await core.act(.channelOpened(1), id, at: now.advanced(byMilliseconds: 1))
    await core.byte(id, at: now.advanced(byMilliseconds: 2000))
    await core.hear(rig, at: now.advanced(byMilliseconds: 2000))
    return core
  }

  private func stop(_ core: RelayCore) async {
    await withCheckedContinuation { done in
      Task { await core.shutDown { done.resume() } }
    }
  }

  @Test("waits for the last signatures, no longer than they take, and puts them on record")
  func lastSignatures() async throws {
    let began = BootClock.now()
    let core = try await working()
    async let stopped: Void = stop(core)
    while await core.unanswered(id).isEmpty { await Task.yield() }
    let statements = try await core.sign(id, rig, at: BootClock.now())
    let signed = BootClock.now()
    await stopped
    // The two seconds it was told of, and what passed until then: on a busy machine that may be more, and from
    // a standstill on nothing counts.
    let passed = signed.milliseconds(since: began)
    let least: Int64 = passed > RelayCore.sleptMilliseconds ? 0 : 1999
    #expect(statements.count == 1 && (least...max(4000, passed + 2000)).contains(statements[0].activeMilliseconds))
    #expect(BootClock.now().milliseconds(since: signed) < RelayCore.lastSignaturesMilliseconds)
    #expect(try rig.ledger.checkpoints(session: id).map(\.statement) == statements)
    #expect(try rig.ledger.openSessions() == [id])
    let record = try #require(try rig.ledger.record(session: id))
    #expect(record.suspendedReasons.contains(.link))
    // The next relay goes on from there.
    let next = try await rig.start()
    #expect(await next.state(id)?.active == statements[0].activeMilliseconds)
  }

  @Test("an agent that does not answer keeps it for three seconds, not longer")
  func noAnswer() async throws {
    let core = try await working()
    let began = BootClock.now()
    await stop(core)
    let took = BootClock.now().milliseconds(since: began)
    #expect(took >= RelayCore.lastSignaturesMilliseconds && took < 8000)
    #expect(try rig.ledger.openSessions() == [id])
  }

  @Test("a session somebody closed a moment before is closed on record, one nobody answered is withdrawn")
  func closing() async throws {
    let core = try await working()
    await core.byte(id, at: BootClock.now())
    await core.act(.close(outcome: .fixed, note: "", by: .technician("mika")), id, at: BootClock.now())
    await stop(core)
    #expect(try rig.closed(id)?.outcome == .fixed)
  }
}
