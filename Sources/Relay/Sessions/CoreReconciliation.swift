import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Agents that come back: what they have on record of their sessions is held against the relay's own record.
extension RelayCore {
  /// An agent said HELLO, and which consents it holds. What it has on record of the open ones comes next, before their time
  /// is stated again: it may have signed more than this relay kept.
  func beginHeldTalk(_ arrival: MachineArrival, at now: MonotonicInstant) {
    let open = arrival.heldSessions.filter {
      sessions[$0]?.machineIdentity == arrival.spki && sessions[$0]?.activatedAt != nil
    }
    machines[arrival.spki]?.receiptTalk = ReceiptTalk()
    let unspoken = machines[arrival.spki]?.heldTalk?.unspoken ?? []
    machines[arrival.spki]?.heldTalk = HeldTalk(awaiting: Set(open), unspoken: unspoken, at: now)
  }

  /// It may hold consents of sessions that ended while it was away, or before this relay started: it is told.
  func tellOver(_ arrival: MachineArrival) {
    for session in arrival.heldSessions where sessions[session] == nil {
      machines[arrival.spki]?.heldTalk?.told.insert(session)
      tellEnded(session, on: arrival.port)
    }
  }

  /// Whether the session's agent is about to say what it has on record.
  func isAwaitingHeldTalk(_ session: LiveSession, at now: MonotonicInstant) -> Bool {
    machines[session.machineIdentity]?.heldTalk?.isAwaiting(session.id, at: now) ?? false
  }

  func sessionHeld(_ held: HeldSession, by machine: Machine) {
    let id = held.session
    // More than once on a connection, or of too many sessions: no honest agent does that, and nothing follows from it.
    guard machines[machine.spki]?.heldTalk?.hear(id) == true else { return }
    if let session = sessions[id], session.machineIdentity == machine.spki {
      compare(held, with: session, by: machine)
      // What became due while the agent was waited for.
      if activatedAndOpen(id) { sendCheckpoint(of: id, at: BootClock.now(), isTransition: true) }
    } else {
      compareWithLedger(held, by: machine)
    }
  }

  /// An agent tells of its record as a whole. A damaged one has nothing to say of the sessions of its earlier run: what became
  /// of their other record stands beside each.
  func journalReported(_ report: JournalReport, by machine: Machine) {
    guard machines[machine.spki]?.heldTalk?.hearOfJournal() == true else { return }
    let reason = TextSafety.escaped(report.reason)
    switch report.condition {
    case .damaged:
      services.log.warning("Machine \(machine.name): the agent's journal of earlier sessions \(reason).")
      for id in machines[machine.spki]?.heldTalk?.takeUnspoken() ?? [] {
        putUnspoken(id) { Reconciliation.damaged(relayMilliseconds: $0) }
      }
    case .unwritable:
      services.log.warning(
        "Machine \(machine.name): the agent cannot write its journal, and keeps it in memory: \(reason).")
    case .writable: services.log.notice("Machine \(machine.name): the agent can write its journal again.")
    }
  }

  /// An agent that was started anew and has said nothing of a session of its earlier run has no record of it any more.
  func noteUnspoken(of machine: Machine, at now: MonotonicInstant) {
    guard machine.isConnected, machine.heldTalk?.isOver(at: now) == true else { return }
    for id in machines[machine.spki]?.heldTalk?.takeUnspoken() ?? [] {
      putUnspoken(id) { Reconciliation.missing(relayMilliseconds: $0) }
    }
  }

  private func putUnspoken(_ id: SessionID, _ difference: (_ relayMilliseconds: Int64) -> Reconciled) {
    let own = unrecorded[id]?.activeMilliseconds ?? (try? services.ledger.record(session: id))?.activeMilliseconds
    put(difference(own ?? 0), id, limit: HeldTalk.maximumRecorded, isOwn: true)
  }

  private func activatedAndOpen(_ id: SessionID) -> Bool {
    sessions[id].map { $0.activatedAt != nil && !$0.isClosing } ?? false
  }

  private func compare(_ held: HeldSession, with session: LiveSession, by machine: Machine) {
    let stored = session.book.confirmed?.statement
    let own = Reconciliation(stored: stored, relayMilliseconds: stored?.activeMilliseconds ?? 0, isClosed: false)
    guard let difference = own.difference(from: held, signatures(of: held, by: machine)) else { return }
    if difference.decision == .takenOver, let newest = held.newest { takeOver(newest, session.id) }
    put(difference, session.id, limit: HeldTalk.maximumRecorded, isOwn: true)
  }

