import Foundation
import Ledger
import SessionModel
import TestSupport
import Testing
import TunnelProtocol

@testable import Relay

@Suite("Two records of one session")
struct ReconciliationTests {
  private let session: SessionID
  private let hash: Fingerprint
  private let genuine = Reconciliation.Signatures(isRelays: true, isAgents: true)

  init() throws {
    session = try #require(SessionID("7k2m9xqa"))
    hash = try #require(Fingerprint([UInt8](repeating: 7, count: 32)))
  }

  private func statement(_ epoch: UInt32, _ sequence: UInt64, _ active: Int64) -> CheckpointStatement {
    CheckpointStatement(
      session: session, epoch: epoch, sequence: sequence, activeMilliseconds: active, chainHash: hash)
  }

  private func held(
    _ statement: CheckpointStatement?, measured: Int64 = 60_000, isDamaged: Bool = false
  ) -> HeldSession {
    HeldSession(
      session: session,
      newest: statement.map {
        CountersignedCheckpoint(statement: $0, relaySignature: [1], agentSignature: [2])
      }, measuredMilliseconds: measured, isJournalDamaged: isDamaged)
  }

  private func open(_ stored: CheckpointStatement?) -> Reconciliation {
    Reconciliation(stored: stored, relayMilliseconds: stored?.activeMilliseconds ?? 0, isClosed: false)
  }

  private func closed(_ stored: CheckpointStatement?, billed: Int64) -> Reconciliation {
    Reconciliation(stored: stored, relayMilliseconds: billed, isClosed: true)
  }

  @Test("records that agree are nothing to write down")
  func agreed() {
    let own = statement(1, 3, 15_000)
    #expect(open(own).difference(from: held(own), genuine) == nil)
    #expect(open(nil).difference(from: held(nil), Reconciliation.Signatures(isRelays: false, isAgents: false)) == nil)
    #expect(closed(own, billed: 14_000).difference(from: held(own), genuine) == nil)
    // Its own measure is the most there can have been: above what was stated is as it should be.
    #expect(open(own).difference(from: held(own, measured: .max), genuine) == nil)
    #expect(open(own).difference(from: held(own, measured: 14_000), genuine) == nil, "within what two clocks differ")
  }

