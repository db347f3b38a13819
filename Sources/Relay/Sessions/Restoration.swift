import Billing
import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelTransport

/// What becomes of the sessions an earlier relay left open, by a crash or a stop.
///
/// ```
/// left open ──active, details on record──▶ restored: suspended (link, no-channel), next epoch
///     ├──not active yet────────────────▶ closed (withdrawn)
///     └──details missing────────────────▶ closed (unclosed), billed by the last time both sides signed
/// ```
enum Restoration {
  /// Why, as it stands on record.
  static let reason = "the relay was started anew"
  /// Sessions whose restoring is put on record in one commit.
  private static let batchSessions = 256

  /// Settles what cannot be gone on with and returns what can, in either case after that is on record. Done before any
  /// agent can connect, so that nobody is told another price than the one on record.
  static func prepare(
    in ledger: any LedgerStore, _ register: CustomerRegister, log: Logger
  ) -> [RestorableSession] {
    var restored: [RestorableSession] = []
    do {
      for id in try ledger.openSessions() {
        // One session that gives trouble must not keep the others from going on.
        do {
          guard let record = try ledger.record(session: id) else { continue }
          if let session = try restorable(record, in: ledger, register, log: log) { restored.append(session) }
        } catch {
          log.error("Session \(id), left open by an earlier relay, could not be gone on with or settled: \(error)")
        }
      }
    } catch {
      log.error("Sessions an earlier relay left open could not be looked up: \(error)")
    }
    let written = write(restored, to: ledger, log: log)
    for session in written {
      log.notice("Session \(session.id), left open by an earlier relay, waits for its machine and its technician.")
    }
    return written
  }

  /// Puts on record that these are gone on with; many in one commit, since each waits for the disk.
  /// - Returns: those for which it is durable.
  private static func write(
    _ sessions: [RestorableSession], to ledger: any LedgerStore, log: Logger
  ) -> [RestorableSession] {
    var written: [RestorableSession] = []
    var rest = sessions[...]
    while !rest.isEmpty {
      let batch = rest.prefix(batchSessions)
      rest = rest.dropFirst(batchSessions)
      do throws(StoreError) {
        try ledger.append(batch.map { $0.restored(reason: reason) }, at: WallClock.now())
        written += batch
      } catch {
        guard batch.count > 1 else {
          log.error(
            "Session \(batch.first?.id.rawValue ?? ""), left open by an earlier relay, cannot be gone on with: \(error)"
          )
          continue
        }
        // One that another relay has taken must not keep the others from going on.
        written += batch.flatMap { write([$0], to: ledger, log: log) }
      }
    }
    return written
  }

  private static func restorable(
    _ record: SessionRecord, in ledger: any LedgerStore, _ register: CustomerRegister, log: Logger
  ) throws -> RestorableSession? {
    let session: RestorableSession
    do throws(NotRestorable) {
      session = try RestorableSession(record)
      guard Ed25519PublicKey(rawBytes: session.agentKey) != nil else { throw .detailsMissing(.consentAnswered) }
    } catch {
      try settle(record, because: error, in: ledger, register)
      log.notice("Session \(record.id), left open by an earlier relay, is closed now: \(error).")
      return nil
    }
    return session
  }

  private static func settle(
    _ record: SessionRecord, because problem: NotRestorable, in ledger: any LedgerStore,
    _ register: CustomerRegister
  ) throws {
    let last = record.latestCheckpoint.map { ConfirmedCheckpoint($0) }
    let terms =
      record.request.map { SessionTerms($0, of: record.id, at: record.openedAt, register) }
      ?? SessionTerms(plan: .standard)
    let rated = try SessionRating(signed: record, terms, register)
    let closed = SessionClosed(
      outcome: problem == .notActivated ? .withdrawn : .unclosed,
      note: problem == .notActivated
        ? "the relay was restarted before the customer answered"
        : "settled by the last time both sides signed; the relay had stopped, and \(problem)",
      by: Closer.relay.text, activeMilliseconds: last?.statement.activeMilliseconds ?? 0,
      intervals: rated?.intervals ?? [], billedSeconds: rated?.work.billedSeconds ?? 0,
      amountMinor: rated?.work.amountMinor ?? 0, currency: record.currency ?? terms.currency.code,
      lines: rated?.work.lines.map { LedgerLine($0) } ?? [], bytesToMachine: record.bytesToMachine,
      bytesFromMachine: record.bytesFromMachine, rating: rated?.facts(terms) ?? RatingFacts())
    var drafts: [EntryDraft] = []
    if let last = record.latestCheckpoint, last.epoch > record.endedEpoch {
      drafts.append(CheckpointEpochEnd(checkpoint: last).draft)
    }
    drafts.append(closed.draft(session: record.id))
    try ledger.append(drafts, at: WallClock.now())
  }
}

extension RelayCore {
  /// Goes on with sessions of an earlier relay; before anybody can connect.
  func restore(_ restored: [RestorableSession], at clocks: ClockReading) {
    for session in restored {
      guard let key = Ed25519PublicKey(rawBytes: session.agentKey) else { continue }
      let code = session.continuation.code
      if !codes.restore(code, of: key.spki, boundTo: session.request.technicianKey, at: clocks.monotonic) {
        services.log.error("Session \(session.id): its code \(code) cannot be used any more.")
      }
      machines[key.spki] = Machine(
        spki: key.spki, publicKey: key, instance: session.continuation.agentInstance,
        allowances: session.question.allowances,
        goneSince: clocks.monotonic,
        language: session.request.language.map { Language(tag: $0) } ?? .english, code: code)
      sessions[session.id] = LiveSession(
        restoring: session, on: key.spki,
        terms: SessionTerms(session.request, of: session.id, at: session.openedAt, register),
        at: clocks
      ) { sessionLimits($0, isRestored: true) }
    }
  }
}

extension LiveSession {
  /// A session an earlier relay left behind, which waits for its machine and a technician.
  init(
    restoring session: RestorableSession, on machine: Fingerprint, terms: SessionTerms, at clocks: ClockReading,
    limits: (Plan) -> SessionLimits
  ) {
    let last = session.checkpoint.map { ConfirmedCheckpoint($0) }
    let time = last?.time ?? .none
    let activation = ClockReading(
      boot: session.continuation.bootID, monotonic: session.continuation.instant, wall: session.activatedAt)
    let origin = activation.origin(at: clocks, atLeast: time.intervals.last?.toMilliseconds ?? 0)
    let schedule = RelayCore.checkpointSchedule(of: session.id, epoch: session.nextEpoch, at: clocks.monotonic)
    self.init(
      id: session.id, machineIdentity: machine, machineName: session.request.machine,
      technician: session.request.technician, technicianKey: session.request.technicianKey,
      code: session.continuation.code, purpose: session.request.purpose, words: session.question.words,
      wordsHash: session.question.wordsHash, allowances: session.question.allowances, openedAt: session.openedAt,
      terms: terms,
      traffic: Traffic(bytesToMachine: session.bytesToMachine, bytesFromMachine: session.bytesFromMachine),
      machine: SessionMachine(restoring: time, origin: origin, at: clocks.monotonic, limits: limits(terms.plan)),
      lastChannel: session.lastChannel, activatedAt: session.activatedAt,
      book: CheckpointBook(restoring: last, schedule, at: clocks.monotonic), endedEpoch: session.endedEpoch,
      origin: origin, workTypes: WorkTypes(session.workChanges), lastQuestion: UInt32(clamping: session.lastQuestion))
  }
}
