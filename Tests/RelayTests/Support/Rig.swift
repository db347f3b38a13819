import Billing
import Foundation
import Ledger
import LedgerSQLite
import Logging
import Metering
import NIOCore
import NIOPosix
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelProtocol
import TunnelTransport

@testable import Relay

/// One relay's state directory on the disk, with the keys of everybody, over any number of relays that come and go.
final class Rig: Sendable {
  let directory: String
  let ledger: SQLiteLedger
  let relayKey: Ed25519PrivateKey
  let agentKey: Ed25519PrivateKey
  let instance: InstanceID
  let technicianKey = SHA256.hash([9])
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init() throws {
    directory = NSTemporaryDirectory() + "fixline-relay-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    ledger = try SQLiteLedger(path: directory + "/ledger.sqlite")
    relayKey = try Ed25519PrivateKey.generate()
    agentKey = try Ed25519PrivateKey.generate()
    var random = SystemRandomNumberGenerator()
    instance = InstanceID(using: &random)
    let mika = Technician(
      name: try #require(Name("mika")), role: .technician, keyLine: "ssh-ed25519 AAAA mika",
      keyFingerprint: technicianKey, addedAt: Self.wall)
    try SQLiteDirectory(ledger: ledger).add(mika)
  }

  deinit {
    try? group.syncShutdownGracefully()
    try? FileManager.default.removeItem(atPath: directory)
  }

  var spki: Fingerprint { agentKey.publicKey.spki }
  /// Hears nothing.
  static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  /// The session that most tests are about, and the code of its machine.
  static let session = SessionID("0a1b2c3d")
  static let code = JoinCode("482177305")
  /// An hour ahead, so that whatever a core times by itself, on however busy a machine, comes before.
  static func hourAhead() -> ClockReading {
    let now = SystemClocks.now()
    return ClockReading(
      boot: now.boot, monotonic: now.monotonic.advanced(byMilliseconds: 3_600_000),
      wall: now.wall.advanced(byMilliseconds: 3_600_000))
  }
  /// A time at which nobody is asleep.
  static let wall = WallTime(milliseconds: 1_763_757_000_000)

  /// Another run of the agent.
  func newInstance() -> InstanceID {
    var random = SystemRandomNumberGenerator()
    return InstanceID(using: &random)
  }

  /// A relay that starts on what the ledger has.
  func start(at clocks: ClockReading? = nil, configuration: RelayConfiguration = RelayConfiguration()) async throws
    -> RelayCore
  {
    let technicians = SQLiteDirectory(ledger: ledger)
    let core = RelayCore(
      services: RelayCore.Services(
        ledger: ledger, directory: technicians, signingKey: relayKey, configuration: configuration, log: Self.log),
      roster: Roster(directory: technicians), register: try ledger.register(), loop: group.next())
    let restored = Restoration.prepare(in: ledger, try ledger.register(), log: Self.log)
    await core.restore(restored, at: clocks ?? SystemClocks.now())
    return core
  }

  /// A session on record up to the customer's yes.
  func agreed(_ id: SessionID, agent: Ed25519PrivateKey? = nil) throws -> [EntryDraft] {
    let plan = PlanTerms(.standard)
    return [
      SessionRequested(
        machine: "guest-1", technician: try #require(Name("mika")), technicianKey: technicianKey, purpose: "printer",
        plan: plan, address: "::1"
      ).draft(session: id),
      ConsentAsked(words: "May I?", wordsHash: SHA256.hash(Array("May I?".utf8)), allowances: .all).draft(session: id),
      ConsentAnswered(accepted: true, reason: "", signature: [7], agentKey: (agent ?? agentKey).publicKey.rawBytes)
        .draft(session: id),
    ]
  }

  /// Puts an active session on record as a relay leaves it that was killed.
  func leaveBehind(
    _ id: SessionID, code: JoinCode, clocks: ClockReading,
    checkpoint: (epoch: UInt32, intervals: [MeterInterval])? = nil
  ) throws {
    let activated = SessionActivated(
      continuation: SessionActivated.Continuation(
        code: code, agentInstance: instance, bootID: clocks.boot, instant: clocks.monotonic))
    try ledger.append(try agreed(id) + [activated.draft(session: id)], at: clocks.wall)
    guard let checkpoint else { return }
    try ledger.saveCheckpoints([
      try signed(id, epoch: checkpoint.epoch, sequence: 3, MeteredTime(intervals: checkpoint.intervals))
    ])
  }

