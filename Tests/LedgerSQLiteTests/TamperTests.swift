import Foundation
import GRDB
import Ledger
import LedgerSQLite
import SessionModel
import TestSupport
import Testing

@Suite struct TamperTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  /// A small ledger of one session, an erasure and two technicians, closed, so that the one file holds everything.
  private func make() throws -> UInt64 {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let directory = SQLiteDirectory(ledger: ledger)
    try directory.add(try technician("mika", key: 1))
    try directory.add(try technician("aino", key: 2))
    try ledger.append(play.opening, at: Play.time)
    try ledger.saveCheckpoints([try play.checkpoint(epoch: 1, sequence: 3, activeMilliseconds: 15_000)])
    try ledger.append(try play.closing(), at: Play.time)
    try ledger.erasePayloads([4], reason: "asked for", at: Play.time)
    #expect(try ledger.verify(anchors: [], check: play.check()).isSound)
    return try ledger.head().sequence
  }

  @Test func oneFlippedByteInAnyColumnNamesTheEntry() throws {
    let count = Int64(try make())
    var random = SeededGenerator()
    let tamper = try Tamper(scratch.ledger)
    let ledger = try SQLiteLedger(path: scratch.ledger, readOnly: true)
    let columns = [
      ("entries", "sequence"), ("entries", "kind"), ("entries", "session"), ("entries", "time_ms"),
      ("entries", "unique_key"), ("entries", "header"), ("entries", "hash"), ("payloads", "sequence"),
      ("payloads", "salt"), ("payloads", "text"), ("payloads", "erased_by"),
    ]
    var tried = 0
    for sequence in 1...count {
      for (table, column) in columns {
        let original = try tamper.value(column, of: table, sequence: sequence)
        let isText = if case .string = original.storage { true } else { false }
        for flipped in Tamper.flips(of: original, using: &random) {
          do {
            try tamper.put(flipped, column, of: table, sequence: sequence, asText: isText)
          } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            continue  // Another row has that key: SQLite itself refuses.
          }
          let broken = try ledger.verify().broken
          #expect(
            broken?.sequence == UInt64(sequence),
            "\(table).\(column) of \(sequence): \(String(describing: broken)), seed \(random.seed)")
          let at = column == "sequence" ? Int64.fromDatabaseValue(flipped) ?? 0 : sequence
          try tamper.put(original, column, of: table, sequence: at, asText: false)
          tried += 1
        }
      }
    }
    #expect(tried > 2000)
    #expect(try ledger.verify().isSound)
  }

  @Test func aRemovedOrEmptiedRowNamesTheEntry() throws {
    let count = try make()
    let pristine = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    for sequence in 1...count {
      let changes = [
        "DELETE FROM entries WHERE sequence = \(sequence)", "DELETE FROM payloads WHERE sequence = \(sequence)",
        "UPDATE payloads SET salt = zeroblob(0) WHERE sequence = \(sequence)",
        "UPDATE payloads SET text = zeroblob(0) WHERE sequence = \(sequence)",
        "UPDATE payloads SET salt = zeroblob(0), text = zeroblob(0), erased_by = 0 WHERE sequence = \(sequence)",
        "UPDATE payloads SET salt = zeroblob(0), text = zeroblob(0), erased_by = \(count) WHERE sequence = \(sequence)",
        "UPDATE entries SET session = '', kind = 15 WHERE sequence = \(sequence)",
        "DELETE FROM entries WHERE sequence >= \(sequence)",
      ]
      for change in changes {
        try? FileManager.default.removeItem(atPath: scratch.ledger + "-wal")
        try pristine.write(to: URL(fileURLWithPath: scratch.ledger))
        if sequence == 4, change.contains("zeroblob") { continue }
        try Tamper(scratch.ledger).run(change)
        let report = try SQLiteLedger(path: scratch.ledger, readOnly: true).verify()
        #expect(report.broken?.sequence == sequence, "\(change): \(report.summary)")
      }
    }
  }

  @Test func whatStandsBesideTheEntriesIsCheckedToo() throws {
    _ = try make()
    let pristine = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    let changes = [
      "UPDATE ledger SET head_sequence = head_sequence + 1", "UPDATE ledger SET head_sequence = head_sequence - 1",
      "UPDATE ledger SET head_hash = zeroblob(32)", "UPDATE ledger SET ledger_id = zeroblob(16)", "DELETE FROM ledger",
      "UPDATE technicians SET role = 'operator' WHERE name = 'mika'",
      "UPDATE technicians SET key_fingerprint = zeroblob(32) WHERE name = 'mika'",
      "UPDATE technicians SET name = 'minna' WHERE name = 'mika'", "DELETE FROM technicians WHERE name = 'aino'",
      "INSERT INTO technicians VALUES ('minna', 'operator', 'ssh-ed25519 AAAA', zeroblob(32), 0)",
      "INSERT INTO payloads VALUES (99, zeroblob(16), zeroblob(2), 0)",
      "UPDATE checkpoints SET session = 'nobody'", "UPDATE checkpoints SET relay_signature = zeroblob(3)",
    ]
    for change in changes {
      try? FileManager.default.removeItem(atPath: scratch.ledger + "-wal")
      try pristine.write(to: URL(fileURLWithPath: scratch.ledger))
      try Tamper(scratch.ledger).run(change)
      let report = try SQLiteLedger(path: scratch.ledger, readOnly: true).verify()
      #expect(!report.isSound, "\(change)")
    }
  }

  @Test func aChangedCheckpointIsNoLongerSigned() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append(play.opening, at: Play.time)
    try ledger.saveCheckpoints([try play.checkpoint(epoch: 1, sequence: 1, activeMilliseconds: 5000)])
    #expect(try ledger.verify(anchors: [], check: play.check()).checkpoints == 1)
    try Tamper(scratch.ledger).run("UPDATE checkpoints SET active_ms = 50000")
    #expect(try ledger.verify().isSound)
    let report = try ledger.verify(anchors: [], check: play.check())
    #expect(
      report.broken
        == BrokenEntry(
          sequence: nil, reason: .checkpoint(play.session, "epoch 1: not signed by this relay")))
  }

  @Test func aHeadThatCannotBeReadIsNamedAndTheEntriesAreWalkedAllTheSame() throws {
    let entries = try make()
    let pristine = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    for change in ["DELETE FROM ledger", "UPDATE ledger SET ledger_id = x'00'", "page"] {
      try? FileManager.default.removeItem(atPath: scratch.ledger + "-wal")
      try pristine.write(to: URL(fileURLWithPath: scratch.ledger))
      if change == "page" {
        var file = pristine
        let root = try Tamper(scratch.ledger).page("ledger")
        for index in 4096 * (root - 1)..<4096 * root { file[index] = 0xA5 }
        try file.write(to: URL(fileURLWithPath: scratch.ledger))
      } else {
        try Tamper(scratch.ledger).run(change)
      }
      let ledger = try SQLiteLedger(path: scratch.ledger, readOnly: true)
      for report in [try ledger.verify(), try ledger.verifyNewest(2, check: nil)] {
        #expect(report.broken?.description.hasPrefix("its head cannot be read") == true, "\(change): \(report.summary)")
        #expect(report.broken?.sequence == nil && report.entries == entries, "\(change): \(report.summary)")
      }
      // A broken entry is named all the same.
      guard change != "page" else { continue }
      try Tamper(scratch.ledger).run("UPDATE payloads SET text = x'7b203d' WHERE sequence = 2")
      #expect(try ledger.verify().broken == BrokenEntry(sequence: 2, reason: .payloadChanged), "\(change)")
    }
  }

  @Test func aPageBesideTheEntriesIsNoEntrysFault() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    do {
      let ledger = try SQLiteLedger(path: scratch.ledger)
      try SQLiteDirectory(ledger: ledger).add(try technician("mika", key: 1))
      try ledger.append(play.opening + (try play.closing()) + [note(1)], at: Play.time)
    }
    let pristine = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    for (table, words) in [
      ("technicians", "the technicians cannot be read"), ("checkpoints", "the checkpoints cannot be read"),
      ("entries_by_session", "the file is damaged beside the entries"),
    ] {
      var file = pristine
      let root = try Tamper(scratch.ledger).page(table)
      for index in 4096 * (root - 1)..<4096 * root { file[index] = 0xA5 }
      let other = try Scratch()
      try file.write(to: URL(fileURLWithPath: other.ledger))
      let ledger = try SQLiteLedger(path: other.ledger, readOnly: true)
      let report = try ledger.verify(anchors: [], check: play.check())
      #expect(report.broken?.description.hasPrefix(words) == true, "\(table): \(report.summary)")
      #expect(report.broken?.sequence == nil && report.entries == 10, "\(table): \(report.summary)")
    }
  }

  @Test func aCheckpointEntryWithoutAYesNamesTheEntry() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append([play.request] + (try play.closing()), at: Play.time)
    #expect(try ledger.verify(anchors: [], check: play.check()).broken?.sequence == 3)
  }

  @Test func nothingIsAppendedBehindAChangedNewestEntry() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append([note(1), note(2)], at: Play.time)
    try Tamper(scratch.ledger).run("DELETE FROM entries WHERE sequence = 2")
    #expect(throws: StoreError.self) { try ledger.append(note(3), at: Play.time) }
    do throws(StoreError) {
      try ledger.append(note(3), at: Play.time)
    } catch {
      #expect(error.stopsTheClock)
    }
  }

  @Test func aReaderIsNotShownAChangedEntry() throws {
    let count = try make()
    try Tamper(scratch.ledger).run("UPDATE payloads SET text = CAST('{}' AS BLOB) WHERE sequence = \(count)")
    let ledger = try SQLiteLedger(path: scratch.ledger, readOnly: true)
    #expect(
      throws: StoreError.corrupt(
        path: scratch.ledger, detail: "entry \(count): the payload is not the one that was hashed")
    ) {
      try ledger.forEachEntry(from: 1) { _ in true }
    }
  }
}
