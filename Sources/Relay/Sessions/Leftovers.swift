import Billing
import Ledger
import LedgerSQLite
import Logging
import Metering
import SessionModel

/// Sessions that an earlier relay left open, by a crash or a stop, are closed with what both sides had signed by then. Done
/// before any agent can connect, so that nobody is told another price than the one on record.
enum Leftovers {
  static func settle(in ledger: SQLiteLedger, plan: Plan, log: Logger) {
    do {
      for id in try ledger.openSessions() {
        // One session that cannot be settled must not keep the others open.
        do {
          guard let record = try ledger.record(session: id) else { continue }
          try settle(record, in: ledger, plan: plan)
          log.notice("Session \(id) was left open by an earlier relay and is closed now.")
        } catch {
          log.error("Session \(id), left open by an earlier relay, could not be settled: \(error)")
        }
      }
    } catch {
      log.error("Sessions an earlier relay left open could not be looked up: \(error)")
    }
  }

  private static func settle(_ record: SessionRecord, in ledger: SQLiteLedger, plan: Plan) throws {
    let active = record.latestCheckpoint?.statement.activeMilliseconds ?? 0
    let start = record.entries.first(where: { $0.kind == .sessionActivated })?.time ?? record.openedAt
    let rated = try record.technician.flatMap { Name($0) }.map {
      try SessionRating(
        offsets: active > 0 ? [MeterInterval(fromMilliseconds: 0, toMilliseconds: active)] : [], start: start,
        limitMilliseconds: active, technician: $0, plan: plan)
    }
    let closed = SessionClosed(
      outcome: .unclosed, note: "settled by the last time both sides signed; the relay had stopped", by: "relay",
      activeMilliseconds: active, intervals: rated?.intervals ?? [], billedSeconds: rated?.work.billedSeconds ?? 0,
      amountMinor: rated?.work.amountMinor ?? 0, currency: record.currency ?? plan.currency.code,
      lines: rated?.work.lines.map { LedgerLine($0) } ?? [], bytesToMachine: record.bytesToMachine,
      bytesFromMachine: record.bytesFromMachine)
    var drafts: [EntryDraft] = []
    let hasEpochEnd = record.entries.contains { $0.kind == .checkpointEpochEnd }
    if let last = record.latestCheckpoint, !hasEpochEnd { drafts.append(CheckpointEpochEnd(checkpoint: last).draft) }
    drafts.append(closed.draft(session: record.id))
    try ledger.append(drafts, at: WallClock.now())
  }
}
