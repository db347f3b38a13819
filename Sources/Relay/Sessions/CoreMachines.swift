import Logging
import Metering
import NIOCore
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Machines coming and going.
extension RelayCore {
  /// How long the code of a machine that went away waits for it, in milliseconds: long enough for a broken line, too short to
  /// be hoarded.
  static let absenceMilliseconds: Int64 = 60_000

  func machineArrived(_ arrival: MachineArrival) {
    let now = BootClock.now()
    guard let publicKey = Ed25519PublicKey(rawBytes: arrival.publicKey) else {
      arrival.port.post(.leave(GoAway(.refused, "the agent's certificate is not Ed25519")))
      return
    }
    var machine =
      machines[arrival.spki]
      ?? Machine(
        spki: arrival.spki, publicKey: publicKey, instance: arrival.instance, allowances: arrival.allowances)
    let isSameRun = machine.instance == arrival.instance
    let displaced = isSameRun ? nil : displacement(of: machine, by: arrival, at: now)
    let old = machine.port
    // The newer connection wins. What is open was without a line from the moment in which the old one was last heard.
    if let old { lineLost(of: arrival.spki, lastHeard: old.lastHeard, isComingBack: isSameRun) }
    machine.goneSince = nil
    machine.outage = nil
    machine.address = arrival.address
    machine.instance = arrival.instance
    machine.allowances = arrival.allowances
    machine.language = Language(tag: arrival.language)
    if !isSameRun { machine.verified = nil }
    machines.attach(machine, port: arrival.port)
    beginHeldTalk(arrival, at: now)
    services.log.info("Machine \(machine.name) is connected from \(arrival.address).")
    if isSameRun {
      old?.post(.leave(GoAway(.unspecified, "the agent connected anew")))
      for id in sessionsOn(arrival.spki) {
        // It came with a new tunnel: nothing that was on its way in the old one is answered.
        sessions[id]?.book.answersLost()
        apply(.linkRestored, to: id, at: now)
        showAgain(of: id, isNewTunnel: true, at: now)
        for (number, bridge) in sessions[id]?.channels.sorted(by: { $0.key < $1.key }) ?? [] where !bridge.isJoined {
          if sessions[id]?.activatedAt != nil { openStream(number, of: id) }
        }
      }
    } else {
      endEarlierRun(of: arrival.spki, displaced, at: now)
      // Behind the ends of its channels, which say why. It does not dial again and take the machine back.
      old?.post(.leave(Self.replaced))
      if displaced != nil { arrival.port.post(.control(.notice(Self.displacedLine))) }
    }
    tellOver(arrival)
    if !sessionsOn(arrival.spki).isEmpty {
      for id in sessionsOn(arrival.spki) { tellState(of: id) }
    } else if let code = machines[arrival.spki]?.code, let expires = codes.expiry(of: code) {
      // The customer may have read it out already.
      show(code, until: expires, on: arrival.port)
    } else {
      issueCode(for: arrival.spki)
    }
    updatePinging(of: arrival.spki)
  }

  func machineLeft(_ port: TunnelPort, _ closure: TunnelClosure, lastHeard: MonotonicInstant) {
    guard let machine = machines.detach(port) else { return }
    let line = "Machine \(machine.name) is gone: \(TextSafety.escaped(closure.description))"
    if case .fault = closure {
      services.log.warning("\(line)")
      recordRefusal(closure.description, of: machine.spki, from: machine.address)
    } else {
      services.log.info("\(line)")
    }
    machines[machine.spki]?.goneSince = machine.goneSince ?? BootClock.now()
    lineLost(of: machine.spki, lastHeard: lastHeard)
    for session in sessions.values where session.machineIdentity == machine.spki && session.isClosing {
      finishClosing(session.id)
    }
    forgetIfUnused(machine.spki)
  }

