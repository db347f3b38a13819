import Ledger
import LedgerSQLite
import SessionModel
import Testing

@Suite struct SpeedTests {
  /// Far above what it takes even unoptimised: catches a walk whose work grows faster than the ledger.
  static let ceiling = Duration.seconds(20)

  @Test func tenThousandEntriesAreVerifiedSoon() throws {
    let scratch = try Scratch()
    let ledger = try SQLiteLedger(path: scratch.ledger)
    for batch in 0..<10 { try ledger.append((0..<1000).map { note(batch * 1000 + $0) }, at: Play.time) }
    let clock = ContinuousClock()
    var report: LedgerReport?
    let duration = try clock.measure { report = try ledger.verify() }
    #expect(report?.isSound == true)
    #expect(report?.entries == 10_000)
    #expect(duration < Self.ceiling)
    print("verified 10,000 entries in \(duration)")
    let appends = try clock.measure { for number in 0..<200 { try ledger.append(note(number), at: Play.time) } }
    print("200 appends of one entry in \(appends)")
  }
}
