import Ledger
import Logging
import Metering
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Statements of time, signed by both sides. What the agent has not signed is not billed.
extension RelayCore {
  /// Checkpoints the agent may refuse in a row before its session ends: each is stated with less time than the one before.
  static let maximumRefusals = 3
  /// How long the agent may leave a checkpoint unanswered before its session ends, in milliseconds: three checkpoints.
  static let confirmationMilliseconds: Int64 = 15_000

  /// Sends a checkpoint when one is due, or at once at a transition.
  func sendCheckpoint(of id: SessionID, at now: MonotonicInstant, isTransition: Bool) {
    guard let session = sessions[id], let port = machines[session.machineIdentity]?.port,
      !isAwaitingHeldTalk(session, at: now)
    else { return }
    let active = statedMilliseconds(of: session)
    let statement =
      isTransition
      ? sessions[id]?.schedule.settle(at: now, activeMilliseconds: active)
      : sessions[id]?.schedule.next(at: now, activeMilliseconds: active)
    guard let statement else { return }
    guard let signature = try? services.signingKey.sign(statement.signedBytes) else {
      services.log.error("Session \(id): the checkpoint could not be signed.")
      return
    }
    sessions[id]?.unsigned.append(
      LiveSession.Unsigned(statement: statement, relaySignature: signature, sentAt: now))
    port.post(.control(.checkpoint(statement, relaySignature: signature)))
    if !isTransition { tellState(of: id) }
  }

  func checkpointSigned(
    _ id: SessionID, by machine: Machine, epoch: UInt32, sequence: UInt64, signature: [UInt8]
  ) {
    guard let session = sessions[id], session.machineIdentity == machine.spki,
      let index = session.unsigned.firstIndex(where: {
        $0.statement.epoch == epoch && $0.statement.sequence == sequence
      })
    else { return }
    let unsigned = session.unsigned[index]
    guard machine.publicKey.isValid(signature: signature, for: unsigned.statement.signedBytes) else {
      services.log.warning("Session \(id): checkpoint \(sequence) carries a signature that is not the machine's.")
      return
    }
    // They are answered in order; whatever stood before was skipped for good.
    sessions[id]?.unsigned.removeFirst(index + 1)
    let checkpoint = StoredCheckpoint(
      statement: unsigned.statement, relaySignature: unsigned.relaySignature, agentSignature: signature,
      storedAt: WallClock.now())
    _ = sessions[id]?.schedule.record(unsigned.statement, signature: signature)
    sessions[id]?.confirmed = checkpoint
    sessions[id]?.refusals = 0
    journal.keep(checkpoint)
    if session.isClosing, sessions[id]?.unsigned.isEmpty == true { finishClosing(id) }
  }

  func checkpointRefused(
    _ id: SessionID, by machine: Machine, epoch: UInt32, sequence: UInt64, measuredMilliseconds: Int64
  ) {
    guard let session = sessions[id], session.machineIdentity == machine.spki,
      let index = session.unsigned.firstIndex(where: {
        $0.statement.epoch == epoch && $0.statement.sequence == sequence
      })
    else { return }
    let statement = session.unsigned[index].statement
    record(
      CheckpointRefused(
        epoch: epoch, sequence: sequence, relayMilliseconds: statement.activeMilliseconds,
        agentMilliseconds: measuredMilliseconds), id)
    services.log.warning(
      "Session \(id): the agent measured \(measuredMilliseconds) ms where the relay says \(statement.activeMilliseconds) ms."
    )
    sessions[id]?.unsigned.removeFirst(index + 1)
    if session.schedule.outstanding == statement { sessions[id]?.schedule.withdraw() }
    sessions[id]?.forgoneMilliseconds += max(0, statement.activeMilliseconds - measuredMilliseconds)
    sessions[id]?.refusals += 1
    if session.isClosing {
      if sessions[id]?.unsigned.isEmpty == true { finishClosing(id) }
    } else if session.refusals + 1 >= Self.maximumRefusals {
      endUnconfirmed(id, at: BootClock.now())
    }
  }

  /// Ends a session whose agent, though connected, confirms no time: going on would be work nobody can be charged for.
  func checkConfirmation(of id: SessionID, at now: MonotonicInstant) {
    guard let session = sessions[id], let oldest = session.unsigned.first,
      machines[session.machineIdentity]?.port != nil,
      now.milliseconds(since: oldest.sentAt) >= Self.confirmationMilliseconds
    else { return }
    endUnconfirmed(id, at: now)
  }

  private func endUnconfirmed(_ id: SessionID, at now: MonotonicInstant) {
    services.log.warning("Session \(id) is ended: its agent does not confirm the time.")
    apply(
      .close(outcome: .unclosed, note: "the customer's agent does not confirm the time", by: .relay), to: id, at: now)
  }
}