  func signed(_ id: SessionID, epoch: UInt32, sequence: UInt64, _ time: MeteredTime) throws -> StoredCheckpoint {
    let statement = CheckpointStatement(
      session: id, epoch: epoch, sequence: sequence, activeMilliseconds: time.activeMilliseconds,
      chainHash: CheckpointChain.origin(session: id) { SHA256.hash($0) })
    return StoredCheckpoint(
      ConfirmedCheckpoint(
        statement: statement, relaySignature: try relayKey.sign(statement.signedBytes),
        agentSignature: try agentKey.sign(statement.signedBytes), time: time, confirmedAt: Self.wall))
  }

  func entries(_ id: SessionID) throws -> [EntryKind] { try ledger.entries(session: id).map(\.kind) }

  func closed(_ id: SessionID) throws -> SessionClosed? {
    try ledger.entries(session: id).compactMap { SessionClosed($0) }.first
  }
}

extension RelayCore {
  /// The agent of `rig` connects with HELLO.
  func agentComes(
    _ rig: Rig, instance: InstanceID? = nil, holding held: [SessionID] = [], from address: String = "192.0.2.7"
  ) {
    let port = TunnelPort(loop: loop, endpoint: TunnelEndpoint(core: self), lastHeard: BootClock.now())
    machineArrived(
      MachineArrival(
        port: port, instance: instance ?? rig.instance, spki: rig.spki, publicKey: rig.agentKey.publicKey.rawBytes,
        language: "en", software: "test", allowances: .all, heldSessions: held, address: address))
    // What it has on record of them: nothing.
    guard let machine = machines[rig.spki] else { return }
    for id in held {
      sessionHeld(
        HeldSession(session: id, newest: nil, measuredMilliseconds: 0, isJournalDamaged: false), by: machine)
    }
  }

  /// The agent was heard at `now`.
  func hear(_ rig: Rig, at now: MonotonicInstant) { machines[rig.spki]?.port?.heard(at: now) }

  /// A byte of `id` passes at `now`, and the meter is told.
  func byte(_ id: SessionID, at now: MonotonicInstant) {
    sessions[id]?.traffic.countFromMachine(1, at: now)
    feedBytes(id)
  }

  /// The agent signs what it was sent.
  @discardableResult
  func sign(_ id: SessionID, _ rig: Rig, at now: MonotonicInstant) throws -> [CheckpointStatement] {
    guard let machine = machines[rig.spki], let unanswered = sessions[id]?.book.unanswered else { return [] }
    for statement in unanswered.map(\.statement) {
      checkpointSigned(
        id, by: machine, epoch: statement.epoch, sequence: statement.sequence,
        signature: try rig.agentKey.sign(statement.signedBytes), at: now)
    }
    return unanswered.map(\.statement)
  }

  func state(_ id: SessionID) -> (state: SessionState, reasons: [SuspendReason], active: Int64)? {
    sessions[id].map { ($0.machine.state, $0.machine.suspendedReasons, $0.machine.activeMilliseconds) }
  }

  func claim(_ code: JoinCode, key: Fingerprint) -> CodeBook<Fingerprint>.Claim {
    codes.claim(code, key: key, address: "::1", at: BootClock.now())
  }

  func act(_ event: SessionEvent, _ id: SessionID, at now: MonotonicInstant) { apply(event, to: id, at: now) }

  /// What was stated and is not answered.
  func unanswered(_ id: SessionID) -> [CheckpointStatement] {
    sessions[id]?.book.unanswered.map(\.statement) ?? []
  }

  func answer(
    _ id: SessionID, _ rig: Rig, _ statement: CheckpointStatement, signature: [UInt8]
  ) {
    let machine = Machine(
      spki: rig.spki, publicKey: rig.agentKey.publicKey, instance: rig.instance, allowances: .all)
    checkpointSigned(
      id, by: machine, epoch: statement.epoch, sequence: statement.sequence, signature: signature)
    checkpointRefused(
      id, by: machine, epoch: statement.epoch, sequence: statement.sequence, measuredMilliseconds: 0)
  }
}
