import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import TestSupport
import Testing

@Suite struct CheckpointTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func theNewestOfEachEpochIsKept() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let first = try play.checkpoint(epoch: 1, sequence: 1, activeMilliseconds: 5000)
    let second = try play.checkpoint(epoch: 1, sequence: 2, activeMilliseconds: 10_000)
    let next = try play.checkpoint(epoch: 2, sequence: 1, activeMilliseconds: 12_000)
    try ledger.saveCheckpoints([first, second, next])
    #expect(try ledger.checkpoints(session: play.session) == [second, next])
    try ledger.saveCheckpoints([first])
    try ledger.saveCheckpoints([try play.checkpoint(epoch: 1, sequence: 3, activeMilliseconds: 9999)])
    #expect(try ledger.checkpoints(session: play.session) == [second, next])
    #expect(try ledger.checkpoints(session: SessionID(using: &random)) == [])
  }

  @Test func oneWithoutBothSignaturesIsRefusedWithTheWholeBatch() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let good = try play.checkpoint(epoch: 1, sequence: 1, activeMilliseconds: 5000)
    let bad = StoredCheckpoint(
      statement: good.statement, relaySignature: good.relaySignature, agentSignature: [], storedAt: Play.time)
    #expect(throws: StoreError.self) { try ledger.saveCheckpoints([good, bad]) }
    #expect(try ledger.checkpoints(session: play.session) == [])
  }

  @Test func theirIntervalsAreKept() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let whole = try play.checkpoint(epoch: 1, sequence: 1, activeMilliseconds: 9000)
    let intervals = [(0, 4000), (6000, 6500), (1_000_000, 1_004_500)].map {
      OffsetInterval(fromMilliseconds: $0.0, toMilliseconds: $0.1)
    }
    let parts = StoredCheckpoint(
      statement: whole.statement, relaySignature: whole.relaySignature, agentSignature: whole.agentSignature,
      storedAt: Play.time, intervals: intervals)
    try ledger.saveCheckpoints([parts])
    #expect(try ledger.checkpoints(session: play.session) == [parts])
    #expect(try ledger.record(session: play.session) == nil)
    try ledger.append(play.opening + [CheckpointEpochEnd(checkpoint: parts).draft], at: Play.time)
    #expect(try ledger.record(session: play.session)?.latestCheckpoint == parts)
    // Damage is not made sense of.
    try Tamper(scratch.ledger).run("UPDATE checkpoints SET intervals = x'80'")
    #expect(throws: StoreError.self) { try ledger.checkpoints(session: play.session) }
    #expect(try !ledger.verify().isSound)
    try Tamper(scratch.ledger).run("UPDATE checkpoints SET intervals = x'00a94600'")
    #expect(throws: StoreError.self) { try ledger.checkpoints(session: play.session) }
  }

  @Test func aLedgerOfTheVersionBeforeGoesOn() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let old = try play.checkpoint(epoch: 1, sequence: 2, activeMilliseconds: 10_000)
    do {
      let ledger = try SQLiteLedger(path: scratch.ledger)
      try ledger.append(play.opening, at: Play.time)
      try ledger.saveCheckpoints([old])
    }
    // As the first version left it.
    try Tamper(scratch.ledger).run("ALTER TABLE checkpoints DROP COLUMN intervals")
    try Tamper(scratch.ledger).run("DROP INDEX entries_by_kind")
    try Tamper(scratch.ledger).run("PRAGMA user_version = 1")
    do {
      // Commands that only read do not bring it up to date, and read it all the same.
      let reader = try SQLiteLedger(path: scratch.ledger, readOnly: true)
      #expect(try reader.checkpoints(session: play.session) == [old])
      #expect(try reader.verify(anchors: [], check: play.check()).isSound)
    }
    let ledger = try SQLiteLedger(path: scratch.ledger)
    #expect(try ledger.checkpoints(session: play.session) == [old])
    #expect(old.intervals == [OffsetInterval(fromMilliseconds: 0, toMilliseconds: 10_000)])
    let next = StoredCheckpoint(
      statement: try play.checkpoint(epoch: 1, sequence: 3, activeMilliseconds: 12_000).statement,
      relaySignature: old.relaySignature, agentSignature: old.agentSignature, storedAt: Play.time,
      intervals: [
        OffsetInterval(fromMilliseconds: 0, toMilliseconds: 10_000),
        OffsetInterval(fromMilliseconds: 20_000, toMilliseconds: 22_000),
      ])
    try ledger.saveCheckpoints([next])
    #expect(try ledger.checkpoints(session: play.session) == [next])
    #expect(try ledger.verify().isSound)
  }

  @Test func theFilesDoNotGrowWhileTheyTick() throws {
    var random = SeededGenerator()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let plays = try (0..<20).map { _ in try Play(using: &random) }
    let signed = try plays.map { try $0.checkpoint(epoch: 1, sequence: 1, activeMilliseconds: 0) }
    func tick(_ sequence: UInt64) throws {
      try ledger.saveCheckpoints(
        signed.map { one in
          StoredCheckpoint(
            statement: CheckpointStatement(
              session: one.session, epoch: 1, sequence: sequence, activeMilliseconds: Int64(sequence) * 250,
              chainHash: one.statement.chainHash), relaySignature: one.relaySignature,
            agentSignature: one.agentSignature, storedAt: Play.time)
        })
    }
    for sequence in 1...300 { try tick(UInt64(sequence)) }
    let before = scratch.sizes()
    for sequence in 301...1500 { try tick(UInt64(sequence)) }
    let after = scratch.sizes()
    #expect(after.file == before.file)
    #expect(after.log <= before.log + 65_536)
    #expect(after.log < 2 << 20)
  }
}

