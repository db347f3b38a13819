import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import TestSupport
import Testing

@Suite struct SQLiteLedgerTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func aSessionIsReadBackAsItWasWritten() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let written = try ledger.append(play.opening, at: Play.time)
    #expect(try ledger.openSessions() == [play.session])
    #expect(try ledger.entries(session: play.session) == written)
    #expect(try ledger.head() == LedgerHead(sequence: 5, hash: written[4].hash))
    try ledger.append(note(1), at: Play.time)
    try ledger.append(try play.closing(), at: Play.time.advanced(byMilliseconds: 15_000))
    #expect(try ledger.openSessions() == [])
    let record = try #require(try ledger.record(session: play.session))
    #expect(record.state == .closed)
    #expect(record.entries.map(\.sequence) == [1, 2, 3, 4, 5, 7, 8, 9])
    #expect(record.json["amount_minor"] == 2250)
    let report = try ledger.verify(anchors: [try ledger.head()], check: play.check())
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == 9)
    let again = try SQLiteLedger(path: scratch.ledger, readOnly: true)
    #expect(try again.record(session: play.session) == record)
    #expect(try again.identifier() == ledger.identifier())
  }

  @Test func randomEntriesReadBackAndVerify() throws {
    var random = SeededGenerator()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    var written: [Entry] = []
    while written.count < 700 {
      let drafts = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        EntryDraft(
          kind: EntryKind(rawValue: UInt16.random(in: 400...600, using: &random)),
          session: Bool.random(using: &random) ? nil : SessionID(using: &random),
          payload: ["text": "\(String(repeating: "ü\u{0}\"", count: Int.random(in: 0...600, using: &random)))"])
      }
      let time = WallTime(milliseconds: Int64.random(in: -9_000_000...9_000_000_000_000, using: &random))
      written += try ledger.append(drafts, at: time)
    }
    var read: [Entry] = []
    try ledger.forEachEntry(from: 1) { entry in
      read.append(entry)
      return true
    }
    #expect(read == written, "seed \(random.seed)")
    read = []
    try ledger.forEachEntry(from: 600) { entry in
      read.append(entry)
      return read.count < 3
    }
    #expect(read.map(\.sequence) == [600, 601, 602])
    let report = try ledger.verify()
    #expect(report.isSound, "\(report.summary) seed \(random.seed)")
    #expect(report.head == LedgerHead(sequence: UInt64(written.count), hash: try #require(written.last).hash))
  }

  @Test func whatMayBeOnRecordOnceIsRefusedTheSecondTimeAndNothingIsWritten() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append(play.opening, at: Play.time)
    #expect(throws: StoreError.duplicate("requested/\(play.session)")) {
      try ledger.append([note(1), play.request], at: Play.time)
    }
    try ledger.append(try play.closing(), at: Play.time)
    for draft in try play.closing().dropFirst() {
      #expect(throws: StoreError.self) { try ledger.append(draft, at: Play.time) }
    }
    #expect(throws: StoreError.duplicate("requested/\(play.session)")) {
      try ledger.append([note(1), play.request], at: Play.time)
    }
    #expect(try ledger.head().sequence == 8)
    #expect(try ledger.verify().isSound)
  }

  @Test func filesAreForTheirOwnerAlone() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append(note(1), at: Play.time)
    for name in try FileManager.default.contentsOfDirectory(atPath: scratch.directory) {
      let attributes = try FileManager.default.attributesOfItem(atPath: scratch.directory + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
  }

  @Test func sessionsAreListedByWhenTheyWereRequested() throws {
    var random = SeededGenerator()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    var sessions: [SessionID] = []
    for second in 0..<5 {
      let play = try Play(using: &random)
      sessions.append(play.session)
      try ledger.append(play.opening, at: WallTime(milliseconds: Int64(second) * 1000))
    }
    #expect(try ledger.sessions(since: nil, until: nil) == sessions)
    let some = try ledger.sessions(since: WallTime(milliseconds: 1000), until: WallTime(milliseconds: 3000))
    #expect(some == Array(sessions[1..<3]))
    #expect(try ledger.record(session: SessionID(using: &random)) == nil)
  }

  @Test func aSessionOfAnyLengthIsFoldedInBoundedMemory() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append(play.opening, at: Play.time)
    let channel = ChannelClosed(channel: 1, bytesToMachine: 1, bytesFromMachine: 2).draft(session: play.session)
    var count = 5
    while count < LedgerLimits.maximumEntriesHeld + 500 {
      try ledger.append(Array(repeating: channel, count: 1000), at: Play.time)
      count += 1000
    }
    let record = try #require(try ledger.record(session: play.session))
    #expect(record.bytesToMachine == Int64(count - 5))
    #expect(record.entries.count == LedgerLimits.maximumEntriesHeld)
    #expect(record.entriesNotHeld == count - LedgerLimits.maximumEntriesHeld)
    #expect(throws: StoreError.tooLarge(what: "session \(play.session)", limit: LedgerLimits.maximumEntriesHeld)) {
      try ledger.entries(session: play.session)
    }
  }

  @Test func tooMuchAtOnceIsRefused() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let long = LedgerNote(text: String(repeating: "x", count: LedgerLimits.maximumPayloadBytes), by: "relay").draft()
    #expect(throws: StoreError.tooLarge(what: "an entry", limit: LedgerLimits.maximumPayloadBytes)) {
      try ledger.append([note(1), long], at: Play.time)
    }
    #expect(throws: StoreError.tooLarge(what: "one append", limit: LedgerLimits.maximumDrafts)) {
      try ledger.append((0...LedgerLimits.maximumDrafts).map { note($0) }, at: Play.time)
    }
    #expect(try ledger.append([], at: Play.time) == [])
    #expect(try ledger.head().sequence == 0)
    #expect(try ledger.verify().isSound)
  }

  @Test func somethingElseIsNotTakenForALedger() throws {
    try Data("this is not a database, not at all, by no means".utf8).write(to: URL(fileURLWithPath: scratch.ledger))
    #expect(throws: StoreError.notALedger(path: scratch.ledger)) { try SQLiteLedger(path: scratch.ledger) }
    #expect(throws: StoreError.notALedger(path: scratch.ledger)) {
      try SQLiteLedger(path: scratch.ledger, readOnly: true)
    }
  }

  @Test func anotherDatabaseIsLeftAlone() throws {
    try Tamper(scratch.ledger).run("CREATE TABLE other (x)")
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    #expect(throws: StoreError.notALedger(path: scratch.ledger)) { try SQLiteLedger(path: scratch.ledger) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.ledger)) == before)
  }

  @Test func aNewerProgramsLedgerIsLeftAlone() throws {
    try SQLiteLedger(path: scratch.ledger).append(note(1), at: Play.time)
    try Tamper(scratch.ledger).run("PRAGMA user_version = 9")
    #expect(throws: StoreError.newerVersion(path: scratch.ledger, found: 9, known: 3)) {
      try SQLiteLedger(path: scratch.ledger)
    }
  }

  @Test func aLedgerThatIsNotThereIsSaidSo() throws {
    #expect(throws: StoreError.cannotOpen(path: scratch.ledger)) {
      try SQLiteLedger(path: scratch.ledger, readOnly: true)
    }
    let nowhere = scratch.directory + "/missing/ledger.sqlite"
    #expect(throws: StoreError.cannotOpen(path: nowhere)) { try SQLiteLedger(path: nowhere) }
    #expect(throws: StoreError.self) { try SQLiteLedger(path: scratch.directory) }
  }

  @Test func aLedgerOpenedForReadingTakesNothing() throws {
    try SQLiteLedger(path: scratch.ledger).append(note(1), at: Play.time)
    let ledger = try SQLiteLedger(path: scratch.ledger, readOnly: true)
    #expect(throws: StoreError.readOnly(path: scratch.ledger)) { try ledger.append(note(2), at: Play.time) }
    #expect(try ledger.verify().entries == 1)
  }

  @Test func aReaderSeesWhatAWriterAdds() throws {
    let writer = try SQLiteLedger(path: scratch.ledger)
    let reader = try SQLiteLedger(path: scratch.ledger, readOnly: true)
    for number in 1...5 {
      try writer.append(note(number), at: Play.time)
      #expect(try reader.head().sequence == UInt64(number))
    }
  }

  @Test func manyConnectionsAppendingAtOnceKeepOneChain() async throws {
    let path = scratch.ledger
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<4 {
        group.addTask {
          let ledger = try SQLiteLedger(path: path)
          for number in 0..<50 { try ledger.append([note(writer), note(number)], at: Play.time) }
        }
      }
      group.addTask {
        let ledger = try SQLiteLedger(path: path)
        while try ledger.head().sequence < 300 {
          let report = try ledger.verify()
          #expect(report.isSound, "a walk among writers: \(report.summary)")
        }
      }
      try await group.waitForAll()
    }
    let report = try SQLiteLedger(path: path, readOnly: true).verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == 400)
  }
}
