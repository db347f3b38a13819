import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// What is written down, and what the relay is told of it.
extension AgentRun {
  /// A line about the journal, for whoever looks at this program.
  func tellOfJournal(_ line: String) { reporter.emit(.notice(line), text: line) }

  /// The journal cannot be written, or can be again: both sides are told.
  func journalNews(_ news: JournalWriter.News) {
    tellOfJournal(Wording.journal(news))
    switch news {
    case .failed(let error):
      journalFailure = error
      tunnel?.post(.journal(JournalTrouble.unusable(error).report))
    case .recovered:
      journalFailure = nil
      tunnel?.post(.journal(JournalReport(condition: .writable, reason: "")))
    }
  }

  /// Whether the next run knows what this one writes down.
  var isJournalKept: Bool { parts.journal.store != nil && journalFailure == nil }

  /// Tells a relay that knows nothing of this tunnel's past what is wrong with the journal.
  func postJournalTrouble() {
    if let trouble = parts.journal.trouble { tunnel?.post(.journal(trouble.report)) }
    if let journalFailure { tunnel?.post(.journal(JournalTrouble.unusable(journalFailure).report)) }
  }

  /// The link of every open session went down, or came back.
  func noteLink(isUp: Bool) {
    let now = BootClock.now()
    for session in sessions.values.sorted(by: { $0.id < $1.id }) {
      let measured = session.measure.measuredMilliseconds(at: now)
      journal.note(
        isUp ? .restored(measuredMilliseconds: measured) : .cut(measuredMilliseconds: measured), of: session.id)
    }
  }

  /// Sessions end here; what the relay makes of it is to come, or will not come in this run.
  func noteEnded(_ ids: [SessionID]) {
    let now = BootClock.now()
    for id in ids {
      guard let session = sessions[id] else { continue }
      journal.note(.ended(measuredMilliseconds: session.measure.measuredMilliseconds(at: now)), of: id)
    }
  }

  /// Tells a relay that knows nothing of this tunnel's past what is on record here of every session that it and this side
  /// have not settled: the first thing said on the connection, once.
  func postHeldSessions() {
    guard let tunnel, let relayKey else { return }
    let now = BootClock.now()
    for var held in journal.book.held(relay: relayKey.fingerprint) {
      if let session = sessions[held.session] {
        held.measuredMilliseconds = session.measure.measuredMilliseconds(at: now)
      }
      tunnel.post(.heldSession(held))
    }
  }

  /// Signs what the relay states, or says what was measured here; either is written down.
  func checkpoint(_ statement: CheckpointStatement, _ signature: [UInt8]) {
    guard let tunnel, let relayKey, let session = sessions[statement.session], book[statement.session] != nil
    else { return }
    let now = BootClock.now()
    let measured = session.measure.measuredMilliseconds(at: now)
    if relayKey.isValid(signature: signature, for: statement.signedBytes), session.accepts(statement, at: now),
      let own = try? parts.signingKey.sign(statement.signedBytes)
    {
      let checkpoint = CountersignedCheckpoint(statement: statement, relaySignature: signature, agentSignature: own)
      journal.note(.signed(checkpoint, measuredMilliseconds: measured), of: statement.session)
      tunnel.post(
        .checkpointSigned(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence, signature: own))
    } else {
      journal.note(
        .refused(
          epoch: statement.epoch, sequence: statement.sequence, relayMilliseconds: statement.activeMilliseconds,
          measuredMilliseconds: measured), of: statement.session)
      tunnel.post(
        .checkpointRefused(
          session: statement.session, epoch: statement.epoch, sequence: statement.sequence,
          measuredMilliseconds: measured))
    }
  }
}
