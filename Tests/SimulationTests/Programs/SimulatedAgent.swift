import Metering
import NIOCore
import SessionModel

@testable import Agent
@testable import TunnelProtocol

/// One run of the agent: the real link machine, consent book, measure and tunnel machine; what AgentRun and TunnelTransport
/// do with sockets and processes is done here with simulated ones.
final class SimulatedAgent: TunnelEndOwner {
  /// How long a connection may take from the dial to WELCOME or RESUMED, in milliseconds.
  static let handshakeMilliseconds: Int64 = 10_000

  let world: World
  let process: Process
  let keys: Keys
  let instance: InstanceID
  /// It answers checkpoints wrongly.
  let isLiar: Bool
  var chance: Chance
  var link = LinkMachine()
  var book = ConsentBook()
  var sessions: [SessionID: AgreedSession] = [:]
  private(set) var tunnel: TunnelEnd?
  /// Questions the customer is looking at.
  var asking: Set<SessionID> = []
  /// The code on the customer's screen.
  var code: JoinCode?
  private(set) var hasExited = false
  private var relayInstance: InstanceID?
  private var resumeWindowMilliseconds: Int64 = 0
  private var cutAt: MonotonicInstant?
  private var dialing: (connection: Connection, decoder: FrameDecoder)?

  init(world: World, process: Process, keys: Keys, isLiar: Bool, chance: Chance) {
    self.world = world
    self.process = process
    self.keys = keys
    self.isLiar = isLiar
    self.chance = chance
    instance = InstanceID(using: &self.chance)
  }

  var now: MonotonicInstant { process.now }

  func start() { dial() }

  // MARK: The link

  func step(_ event: LinkMachine.Event) {
    link.isUrgent = !book.sessions.isEmpty
    switch link.handle(event, at: now, using: &chance) {
    case .none: break
    case .dial: dial()
    case .retry(_, let milliseconds):
      process.after(milliseconds: milliseconds) { [weak self] in self?.step(.retryDue) }
    case .beginClosing(let milliseconds):
      for session in book.sessions { tunnel?.machine.post(.closeRequest(session: session, reason: "")) }
      tunnel?.pump()
      for session in sessions.values.sorted(by: { $0.id < $1.id }) { endPrograms(of: session) }
      settle()
      process.after(milliseconds: milliseconds) { [weak self] in self?.step(.closingLimitReached) }
    case .stop(let code, _): exit(code)
    }
  }

  /// The customer presses Ctrl+C.
  func stop() { step(.stopRequested) }

  func settle() { if case .closing = link.state, book.sessions.isEmpty { step(.settled) } }

  private func exit(_ code: ExitCode) {
    world.trace.note("agent-exits", "\(code)")
    hasExited = true
    if let connection = tunnel?.connection {
      say(GoAway(code == .success ? .customer : .shutdown).frame(), on: connection)
      connection.close(from: .agent)
    }
    dialing?.connection.close(from: .agent)
    process.die()
  }

  private func dial() {
    if let cutAt, now.milliseconds(since: cutAt) > resumeWindowMilliseconds { giveUpTunnel() }
    let connection = world.network.dial(key: keys.fingerprint, owner: self)
    dialing = (connection, FrameDecoder())
    process.after(milliseconds: Self.handshakeMilliseconds) { [weak self, weak connection] in
      guard let self, let connection, dialing?.connection === connection else { return }
      world.trace.note("handshake-timed-out", "#\(connection.number)")
      dialing = nil
      connection.close(from: .agent)
      step(.failed(.temporary("no answer")))
    }
  }

  private func say(_ frame: Frame, on connection: Connection) {
    guard process.acts() else { return }
    var bytes = ByteBuffer()
    frame.write(into: &bytes)
    connection.send(bytes, from: .agent)
  }

  private func introduce(on connection: Connection) {
    if let tunnel {
      say(Resume(instance: instance, tunnel: tunnel.id, received: tunnel.statedReceived).frame(), on: connection)
    } else {
      let hello = Hello(
        instance: instance, software: "simulated", language: "en", allowances: .all, heldSessions: book.sessions)
      if let frame = try? hello.frame() { say(frame, on: connection) }
    }
  }

  private func greeted(_ bytes: ByteBuffer, on connection: Connection) {
    var bytes = bytes
    do throws(TunnelFault) {
      guard let frame = try dialing?.decoder.next(from: &bytes) else { return }
      dialing = nil
      switch frame.type {
      case .welcome: try welcomed(frame, connection, bytes)
      case .resumed: try resumed(frame, connection, bytes)
      case .goAway: sentAway((try? GoAway(payload: frame.payload)) ?? GoAway(.fault), connection)
      default: throw .unexpected(frame.type)
      }
    } catch {
      world.honestFault(error, keys.fingerprint)
      connection.close(from: .agent)
      giveUpTunnel()
      step(.failed(.temporary("\(error)")))
    }
  }

  private func welcomed(_ frame: Frame, _ connection: Connection, _ leftover: ByteBuffer) throws(TunnelFault) {
    let welcome: Welcome
    do { welcome = try Welcome(payload: frame.payload) } catch { throw .malformed(.welcome, error) }
    relayInstance = welcome.instance
    resumeWindowMilliseconds = Int64(welcome.resumeWindowSeconds) * 1000
    let tunnel = TunnelEnd(
      id: welcome.tunnel, role: .agent, limits: world.settings.tunnel, process: process, rules: world.rules, owner: self
    )
    self.tunnel = tunnel
    cutAt = nil
    world.trace.note("agent-up", "#\(connection.number)")
    step(.established)
    for session in sessions.values.sorted(by: { $0.id < $1.id }) { session.measure.linkRestored(at: now) }
    tellHeldSessions(on: tunnel)
    tunnel.start(on: connection, leftover: leftover)
  }

