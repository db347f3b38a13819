import Metering
import NIOCore
import SessionModel
import TunnelProtocol
import TunnelTransport

/// The relay's own end: time stated and signed, agents told to dial again, sessions left open on the ledger for the next
/// relay to go on with.
///
/// ```
/// serving ──shutDown──▶ last statements out ──all signed, or 3 s──▶ agents told ──0.5 s──▶ done
/// ```
extension RelayCore {
  /// How often it is looked whether all have signed, in milliseconds.
  private static let lookMilliseconds: Int64 = 20

  /// Puts every session's time on record, tells agents and technicians, then calls `done`.
  func shutDown(done: @escaping @Sendable () -> Void) {
    let now = BootClock.now()
    ticking?.cancel()
    isStopping = true
    for id in Array(sessions.keys) { suspend(id, at: now) }
    awaitSignatures(until: now.advanced(byMilliseconds: Self.lastSignaturesMilliseconds), done: done)
  }

  private func suspend(_ id: SessionID, at now: MonotonicInstant) {
    feedBytes(id)
    guard let session = sessions[id], !session.isClosing else { return }
    let isActive = session.activatedAt != nil
    for bridge in session.channels.values {
      if !isActive {
        bridge.finish("The relay is being restarted by its operator. Ask the customer for the new code.")
      } else if bridge.isTerminal && bridge.kind == .shell {
        // Told to the machine before the channel ends, which would otherwise end the shell with it.
        bridge.finish(
          "The relay is being restarted by its operator. Your shell is kept: type the same command again in a moment.",
          end: StreamEnd(code: .detached, text: ""))
      } else {
        bridge.finish("The relay is being restarted by its operator. Type the same command again in a moment.")
      }
    }
    guard isActive else {
      apply(
        .close(outcome: .withdrawn, note: "the relay was stopped before the customer answered", by: .relay), to: id,
        at: now)
      return
    }
    // The link ends here as far as time goes: what was worked until now is stated. The signature still comes over it.
    apply(.linkLost(lastHeard: provenInstant(of: session, at: now)), to: id, at: now)
    sessions[id]?.book.linkRestored(at: now)
    sendCheckpoint(of: id, at: now, isTransition: true)
  }

  private func awaitSignatures(until deadline: MonotonicInstant, done: @escaping @Sendable () -> Void) {
    let isAwaited = sessions.values.contains { session in
      machines[session.machineIdentity]?.port != nil && session.book.isAwaitingAnswer
    }
    guard isAwaited, BootClock.now() < deadline else {
      leave(done: done)
      return
    }
    post(afterMilliseconds: Self.lookMilliseconds) { $0.awaitSignatures(until: deadline, done: done) }
  }

  private func leave(done: @escaping @Sendable () -> Void) {
    // Whoever closed his session may count on it, even when the last signature did not come.
    for session in sessions.values where session.isClosing { finishClosing(session.id, issuingCode: false) }
    flushRecords(at: BootClock.now())
    for machine in machines.all.values {
      machine.port?.post(.leave(GoAway(.shutdown, "the relay is being restarted")))
    }
    post(afterMilliseconds: Self.farewellMilliseconds) { core in
      core.flushRecords(at: BootClock.now())
      done()
    }
  }
}
