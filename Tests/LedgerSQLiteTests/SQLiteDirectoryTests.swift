import Ledger
import LedgerSQLite
import SessionModel
import Signing
import Testing

@Suite struct SQLiteDirectoryTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func technicianAreFoundByNameAndKey() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let directory = SQLiteDirectory(ledger: ledger)
    let mika = try technician("mika", key: 1)
    let aino = try technician("aino", key: 2)
    try directory.add(mika)
    try directory.add(aino)
    #expect(try directory.technicians() == [aino, mika])
    #expect(try directory.technician(named: mika.name) == mika)
    #expect(try directory.technician(key: aino.keyFingerprint) == aino)
    #expect(try directory.technician(key: SHA256.hash([9])) == nil)
    #expect(try directory.remove(aino.name, at: Play.time) == aino)
    #expect(try directory.technicians() == [mika])
    #expect(try directory.technician(key: aino.keyFingerprint) == nil)
    let report = try ledger.verify()
    #expect(report.isSound, "\(report.summary)")
    #expect(report.entries == 3)
  }

  @Test func eachChangeIsAnEntry() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let directory = SQLiteDirectory(ledger: ledger)
    let mika = try technician("mika", key: 1)
    let added = try #require(TechnicianAdded(try directory.add(mika)))
    #expect(added.keyFingerprint == mika.keyFingerprint)
    try directory.remove(mika.name, at: Play.time)
    var kinds: [EntryKind] = []
    try ledger.forEachEntry(from: 1) { entry in
      kinds.append(entry.kind)
      return true
    }
    #expect(kinds == [.technicianAdded, .technicianRemoved])
  }

  @Test func aNameOrKeyTakenIsRefusedAndNothingIsWritten() throws {
    let ledger = try SQLiteLedger(path: scratch.ledger)
    let directory = SQLiteDirectory(ledger: ledger)
    try directory.add(try technician("mika", key: 1))
    #expect(throws: StoreError.refused("There is a technician mika already: remove him first.")) {
      try directory.add(try technician("mika", key: 2))
    }
    #expect(
      throws: StoreError.refused("That key belongs to technician mika already: each needs a key of his own.")
    ) {
      try directory.add(try technician("aino", key: 1))
    }
    let nobody = try technician("nobody", key: 3)
    #expect(throws: StoreError.refused("There is no technician nobody: technician list shows who there is.")) {
      try directory.remove(nobody.name, at: Play.time)
    }
    #expect(try ledger.head().sequence == 1)
    #expect(try directory.changeCounter() == 1)
  }

  @Test func anotherConnectionNoticesAChange() throws {
    let relay = SQLiteDirectory(ledger: try SQLiteLedger(path: scratch.ledger))
    let command = SQLiteDirectory(ledger: try SQLiteLedger(path: scratch.ledger))
    let before = try relay.changeCounter()
    let mika = try technician("mika", key: 1)
    try command.add(mika)
    let between = try relay.changeCounter()
    #expect(between > before)
    #expect(try relay.technician(named: mika.name) == mika)
    try command.remove(mika.name, at: Play.time)
    #expect(try relay.changeCounter() > between)
    #expect(try relay.technician(named: mika.name) == nil)
  }
}
