import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import TestSupport
import Testing

/// Damage below SQLite: bytes of the file itself.
@Suite struct RawFileTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func make(_ count: Int) throws -> (entries: [Entry], file: Data) {
    let entries = try SQLiteLedger(path: scratch.ledger).append((1...count).map { note($0) }, at: Play.time)
    #expect(scratch.sizes().log == 0, "the last one to close takes the log over")
    return (entries, try Data(contentsOf: URL(fileURLWithPath: scratch.ledger)))
  }

  private func verify(_ file: Data) throws -> LedgerReport {
    try file.write(to: URL(fileURLWithPath: scratch.ledger))
    return try SQLiteLedger(path: scratch.ledger, readOnly: true).verify()
  }

  private func offset(of bytes: [UInt8], in file: Data) throws -> Int {
    try #require(file.firstRange(of: bytes)).lowerBound
  }

  @Test func aFlippedByteInsideARecordNamesTheEntry() throws {
    var random = SeededGenerator()
    let (entries, file) = try make(6)
    for entry in entries {
      let payload = try #require(entry.payload)
      for bytes in [entry.header.encoded + entry.hash.bytes, payload.salt + payload.text] {
        let start = try offset(of: bytes, in: file)
        for index in start..<(start + bytes.count) {
          var copy = file
          copy[index] ^= UInt8.random(in: 1...255, using: &random)
          let report = try verify(copy)
          #expect(report.broken?.sequence == entry.sequence, "byte \(index): \(report.summary), seed \(random.seed)")
        }
      }
    }
  }

  /// The bytes before a record's first long column say how long its parts are: damage there may spoil the page from an
  /// earlier entry on, or only be noticed in reading on from it, or when SQLite looks at its pages; it is never passed over.
  @Test func aFlippedByteInARecordsOwnHeaderIsNoticed() throws {
    var random = SeededGenerator()
    let (entries, file) = try make(4)
    for entry in entries {
      let start = try offset(of: entry.header.encoded, in: file)
      // The record's length, its header of nine bytes, sequence, kind and time.
      for index in (start - 19)..<start {
        var copy = file
        copy[index] ^= UInt8.random(in: 1...255, using: &random)
        let report = try verify(copy)
        #expect(!report.isSound, "byte \(index), seed \(random.seed)")
        #expect(
          report.broken?.sequence ?? 1 <= entry.sequence + 1, "byte \(index): \(report.summary), seed \(random.seed)")
      }
    }
  }

  @Test func damageAnywhereIsNoticedOrChangesNothing() throws {
    var random = SeededGenerator()
    let (entries, file) = try make(12)
    for _ in 0..<300 {
      var copy = file
      let index = Int.random(in: 0..<copy.count, using: &random)
      copy[index] ^= UInt8.random(in: 1...255, using: &random)
      do {
        guard try verify(copy).isSound else { continue }
        var read: [Entry] = []
        try SQLiteLedger(path: scratch.ledger, readOnly: true).forEachEntry(from: 1) { entry in
          read.append(entry)
          return true
        }
        #expect(read == entries, "byte \(index), seed \(random.seed)")
      } catch {
        #expect(error is StoreError, "byte \(index): \(error), seed \(random.seed)")
      }
    }
  }

  @Test func aFileCutShortIsNoticed() throws {
    let (entries, file) = try make(200)
    for pages in stride(from: 1, to: file.count / 4096, by: 3) {
      do {
        let report = try verify(file.prefix(pages * 4096))
        #expect(!report.isSound)
        #expect(report.entries < UInt64(entries.count) || report.broken?.sequence == nil)
      } catch {
        #expect(error is StoreError)
      }
    }
  }

  @Test func aTornLogLosesOnlyWhatWasNotConfirmed() throws {
    var random = SeededGenerator()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append(note(0), at: Play.time)
    var confirmed: [Int] = []
    for number in 1...12 {
      try ledger.append(note(number), at: Play.time)
      confirmed.append(scratch.sizes().log)
    }
    let file = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger))
    let log = try Data(contentsOf: URL(fileURLWithPath: scratch.ledger + "-wal"))
    for _ in 0..<60 {
      let other = try Scratch()
      let length = Int.random(in: 0...log.count, using: &random)
      try file.write(to: URL(fileURLWithPath: other.ledger))
      try log.prefix(length).write(to: URL(fileURLWithPath: other.ledger + "-wal"))
      let least = confirmed.filter { $0 <= length }.count
      do {
        let torn = try SQLiteLedger(path: other.ledger)
        let report = try torn.verify()
        #expect(report.isSound, "\(report.summary), seed \(random.seed)")
        #expect(report.entries >= UInt64(least), "seed \(random.seed)")
        try torn.append(note(99), at: Play.time)
        #expect(try torn.verify().isSound)
      } catch {
        Issue.record("\(error), log cut to \(length), seed \(random.seed)")
      }
    }
  }
}