  /// A session that is not open here: closed, or another machine's, or never heard of.
  private func compareWithLedger(_ held: HeldSession, by machine: Machine) {
    let id = held.session
    // Closed by this relay, whose record waits for the disk: there is nothing yet to hold the agent's against.
    guard unrecorded[id] == nil else { return tellOver(id, machine) }
    let record: SessionRecord
    do {
      let known = try services.ledger.record(session: id)
      guard let found = known, found.wasRequested else {
        noteLost(held, by: machine, isNoted: known != nil)
        return tellOver(id, machine)
      }
      record = found
    } catch {
      services.log.error("Session \(id) could not be compared with its agent's record: \(error)")
      return
    }
    guard record.consent?.agentKey == machine.publicKey.rawBytes else {
      // A yes that was on its way when the relay stopped: the session ended as not agreed to, and cost nothing.
      if record.consent == nil, record.request?.machineKey == machine.spki {
        services.log.notice("Session \(id): the customer's yes came when the session was over already.")
        return tellOver(id, machine)
      }
      let claim = Reconciliation.stranger(held, relayMilliseconds: record.activeMilliseconds)
      put(claim, id, limit: HeldTalk.maximumRecordedOfStrangers, isOwn: false)
      tellOver(id, machine)
      return
    }
    let own = Reconciliation(
      stored: record.latestCheckpoint?.statement, relayMilliseconds: record.activeMilliseconds, isClosed: true)
    if let difference = own.difference(from: held, signatures(of: held, by: machine)) {
      put(difference, id, limit: HeldTalk.maximumRecorded, isOwn: true)
    }
    tellOver(id, machine)
  }

  /// Nobody can make this relay's signature but this relay: then it knew the session once. It is noted once, so that whoever
  /// says it again and again does not fill the ledger.
  private func noteLost(_ held: HeldSession, by machine: Machine, isNoted: Bool) {
    let line = "Session \(held.session) of which machine \(machine.name) speaks is not on record here"
    guard let shown = held.newest?.statement, shown.session == held.session, signatures(of: held, by: machine).isRelays
    else {
      services.log.warning("\(line).")
      return
    }
    services.log.warning(
      "\(line), though this relay signed \(shown.activeMilliseconds) ms of it: the ledger may be an older copy.")
    if !isNoted { record(Reconciliation.lost(held), held.session) }
  }

  private func tellOver(_ id: SessionID, _ machine: Machine) {
    guard let talk = machines[machine.spki]?.heldTalk, !talk.told.contains(id), let port = machine.port else { return }
    tellEnded(id, on: port)
  }

  private func signatures(of held: HeldSession, by machine: Machine) -> Reconciliation.Signatures {
    guard let newest = held.newest else { return Reconciliation.Signatures(isRelays: false, isAgents: false) }
    let bytes = newest.statement.signedBytes
    return Reconciliation.Signatures(
      isRelays: services.signingKey.publicKey.isValid(signature: newest.relaySignature, for: bytes),
      isAgents: machine.publicKey.isValid(signature: newest.agentSignature, for: bytes))
  }

  /// The agent's newest checkpoint becomes the relay's: durable before anything is stated behind it.
  private func takeOver(_ newest: CountersignedCheckpoint, _ id: SessionID) {
    guard let before = sessions[id] else { return }
    // Of a restored session: time that was worked and signed, and not stored when the earlier relay stopped.
    sessions[id]?.machine.carry(toMilliseconds: newest.statement.activeMilliseconds)
    let checkpoint = ConfirmedCheckpoint(
      statement: newest.statement, relaySignature: newest.relaySignature, agentSignature: newest.agentSignature,
      time: sessions[id]?.machine.time ?? .none, confirmedAt: WallClock.now())
    guard sessions[id]?.book.takeOver(checkpoint) == true else { return }
    endEpoch(of: before, before: newest.statement.epoch)
    journal.keep(StoredCheckpoint(checkpoint))
    flushRecords(at: BootClock.now())
  }

  /// Puts a difference on record and into the log, unless it is there already or there are enough of its kind.
  private func put(_ difference: Reconciled, _ id: SessionID, limit: Int, isOwn: Bool) {
    services.log.warning("Session \(id): the agent's record differs: \(difference.line).")
    let strange = Reconciliation.strangersReason
    let earlier = ((try? services.ledger.record(session: id))?.entries ?? []).compactMap { Reconciled($0) }
      .filter { ($0.reason != strange) == isOwn }
    guard difference.decision == .takenOver || (earlier.count < limit && earlier.last != difference) else { return }
    record(difference, id)
  }
}
