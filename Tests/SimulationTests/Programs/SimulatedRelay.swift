import Ledger
import Logging
import Metering
import NIOCore
import SessionModel
import Signing

@testable import Relay
@testable import TunnelProtocol

/// The relay: real session machines, checkpoint books, codes, journal and tunnel machines; what RelayCore and
/// TunnelTransport do with actors and sockets is done here in one thread. A new one is made for each run of the program.
final class SimulatedRelay: Listener, TunnelEndOwner {
  /// A machine whose agent is, or was, connected.
  struct Machine {
    let key: Fingerprint
    let publicKey: Ed25519PublicKey
    var instance: InstanceID
    /// Nil while it has none; a tunnel that was cut is still one.
    var tunnel: TunnelEnd?
    var lastHeard: MonotonicInstant
    var code: JoinCode?
    /// What it still has to say of sessions it holds.
    var heldTalk: HeldTalk?
  }

  /// How often it looks at the clock, in milliseconds: as RelayCore does.
  static let tickMilliseconds: Int64 = 250
  /// A tick that comes this much late has been slept through, in milliseconds: as RelayCore does.
  static let sleptMilliseconds: Int64 = 5_000

  let world: World
  let process: Process
  let disk: SimulatedDisk
  let keys: Keys
  let rules: Rules
  let instance: InstanceID
  var chance: Chance
  var journal: Journal
  var codes = CodeBook<Fingerprint>(lifetimeSeconds: JoinCode.lifetimeSeconds)
  var machines: [Fingerprint: Machine] = [:]
  var sessions: [SessionID: LiveSession] = [:]
  var channels: [StreamKey: TechnicianChannel] = [:]
  private var lastTick: MonotonicInstant?
  /// Whether the tick was put behind what else waited.
  private var isTickBehind = false
  /// Closings that the ledger may not have yet.
  var recentlyClosed: [SessionID: SessionClosed] = [:]
  private var tunnels: [InstanceID: TunnelEnd] = [:]
  private var attached: [Int: TunnelEnd] = [:]
  private var greetings: [Int: FrameDecoder] = [:]

  init(world: World, process: Process, chance: Chance) {
    self.world = world
    self.process = process
    self.chance = chance
    disk = world.disk
    keys = world.relayKeys
    rules = world.rules
    instance = InstanceID(using: &self.chance)
    journal = Journal(ledger: disk, log: Logger(label: "simulation", factory: { _ in SwiftLogNoOpLogHandler() }))
  }

  var now: MonotonicInstant { process.now }

  /// Settles what an earlier run left, then listens.
  func start() {
    journal.append([RelayStarted(instance: instance, software: "simulated").draft()], at: process.host.wall)
    restoreSessions()
    guard !diedOfDisk() else { return }
    world.network.listener = self
    tick()
  }

  private func tick() {
    // The product's ticks are on a thread of their own: after a sleep, what waited on the line may be told before them.
    if stoodStill, process.now.nanoseconds / 1_000_000 % 2 == 0, !isTickBehind {
      isTickBehind = true
      process.after(milliseconds: 0) { [weak self] in self?.tick() }
      return
    }
    isTickBehind = false
    compareClock()
    lastTick = now
    for key in codes.expire(at: now) { codeExpired(of: key) }
    for id in sessions.keys.sorted() { tickSession(id) }
    flush()
    for key in machines.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    where machines[key]?.code == nil {
      issueCode(for: key)
    }
    guard !diedOfDisk() else { return }
    process.after(milliseconds: Self.tickMilliseconds) { [weak self] in self?.tick() }
  }

  private var stoodStill: Bool { lastTick.map { now.milliseconds(since: $0) > Self.sleptMilliseconds } ?? false }

  /// The last tick was long ago: the relay's computer was asleep. Nothing was worked meanwhile, whatever the kernel kept.
  func compareClock() {
    guard let last = lastTick, stoodStill else { return }
    lastTick = now
    world.trace.note("woke-up")
    for id in sessions.keys.sorted() where sessions[id]?.machine.state == .active {
      apply(.linkLost(lastHeard: last), to: id)
      apply(.linkRestored, to: id)
    }
  }

  /// The disk says that the program died in the middle of a write.
  @discardableResult
  func diedOfDisk() -> Bool {
    if disk.isDead { process.die() }
    return !process.isAlive
  }

  func flush() {
    guard let change = journal.flush(at: now) else { return }
    world.trace.note("journal", "\(change)")
    for id in sessions.keys.sorted() {
      if change == .failed { stop(.storageFailed, of: id) } else { apply(.storageRecovered, to: id) }
    }
  }

  // MARK: Connections

