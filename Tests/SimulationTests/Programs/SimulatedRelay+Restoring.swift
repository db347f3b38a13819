import Ledger
import Metering
import SessionModel

@testable import Relay

/// What an earlier run of the relay left open.
extension SimulatedRelay {
  func restoreSessions() {
    guard let open = try? disk.openSessions() else { return }
    for id in open {
      guard let record = try? disk.record(session: id) else { continue }
      let active = record.latestCheckpoint?.statement.activeMilliseconds ?? 0
      let start = process.host.wall
      let closed = SessionClosed(
        outcome: .unclosed, note: "settled", by: "relay", activeMilliseconds: active,
        intervals: active > 0 ? [LedgerInterval(from: start, to: start.advanced(byMilliseconds: active))] : [],
        billedSeconds: active / 1000, amountMinor: 0, currency: "EUR", lines: [], bytesToMachine: 0, bytesFromMachine: 0)
      world.watch(id) { $0.closed(isConfirmed: true, at: now) }
      journal.append([closed.draft(session: id)], at: process.host.wall)
      world.trace.note("settled", "\(id) \(active)")
    }
  }

  func recordActivation(of session: LiveSession) { record(SessionActivated(), session.id) }

  func keep(_ checkpoint: ConfirmedCheckpoint) {
    journal.keep(
      StoredCheckpoint(
        statement: checkpoint.statement, relaySignature: checkpoint.relaySignature,
        agentSignature: checkpoint.agentSignature, storedAt: checkpoint.confirmedAt))
  }

  func epochEnd(of session: LiveSession) -> [EntryDraft] {
    session.book.confirmed.map {
      [
        CheckpointEpochEnd(
          checkpoint: StoredCheckpoint(
            statement: $0.statement, relaySignature: $0.relaySignature, agentSignature: $0.agentSignature,
            storedAt: $0.confirmedAt)
        ).draft
      ]
    } ?? []
  }
}
