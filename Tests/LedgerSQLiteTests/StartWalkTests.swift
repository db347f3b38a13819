import Foundation
import GRDB
import Ledger
import LedgerSQLite
import SessionModel
import TestSupport
import Testing

/// What a relay looks at before it starts, and what may be taken over from a ledger that does not pass.
@Suite struct StartWalkTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test("damage among the newest entries is named, older damage is left to the whole walk", arguments: 1...40)
  func newest(sequence: Int64) throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append((1...40).map { note($0) }, at: Play.time)
    #expect(try ledger.verifyNewest(10, check: nil).isSound)
    #expect(try ledger.verifyNewest(10, check: nil).entries == 40)
    try Tamper(scratch.ledger).run("UPDATE payloads SET text = CAST('x' AS BLOB) WHERE sequence = ?", [sequence])
    let report = try ledger.verifyNewest(10, check: nil)
    #expect(report.broken?.sequence == (sequence > 30 ? UInt64(sequence) : nil), "\(report.summary)")
    #expect(try ledger.verify().broken?.sequence == UInt64(sequence))
  }

  @Test("the entry that the newest ones are chained to must be there, with its hash")
  func theOneBefore() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append((1...40).map { note($0) }, at: Play.time)
    let tamper = try Tamper(scratch.ledger)
    try tamper.run("UPDATE entries SET hash = zeroblob(32) WHERE sequence = 30")
    #expect(try ledger.verifyNewest(10, check: nil).broken?.sequence == 31)
    try tamper.run("DELETE FROM entries WHERE sequence = 30")
    #expect(try ledger.verifyNewest(10, check: nil).isSound == false)
  }

  @Test("a ledger with no more than that is walked whole, technicians and pages included")
  func small() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append((1...10).map { note($0) }, at: Play.time)
    try Tamper(scratch.ledger).run(
      "INSERT INTO technicians VALUES ('minna', 'operator', 'ssh-ed25519 AAAA', zeroblob(32), 0)")
    #expect(try ledger.verifyNewest(10, check: nil).isSound == false)
  }

  @Test("checkpoints of open sessions are checked, however old the session, and those of closed ones are not")
  func checkpoints() throws {
    var random = SeededGenerator()
    let (closed, open) = (try Play(using: &random), try Play(using: &random))
    let ledger = try SQLiteLedger(path: scratch.ledger)
    for play in [closed, open] {
      try ledger.append(play.opening, at: Play.time)
      try ledger.saveCheckpoints([try play.checkpoint(epoch: 1, sequence: 3, activeMilliseconds: 15_000)])
    }
    try ledger.append(try closed.closing(), at: Play.time)
    try ledger.append((1...40).map { note($0) }, at: Play.time)
    // Each session has keys of its own here: whose it is, is told by who says that it holds.
    let check: CheckpointCheck = { checkpoint, keys in
      (checkpoint.statement.session == open.session ? open : closed).check()(checkpoint, keys)
    }
    #expect(try ledger.verifyNewest(10, check: check).isSound)
    let tamper = try Tamper(scratch.ledger)
    try tamper.run("UPDATE checkpoints SET active_ms = 99000 WHERE session = ?", [closed.session.rawValue])
    #expect(try ledger.verifyNewest(10, check: check).isSound)
    try tamper.run("UPDATE checkpoints SET active_ms = 99000 WHERE session = ?", [open.session.rawValue])
    let report = try ledger.verifyNewest(10, check: check)
    #expect(
      report.broken
        == BrokenEntry(sequence: nil, reason: .checkpoint(open.session, "epoch 1: not signed by this relay")))
  }

  @Test("what may be taken over is what sound entries and directory agree on; nothing is changed")
  func salvage() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    do {
      let ledger = try SQLiteLedger(path: scratch.ledger)
      let directory = SQLiteDirectory(ledger: ledger)
      for (name, key) in [("aino", 1), ("mika", 2), ("olli", 3)] {
        try directory.add(try technician(name, key: UInt8(key)))
      }
      try ledger.append(play.opening, at: Play.time)
      try directory.remove(try #require(Name("olli")), at: Play.time)
      try directory.add(try technician("late", key: 4))
    }
    // Behind entry 5: that olli was removed, and that late was added, is no longer sure.
    try Tamper(scratch.ledger).run("UPDATE payloads SET text = CAST('x' AS BLOB) WHERE sequence = 5")
    try Tamper(scratch.ledger).run("UPDATE technicians SET role = 'operator' WHERE name = 'mika'")
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    let salvage = try SQLiteLedger(path: scratch.ledger, readOnly: true).salvage(check: nil)
    #expect(salvage.report.broken?.sequence == 5)
    #expect(salvage.id != nil)
    #expect(salvage.technicians.map(\.name.rawValue) == ["aino"])
    // Nor does olli come back, who was removed.
    #expect(salvage.doubtful.map(\.rawValue) == ["late", "mika", "olli"])
    #expect(salvage.openSessions == [play.session])
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.ledger)) == before)
  }

  @Test("the start's walk takes no longer for a ledger that has grown")
  func bounded() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    for batch in 0..<20 { try ledger.append((0..<1000).map { note(batch * 1000 + $0) }, at: Play.time) }
    let clock = ContinuousClock()
    var reports: [LedgerReport] = []
    let newest = try clock.measure { reports.append(try ledger.verifyNewest(1000, check: nil)) }
    let whole = try clock.measure { reports.append(try ledger.verify()) }
    #expect(reports.map(\.isSound) == [true, true])
    print("the newest 1,000 of 20,000 entries in \(newest), all in \(whole)")
    #expect(newest < whole)
  }
}