  func machineSaid(_ message: ControlMessage, on port: TunnelPort) {
    // A displaced tunnel has no say any more.
    guard let machine = machines.machine(on: port) else { return }
    switch message {
    case .consentAnswer(let session, let accepted, let reason, let wordsHash, let allowances, let signature):
      consentAnswered(
        session, by: machine,
        ConsentAnswer(
          accepted: accepted, reason: reason, wordsHash: wordsHash, allowances: allowances, signature: signature))
    case .checkpointSigned(let session, let epoch, let sequence, let signature):
      checkpointSigned(session, by: machine, epoch: epoch, sequence: sequence, signature: signature)
    case .checkpointRefused(let session, let epoch, let sequence, let measured):
      checkpointRefused(session, by: machine, epoch: epoch, sequence: sequence, measuredMilliseconds: measured)
    case .closeRequest(let session, let reason):
      customerClosed(session, by: machine, reason: reason)
    case .heldSession(let held): sessionHeld(held, by: machine)
    case .questionAnswer(let session, let number, let choice, let reason, let signature):
      questionAnswered(session, by: machine, number: number, choice: choice, reason: reason, signature: signature)
    case .receiptCountersigned(let session, let signature):
      receiptCountersigned(session, by: machine, signature: signature)
    case .receiptProvisional(let session, let bytes, let signature):
      receiptProvisional(session, by: machine, bytes: bytes, signature: signature)
    case .journal(let report): journalReported(report, by: machine)
    case .detachedShellEnded, .joinCode, .consentRequest, .consentWithdrawn, .sessionState, .checkpoint, .sessionClosed,
      .notice, .question, .questionWithdrawn, .receipt, .receiptFollows:
      // Information, or a relay's message in an agent's mouth: nothing follows from it.
      return
    }
  }

  /// Gives the machine a new code and tells it, unless it is offline or a session holds it.
  func issueCode(for spki: Fingerprint) {
    guard var machine = machines[spki], let port = machine.port, sessionsOn(spki).isEmpty else { return }
    codes.withdraw(spki)
    guard let (code, expires) = codes.issue(for: spki, at: BootClock.now(), using: &random) else {
      port.post(.control(.notice("The relay has no code to give right now. It tries again by itself.")))
      return
    }
    machine.code = code
    machines[spki] = machine
    show(code, until: expires, on: port)
  }

  private func show(_ code: JoinCode, until expires: MonotonicInstant, on port: TunnelPort) {
    let seconds = max(0, expires.milliseconds(since: BootClock.now()) / 1000)
    port.post(.control(.joinCode(code, expiresInSeconds: UInt32(clamping: seconds))))
  }

  /// Looks after what no event brings about: machines that wait for a code, and codes of machines that went away.
  func tendMachines(at now: MonotonicInstant) {
    for machine in machines.all.values {
      tellOfCut(machine, at: now)
      tellOfReturn(of: machine.spki, at: now)
      noteUnspoken(of: machine, at: now)
      if machine.isConnected, machine.code == nil { issueCode(for: machine.spki) }
      guard let since = machine.goneSince, now.milliseconds(since: since) >= Self.absenceMilliseconds,
        sessionsOn(machine.spki).isEmpty
      else { continue }
      codes.withdraw(machine.spki)
      machines[machine.spki]?.code = nil
      // Nothing is open on it any more: whoever comes back begins anew.
      machine.port?.post(.leave(GoAway(.unspecified, "nothing was open on the line any more")))
      forgetIfUnused(machine.spki)
    }
  }

  /// Nobody used the code in its time: the customer may still be waiting, so he gets another.
  func codeExpired(of spki: Fingerprint) {
    machines[spki]?.code = nil
    issueCode(for: spki)
    forgetIfUnused(spki)
  }

  func sessionsOn(_ spki: Fingerprint) -> [SessionID] {
    sessions.values.filter { $0.machineIdentity == spki && !$0.isClosing }.map(\.id).sorted()
  }

  /// While a session is active a dead link has to be noticed within seconds; otherwise it may take its time.
  func updatePinging(of spki: Fingerprint) {
    machines[spki]?.port?.post(.activePinging(isActive(spki)))
  }

  func isActive(_ spki: Fingerprint) -> Bool {
    sessions.values.contains { $0.machineIdentity == spki && $0.machine.state == .active }
  }

  func forgetIfUnused(_ spki: Fingerprint) {
    guard let machine = machines[spki], machine.port == nil, machine.code == nil else { return }
    guard !sessions.values.contains(where: { $0.machineIdentity == spki }) else { return }
    codes.withdraw(spki)
    machines.forget(spki)
  }
}