  func accept(_ connection: Connection) -> (any ConnectionOwner)? { process.isAlive ? self : nil }

  private func greet(_ connection: Connection, _ bytes: ByteBuffer) {
    var bytes = bytes
    do throws(TunnelFault) {
      guard let frame = try greetings[connection.number]?.next(from: &bytes) else { return }
      greetings[connection.number] = nil
      switch frame.type {
      case .hello: hello(try Hello(frame), on: connection, bytes)
      case .resume: resume(try Resume(frame), on: connection, bytes)
      default: refuse(connection, GoAway(.fault))
      }
    } catch {
      refuse(connection, GoAway(.fault))
    }
  }

  private func refuse(_ connection: Connection, _ reason: GoAway) {
    say(reason.frame(), on: connection)
    connection.close(from: .relay)
    greetings[connection.number] = nil
  }

  func say(_ frame: Frame, on connection: Connection) {
    guard process.acts() else { return }
    var bytes = ByteBuffer()
    frame.write(into: &bytes)
    connection.send(bytes, from: .relay)
  }

  private func hello(_ hello: Hello, on connection: Connection, _ leftover: ByteBuffer) {
    guard let publicKey = world.publicKeys[connection.agentKey] else { return refuse(connection, GoAway(.refused)) }
    var machine =
      machines[connection.agentKey]
      ?? Machine(key: connection.agentKey, publicKey: publicKey, instance: hello.instance, lastHeard: now)
    let isSameRun = machine.instance == hello.instance
    world.trace.note(isSameRun ? "hello" : "hello-new-run", "#\(connection.number)")
    if let old = machine.tunnel {
      if let displaced = old.connection {
        say(GoAway(isSameRun ? .unspecified : .replaced, "another connection took over").frame(), on: displaced)
      }
      lineGone(old, reason: "another connection took over")
    }
    let tunnel = TunnelEnd(
      id: InstanceID(using: &chance), role: .relay, limits: world.settings.tunnel, process: process, rules: rules,
      owner: self)
    tunnels[tunnel.id] = tunnel
    attached[connection.number] = tunnel
    machine.instance = hello.instance
    machine.tunnel = tunnel
    machine.lastHeard = now
    machines[connection.agentKey] = machine
    let welcome = Welcome(
      instance: instance, tunnel: tunnel.id, signingKey: keys.key.publicKey.rawBytes,
      signature: [UInt8](repeating: 0, count: SignatureLengths.signatureBytes),
      resumeWindowSeconds: UInt32(world.settings.session.resumeWindowMilliseconds / 1000), shop: "shop")
    guard let frame = try? welcome.frame() else { return }
    say(frame, on: connection)
    world.heard(connection.agentKey, isNew: true)
    machineArrived(connection.agentKey, isSameRun: isSameRun, held: hello.heldSessions)
    tunnel.start(on: connection, leftover: leftover)
  }

  /// What TunnelTransport judges of a RESUME.
  private func resume(_ request: Resume, on connection: Connection, _ leftover: ByteBuffer) {
    guard let tunnel = tunnels[request.tunnel], !tunnel.isOver, let machine = machines[connection.agentKey],
      machine.tunnel === tunnel, machine.instance == request.instance, request.version == TunnelVersion.current,
      tunnel.machine.canResume(peerReceived: request.received)
    else {
      world.trace.note("cannot-resume", "#\(connection.number)")
      return refuse(connection, GoAway(.cannotResume))
    }
    tunnel.fence()
    attached[connection.number] = tunnel
    let resumed = Resumed(
      instance: instance, tunnel: tunnel.id, received: tunnel.statedReceived,
      signature: [UInt8](repeating: 0, count: SignatureLengths.signatureBytes))
    guard let frame = try? resumed.frame() else { return }
    say(frame, on: connection)
    world.trace.note("resumed", "#\(connection.number) peer has \(request.received)")
    machines[connection.agentKey]?.lastHeard = now
    world.heard(connection.agentKey, isNew: true)
    do throws(TunnelFault) {
      try tunnel.resume(on: connection, peerReceived: request.received, leftover: leftover)
    } catch {
      return tunnelFailed(tunnel, error)
    }
    linkRestored(connection.agentKey)
  }

  // MARK: Tunnels

