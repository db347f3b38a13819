import Foundation
import Ledger
import LedgerSQLite
import SessionModel
import TestSupport
import Testing

/// A disk that does not confirm what it was given, under the real SQLite.
@Suite(.enabled(if: FaultyLedger.library != nil, "needs a C compiler")) struct FaultTests {
  private func texts(in path: String) throws -> [String] {
    let ledger = try SQLiteLedger(path: path)
    let report = try ledger.verify()
    #expect(report.isSound, "\(report.summary)")
    var texts: [String] = []
    try ledger.forEachEntry(from: 1) { entry in
      texts.append(LedgerNote(entry)?.text ?? "?")
      return true
    }
    return texts
  }

  @Test("an append the disk did not confirm is not there, and its repetition is there once")
  func notConfirmed() throws {
    let ledger = try FaultyLedger()
    #expect(try ledger.ask("append a") == "ok 1")
    try ledger.fault("sync -wal")
    for _ in 0..<3 { #expect(try ledger.ask("append b").contains("did not confirm")) }
    #expect(try ledger.ask("read") == "1", "a reader is shown nothing unconfirmed")
    try ledger.fault(nil)
    #expect(try ledger.ask("append b") == "ok 2")
    #expect(try ledger.ask("append c") == "ok 3")
    ledger.killProcess()
    #expect(try texts(in: ledger.scratch.ledger) == ["a", "b", "c"])
    #expect(try texts(in: ledger.disk.ledger) == ["a", "b", "c"])
  }

  @Test(
    "each way a disk fails is told apart, and passes",
    arguments: [("full -wal", "No space is left"), ("readonly -wal", "failed"), ("sync -wal", "did not confirm")])
  func ways(fault: String, words: String) throws {
    let ledger = try FaultyLedger()
    #expect(try ledger.ask("append a") == "ok 1")
    try ledger.fault(fault)
    let said = try ledger.ask("append b")
    #expect(said.hasPrefix("error") && said.contains(words), "\(said)")
    try ledger.fault(nil)
    #expect(try ledger.ask("append b") == "ok 2")
    ledger.killProcess()
    #expect(try texts(in: ledger.disk.ledger) == ["a", "b"])
  }

  @Test("after a failure nothing is written before all that was confirmed earlier was confirmed anew")
  func proof() throws {
    let ledger = try FaultyLedger()
    for number in 1...5 { #expect(try ledger.ask("append \(number)") == "ok \(number)") }
    try ledger.fault("sync -wal")
    #expect(try ledger.ask("append 6").contains("did not confirm"))
    // The log would take it by now; what the file takes over is not confirmed yet.
    try ledger.fault("sync ledger.sqlite")
    for _ in 0..<2 { #expect(try ledger.ask("append 6").contains("did not confirm")) }
    #expect(try ledger.ask("read") == "5")
    try ledger.fault(nil)
    #expect(try ledger.ask("append 6") == "ok 6")
    #expect(try textsOnDisk(ledger) == (1...6).map(String.init))
  }

  /// The database's own file is only written when the log is taken over, which SQLite does behind a commit and without a word.
  @Test("a file that takes nothing over keeps everything in the log")
  func databaseNotConfirmed() throws {
    let ledger = try FaultyLedger()
    try ledger.fault("sync ledger.sqlite")
    for number in 1...300 { #expect(try ledger.ask("append \(number)") == "ok \(number)") }
    #expect(try textsOnDisk(ledger) == (1...300).map(String.init))
    try ledger.fault(nil)
    for number in 301...310 { #expect(try ledger.ask("append \(number)") == "ok \(number)") }
    ledger.killProcess()
    #expect(try texts(in: ledger.disk.ledger) == (1...310).map(String.init))
  }

  /// What the disk never confirmed stands in the log as the kernel remembers it. Written behind, a later entry is lost with it.
  @Test("after a crash the log is only trusted once it is settled", arguments: [true, false])
  func settledAfterACrash(settles: Bool) throws {
    let ledger = try FaultyLedger()
    for number in 1...5 { #expect(try ledger.ask("append \(number)") == "ok \(number)") }
    try ledger.fault("sync -wal")
    #expect(try ledger.ask("append lost").hasPrefix("error"))
    ledger.killProcess()
    try ledger.fault(nil)
    try ledger.start()
    if settles { #expect(try ledger.ask("settle") == "ok") }
    #expect(try ledger.ask("append kept").hasPrefix("ok"))
    let onDisk = try textsOnDisk(ledger)
    // The second round shows that the simulated disk does what is feared of real ones.
    #expect(onDisk.contains("kept") == settles, "\(onDisk)")
    #expect(onDisk.starts(with: (1...5).map(String.init)))
  }

  @Test("nothing acknowledged is lost, and nothing is there twice, whatever fails and whoever dies", arguments: 1...6)
  func history(round: Int) throws {
    var random = SeededGenerator(seed: Seed.current &+ UInt64(round))
    let ledger = try FaultyLedger()
    var acknowledged: [String] = []
    var waiting: String?
    var isFailing = false
    for step in 1...120 {
      switch Int.random(in: 0..<12, using: &random) {
      case 0:
        isFailing.toggle()
        let suffix = ["-wal", "ledger.sqlite", ""].randomElement(using: &random) ?? ""
        let way = ["sync", "full", "readonly"].randomElement(using: &random) ?? "sync"
        // An empty suffix fits every file.
        try ledger.fault(isFailing ? "\(way) \(suffix.isEmpty ? "l" : suffix)" : nil)
      case 1:
        ledger.killProcess()
        try ledger.fault(nil)
        isFailing = false
        // Whoever waited died with it.
        waiting = nil
        try ledger.start()
        #expect(try ledger.ask("settle") == "ok")
      default:
        let text = waiting ?? "n\(step)"
        let said = try ledger.ask("append \(text)")
        waiting = said.hasPrefix("ok") ? nil : text
        if waiting == nil { acknowledged.append(text) }
      }
      if step.isMultiple(of: 30) {
        let onDisk = try textsOnDisk(ledger)
        #expect(Set(onDisk).count == onDisk.count, "twice: \(onDisk), seed \(random.seed)")
        #expect(onDisk.filter(Set(acknowledged).contains) == acknowledged, "step \(step), seed \(random.seed)")
      }
    }
  }

  @Test("a damaged page stops writing for good, and the file stays as it is")
  func damagedPage() throws {
    let ledger = try FaultyLedger()
    for number in 1...50 { #expect(try ledger.ask("append \(number)") == "ok \(number)") }
    // Somebody else writes, so that nobody's memory of the pages is good any more.
    try Tamper(ledger.scratch.ledger).run("UPDATE ledger SET directory_version = directory_version + 1")
    #expect(try ledger.ask("settle") == "ok")
    try Tamper(ledger.scratch.ledger).run("UPDATE ledger SET directory_version = directory_version + 1")
    try Tamper(ledger.scratch.ledger).run("PRAGMA wal_checkpoint(TRUNCATE)")
    let url = URL(fileURLWithPath: ledger.scratch.ledger)
    var bytes = try Data(contentsOf: url)
    for index in 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    let file = try FileHandle(forWritingTo: url)
    try file.write(contentsOf: bytes)
    for _ in 0..<3 { #expect(try ledger.ask("append more").contains("is damaged")) }
    #expect(try ledger.ask("read").contains("is damaged"))
    ledger.killProcess()
    #expect(try Data(contentsOf: url) == bytes)
    #expect(ledger.scratch.sizes().log == 0)
    #expect(try SQLiteLedger(path: ledger.scratch.ledger, readOnly: true).verify().broken != nil)
  }

  /// What a machine would find after a power loss.
  private func textsOnDisk(_ ledger: FaultyLedger) throws -> [String] {
    let copy = try Scratch()
    let names = try FileManager.default.contentsOfDirectory(atPath: ledger.disk.directory)
    for name in names {
      try FileManager.default.copyItem(
        atPath: "\(ledger.disk.directory)/\(name)", toPath: "\(copy.directory)/\(name)")
    }
    return try withExtendedLifetime(copy) { try texts(in: copy.ledger) }
  }
}