  private func resumed(_ frame: Frame, _ connection: Connection, _ leftover: ByteBuffer) throws(TunnelFault) {
    let resumed: Resumed
    do { resumed = try Resumed(payload: frame.payload) } catch { throw .malformed(.resumed, error) }
    guard let tunnel, resumed.tunnel == tunnel.id, resumed.instance == relayInstance else {
      throw .unexpected(.resumed)
    }
    cutAt = nil
    world.trace.note("agent-resumed", "#\(connection.number)")
    step(.established)
    for session in sessions.values.sorted(by: { $0.id < $1.id }) { session.measure.linkRestored(at: now) }
    try tunnel.resume(on: connection, peerReceived: resumed.received, leftover: leftover)
  }

  private func sentAway(_ reason: GoAway, _ connection: Connection) {
    world.trace.note("sent-away", "\(reason.code)")
    connection.close(from: .agent)
    if reason.code == .cannotResume { giveUpTunnel() }
    step(.failed(reason.redial ? .temporary("\(reason)") : reason.code == .replaced ? .replaced("") : .refused("")))
  }

  /// The tunnel will not come back: its streams are over; shells wait for the next.
  private func giveUpTunnel() {
    guard let old = tunnel else { return }
    old.giveUp()
    tunnel = nil
    cutAt = nil
    world.trace.note("agent-gives-up", "tunnel")
    for session in sessions.values.sorted(by: { $0.id < $1.id }) { session.tunnelGone(at: now) }
  }

  // MARK: The tunnel

  func tunnelWasCut(_ tunnel: TunnelEnd, lastHeard: MonotonicInstant) {
    cutAt = now
    world.trace.note("agent-cut")
    for session in sessions.values.sorted(by: { $0.id < $1.id }) { session.measure.linkLost(at: now) }
    step(.failed(.temporary("the connection is gone")))
  }

  func tunnelFailed(_ tunnel: TunnelEnd, _ fault: TunnelFault) {
    let connection = tunnel.connection
    if case .deadPeer = fault {
      connection?.close(from: .agent)
      return tunnel.cut()
    }
    world.honestFault(fault, keys.fingerprint)
    giveUpTunnel()
    for session in sessions.values { session.measure.linkLost(at: now) }
    step(.failed(.temporary("\(fault)")))
  }

  func tunnel(_ tunnel: TunnelEnd, freed bytes: Int, of stream: StreamID) {
    for session in sessions.values { session.programs[stream]?.write() }
  }

  func tunnel(_ tunnel: TunnelEnd, received event: TunnelEvent) {
    switch event {
    case .open(let stream, let opening): open(stream, opening, tunnel)
    case .data(let stream, _, let bytes): received(bytes, stream, tunnel)
    case .eof(let stream): program(stream)?.inputEnded()
    case .message, .accepted: break
    case .ended(let stream, let end):
      for session in sessions.values { session.streamEnded(stream, end, at: now) }
    case .control(let message): control(message)
    case .goAway(let reason):
      // The connection closes next.
      world.trace.note("told-to-go", "\(reason.code)")
      if !reason.redial {
        tunnel.giveUp()
        step(.failed(reason.code == .replaced ? .replaced("") : .refused("")))
      }
    }
  }

  private func open(_ stream: StreamID, _ opening: StreamOpening, _ tunnel: TunnelEnd) {
    if let refusal = book.refusal(of: opening, signingKey: world.relayKeys.fingerprint) {
      tunnel.machine.end(stream, refusal.end)
    } else if let session = sessions[opening.session] {
      session.open(stream, opening, on: tunnel, at: now)
    } else {
      tunnel.machine.end(stream, StreamEnd(.sessionClosed, "the session is over"))
    }
  }

  private func received(_ bytes: ByteBuffer, _ stream: StreamID, _ tunnel: TunnelEnd) {
    let count = bytes.readableBytes
    guard let program = program(stream) else {
      tunnel.machine.consumed(stream, bytes: count)
      return
    }
    if let fault = program.receive(bytes) { world.failed(fault) }
    process.after(milliseconds: chance.milliseconds(world.settings.readingDelays)) { [weak self, weak tunnel] in
      guard self != nil, let tunnel, !tunnel.isOver else { return }
      tunnel.machine.consumed(stream, bytes: count)
      tunnel.pump()
    }
  }

  private func program(_ stream: StreamID) -> MachineProgram? {
    for session in sessions.values { if let program = session.programs[stream] { return program } }
    return nil
  }
}

extension SimulatedAgent: ConnectionOwner {
  func connectionOpened(_ connection: Connection) {
    process.host.awake { [self] in
      guard process.isAlive, dialing?.connection === connection else { return connection.close(from: .agent) }
      introduce(on: connection)
    }()
  }

  func connection(_ connection: Connection, received bytes: ByteBuffer) {
    process.host.awake { [self] in
      guard process.isAlive else { return }
      if dialing?.connection === connection {
        greeted(bytes, on: connection)
      } else {
        tunnel?.received(bytes, on: connection)
      }
    }()
  }

  func connectionTakesMore(_ connection: Connection) {
    guard process.isAlive, tunnel?.connection === connection else { return }
    tunnel?.pump()
  }

  func connectionClosed(_ connection: Connection) {
    process.host.awake { [self] in
      guard process.isAlive else { return }
      if dialing?.connection === connection {
        dialing = nil
        step(.failed(.temporary("the connection is gone")))
      } else if tunnel?.connection === connection {
        tunnel?.cut()
      }
    }()
  }
}