  func tunnel(_ tunnel: TunnelEnd, received event: TunnelEvent) {
    guard let key = key(of: tunnel) else { return }
    switch event {
    case .open(let stream, _): tunnel.machine.end(stream, StreamEnd(.refused))
    case .control(let message): machineSaid(message, key)
    case .goAway(let reason):
      world.trace.note("agent-leaves", "\(reason.code)")
      if reason.code == .customer { customerLeft(key) }
    case .accepted(let stream):
      channels[StreamKey(tunnel.id, stream)]?.isAccepted = true
      write(to: stream, of: tunnel)
    case .data(let stream, _, let bytes): streamSent(bytes, stream, tunnel)
    case .eof(let stream): channels[StreamKey(tunnel.id, stream)]?.ended()
    case .message(let stream, .exitStatus(let status)): channels[StreamKey(tunnel.id, stream)]?.exited(status)
    case .message: break
    case .ended(let stream, let end): streamEnded(stream, end, tunnel)
    }
    diedOfDisk()
  }

  func tunnel(_ tunnel: TunnelEnd, freed bytes: Int, of stream: StreamID) { write(to: stream, of: tunnel) }

  func tunnelWasCut(_ tunnel: TunnelEnd, lastHeard: MonotonicInstant) {
    guard let key = key(of: tunnel) else { return }
    world.trace.note("relay-cut")
    linkLost(key, lastHeard: rules.contains(.meterCountsToNow) ? now : lastHeard, isGone: false)
    process.after(milliseconds: world.settings.session.resumeWindowMilliseconds) { [weak self, weak tunnel] in
      guard let self, let tunnel, !tunnel.isOver, tunnel.machine.isCut,
        now.milliseconds(since: lastHeard) >= world.settings.session.resumeWindowMilliseconds
      else { return }
      lineGone(tunnel, reason: "the link did not come back")
    }
  }

  func tunnelFailed(_ tunnel: TunnelEnd, _ fault: TunnelFault) {
    if case .deadPeer = fault {
      tunnel.connection?.close(from: .relay)
      return tunnel.cut()
    }
    world.honestFault(fault, key(of: tunnel))
    if let connection = tunnel.connection { say(GoAway(.fault).frame(), on: connection) }
    lineGone(tunnel, reason: "\(fault)")
  }

  /// The tunnel will not come back: what it carried ends.
  private func lineGone(_ tunnel: TunnelEnd, reason: String) {
    let key = key(of: tunnel)
    if let key { linkLost(key, lastHeard: tunnel.machine.lastHeard, isGone: true) }
    tunnel.giveUp()
    tunnels[tunnel.id] = nil
    attached = attached.filter { $0.value !== tunnel }
    if let key { machines[key]?.tunnel = nil }
    world.trace.note("tunnel-gone", reason)
    for (stream, channel) in channels.filter({ $0.key.tunnel == tunnel.id }).sorted(by: { $0.key < $1.key }) {
      channels[stream] = nil
      channelOver(channel, .broken("the line to the customer's machine is lost"))
    }
    if let key { answersLost(key) }
  }

  func key(of tunnel: TunnelEnd) -> Fingerprint? { machines.first { $0.value.tunnel === tunnel }?.key }
}

/// Names a stream among all of a relay's tunnels.
struct StreamKey: Hashable, Comparable {
  let tunnel: InstanceID
  let stream: StreamID

  init(_ tunnel: InstanceID, _ stream: StreamID) {
    self.tunnel = tunnel
    self.stream = stream
  }

  static func < (left: StreamKey, right: StreamKey) -> Bool { left.stream.rawValue < right.stream.rawValue }
}

extension SimulatedRelay: ConnectionOwner {
  func connectionOpened(_ connection: Connection) { greetings[connection.number] = FrameDecoder() }

  func connection(_ connection: Connection, received bytes: ByteBuffer) {
    process.host.awake { [self] in
      guard process.isAlive else { return }
      if let tunnel = attached[connection.number] {
        guard tunnel.listens(to: connection) else { return }
        if let key = key(of: tunnel) {
          machines[key]?.lastHeard = now
          world.heard(key, isNew: false)
        }
        tunnel.received(bytes, on: connection)
      } else {
        greet(connection, bytes)
      }
      diedOfDisk()
    }()
  }

  func connectionTakesMore(_ connection: Connection) {
    guard process.isAlive, let tunnel = attached[connection.number], tunnel.connection === connection else { return }
    tunnel.pump()
  }

  func connectionClosed(_ connection: Connection) {
    process.host.awake { [self] in
      greetings[connection.number] = nil
      guard process.isAlive, let tunnel = attached.removeValue(forKey: connection.number),
        tunnel.connection === connection
      else { return }
      tunnel.cut()
      diedOfDisk()
    }()
  }
}

extension Hello {
  init(_ frame: Frame) throws(TunnelFault) {
    do { try self.init(payload: frame.payload) } catch { throw .malformed(.hello, error) }
  }
}

extension Resume {
  init(_ frame: Frame) throws(TunnelFault) {
    do { try self.init(payload: frame.payload) } catch { throw .malformed(.resume, error) }
  }
}
