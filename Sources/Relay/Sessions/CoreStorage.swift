import Ledger
import Logging
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// When the ledger cannot be written: the clock stops, help goes on, and everybody is told.
extension RelayCore {
  /// Puts something about a session on record.
  func record(_ payload: some EntryPayload, _ id: SessionID?) { record([payload.draft(session: id)]) }

  /// Puts things on record that belong together: all of them, or none.
  /// - Returns: true when they are durable now.
  @discardableResult
  func record(_ drafts: [EntryDraft]) -> Bool {
    let isDurable = journal.append(drafts, at: WallClock.now())
    // Told behind what is going on now, and not a tick later: no time may count that cannot be recorded.
    if journal.hasNews { post { $0.flushRecords(at: BootClock.now()) } }
    return isDurable
  }

  /// Writes what is due and tells the clock, and the technicians, when the disk gives trouble or ceases to.
  func flushRecords(at now: MonotonicInstant) {
    let change = journal.flush(at: now)
    if isStopping, journal.waitingEntries > 0 {
      services.log.error(
        "The relay stops, and \(CountText.of(journal.waitingEntries, "entry", "entries")) could not be written.")
    }
    guard let change else { return }
    for id in Array(sessions.keys) {
      apply(change == .recovered ? .storageRecovered : .storageFailed, to: id, at: now)
      guard !isStopping, let session = sessions[id], session.activatedAt != nil, !session.isClosing else { continue }
      for bridge in session.channels.values { tell(bridge, of: change) }
    }
  }

  /// One line in a shell. Scripts and file transfers have nobody who reads it; the agent shows it in any case.
  func tell(_ bridge: ChannelBridge, of change: Journal.Change) {
    guard bridge.kind == .shell else { return }
    switch change {
    case .failed: bridge.tell("The relay cannot write its records: no time counts until it can. Your work goes on.")
    case .damaged:
      bridge.tell(
        "The relay's records are damaged: no time counts until its operator has seen to it. Your work goes on.")
    case .recovered: bridge.tell("The relay can write its records again.")
    }
  }
}
