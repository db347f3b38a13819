import Foundation
import GRDB
import Ledger
import LedgerSQLite
import SessionModel
import Signing
import TestSupport
import Testing

/// Entries found by kind, erased details of which something is kept, and what is folded from both.
@Suite struct RegisterTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func read(_ ledger: SQLiteLedger, _ kinds: Set<EntryKind>, from sequence: UInt64 = 1) throws -> [Entry] {
    var read: [Entry] = []
    try ledger.forEachEntry(kinds: kinds, from: sequence) { entry in
      read.append(entry)
      return true
    }
    return read
  }

  /// More entries than a batch holds, of random kinds.
  private func fill(_ ledger: SQLiteLedger, _ random: inout SeededGenerator) throws -> [Entry] {
    var written: [Entry] = []
    while written.count < 1200 {
      let kinds: [EntryKind] = [.note, .planAdded, .planWithdrawn, .customerAdded, .unknown(700)]
      let drafts = (0..<100).map { _ in
        EntryDraft(kind: kinds.randomElement(using: &random) ?? .note, session: nil, payload: ["id": "x"])
      }
      written += try ledger.append(drafts, at: Play.time)
    }
    return written
  }

  @Test func entriesOfSomeKindsComeInTheirOrder() throws {
    var random = SeededGenerator()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let written = try fill(ledger, &random)
    for kinds in [[.note], [.planAdded, .customerAdded], [.unknown(700), .note, .relayStarted]] as [Set<EntryKind>] {
      for from in [0, 1, 2, UInt64(Int.random(in: 1...1200, using: &random)), 1200, 1201] {
        #expect(
          try read(ledger, kinds, from: from) == written.filter { kinds.contains($0.kind) && $0.sequence >= from },
          "seed \(random.seed)")
      }
    }
    #expect(try read(ledger, []) == [] && read(ledger, [.sessionClosed]) == [])
    var first: [UInt64] = []
    try ledger.forEachEntry(kinds: [.note], from: 1) { entry in
      first.append(entry.sequence)
      return first.count < 3
    }
    #expect(first == written.filter { $0.kind == .note }.prefix(3).map(\.sequence), "seed \(random.seed)")
  }

  @Test func aFileOfTheVersionBeforeIsReadAsItIsAndBroughtUpToDateByAWriter() throws {
    var random = SeededGenerator()
    let written = try fill(try SQLiteLedger(path: scratch.ledger), &random)
    let tamper = try Tamper(scratch.ledger)
    try tamper.run("DROP INDEX entries_by_kind")
    try tamper.run("PRAGMA user_version = 2")
    let notes = written.filter { $0.kind == .note || $0.kind == .planAdded }
    #expect(try read(try SQLiteLedger(path: scratch.ledger, readOnly: true), [.note, .planAdded]) == notes)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    #expect(try read(ledger, [.note, .planAdded]) == notes)
    #expect(try ledger.verify().isSound)
    #expect(
      try tamper.queue.read {
        try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema WHERE name = 'entries_by_kind'")
      }
        == 1)
  }

  @Test func whatIsKeptOfErasedDetailsIsReadInTheirPlace() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let secret = JSONValue.string("Mäntytie 5")
    try ledger.append(
      ["a", "b", "c"].map { EntryDraft(kind: .customerAdded, session: nil, payload: ["id": $0, "name": secret]) },
      at: Play.time)
    let entry = try ledger.erasePayloads([1, 3], keeping: [1: ["id": "a"]], reason: "asked for", at: Play.time)
    #expect(PayloadErased(entry) == PayloadErased(sequences: [1, 3], reason: "asked for", kept: [1: ["id": "a"]]))
    let read = try read(ledger, [.customerAdded])
    #expect(read.map(\.details) == [["id": "a"], ["id": "b", "name": secret], nil])
    #expect(read.map { $0.payload == nil } == [true, false, true])
    #expect(read[0].json["details"] == ["id": "a"] && read[0].json["erased"] == true)
    let report = try ledger.verify()
    #expect(report.isSound && report.erasedPayloads == 2, "\(report.summary)")
    #expect(throws: StoreError.self) {
      try ledger.erasePayloads([2], keeping: [1: [:]], reason: "", at: Play.time)
    }
  }

  @Test func whatIsKeptCannotBeChanged() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    try ledger.append([note(1), note(2)], at: Play.time)
    try ledger.erasePayloads([1], keeping: [1: ["by": "mika"]], reason: "asked for", at: Play.time)
    try Tamper(scratch.ledger).run(
      "UPDATE payloads SET text = CAST(replace(text, 'mika', 'anna') AS BLOB) WHERE sequence = 3")
    #expect(try ledger.verify().broken?.sequence == 3)
    var details: [JSONValue?] = []
    #expect(throws: StoreError.self) {
      try ledger.forEachEntry(from: 1) { entry in
        details.append(entry.details)
        return entry.sequence < 3
      }
    }
    #expect(!details.contains(["by": "anna"]))
  }

  @Test func aRegisterReadsOnAndForgetsWhatIsErased() throws {
    var random = SeededGenerator()
    let play = try Play(using: &random)
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let acme = try #require(Name("acme"))
    try ledger.append(CustomerAdded(id: acme, name: "Acme", party: .business, by: "operator").draft(), at: Play.time)
    var register = CustomerRegister()
    try ledger.update(&register)
    #expect(register.customers[acme]?.details?.name == "Acme" && register.sequence == 1)
    try ledger.append(play.opening + (try play.closing()), at: Play.time)
    try ledger.update(&register)
    #expect(register.sessions[play.session]?.amountMinor == 2250)
    #expect(try ledger.register().sessions == register.sessions)
    try ledger.erasePayloads([1], keeping: [1: ["id": "acme"]], reason: "asked for", at: Play.time)
    try ledger.update(&register)
    #expect(register.customers[acme]?.isErased == true && !register.isStale)
    #expect(register.sessions[play.session]?.amountMinor == 2250)
    try ledger.update(&register)
    #expect(!register.isStale)
  }

  @Test func aRegisterIsReadWhileOthersErase() async throws {
    let path = scratch.ledger
    let writer = try SQLiteLedger(path: path)
    let count: UInt64 = 60
    for number in 1...count {
      let customer = CustomerAdded(
        id: try #require(Name("c-\(number)")), name: "Customer", party: .business, by: "operator")
      try writer.append(customer.draft(), at: Play.time)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        let ledger = try SQLiteLedger(path: path)
        for sequence in 1...count {
          do throws(StoreError) {
            try ledger.erasePayloads(
              [sequence], keeping: [sequence: ["id": .string("c-\(sequence)")]], reason: "asked for", at: Play.time)
          } catch .busy {
            // Erased, but the reader keeps the log from being emptied.
          }
        }
      }
      group.addTask {
        let ledger = try SQLiteLedger(path: path, readOnly: true)
        var register = CustomerRegister()
        while register.customers.values.count(where: \.isErased) < Int(count) {
          try ledger.update(&register)
          #expect(register.customers.count == Int(count) && !register.isStale)
        }
      }
      try await group.waitForAll()
    }
    #expect(try writer.verify().isSound)
  }
}
