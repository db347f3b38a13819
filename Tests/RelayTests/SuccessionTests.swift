import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Testing
import TunnelProtocol
import TunnelTransport

@testable import Relay

@Suite("Another run of a machine's agent")
struct SuccessionTests {
  private let rig: Rig
  private let id: SessionID
  private let code: JoinCode
  private let restarted = "the agent was restarted"

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    code = try #require(Rig.code)
  }

  /// A session at work for a minute until now, its agent heard this long ago.
  private func working(silentMilliseconds silent: Int64 = 0) async throws -> RelayCore {
    let (core, clocks) = try await waiting()
    await core.act(.channelOpened(1), id, at: clocks.monotonic)
    let heard = BootClock.now().advanced(byMilliseconds: -silent)
    await core.hear(rig, at: heard)
    await core.byte(id, at: heard)
    #expect(await core.state(id)?.state == .active)
    return core
  }

  /// A session that began a minute ago and waits for a channel, its agent connected.
  private func waiting() async throws -> (RelayCore, ClockReading) {
    let now = SystemClocks.now()
    let clocks = ClockReading(
      boot: now.boot, monotonic: now.monotonic.advanced(byMilliseconds: -60_000),
      wall: now.wall.advanced(byMilliseconds: -60_000))
    try rig.leaveBehind(id, code: code, clocks: clocks)
    let core = try await rig.start(at: clocks)
    await core.agentComes(rig, holding: [id])
    return (core, clocks)
  }

  private func record() throws -> SessionRecord { try #require(try rig.ledger.record(session: id)) }

  /// Sessions end once, with one bill over a time that really was.
  private func expectClosedOnce(_ note: String) throws {
    let record = try record()
    #expect(record.state == .closed && record.outcome == .unclosed && record.note == note)
    #expect(record.entries.count { $0.kind == .sessionClosed } == 1)
    #expect((0...65_000).contains(record.activeMilliseconds), "\(record.activeMilliseconds)")
    #expect(try rig.ledger.sessions(since: nil, until: nil) == [id])
    #expect(try rig.ledger.verify().isSound)
  }

  @Test("two at once: the newer works, and the record says from where each was connected")
  func two() async throws {
    let core = try await working()
    await core.agentComes(rig, instance: rig.newInstance(), from: "192.0.2.8")
    try expectClosedOnce("a second agent with this machine's key took over")
    let displaced = try #require(try record().entries.compactMap { AgentDisplaced($0) }.first)
    #expect(displaced.address == "192.0.2.8" && displaced.displacedAddress == "192.0.2.7")
    #expect((0...Hearing.presentMilliseconds).contains(displaced.silentMilliseconds))
    // It is the newer's machine now, with a code of its own.
    let machine = try #require(await core.machines[rig.spki])
    #expect(machine.isConnected && machine.address == "192.0.2.8" && machine.code != nil && machine.code != code)
  }

  @Test("two at once count as such with nothing at work, too: the line is up, that is all there is to tell by")
  func quiet() async throws {
    let (core, _) = try await waiting()
    await core.hear(rig, at: BootClock.now().advanced(byMilliseconds: -9000))
    await core.agentComes(rig, instance: rig.newInstance())
    let displaced = try #require(try record().entries.compactMap { AgentDisplaced($0) }.first)
    #expect(displaced.silentMilliseconds >= 9000)
  }

  @Test("a restart is one: the line was down, or gone, or the agent did not answer for seconds")
  func restart() async throws {
    for way in ["cut", "left", "silent"] {
      let tests = try SuccessionTests()
      let core = try await tests.working(silentMilliseconds: way == "silent" ? Hearing.presentMilliseconds + 500 : 0)
      let port = try #require(await core.machines[tests.rig.spki]?.port)
      if way == "cut" { await core.machineCut(port, reason: "test", lastHeard: port.lastHeard) }
      if way == "left" { await core.machineLeft(port, .truncated, lastHeard: port.lastHeard) }
      await core.agentComes(tests.rig, instance: tests.rig.newInstance())
      try tests.expectClosedOnce(restarted)
      #expect(try tests.rig.entries(tests.id).contains(.agentDisplaced) == false, "\(way)")
    }
  }

  @Test("an earlier run that comes back for its tunnel after the restart is on the record of its session, once")
  func returned() async throws {
    let core = try await working()
    let port = try #require(await core.machines[rig.spki]?.port)
    await core.machineCut(port, reason: "test", lastHeard: port.lastHeard)
    await core.agentComes(rig, instance: rig.newInstance())
    for _ in 0..<2 { await core.displacedAgentReturned(rig.spki, from: "192.0.2.9") }
    let refused = try record().entries.compactMap { LinkRefused($0) }
    #expect(refused.map(\.address) == ["192.0.2.9"])
    #expect(refused.first?.reason == "another run of the agent has taken its place")
    try expectClosedOnce(restarted)
  }

  private func reconciled() throws -> [Reconciled] { try record().entries.compactMap { Reconciled($0) } }

  @Test(
    "a run whose journal is damaged says nothing of the session before it: that stands on the session's record, once")
  func damagedJournal() async throws {
    let core = try await working(silentMilliseconds: Hearing.presentMilliseconds + 500)
    await core.agentComes(rig, instance: rig.newInstance())
    for _ in 0..<2 { await core.hearOfJournal(rig, JournalReport(condition: .damaged, reason: "is altered in line 1")) }
    await core.lookAfterMachines(rig, at: Rig.hourAhead().monotonic)
    let found = try reconciled()
    #expect(found.map(\.decision) == [.refused] && found.map(\.reason) == ["the agent's journal is damaged"])
    #expect(found.first?.relayMilliseconds == (try record().activeMilliseconds))
    try expectClosedOnce(restarted)
  }

  @Test("a run that has lost its journal and says nothing of the session before it: noted, when it has had its time")
  func lostJournal() async throws {
    let core = try await working(silentMilliseconds: Hearing.presentMilliseconds + 500)
    await core.agentComes(rig, instance: rig.newInstance())
    await core.lookAfterMachines(rig, at: BootClock.now())
    #expect(try reconciled().isEmpty)
    // Also when it comes by a new connection meanwhile.
    let instance = try #require(await core.machines[rig.spki]?.instance)
    await core.agentComes(rig, instance: instance)
    for _ in 0..<2 { await core.lookAfterMachines(rig, at: Rig.hourAhead().monotonic) }
    let found = try reconciled()
    #expect(found.map(\.decision) == [.noted])
    #expect(found.map(\.reason) == ["the agent has no record of this session"])
  }

  @Test("a run that speaks of the session before it, or a second agent beside the first, leaves nothing to note")
  func spoken() async throws {
    for isSecond in [false, true] {
      let tests = try SuccessionTests()
      let core = try await tests.working(silentMilliseconds: isSecond ? 0 : Hearing.presentMilliseconds + 500)
      await core.agentComes(tests.rig, instance: tests.rig.newInstance(), holding: isSecond ? [] : [tests.id])
      await core.hearOfJournal(tests.rig, JournalReport(condition: .damaged, reason: "is altered in line 3"))
      await core.lookAfterMachines(tests.rig, at: Rig.hourAhead().monotonic)
      #expect(try tests.reconciled().allSatisfy { $0.reason == "the agent has no checkpoint of this session" })
    }
  }

  @Test("the same run on a new tunnel is no second agent, whether its line was up or not")
  func sameRun() async throws {
    let core = try await working()
    for isCut in [false, true, false] {
      let port = try #require(await core.machines[rig.spki]?.port)
      if isCut { await core.machineCut(port, reason: "test", lastHeard: port.lastHeard) }
      await core.agentComes(rig, holding: [id], from: "192.0.2.8")
      #expect(await core.state(id)?.state == .active)
    }
    #expect(try rig.entries(id).allSatisfy { $0 != .agentDisplaced && $0 != .sessionClosed && $0 != .linkRefused })
  }
}

extension RelayCore {
  fileprivate func hearOfJournal(_ rig: Rig, _ report: JournalReport) {
    guard let machine = machines[rig.spki] else { return }
    journalReported(report, by: machine)
  }

  fileprivate func lookAfterMachines(_ rig: Rig, at now: MonotonicInstant) {
    guard let machine = machines[rig.spki] else { return }
    noteUnspoken(of: machine, at: now)
  }
}
