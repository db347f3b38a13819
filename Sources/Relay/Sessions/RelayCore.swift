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
  /// A tick that comes this much late, in milliseconds, has been slept through: the computer was suspended.
  static let sleptMilliseconds: Int64 = 5_000
  /// How long a relay that stops waits for the last signatures at most, in milliseconds.
  static let lastSignaturesMilliseconds: Int64 = 3000
  /// How long it waits for its good-bye to go out, in milliseconds.
  static let farewellMilliseconds: Int64 = 500
  /// How often changes by other processes (a key removed) are looked for, in milliseconds.
  static let directoryCheckMilliseconds: Int64 = 500

  nonisolated let loop: any EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.actorExecutor }

  let services: Services
  let roster: Roster
  var random = SecureRandomGenerator()
  var codes: CodeBook<Fingerprint>
  /// The codes under which a technician is being asked which problem it is, by machine.
  var askedUnder: [Fingerprint: JoinCode] = [:]
  var machines = Machines()
  var sessions: [SessionID: LiveSession] = [:]
  var journal: Journal
  /// What the ledger says about business.
  var register: CustomerRegister
  var isRegisterStale = false
  var frontDoor: SSHFrontDoor?
  var isStopping = false
  /// Closed sessions whose record, or receipt, still waits for the disk.
  var unrecorded: [SessionID: SessionClosed] = [:]
  private var lastTick: MonotonicInstant?
  /// When this relay last stood still and went on: nobody could be heard before.
  private(set) var awakeSince = MonotonicInstant(nanoseconds: 0)
  private var rosterIsStale = false
  private var directoryCounter: Int64 = -1
  private var nextDirectoryCheck = MonotonicInstant(nanoseconds: 0)
  var ticking: RepeatedTask?

  init(
    services: Services, roster: Roster, register: CustomerRegister = CustomerRegister(), loop: any EventLoop
  ) {
    self.services = services
    self.roster = roster
    self.register = register
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
    // A standstill right after the start is one too.
    lastTick = BootClock.now()
    ticking = loop.scheduleRepeatedTask(
      initialDelay: .milliseconds(Self.tickMilliseconds), delay: .milliseconds(Self.tickMilliseconds)
    ) { _ in self.assumeIsolated { $0.tick() } }
  }

  /// Looks at everything the clock brings about by `now`.
  func tick(at now: MonotonicInstant = BootClock.now()) {
    noticeStandstill(at: now)
    lastTick = now
    for machine in codes.expire(at: now) { codeExpired(of: machine) }
    // Prices, grants and promises that were put on record since count in this tick.
    if !sessions.isEmpty { readRegister() }
    for id in Array(sessions.keys) { tickSession(id, at: now) }
    flushRecords(at: now)
    if !journal.isFailing, !unrecorded.isEmpty { handOverLateReceipts() }
    if now >= nextDirectoryCheck {
      nextDirectoryCheck = now.advanced(byMilliseconds: Self.directoryCheckMilliseconds)
      refreshRoster()
      tendMachines(at: now)
    }
  }

  /// Has to come before time is counted, whatever counts it: after a standstill, what waited in the sockets may be told
  /// before the tick, and would make of it quiet time with the machine at hand.
  func noticeStandstill(at now: MonotonicInstant) {
    guard let last = lastTick, now.milliseconds(since: last) > Self.sleptMilliseconds else { return }
    // What follows is applied at `now`, and is not to find the same one again.
    lastTick = now
    awakeSince = now
    slept(from: last, to: now)
  }

  /// This computer was suspended, or this program stopped. Nobody worked through it meanwhile, whatever comes out of the sockets now: to every
  /// session it was a cut.
  private func slept(from last: MonotonicInstant, to now: MonotonicInstant) {
    services.log.notice(
      "The relay stood still for \(now.milliseconds(since: last) / 1000) s (the computer slept, or its disk); no time counts for it."
    )
    for session in Array(sessions.values)
    where session.activatedAt != nil && !session.isClosing && !session.machine.suspendedReasons.contains(.link) {
      apply(.linkLost(lastHeard: last), to: session.id, at: now)
      apply(.linkRestored, to: session.id, at: now)
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
