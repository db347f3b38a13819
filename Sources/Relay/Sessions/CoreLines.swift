import Ledger
import Logging
import Metering
import SessionModel
import TLSChannel
import TunnelProtocol
import TunnelTransport

/// Lines to machines that break and come back. A tunnel outlives its connections; what is open in it waits.
extension RelayCore {
  /// A line that is back within this is not worth a word, in milliseconds.
  static let silentCutMilliseconds: Int64 = 1000
  /// How long a machine may answer nothing while its session is active before no time counts, in milliseconds.
  static let silenceMilliseconds: Int64 = 5_000

  /// The machine's tunnel has no connection for now; what is open waits for another.
  func machineCut(_ port: TunnelPort, reason: String, lastHeard: MonotonicInstant) {
    guard let machine = machines.machine(on: port) else { return }
    services.log.info("The line to machine \(machine.name) is down: \(TextSafety.escaped(reason))")
    let now = BootClock.now()
    machines[machine.spki]?.goneSince = now
    machines[machine.spki]?.outage = machine.outage ?? Outage(since: silenceBegan(machine, lastHeard, at: now))
    // A question stays on the customer's screen, and his answer is kept: nothing is asked twice.
    for id in sessionsOn(machine.spki) where sessions[id]?.activatedAt != nil {
      apply(.linkLost(lastHeard: lastHeard), to: id, at: now)
    }
  }

  /// Another connection carries the tunnel on.
  func machineResumed(_ port: TunnelPort, address: String) {
    guard let machine = machines.machine(on: port) else { return }
    services.log.info("The line to machine \(machine.name) is back, from \(address).")
    let now = BootClock.now()
    machines[machine.spki]?.goneSince = nil
    machines[machine.spki]?.address = address
    for id in sessionsOn(machine.spki) {
      apply(.linkRestored, to: id, at: now)
      showAgain(of: id, isNewTunnel: false, at: now)
    }
    endOutage(of: machine.spki, at: now)
    updatePinging(of: machine.spki)
  }

  /// Since when nothing is heard of a machine whose line broke. One with nothing active is hardly ever asked: of its silence
  /// before that nobody knows anything.
  private func silenceBegan(
    _ machine: Machine, _ lastHeard: MonotonicInstant, at now: MonotonicInstant
  ) -> MonotonicInstant {
    sessionsOn(machine.spki).compactMap { sessions[$0] }.filter { $0.machine.state == .active }
      .map { max(lastHeard, $0.runningSince, awakeSince) }.min() ?? now
  }

  /// A machine that is pinged every second and answers nothing is not there, though its line has not been found dead: to its
  /// session that is a cut, from the moment in which it was last heard until it is heard again.
  /// - Returns: whether the session's state was touched.
  func noticeSilence(of session: LiveSession, at now: MonotonicInstant) -> Bool {
    guard session.activatedAt != nil, services.configuration.resumeWindowSeconds > 0,
      let machine = machines[session.machineIdentity], machine.goneSince == nil, let port = machine.port
    else { return false }
    let heard = port.lastHeard
    if session.machine.suspendedReasons.contains(.link) {
      guard Hearing.isPresent(lastHeard: heard, at: now) else { return false }
      apply(.linkRestored, to: session.id, at: now)
      tellOfReturn(of: machine.spki, at: now)
      return true
    }
    // Nobody is asked while the session stands, and nobody was heard while this relay did.
    let since = max(heard, session.runningSince, awakeSince)
    guard session.machine.state == .active, now.milliseconds(since: since) > Self.silenceMilliseconds else {
      return false
    }
    services.log.info("Machine \(machine.name) has not answered for \(now.milliseconds(since: heard) / 1000) s.")
    apply(.linkLost(lastHeard: heard), to: session.id, at: now)
    // Whether the line is cut in the end or goes on, this is the one word of it.
    machines[machine.spki]?.outage = Outage(since: since, isTold: true)
    tellShells(ofMachine: machine.spki, cutLine)
    return true
  }

