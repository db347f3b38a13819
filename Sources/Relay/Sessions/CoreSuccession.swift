import Ledger
import Logging
import Metering
import SessionModel
import TunnelProtocol
import TunnelTransport

/// Another run of a machine's agent takes the place of the one before: it was started anew, or it is a second one beside the
/// first. Of two with one key the newer works; nobody else can have it, and two that both work could be billed for one hour.
///
/// ```
/// another run comes ──the old one's line is up, and it is heard──▶ a second one: on record as ``AgentDisplaced``
///        └──────────────otherwise────────────────────────────────▶ a restart
///                                                                    └─ the old one comes back for its tunnel after all:
///                                                                       sent away, on record as ``LinkRefused``
/// ```
extension RelayCore {
  static let replaced = GoAway(.replaced, "another connection of this machine took over")
  static let displacedLine = "Another copy of this program was connected with the same key. It was told to end."

  /// What goes on record when `arrival` is a second agent beside the machine's; nil when that one is gone.
  func displacement(of machine: Machine, by arrival: MachineArrival, at now: MonotonicInstant) -> AgentDisplaced? {
    guard machine.isConnected, let heard = machine.port?.lastHeard else { return nil }
    // An agent that is pinged every second and silent is gone, though its line has not been found dead yet: its computer lost
    // its power, say. Without an active session nobody can tell so soon.
    guard !isActive(machine.spki) || Hearing.isPresent(lastHeard: heard, at: now) else { return nil }
    return AgentDisplaced(
      machine: machine.name, address: arrival.address, displacedAddress: machine.address,
      silentMilliseconds: max(0, now.milliseconds(since: heard)))
  }

  /// What the earlier run had open is gone, and so is the code that run showed.
  func endEarlierRun(of spki: Fingerprint, _ displaced: AgentDisplaced?, at now: MonotonicInstant) {
    guard let machine = machines[spki] else { return }
    let ended = sessionsOn(spki)
    let ending = ended.isEmpty ? "" : " It ends session \(ended.map(\.rawValue).joined(separator: ", "))."
    if let displaced {
      services.log.warning("Machine \(machine.name): \(displaced.line).\(ending)")
    } else {
      services.log.notice("Machine \(machine.name): the agent was restarted.\(ending)")
    }
    // Before the sessions end: with the last of them the new run may be given its own.
    codes.withdraw(spki)
    machines[spki]?.code = nil
    machines[spki]?.endedByRestart = displaced == nil ? ended : []
    // A second agent beside the first is not expected to know what that one does.
    if displaced == nil {
      machines[spki]?.heldTalk?.expect(ended.filter { sessions[$0]?.activatedAt != nil })
    }
    for id in ended {
      if let displaced { record(displaced, id) }
      apply(.agentReplaced(lastHeard: now, by: displaced == nil ? .restarted : .second), to: id, at: now)
    }
    // The new run knows nothing of them, so there is no signature to wait for.
    for session in sessions.values where session.machineIdentity == spki && session.isClosing {
      finishClosing(session.id, issuingCode: false)
    }
  }

  /// An agent that was away when another run took its place came back for its tunnel: there are two after all. Once on record.
  func displacedAgentReturned(_ spki: Fingerprint, from address: String) {
    guard let machine = machines[spki] else { return }
    for id in machine.endedByRestart {
      record(LinkRefused(machine: machine.name, address: address, reason: ResumeRefusal.replaced.description), id)
    }
    machines[spki]?.endedByRestart = []
  }
}

extension AgentSuccessor {
  /// What a technician reads whose session ended with the agent before this one.
  var line: String {
    switch self {
    case .restarted: "The customer's program was started anew, which ends the session. Ask for the new code."
    case .second:
      "A second copy of the customer's program took over from the first, which ends the session. Ask for the new code."
    }
  }
}
