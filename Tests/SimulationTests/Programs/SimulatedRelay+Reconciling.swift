import Ledger
import Metering
import SessionModel
import Signing
import TunnelProtocol

@testable import Relay

/// Agents that come back with what they signed: the real comparison, and what CoreReconciliation does with it.
extension SimulatedRelay {
  func isAwaitingHeldTalk(_ session: LiveSession) -> Bool {
    machines[session.machineKey]?.heldTalk?.isAwaiting(session.id, at: now) ?? false
  }

  func sessionHeld(_ held: HeldSession, _ key: Fingerprint) {
    guard machines[key]?.heldTalk?.hear(held.session) == true, let publicKey = machines[key]?.publicKey else { return }
    guard let session = sessions[held.session], session.machineKey == key else {
      return world.trace.note("held-elsewhere", held.session.rawValue)
    }
    let stored = session.book.confirmed?.statement
    let own = Reconciliation(stored: stored, relayMilliseconds: stored?.activeMilliseconds ?? 0, isClosed: false)
    let bytes = held.newest?.statement.signedBytes ?? []
    let signatures = Reconciliation.Signatures(
      isRelays: keys.key.publicKey.isValid(signature: held.newest?.relaySignature ?? [], for: bytes),
      isAgents: publicKey.isValid(signature: held.newest?.agentSignature ?? [], for: bytes))
    if let difference = own.difference(from: held, signatures) {
      world.trace.note("reconciled", "\(held.session) \(difference.decision) \(difference.reason)")
      if difference.decision == .takenOver, let newest = held.newest { takeOver(newest, session) }
      record(difference, held.session)
    }
    if session.activatedAt != nil, !session.isClosing { settle(held.session) }
  }

  private func takeOver(_ newest: CountersignedCheckpoint, _ session: LiveSession) {
    sessions[session.id]?.machine.carry(toMilliseconds: newest.statement.activeMilliseconds)
    let checkpoint = ConfirmedCheckpoint(
      statement: newest.statement, relaySignature: newest.relaySignature, agentSignature: newest.agentSignature,
      time: sessions[session.id]?.machine.time ?? .none, confirmedAt: process.host.wall)
    guard sessions[session.id]?.book.takeOver(checkpoint) == true else { return }
    endEpoch(of: session, before: newest.statement.epoch)
    journal.keep(StoredCheckpoint(checkpoint))
    flush()
  }
}