  /// A line that was silent and never cut is heard again.
  func tellOfReturn(of spki: Fingerprint, at now: MonotonicInstant) {
    guard let machine = machines[spki], machine.outage != nil, machine.isConnected, let port = machine.port,
      Hearing.isPresent(lastHeard: port.lastHeard, at: now)
    else { return }
    endOutage(of: spki, at: now)
  }

  private func endOutage(of spki: Fingerprint, at now: MonotonicInstant) {
    guard let outage = machines[spki]?.outage else { return }
    machines[spki]?.outage = nil
    guard outage.isTold else { return }
    let silent = DurationText.exact(seconds: now.milliseconds(since: outage.since) / 1000)
    tellShells(ofMachine: spki, "The line to the customer's machine is back after \(silent).")
  }

  /// Tells the shells of machines whose line has been down for a moment. Only they have a place for such a line: nothing is
  /// mixed into a command's or a transfer's data.
  func tellOfCut(_ machine: Machine, at now: MonotonicInstant) {
    guard let since = machine.goneSince, machine.port != nil, machine.outage?.isTold == false,
      now.milliseconds(since: since) >= Self.silentCutMilliseconds
    else { return }
    machines[machine.spki]?.outage?.isTold = true
    tellShells(ofMachine: machine.spki, cutLine)
  }

  /// What a shell is told of a line that is down.
  var cutLine: String {
    let window = DurationText.exact(seconds: services.configuration.resumeWindowSeconds)
    return
      "The line to the customer's machine is down; it dials again by itself. What you type is kept, up to \(window)."
  }

  private func tellShells(ofMachine spki: Fingerprint, _ line: String) {
    for id in sessionsOn(spki) where sessions[id]?.activatedAt != nil {
      for bridge in sessions[id]?.channels.values.map({ $0 }) ?? [] where bridge.isShell { bridge.tell(line) }
    }
  }

  /// The machine's sessions have no tunnel since `lastHeard`; `isComingBack` when they wait for another.
  func lineLost(of spki: Fingerprint, lastHeard: MonotonicInstant, isComingBack: Bool = true) {
    for id in sessionsOn(spki) {
      if isComingBack, sessions[id]?.machine.state == .awaitingConsent {
        for bridge in sessions[id]?.channels.values.map({ $0 }) ?? [] {
          bridge.tell("The line to the customer's machine is down; it dials again by itself. Still waiting.")
        }
      }
      apply(.linkLost(lastHeard: lastHeard), to: id, at: BootClock.now())
    }
  }

  /// Puts on record what was tried on the line of the machine's sessions, and why it came to nothing.
  func recordRefusal(_ reason: String, of spki: Fingerprint, from address: String) {
    for id in sessionsOn(spki) {
      guard let session = sessions[id], session.linkRefusals < LiveSession.maximumLinkRefusals else { continue }
      sessions[id]?.linkRefusals += 1
      record(LinkRefused(machine: session.machineName, address: address, reason: reason), id)
    }
  }

  /// A connection came to nothing. What strangers try is for the log; what was tried on a session's line is on its record.
  func connectionFailed(_ failure: FailedIntroduction) {
    let who = failure.peer.map { "the agent with key \($0.spki)" } ?? "somebody"
    let line =
      "A connection of \(who) from \(failure.address) came to nothing: \(TextSafety.escaped(failure.closure.description))"
    switch failure.closure {
    case .resumeRefused(.unknownTunnel): services.log.info("\(line)")
    case .resumeRefused(.replaced):
      services.log.warning("\(line)")
      if let peer = failure.peer { displacedAgentReturned(peer.spki, from: failure.address) }
    case .resumeRefused(let refusal):
      services.log.warning("\(line)")
      if let wanted = failure.wanted { recordRefusal(refusal.description, of: wanted, from: failure.address) }
    case .fault, .welcomeRefused: services.log.warning("\(line)")
    case .goAway, .closed, .truncated, .deadPeer, .tls, .io, .handshakeTimedOut: services.log.debug("\(line)")
    }
  }
}
