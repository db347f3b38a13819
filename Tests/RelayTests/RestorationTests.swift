import Billing
import Ledger
import LedgerSQLite
import Metering
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelTransport

@testable import Relay

@Suite("Sessions an earlier relay left open")
struct RestorationTests {
  private let rig: Rig
  private let id: SessionID
  private let code: JoinCode
  /// When the session became active.
  private let clocks = Rig.hourAhead()

  init() throws {
    rig = try Rig()
    id = try #require(Rig.session)
    code = try #require(Rig.code)
  }

  private static let worked = [
    MeterInterval(fromMilliseconds: 0, toMilliseconds: 10_000),
    MeterInterval(fromMilliseconds: 20_000, toMilliseconds: 25_000),
  ]

  /// The clocks `seconds` after the session became active.
  private func later(_ seconds: Int64, boot: String? = nil, wall: Int64? = nil) -> ClockReading {
    ClockReading(
      boot: boot ?? clocks.boot, monotonic: clocks.monotonic.advanced(byMilliseconds: seconds * 1000),
      wall: clocks.wall.advanced(byMilliseconds: (wall ?? seconds) * 1000))
  }

  @Test("an agent's identity follows from its key alone")
  func identity() throws {
    let identity = try TLSIdentity.loadOrCreateAgent(directory: rig.directory)
    #expect(identity.spki == (try #require(identity.signingKey)).publicKey.spki)
  }

