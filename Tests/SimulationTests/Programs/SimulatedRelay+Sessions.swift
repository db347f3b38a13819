import Ledger
import Metering
import SessionModel
import Signing
import TunnelProtocol

@testable import Relay

/// Sessions at the simulated relay: feeding the real machine and book, and doing what they ask.
extension SimulatedRelay {
  /// How long the agent's signature under the last checkpoint is waited for, in milliseconds: as RelayCore does.
  static let closingMilliseconds: Int64 = 3000

  func apply(_ event: SessionEvent, to id: SessionID, at instant: MonotonicInstant? = nil) {
    if !rules.contains(.onlyTicksCompareClocks) { compareClock() }
    guard let actions = try? sessions[id]?.machine.handle(event, at: instant ?? now) else { return }
    for action in actions { perform(action, for: id) }
  }

  private func perform(_ action: SessionAction, for id: SessionID) {
    guard let session = sessions[id] else { return }
    world.trace.note("session", "\(id) \(action) active \(session.machine.activeMilliseconds)")
    switch action {
    case .ask: ask(session)
    case .activate:
      sessions[id]?.activatedAt = process.host.wall
      recordActivation(of: session)
      world.watch(id) { $0.activated(at: now) }
      updatePinging(of: session.machineKey)
    case .suspend(let reasons):
      record(SessionSuspended(reasons: reasons), id)
      watch(id)
      settle(id)
      updatePinging(of: session.machineKey)
    case .resume:
      record(SessionResumed(), id)
      watch(id)
      updatePinging(of: session.machineKey)
    case .close(let closure): beginClosing(id, closure)
    }
  }

  func record(_ payload: some EntryPayload, _ id: SessionID?) {
    journal.append([payload.draft(session: id)], at: process.host.wall)
  }

  /// Tells the stopwatch what it goes by: channels and storage, not what the meter makes of them.
  func watch(_ id: SessionID) {
    guard let session = sessions[id] else { return }
    let hasStorage = !session.machine.suspendedReasons.contains(.storage)
    world.watch(id) { $0.conditions(hasChannel: !session.channels.isEmpty, hasStorage: hasStorage, at: now) }
  }

  func tickSession(_ id: SessionID) {
    guard let session = sessions[id] else { return }
    if let closing = session.closing {
      if now >= closing.deadline { finishClosing(id) }
      return
    }
    feedBytes(id)
    apply(.tick, to: id)
    guard let session = sessions[id], !session.isClosing else { return }
    sendDue(id)
    // A relay that was asleep has not been waiting.
    if sessions[id]?.book.isUnconfirmed(at: now) == true, proven(session, at: now) == now {
      stop(.close(outcome: .unclosed, note: "the customer's agent does not confirm the time", by: .relay), of: id)
    }
  }

  func feedBytes(_ id: SessionID) {
    guard let session = sessions[id], let last = session.lastByteAt else { return }
    let heard = machines[session.machineKey].map(\.lastHeard) ?? last
    // A byte that only the relay has seen ends no idleness yet; otherwise time counts as far as the agent was heard.
    if last > heard, session.machine.suspendedReasons.contains(.idle) { return }
    let counted = min(last, heard)
    guard counted != session.fedByte else { return }
    sessions[id]?.fedByte = counted
    apply(.bytes, to: id, at: counted)
  }

  /// Something that stops the clock: time counts as far as the agent was surely there.
  func stop(_ event: SessionEvent, of id: SessionID) {
    guard let session = sessions[id] else { return }
    feedBytes(id)
    apply(event, to: id, at: proven(session, at: now))
  }

  func proven(_ session: LiveSession, at instant: MonotonicInstant) -> MonotonicInstant {
    guard let machine = machines[session.machineKey], machine.tunnel != nil, !rules.contains(.stopsCountToNow) else {
      return instant
    }
    return Hearing.provenInstant(lastHeard: machine.lastHeard, at: instant)
  }

  // MARK: Checkpoints

  func sendDue(_ id: SessionID) {
    guard let session = sessions[id], !isAwaitingHeldTalk(session) else { return }
    send(sessions[id]?.book.next(at: now, session.machine.time, sign: keys.sign), of: session)
  }

