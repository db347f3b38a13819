import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Statements of time, signed by both sides: ``Metering/CheckpointBook`` says which, here they are sent, checked and kept.
extension RelayCore {
  /// A session's checkpoints: due so much early that, with the tick, no two are further apart than promised.
  static func checkpointSchedule(of id: SessionID, epoch: UInt32, at now: MonotonicInstant) -> CheckpointSchedule {
    CheckpointSchedule(
      session: id, epoch: epoch, intervalMilliseconds: CheckpointSchedule.intervalMilliseconds - tickMilliseconds,
      at: now
    ) { SHA256.hash($0) }
  }

  /// Sends a checkpoint when one is due, or as soon as possible at a transition.
  func sendCheckpoint(of id: SessionID, at now: MonotonicInstant, isTransition: Bool) {
    guard let session = sessions[id], !isAwaitingHeldTalk(session, at: now) else { return }
    let time = session.machine.time
    let signed =
      isTransition
      ? sessions[id]?.book.settle(at: now, time, sign: sign) : sessions[id]?.book.next(at: now, time, sign: sign)
    guard let signed else { return }
    post(signed)
    if !isTransition { tellState(of: id) }
  }

  /// Sends the last one of a session that closes.
  func sendLastCheckpoint(of id: SessionID, at now: MonotonicInstant) {
    guard let time = sessions[id]?.machine.time,
      let signed = sessions[id]?.book.close(at: now, time, sign: sign)
    else { return }
    post(signed)
  }

  private func sign(_ bytes: [UInt8]) -> [UInt8]? {
    do {
      return try services.signingKey.sign(bytes)
    } catch {
      services.log.error("A checkpoint could not be signed: \(error)")
      return nil
    }
  }

  private func post(_ signed: SignedStatement) {
    guard let session = sessions[signed.statement.session] else { return }
    machines[session.machineIdentity]?.port?.post(
      .control(.checkpoint(signed.statement, relaySignature: signed.signature)))
  }

  func checkpointSigned(
    _ id: SessionID, by machine: Machine, epoch: UInt32, sequence: UInt64, signature: [UInt8],
    at now: MonotonicInstant = BootClock.now()
  ) {
    guard let session = sessions[id], session.machineIdentity == machine.spki else { return }
    let answer = sessions[id]?.book.signed(
      epoch: epoch, sequence: sequence, signature: signature, at: WallClock.now()
    ) { machine.publicKey.isValid(signature: signature, for: $0.signedBytes) }
    switch answer {
    case .confirmed(let checkpoint):
      endEpoch(of: session, before: checkpoint.statement.epoch)
      journal.keep(StoredCheckpoint(checkpoint))
      answered(id, at: now)
    case .forged(_, let isFirst):
      let problem = "checkpoint \(sequence) of epoch \(epoch) came back with a signature that is not the machine's"
      services.log.warning("Session \(id): \(problem).")
      // A statement is there every few seconds at most: that bounds what a hostile agent can put on record.
      if isFirst { record(LinkRefused(machine: session.machineName, address: "", reason: problem), id) }
    case .unknown, nil:
      // Late, repeated or invented: whatever it was an answer to is settled.
      return
    }
  }

  func checkpointRefused(
    _ id: SessionID, by machine: Machine, epoch: UInt32, sequence: UInt64, measuredMilliseconds: Int64,
    at now: MonotonicInstant = BootClock.now()
  ) {
    guard sessions[id]?.machineIdentity == machine.spki,
      let refused = sessions[id]?.book.refused(
        epoch: epoch, sequence: sequence, measuredMilliseconds: measuredMilliseconds)
    else { return }
    let stated = refused.statement.activeMilliseconds
    record(
      CheckpointRefused(
        epoch: epoch, sequence: sequence, relayMilliseconds: stated, agentMilliseconds: measuredMilliseconds), id)
    services.log.warning(
      "Session \(id): the agent measured \(measuredMilliseconds) ms where the relay says \(stated) ms.")
    if refused.endsSession { endUnconfirmed(id, at: now) } else { answered(id, at: now) }
  }

  /// Goes on with what waited for an answer.
  private func answered(_ id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id] else { return }
    if !session.isClosing {
      sendCheckpoint(of: id, at: now, isTransition: false)
    } else if !session.book.isAwaitingAnswer {
      finishClosing(id)
    }
  }

  /// The first checkpoint of `epoch` is there: what `session` had before is the end of its own, and goes on record.
  func endEpoch(of session: LiveSession, before epoch: UInt32) {
    guard let last = session.book.confirmed?.statement.epoch, last < epoch, let draft = session.epochEnd else { return }
    journal.append([draft], at: WallClock.now())
    sessions[session.id]?.endedEpoch = last
  }

  /// Ends a session whose agent, though connected, confirms no time: going on would be work nobody can be charged for.
  func checkConfirmation(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], session.book.isUnconfirmed(at: now),
      // One that is not heard cannot answer: that is a matter of the link.
      let port = machines[session.machineIdentity]?.port, Hearing.isPresent(lastHeard: port.lastHeard, at: now)
    else { return }
    endUnconfirmed(id, at: now)
  }

  private func endUnconfirmed(_ id: SessionID, at now: MonotonicInstant) {
    services.log.warning("Session \(id) is ended: its agent does not confirm the time.")
    apply(
      .close(outcome: .unclosed, note: "the customer's agent does not confirm the time", by: .relay), to: id, at: now)
  }
}

extension StoredCheckpoint {
  init(_ checkpoint: ConfirmedCheckpoint) {
    self.init(
      statement: checkpoint.statement, relaySignature: checkpoint.relaySignature,
      agentSignature: checkpoint.agentSignature, storedAt: checkpoint.confirmedAt,
      intervals: checkpoint.time.intervals.map {
        OffsetInterval(fromMilliseconds: $0.fromMilliseconds, toMilliseconds: $0.toMilliseconds)
      })
  }
}

extension ConfirmedCheckpoint {
  init(_ stored: StoredCheckpoint) {
    self.init(
      statement: stored.statement, relaySignature: stored.relaySignature, agentSignature: stored.agentSignature,
      time: MeteredTime(
        intervals: stored.intervals.map {
          MeterInterval(fromMilliseconds: $0.fromMilliseconds, toMilliseconds: $0.toMilliseconds)
        }), confirmedAt: stored.storedAt)
  }
}