  @Test("after a kill the session goes on: same code, same agent, same record, one first period")
  func goesOn() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let core = try await rig.start(at: later(60))
    #expect(try rig.entries(id).last == .sessionRestored)
    #expect(await core.state(id)?.reasons == [.link, .noChannel])
    #expect(await core.state(id)?.active == 15_000)
    #expect(await core.claim(code, key: rig.technicianKey) == .granted(rig.spki))
    #expect(await core.claim(code, key: SHA256.hash([1])) == .unknown)
    await core.agentComes(rig, holding: [id])
    #expect(await core.state(id)?.reasons == [.noChannel])
    let now = later(70).monotonic
    await core.act(.channelOpened(1), id, at: now)
    #expect(await core.state(id)?.state == .active)
    let end = later(76).monotonic
    await core.hear(rig, at: end)
    await core.byte(id, at: end)
    await core.tick(at: end)
    let stated = try await core.sign(id, rig, at: end)
    #expect(stated.map(\.epoch) == [2] && stated.map(\.sequence) == [1] && stated.map(\.activeMilliseconds) == [21_000])
    // The end of the epoch before goes on record with the first checkpoint of the next.
    #expect(try rig.entries(id).contains(.checkpointEpochEnd))
    await core.act(.close(outcome: .fixed, note: "", by: .technician("mika")), id, at: end)
    let closed = try #require(try rig.closed(id))
    #expect(closed.outcome == .fixed && closed.activeMilliseconds == 21_000 && closed.billedSeconds == 900)
    let offsets = closed.intervals.map {
      ($0.from.milliseconds(since: clocks.wall), $0.to.milliseconds(since: clocks.wall))
    }
    #expect(offsets.map(\.0) == [0, 20_000, 70_000] && offsets.map(\.1) == [10_000, 25_000, 76_000])
    #expect(try rig.ledger.verify().isSound)
    #expect(Restoration.prepare(in: rig.ledger, try rig.ledger.register(), log: Rig.log).isEmpty)
  }

  @Test("killed again and again, no epoch is used twice and nothing is lost or doubled")
  func again() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    var active: Int64 = 15_000
    for life in 1...5 {
      let start = Int64(life) * 100
      let core = try await rig.start(at: later(start))
      #expect(await core.state(id)?.active == active)
      // Every other relay dies before anything is signed.
      if life % 2 == 0 { continue }
      await core.agentComes(rig, holding: [id])
      await core.act(.channelOpened(1), id, at: later(start + 1).monotonic)
      await core.hear(rig, at: later(start + 8).monotonic)
      await core.byte(id, at: later(start + 8).monotonic)
      await core.tick(at: later(start + 8).monotonic)
      #expect(try await core.sign(id, rig, at: later(start + 8).monotonic).map(\.epoch) == [UInt32(life) + 1])
      await core.flushRecords(at: later(start + 9).monotonic)
      active += 7000
    }
    let restored = try rig.ledger.entries(session: id).compactMap { SessionRestored($0) }
    #expect(restored.map(\.epoch) == [2, 3, 4, 5, 6])
    #expect(restored.map(\.activeMilliseconds) == [15_000, 22_000, 22_000, 29_000, 29_000])
    let core = try await rig.start(at: later(1000))
    await core.agentComes(rig, instance: rig.newInstance())
    let closed = try #require(try rig.closed(id))
    #expect(closed.activeMilliseconds == 36_000 && closed.outcome == .unclosed)
    #expect(closed.intervals.count == 5)
    #expect(try rig.ledger.verify().isSound)
  }

  @Test("a relay killed between an epoch's end and the checkpoint after it can still close the session")
  func epochEndOnRecord() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let stored = try #require(try rig.ledger.checkpoints(session: id).first)
    try rig.ledger.append(CheckpointEpochEnd(checkpoint: stored).draft, at: clocks.wall)
    let core = try await rig.start(at: later(60))
    await core.agentComes(rig, instance: rig.newInstance())
    #expect(try rig.closed(id)?.activeMilliseconds == 15_000)
    #expect(try rig.entries(id).count { $0 == .checkpointEpochEnd } == 1)
  }

  @Test("after the machine was started anew, offsets go on by wall time and never before what was measured")
  func anotherBoot() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    for (wall, expected) in [(3600, 3_600_000), (-3600, 25_000)] as [(Int64, Int64)] {
      let restart = later(5, boot: "another", wall: wall)
      let session = try RestorableSession(try #require(try rig.ledger.record(session: id)))
      var live = LiveSession(restoring: session, on: rig.spki, terms: SessionTerms(plan: .standard), at: restart) { _ in
        SessionLimits()
      }
      _ = try live.machine.handle(.linkRestored, at: restart.monotonic)
      _ = try live.machine.handle(.channelOpened(1), at: restart.monotonic)
      _ = try live.machine.handle(.bytes, at: restart.monotonic.advanced(byMilliseconds: 2000))
      let last = try #require(live.machine.intervals.last)
      #expect(last.toMilliseconds == expected + 2000 && live.machine.activeMilliseconds == 17_000)
    }
  }

  @Test("what cannot be gone on with is closed: not active yet as withdrawn, of an earlier program by what was signed")
  func settled() async throws {
    let waiting = try #require(SessionID("00000002"))
    let old = try #require(SessionID("00000001"))
    try rig.ledger.append(try rig.agreed(waiting), at: clocks.wall)
    try rig.ledger.append(try rig.agreed(old) + [SessionActivated().draft(session: old)], at: clocks.wall)
    try rig.ledger.saveCheckpoints([try rig.signed(old, epoch: 1, sequence: 1, MeteredTime(intervals: Self.worked))])
    let core = try await rig.start()
    #expect(await core.state(waiting) == nil)
    #expect(await core.state(old) == nil)
    let withdrawn = try #require(try rig.closed(waiting))
    #expect(withdrawn.outcome == .withdrawn && withdrawn.amountMinor == 0 && withdrawn.activeMilliseconds == 0)
    let unclosed = try #require(try rig.closed(old))
    #expect(unclosed.outcome == .unclosed && unclosed.activeMilliseconds == 15_000 && unclosed.intervals.count == 2)
    #expect(try rig.ledger.openSessions().isEmpty)
    #expect(try rig.ledger.verify().isSound)
  }

  @Test("nothing is on record twice, whoever writes it")
  func onlyOnce() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let session = try RestorableSession(try #require(try rig.ledger.record(session: id)))
    try rig.ledger.append(session.restored(reason: "first"), at: clocks.wall)
    #expect(throws: StoreError.duplicate("restored/0a1b2c3d/2")) {
      try rig.ledger.append(session.restored(reason: "second"), at: clocks.wall)
    }
    let core = try await rig.start()
    await core.agentComes(rig, instance: rig.newInstance())
    let closed = try #require(try rig.closed(id))
    #expect(throws: StoreError.duplicate("closed/0a1b2c3d")) {
      try rig.ledger.append(closed.draft(session: id), at: clocks.wall)
    }
  }

  @Test("answers that come after the close change nothing")
  func lateAnswers() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let core = try await rig.start(at: later(60))
    await core.agentComes(rig, holding: [id])
    await core.act(.channelOpened(1), id, at: later(61).monotonic)
    await core.hear(rig, at: later(70).monotonic)
    await core.byte(id, at: later(70).monotonic)
    await core.tick(at: later(70).monotonic)
    let statement = try #require(await core.unanswered(id).first)
    let signature = try rig.agentKey.sign(statement.signedBytes)
    // A signature that is not the agent's counts for nothing, and is not taken for an answer.
    await core.act(.close(outcome: .fixed, note: "", by: .customer), id, at: later(70).monotonic)
    await core.tick(at: later(80).monotonic)
    let closed = try #require(try rig.closed(id))
    #expect(closed.activeMilliseconds == 15_000)
    let head = try rig.ledger.head()
    await core.answer(id, rig, statement, signature: signature)
    await core.flushRecords(at: later(90).monotonic)
    #expect(try rig.ledger.head() == head && rig.ledger.checkpoints(session: id).map(\.epoch) == [1])
  }

  @Test("a relay whose computer slept counts nothing for it and does not blame the agent")
  func slept() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let core = try await rig.start(at: later(60))
    await core.agentComes(rig, holding: [id])
    await core.act(.channelOpened(1), id, at: later(61).monotonic)
    await core.hear(rig, at: later(66).monotonic)
    await core.byte(id, at: later(66).monotonic)
    await core.tick(at: later(66).monotonic)
    #expect(await core.unanswered(id).map(\.activeMilliseconds) == [20_000])
    // It wakes half a minute later, and what the kernel kept is read at once.
    await core.hear(rig, at: later(96).monotonic)
    await core.tick(at: later(96).monotonic)
    await core.hear(rig, at: later(98).monotonic)
    await core.byte(id, at: later(98).monotonic)
    await core.tick(at: later(98).monotonic)
    #expect(await core.state(id)?.state == .active)
    #expect(await core.state(id)?.active == 22_000)
  }

  @Test("nor when what the kernel kept is told before the first tick: a cut, a channel's end, the desk's close")
  func sleptBeforeAnyTick() async throws {
    let events: [SessionEvent] = [
      .linkLost(lastHeard: later(96).monotonic), .channelClosed(1), .close(outcome: .fixed, note: "", by: .customer),
    ]
    for event in events {
      let rig = try Rig()
      try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
      let core = try await rig.start(at: later(60))
      await core.agentComes(rig, holding: [id])
      await core.act(.channelOpened(1), id, at: later(61).monotonic)
      await core.hear(rig, at: later(66).monotonic)
      await core.tick(at: later(66).monotonic)
      await core.hear(rig, at: later(96).monotonic)
      await core.act(event, id, at: later(96).monotonic)
      #expect(await core.state(id)?.active == 20_000, "\(event)")
    }
  }

  @Test("a code is given to the agent's new run once, when all of its earlier run is ended")
  func oneCode() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks, checkpoint: (1, Self.worked))
    let core = try await rig.start(at: later(60))
    let issued = await core.codes.count
    await core.agentComes(rig, instance: rig.newInstance())
    #expect(await core.codes.count == issued)
    #expect(await core.claim(code, key: rig.technicianKey) == .spent)
    #expect(await core.machines[rig.spki]?.code != nil)
  }

  @Test("a forged, foreign or repeated signature confirms nothing")
  func forgedAnswers() async throws {
    try rig.leaveBehind(id, code: code, clocks: clocks)
    let core = try await rig.start(at: later(60))
    await core.agentComes(rig, holding: [id])
    // A session nothing of which was signed yet is signed for at once, even for no time.
    #expect(try await core.sign(id, rig, at: later(60).monotonic).map(\.activeMilliseconds) == [0])
    await core.act(.channelOpened(1), id, at: later(61).monotonic)
    await core.hear(rig, at: later(70).monotonic)
    await core.byte(id, at: later(70).monotonic)
    await core.tick(at: later(70).monotonic)
    let statement = try #require(await core.unanswered(id).first)
    let foreign = try Ed25519PrivateKey.generate().sign(statement.signedBytes)
    for signature in [[], [UInt8](repeating: 0, count: 64), foreign] {
      await core.answerOnly(id, rig, statement, signature: signature)
      #expect(await core.unanswered(id) == [statement])
    }
    // On record once, however often it is tried.
    #expect(try rig.entries(id).count { $0 == .linkRefused } == 1)
    await core.answerOnly(id, rig, statement, signature: try rig.agentKey.sign(statement.signedBytes))
    #expect(await core.unanswered(id).isEmpty)
    await core.answerOnly(id, rig, statement, signature: foreign)
    await core.flushRecords(at: later(71).monotonic)
    #expect(try rig.ledger.checkpoints(session: id).map(\.statement) == [statement])
  }
}

extension RelayCore {
  fileprivate func answerOnly(_ id: SessionID, _ rig: Rig, _ statement: CheckpointStatement, signature: [UInt8]) {
    guard let machine = machines[rig.spki] else { return }
    checkpointSigned(
      id, by: machine, epoch: statement.epoch, sequence: statement.sequence, signature: signature,
      at: BootClock.now())
  }
}