  func settle(_ id: SessionID) {
    guard let session = sessions[id], !isAwaitingHeldTalk(session) else { return }
    send(sessions[id]?.book.settle(at: now, session.machine.time, sign: keys.sign), of: session)
  }

  private func send(_ signed: SignedStatement?, of session: LiveSession) {
    guard let signed, let tunnel = machines[session.machineKey]?.tunnel else { return }
    world.watch(session.id) { $0.stated(at: now) }
    tunnel.machine.post(.checkpoint(signed.statement, relaySignature: signed.signature))
    tunnel.pump()
  }

  private func signed(_ id: SessionID, _ key: Fingerprint, epoch: UInt32, sequence: UInt64, _ signature: [UInt8]) {
    guard let session = sessions[id], session.machineKey == key, let publicKey = machines[key]?.publicKey else {
      return world.trace.note("checkpoint-of-nothing")
    }
    let answer = sessions[id]?.book.signed(
      epoch: epoch, sequence: sequence, signature: signature, at: process.host.wall
    ) {
      publicKey.isValid(signature: signature, for: $0.signedBytes)
    }
    switch answer {
    case .confirmed(let checkpoint):
      world.trace.note("confirmed", "\(id) \(epoch)/\(sequence) \(checkpoint.statement.activeMilliseconds)")
      world.watch(id) { $0.confirmed(at: now) }
      endEpoch(of: session, before: epoch)
      journal.keep(StoredCheckpoint(checkpoint))
      if !session.isClosing { sendDue(id) }
    case .forged: world.trace.note("checkpoint-forged")
    case .unknown, nil: world.trace.note("checkpoint-unknown")
    }
    if session.isClosing, sessions[id]?.book.isAwaitingAnswer == false { finishClosing(id) }
  }

  private func refused(_ id: SessionID, _ key: Fingerprint, epoch: UInt32, sequence: UInt64, measured: Int64) {
    guard let session = sessions[id], session.machineKey == key,
      let refused = sessions[id]?.book.refused(epoch: epoch, sequence: sequence, measuredMilliseconds: measured)
    else { return }
    world.refusal(id, key, "\(id) states \(refused.statement.activeMilliseconds), the agent has \(measured)")
    record(
      CheckpointRefused(
        epoch: epoch, sequence: sequence, relayMilliseconds: refused.statement.activeMilliseconds,
        agentMilliseconds: measured), id)
    if session.isClosing, sessions[id]?.book.isAwaitingAnswer == false { return finishClosing(id) }
    if refused.endsSession {
      stop(.close(outcome: .unclosed, note: "the customer's agent does not confirm the time", by: .relay), of: id)
    }
  }

  // MARK: The end

  private func beginClosing(_ id: SessionID, _ closure: Closure) {
    guard let session = sessions[id], session.closing == nil else { return }
    sessions[id]?.closing = (closure, now.advanced(byMilliseconds: Self.closingMilliseconds))
    world.watch(id) { $0.ended(at: now) }
    for number in session.channels.keys.sorted() {
      guard let channel = session.channels[number] else { continue }
      end(channel, StreamEnd(.sessionClosed, "this session is closed"), .broken("this session is closed"))
    }
    let tunnel = machines[session.machineKey]?.tunnel
    guard session.activatedAt != nil else {
      if closure.outcome != .declined {
        tunnel?.machine.post(.consentWithdrawn(session: id, reason: "the technician no longer asks"))
        tunnel?.pump()
      }
      return finishClosing(id)
    }
    send(sessions[id]?.book.close(at: now, session.machine.time, sign: keys.sign), of: session)
    if tunnel == nil || sessions[id]?.book.isAwaitingAnswer != true { finishClosing(id) }
  }

