import Ledger
import Metering
import SessionModel
import Signing

@testable import Relay

/// What an earlier run of the relay left open: the real folding of entries and checkpoints; what Restoration does with it.
extension SimulatedRelay {
  /// All clocks of the relay's computer.
  var clocks: ClockReading {
    ClockReading(boot: "boot \(process.host.boot)", monotonic: now, wall: process.host.wall)
  }

  func restoreSessions() {
    guard let open = try? disk.openSessions() else { return }
    for id in open {
      guard let record = try? disk.record(session: id) else { continue }
      do throws(NotRestorable) {
        restore(try RestorableSession(record), record)
      } catch {
        settle(record, because: error)
      }
    }
  }

  private func restore(_ session: RestorableSession, _ record: SessionRecord) {
    guard let publicKey = Ed25519PublicKey(rawBytes: session.agentKey) else { return }
    let key = publicKey.fingerprint
    let last = session.checkpoint.map { ConfirmedCheckpoint($0) }
    let time = last?.time ?? .none
    let continuation = session.continuation
    let activation = ClockReading(boot: continuation.bootID, monotonic: continuation.instant, wall: session.activatedAt)
    let origin = activation.origin(at: clocks, atLeast: time.intervals.last?.toMilliseconds ?? 0)
    let schedule = checkpointSchedule(of: session.id, epoch: session.nextEpoch)
    journal.append([session.restored(reason: "the relay was started anew")], at: process.host.wall)
    _ = codes.restore(continuation.code, of: key, boundTo: session.request.technicianKey, at: now)
    machines[key] = Machine(
      key: key, publicKey: publicKey, instance: continuation.agentInstance, lastHeard: now, code: continuation.code)
    sessions[session.id] = LiveSession(
      id: session.id, machineKey: key, technicianKey: session.request.technicianKey, code: continuation.code,
      words: session.question.words, wordsHash: session.question.wordsHash,
      machine: SessionMachine(restoring: time, origin: origin, at: now, limits: world.settings.session),
      book: CheckpointBook(restoring: last, schedule, at: now),
      lastChannel: session.lastChannel, activatedAt: session.activatedAt, endedEpoch: session.endedEpoch)
    world.watch(session.id) { $0.reopened() }
    world.trace.note("restored", "\(session.id) epoch \(session.nextEpoch) active \(time.activeMilliseconds)")
  }

  private func settle(_ record: SessionRecord, because problem: NotRestorable) {
    let active = record.latestCheckpoint?.statement.activeMilliseconds ?? 0
    let closed = SessionClosed(
      outcome: problem == .notActivated ? .withdrawn : .unclosed, note: "\(problem)", by: "relay",
      activeMilliseconds: active, intervals: [], billedSeconds: active / 1000, amountMinor: 0, currency: "EUR",
      lines: [], bytesToMachine: 0, bytesFromMachine: 0)
    world.watch(record.id) { $0.closed(isConfirmed: true, at: now) }
    journal.append([closed.draft(session: record.id)], at: process.host.wall)
    world.trace.note("settled", "\(record.id) \(problem)")
    if active > 0 { world.failed("\(record.id) could not be gone on with: \(problem)") }
  }

  func checkpointSchedule(of id: SessionID, epoch: UInt32) -> CheckpointSchedule {
    CheckpointSchedule(
      session: id, epoch: epoch, intervalMilliseconds: CheckpointSchedule.intervalMilliseconds - Self.tickMilliseconds,
      at: now
    ) { SHA256.hash($0) }
  }

  func recordActivation(of session: LiveSession) {
    guard let machine = machines[session.machineKey] else { return }
    let continuation = SessionActivated.Continuation(
      code: session.code, agentInstance: machine.instance, bootID: clocks.boot, instant: now)
    record(SessionActivated(continuation: continuation), session.id)
  }

  /// The end of the epoch that the newest confirmed checkpoint belongs to, unless it is on record.
  func epochEnd(of session: LiveSession) -> [EntryDraft] {
    guard let last = session.book.confirmed, last.statement.epoch > session.endedEpoch else { return [] }
    return [CheckpointEpochEnd(checkpoint: StoredCheckpoint(last)).draft]
  }

  /// The first checkpoint of a later epoch is there: the one before it ends.
  func endEpoch(of session: LiveSession, before epoch: UInt32) {
    guard let last = session.book.confirmed?.statement.epoch, last < epoch else { return }
    let drafts = epochEnd(of: session)
    if !drafts.isEmpty { journal.append(drafts, at: process.host.wall) }
    sessions[session.id]?.endedEpoch = last
  }
}
