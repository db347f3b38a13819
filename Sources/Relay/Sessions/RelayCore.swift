import Billing
import Ledger
import LedgerSQLite
import Logging
import Metering
import NIOCore
import SSHFrontDoor
import SessionModel
import Signing
import TunnelProtocol
import TunnelTransport

/// Everything that is decided at the relay is decided here: which code opens which machine, who is asked, when time runs, what
/// goes on record. An actor on an event loop of its own, so that events from other threads arrive in their order and a
/// commit that waits for the disk delays no byte.
///
/// Session states are ``Metering/SessionMachine``'s; this actor feeds it and performs what it asks.
actor RelayCore {
  /// What the core stands on; all of it may be used from any thread.
  struct Services: Sendable {
    let ledger: SQLiteLedger
    let directory: SQLiteDirectory
    let signingKey: Ed25519PrivateKey
    let configuration: RelayConfiguration
    let log: Logger
  }

  /// How often time is looked at: consent and linger limits are kept to within this, in milliseconds.
  static let tickMilliseconds: Int64 = 250
  /// How long an answer about a code takes, in milliseconds: the same for every reason, so that time tells nothing.
  static let codeAnswerMilliseconds: Int64 = 1000
  /// Sessions open at once. Each is a few kilobytes; the limit keeps a flood of requests from filling the ledger.
  static let maximumSessions = 5000
  /// How long the relay waits for the last signatures, and again for its good-bye to go out, in milliseconds.
  static let farewellMilliseconds: Int64 = 500
  /// How often changes by other processes (a key removed) are looked for, in milliseconds.
  static let directoryCheckMilliseconds: Int64 = 500

  nonisolated let loop: any EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.actorExecutor }

  let services: Services
  let roster: Roster
  let plan = Plan.standard
  var random = SecureRandomGenerator()
  var codes: CodeBook<Fingerprint>
  var machines = Machines()
  var sessions: [SessionID: LiveSession] = [:]
  var journal: Journal
  var frontDoor: SSHFrontDoor?
  var isStopping = false
  private var rosterIsStale = false
  private var directoryCounter: Int64 = -1
  private var nextDirectoryCheck = MonotonicInstant(nanoseconds: 0)
  private var ticking: RepeatedTask?

  init(services: Services, roster: Roster, loop: any EventLoop) {
    self.services = services
    self.roster = roster
    self.loop = loop
    codes = CodeBook(lifetimeSeconds: services.configuration.codeLifetimeSeconds)
    journal = Journal(ledger: services.ledger, log: services.log)
  }

  /// Runs `body` on the core after everything posted before it; any thread.
  nonisolated func post(_ body: @escaping @Sendable (isolated RelayCore) -> Void) {
    loop.execute { self.assumeIsolated(body) }
  }

  /// Runs `body` on the core after `milliseconds`.
  nonisolated func post(afterMilliseconds milliseconds: Int64, _ body: @escaping @Sendable (isolated RelayCore) -> Void)
  {
    loop.scheduleTask(in: .milliseconds(milliseconds)) { self.assumeIsolated(body) }
  }

  /// Starts the clock's work.
  func start(frontDoor: SSHFrontDoor) {
    self.frontDoor = frontDoor
    ticking = loop.scheduleRepeatedTask(
      initialDelay: .milliseconds(Self.tickMilliseconds), delay: .milliseconds(Self.tickMilliseconds)
    ) { _ in self.assumeIsolated { $0.tick() } }
  }

  /// Puts every session's time on record, tells agents and technicians, then calls `done`. Sessions stay open on the
  /// ledger; the next start settles them by what was signed.
  func shutDown(done: @escaping @Sendable () -> Void) {
    let now = BootClock.now()
    ticking?.cancel()
    isStopping = true
    for id in Array(sessions.keys) {
      feedBytes(id)
      // A pause ends quiet time as any other does, so that work up to now is stated and signed.
      sessions[id]?.schedule.withdraw()
      apply(.paused, to: id, at: now)
      for bridge in sessions[id]?.channels.values.map({ $0 }) ?? [] {
        bridge.finish("The relay is being stopped by its operator. Ask the customer for the new code.")
      }
    }
    // One round trip for the agents' signatures, then they are told to dial again.
    post(afterMilliseconds: Self.farewellMilliseconds) { core in
      core.flushRecords(at: BootClock.now())
      for machine in core.machines.all.values {
        machine.port?.post(.leave(GoAway(.shutdown, "the relay is being restarted")))
      }
      core.post(afterMilliseconds: Self.farewellMilliseconds) { _ in done() }
    }
  }

  private func tick() {
    let now = BootClock.now()
    for machine in codes.expire(at: now) { codeExpired(of: machine) }
    for id in Array(sessions.keys) { tickSession(id, at: now) }
    flushRecords(at: now)
    if now >= nextDirectoryCheck {
      nextDirectoryCheck = now.advanced(byMilliseconds: Self.directoryCheckMilliseconds)
      refreshRoster()
      tendMachines(at: now)
    }
  }

  /// Takes over what `technician add | remove` changed, and throws out whoever's key is gone.
  func refreshRoster() {
    do {
      let counter = try services.directory.changeCounter()
      rosterIsStale = false
      guard counter != directoryCounter else { return }
      roster.replaceCopy(with: try services.directory.technicians())
      directoryCounter = counter
      frontDoor?.disconnect { [roster] in roster.technician(of: $0.key.fingerprint) == nil }
      // Nor may what he started run on at the customer's until the session would have lingered out.
      for session in sessions.values where roster.technician(of: session.technicianKey) == nil {
        apply(
          .close(outcome: .unclosed, note: "the technician's key was removed", by: .relay), to: session.id,
          at: BootClock.now())
      }
    } catch {
      if !rosterIsStale { services.log.warning("The technicians could not be read again: \(error)") }
      rosterIsStale = true
    }
  }
}