  func finishClosing(_ id: SessionID) {
    guard let session = sessions[id], let closing = session.closing else { return }
    let billed = session.book.billable(of: session.machine.time)
    let start = session.activatedAt ?? process.host.wall
    let closed = SessionClosed(
      outcome: closing.closure.outcome, note: closing.closure.note, by: "relay",
      activeMilliseconds: billed.activeMilliseconds,
      intervals: billed.intervals.map {
        LedgerInterval(
          from: start.advanced(byMilliseconds: $0.fromMilliseconds),
          to: start.advanced(byMilliseconds: $0.toMilliseconds))
      }, billedSeconds: billed.activeMilliseconds / 1000, amountMinor: 0, currency: "EUR", lines: [], bytesToMachine: 0,
      bytesFromMachine: 0)
    let isConfirmed = billed.activeMilliseconds >= session.machine.activeMilliseconds
    world.watch(id) { $0.closed(isConfirmed: isConfirmed, at: now) }
    sessions[id] = nil
    var drafts = epochEnd(of: session)
    drafts.append(closed.draft(session: id))
    if !journal.append(drafts, at: process.host.wall) { recentlyClosed[id] = closed }
    world.trace.note("closed", "\(id) \(closing.closure.outcome) \(billed.activeMilliseconds)")
    let mayAskAgain = closing.closure.outcome == .withdrawn || closing.closure.outcome == .unanswered
    codes.release(session.code, used: !mayAskAgain)
    if !mayAskAgain { machines[session.machineKey]?.code = nil }
    if session.activatedAt != nil { tellClosed(id, closed, session.machineKey) }
    updatePinging(of: session.machineKey)
    issueCode(for: session.machineKey)
  }

  private func tellClosed(_ id: SessionID, _ closed: SessionClosed, _ key: Fingerprint) {
    let tunnel = machines[key]?.tunnel
    tunnel?.machine.post(
      .sessionClosed(
        session: id, outcome: closed.outcome, activeMilliseconds: closed.activeMilliseconds,
        billedSeconds: closed.billedSeconds, amountMinor: 0, currency: "EUR", exponent: 2, text: ""))
    tunnel?.pump()
  }

  /// The agent holds a session that is over, or that this relay never had.
  private func tellEnded(_ id: SessionID, _ key: Fingerprint) {
    if let closed = recentlyClosed[id] { return tellClosed(id, closed, key) }
    let record: SessionRecord?
    do throws(StoreError) { record = try disk.record(session: id) } catch { return }
    if let record, record.state != .closed { return }
    tellClosed(
      id,
      SessionClosed(
        outcome: record?.outcome ?? .unclosed, note: nil, by: "relay",
        activeMilliseconds: record?.activeMilliseconds ?? 0, intervals: [], billedSeconds: 0, amountMinor: 0,
        currency: "EUR", lines: [], bytesToMachine: 0, bytesFromMachine: 0), key)
  }

  // MARK: The machine

  func machineArrived(_ key: Fingerprint, isSameRun: Bool, held: [SessionID]) {
    let open = held.filter { sessions[$0]?.machineKey == key && sessions[$0]?.activatedAt != nil }
    machines[key]?.heldTalk = HeldTalk(awaiting: Set(open), at: now)
    if isSameRun {
      for id in sessionsOn(key) { sessions[id]?.book.answersLost() }
      linkRestored(key)
    } else {
      for id in sessionsOn(key) {
        sessions[id]?.book.answersLost()
        apply(.agentReplaced(lastHeard: machines[key]?.lastHeard ?? now), to: id)
      }
      for session in sessions.values.sorted(by: { $0.id < $1.id }) where session.machineKey == key && session.isClosing
      {
        finishClosing(session.id)
      }
      codes.withdraw(key)
      machines[key]?.code = nil
    }
    for id in held where sessions[id] == nil { tellEnded(id, key) }
    if let code = machines[key]?.code, codes.expiry(of: code) != nil { show(code, key) } else { issueCode(for: key) }
    updatePinging(of: key)
  }

  func linkLost(_ key: Fingerprint, lastHeard: MonotonicInstant, isGone: Bool) {
    world.linkDown(key)
    // A question stays on the customer's screen while its tunnel waits for another connection.
    for id in sessionsOn(key) where isGone || sessions[id]?.activatedAt != nil {
      sessions[id]?.book.linkLost()
      apply(.linkLost(lastHeard: lastHeard), to: id)
    }
  }

  func linkRestored(_ key: Fingerprint) {
    for id in sessionsOn(key) {
      sessions[id]?.book.linkRestored(at: now)
      apply(.linkRestored, to: id)
      sendDue(id)
    }
    updatePinging(of: key)
  }

