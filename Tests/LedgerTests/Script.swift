import Ledger
import SessionModel
import TestSupport
import Testing

/// One session's entries as they would be written, a second apart.
struct Script {
  let session: SessionID
  var ledger: MemoryLedger
  var seconds: Int64 = 0

  init(_ random: inout SeededGenerator) throws {
    session = try #require(SessionID("0a1b2c3d"))
    ledger = MemoryLedger(id: try #require(LedgerID(random.bytes(16))))
  }

  mutating func say(_ payload: some EntryPayload) {
    ledger.append(
      payload.draft(session: session), salt: Array(repeating: 0, count: 16),
      at: WallTime(milliseconds: seconds * 1000))
    seconds += 1
  }

  func record(_ checkpoints: [StoredCheckpoint] = []) -> SessionRecord? {
    SessionRecord(session: session, entries: ledger.entries, checkpoints: checkpoints)
  }

  static func requested() throws -> Script {
    var random = SeededGenerator()
    var script = try Script(&random)
    script.say(
      SessionRequested(
        machine: "guest-482", technician: try #require(Name("mika")), technicianKey: Sample.fingerprint(1),
        purpose: "printer", plan: Sample.plan, address: "::1"))
    return script
  }
}