  @Test("what both signed and the relay lost is taken over, with all values on record")
  func takenOver() {
    let difference = open(statement(1, 3, 15_000)).difference(from: held(statement(1, 4, 20_000)), genuine)
    #expect(
      difference
        == Reconciled(
          relayMilliseconds: 15_000, agentSignedMilliseconds: 20_000, agentMeasuredMilliseconds: 60_000, epoch: 1,
          sequence: 4, decision: .takenOver, reason: "both sides signed it, and the relay did not have it any more"))
    // The first checkpoint of all; one of a later epoch, after a relay was restored from an old copy; the same time again.
    #expect(open(nil).difference(from: held(statement(1, 1, 5_000)), genuine)?.decision == .takenOver)
    #expect(
      open(statement(1, 9, 5_000)).difference(from: held(statement(3, 1, 5_000)), genuine)?.decision == .takenOver)
  }

  @Test("a closed session's bill stands")
  func closedSession() {
    let own = statement(1, 3, 15_000)
    for newer in [statement(1, 4, 20_000), statement(2, 1, 15_000)] {
      let difference = closed(own, billed: 15_000).difference(from: held(newer), genuine)
      #expect(difference?.decision == .noted && difference?.reason.contains("bill stands") == true)
    }
    #expect(closed(nil, billed: 0).difference(from: held(statement(1, 1, 5_000)), genuine)?.decision == .noted)
  }

  @Test("older, missing, more than measured: noted")
  func noted() {
    let own = statement(2, 3, 15_000)
    for other in [held(statement(2, 2, 10_000)), held(statement(1, 9, 15_000)), held(nil), held(own, measured: 13_000)]
    {
      #expect(open(own).difference(from: other, genuine)?.decision == .noted, "\(other)")
      #expect(closed(own, billed: 15_000).difference(from: other, genuine)?.decision == .noted, "\(other)")
    }
  }

  @Test("forged, damaged, contradictory, impossible: refused, and why")
  func refused() throws {
    let own = statement(1, 3, 15_000)
    let newer = statement(1, 4, 20_000)
    var other = own
    other.activeMilliseconds = 14_999
    var strange = newer
    strange.session = try #require(SessionID("00000000"))
    let table: [(HeldSession, Reconciliation.Signatures, String)] = [
      (held(newer, isDamaged: true), genuine, "the agent's journal is damaged"),
      (held(own, isDamaged: true), genuine, "the agent's journal is damaged"),
      (held(nil, isDamaged: true), genuine, "the agent's journal is damaged"),
      (held(newer), .init(isRelays: false, isAgents: true), "the relay's signature is not genuine"),
      (held(newer), .init(isRelays: true, isAgents: false), "the agent's signature is not genuine"),
      (held(own), .init(isRelays: false, isAgents: false), "the relay's signature is not genuine"),
      (held(other), genuine, "another checkpoint bears this number"),
      (held(statement(1, 4, 14_999)), genuine, "it states less time than the checkpoint before it"),
      (held(strange), genuine, "the checkpoint is another session's"),
      (held(statement(.max, 4, 20_000)), genuine, "no checkpoint has this number"),
    ]
    for (claim, signatures, reason) in table {
      for record in [open(own), closed(own, billed: 15_000)] {
        let difference = record.difference(from: claim, signatures)
        #expect(difference?.decision == .refused && difference?.reason == reason, "\(claim)")
        #expect(difference?.relayMilliseconds == 15_000)
      }
    }
    #expect(open(nil).difference(from: held(statement(1, 0, 0)), genuine)?.decision == .refused)
  }

  @Test("whatever is claimed: taken over is only what is genuine, newer, not less, whole, and of an open session")
  func property() {
    var generator = SeededGenerator()
    for _ in 0..<20_000 {
      func drawn() -> CheckpointStatement {
        statement(
          [0, 1, 2, .max].randomElement(using: &generator) ?? 1, UInt64.random(in: 0...3, using: &generator),
          [0, 5_000, 10_000, .max].randomElement(using: &generator) ?? 0)
      }
      let stored = Bool.random(using: &generator) ? drawn() : nil
      let shown = Bool.random(using: &generator) ? drawn() : nil
      let claim = held(
        shown, measured: [0, 5_000, .max].randomElement(using: &generator) ?? 0,
        isDamaged: Int.random(in: 0..<4, using: &generator) == 0)
      let signatures = Reconciliation.Signatures(
        isRelays: Int.random(in: 0..<4, using: &generator) > 0, isAgents: Int.random(in: 0..<4, using: &generator) > 0)
      let own = Reconciliation(
        stored: stored, relayMilliseconds: stored?.activeMilliseconds ?? 0,
        isClosed: Bool.random(using: &generator))
      let difference = own.difference(from: claim, signatures)
      guard difference?.decision == .takenOver else { continue }
      let isNewer = stored.map { old in
        shown.map { ($0.epoch, $0.sequence) > (old.epoch, old.sequence) } ?? false
      }
      let isNotLess = (shown?.activeMilliseconds ?? -1) >= (stored?.activeMilliseconds ?? 0)
      #expect(
        signatures == genuine && isNewer != false && isNotLess && !own.isClosed && !claim.isJournalDamaged,
        "FIXLINE_SEED=\(generator.seed): \(own) \(claim)")
    }
  }

  @Test("an agent is heard once a session, of so many sessions, and not waited for long")
  func talk() {
    let now = MonotonicInstant(nanoseconds: 0)
    var random = SystemRandomNumberGenerator()
    var talk = HeldTalk(awaiting: [session], at: now)
    #expect(talk.isAwaiting(session, at: now.advanced(byMilliseconds: HeldTalk.waitMilliseconds - 1)))
    #expect(!talk.isAwaiting(session, at: now.advanced(byMilliseconds: HeldTalk.waitMilliseconds)))
    let isHeard = talk.hear(session)
    #expect(isHeard)
    #expect(!talk.isAwaiting(session, at: now))
    let isHeardAgain = talk.hear(session)
    #expect(!isHeardAgain)
    var heard = 1
    for _ in 0..<200 where talk.hear(SessionID(using: &random)) { heard += 1 }
    #expect(heard == HeldSession.maximumSessions)
  }
}