  func answersLost(_ key: Fingerprint) {
    for session in sessions.values.sorted(by: { $0.id < $1.id }) where session.machineKey == key {
      sessions[session.id]?.book.answersLost()
      if session.isClosing { finishClosing(session.id) }
    }
  }

  func machineSaid(_ message: ControlMessage, _ key: Fingerprint) {
    switch message {
    case .consentAnswer(let session, let accepted, _, let wordsHash, let allowances, let signature):
      answered(session, key, accepted: accepted, wordsHash, allowances, signature)
    case .checkpointSigned(let session, let epoch, let sequence, let signature):
      signed(session, key, epoch: epoch, sequence: sequence, signature)
    case .checkpointRefused(let session, let epoch, let sequence, let measured):
      refused(session, key, epoch: epoch, sequence: sequence, measured: measured)
    case .closeRequest(let session, _): customerClosed(session, key)
    case .heldSession(let held): sessionHeld(held, key)
    default: break
    }
  }

  func customerLeft(_ key: Fingerprint) { for id in sessionsOn(key) { customerClosed(id, key) } }

  private func customerClosed(_ id: SessionID, _ key: Fingerprint) {
    guard let session = sessions[id], session.machineKey == key else { return }
    if session.isClosing { return finishClosing(id) }
    stop(session.activatedAt == nil ? .declined : .close(outcome: .unclosed, note: "", by: .customer), of: id)
  }

  func sessionsOn(_ key: Fingerprint) -> [SessionID] {
    sessions.values.filter { $0.machineKey == key && !$0.isClosing }.map(\.id).sorted()
  }

  func updatePinging(of key: Fingerprint) {
    guard let tunnel = machines[key]?.tunnel else { return }
    tunnel.pump()
    tunnel.machine.activePinging = sessions.values.contains { $0.machineKey == key && $0.machine.state == .active }
    tunnel.pump()
  }

  // MARK: Codes and consent

  func issueCode(for key: Fingerprint) {
    guard let machine = machines[key], machine.tunnel != nil, sessionsOn(key).isEmpty else { return }
    codes.withdraw(key)
    guard let (code, _) = codes.issue(for: key, at: now, using: &chance) else { return }
    machines[key]?.code = code
    show(code, key)
  }

  func codeExpired(of key: Fingerprint) { machines[key]?.code = nil }

  private func show(_ code: JoinCode, _ key: Fingerprint) {
    guard let tunnel = machines[key]?.tunnel else { return }
    world.trace.note("code", "\(code) for \(key.bytes[0])")
    tunnel.machine.post(.joinCode(code, expiresInSeconds: 900))
    tunnel.pump()
  }

  private func ask(_ session: LiveSession) {
    guard let tunnel = machines[session.machineKey]?.tunnel else { return }
    tunnel.machine.post(
      .consentRequest(
        session: session.id, technician: "anna", technicianKey: session.technicianKey, purpose: "help",
        words: session.words, allowances: .all, timeoutSeconds: 120))
    tunnel.pump()
  }

  private func answered(
    _ id: SessionID, _ key: Fingerprint, accepted: Bool, _ wordsHash: Fingerprint, _ allowances: Allowances,
    _ signature: [UInt8]
  ) {
    guard let session = sessions[id], session.machineKey == key, session.machine.state == .awaitingConsent,
      let publicKey = machines[key]?.publicKey
    else {
      if accepted, sessions[id] == nil { tellEnded(id, key) }
      return
    }
    let statement = ConsentStatement(
      relaySigningKey: keys.fingerprint, session: id, technicianKey: session.technicianKey, wordsHash: wordsHash,
      allowances: allowances)
    let isValid = wordsHash == session.wordsHash && publicKey.isValid(signature: signature, for: statement.signedBytes)
    record(
      ConsentAnswered(
        accepted: accepted && isValid, reason: "", signature: signature, agentKey: publicKey.rawBytes), id)
    guard accepted, isValid else { return apply(.declined, to: id) }
    flush()
    apply(.accepted, to: id)
    for number in session.channels.keys.sorted() { openStream(number, of: id) }
  }
}