@Suite struct ErasureTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func anErasedPayloadIsGoneFromTheDiskAndTheChainHolds() throws {
    let secret = "Aleksis Kivi, 09 555 0100"
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append([note(1), LedgerNote(text: secret, by: "mika").draft(), note(3)], at: Play.time)
    func isOnDisk() throws -> Bool {
      try FileManager.default.contentsOfDirectory(atPath: scratch.directory).contains { name in
        let data = try Data(contentsOf: URL(fileURLWithPath: scratch.directory + "/" + name))
        return data.firstRange(of: Array(secret.utf8)) != nil
      }
    }
    #expect(try isOnDisk())
    let entry = try ledger.erasePayloads([2], reason: "asked for", at: Play.time)
    #expect(PayloadErased(entry)?.sequences == [2])
    #expect(try !isOnDisk())
    let report = try ledger.verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.erasedPayloads == 1)
    #expect(report.summary.contains("1 of them with erased details"))
    var erased: [UInt64] = []
    try ledger.forEachEntry(from: 1) { entry in
      if entry.payload == nil { erased.append(entry.sequence) }
      return true
    }
    #expect(erased == [2])
  }

  @Test func whatCannotBeErasedIsRefused() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append([note(1), note(2)], at: Play.time)
    #expect(throws: StoreError.refused("There is no entry 9.")) {
      try ledger.erasePayloads([1, 9], reason: "", at: Play.time)
    }
    try ledger.erasePayloads([1], reason: "", at: Play.time)
    #expect(throws: StoreError.refused("The details of entry 1 are erased already.")) {
      try ledger.erasePayloads([1], reason: "", at: Play.time)
    }
    #expect(throws: StoreError.self) { try ledger.erasePayloads([3], reason: "", at: Play.time) }
    #expect(throws: StoreError.self) { try ledger.erasePayloads([], reason: "", at: Play.time) }
    #expect(throws: StoreError.self) {
      try ledger.append(PayloadErased(sequences: [2], reason: "").draft(), at: Play.time)
    }
    #expect(try ledger.verify().entries == 3)
  }
}
