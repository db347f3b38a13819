import NIOCore
import SessionModel

@testable import TunnelProtocol

/// Whose tunnel it is.
protocol TunnelEndOwner: AnyObject {
  func tunnel(_ tunnel: TunnelEnd, received event: TunnelEvent)
  func tunnel(_ tunnel: TunnelEnd, freed bytes: Int, of stream: StreamID)
  /// The connection is gone; the tunnel waits for another.
  func tunnelWasCut(_ tunnel: TunnelEnd, lastHeard: MonotonicInstant)
  /// The peer broke the protocol: the tunnel is over.
  func tunnelFailed(_ tunnel: TunnelEnd, _ fault: TunnelFault)
}

/// One end of a tunnel: the real machine and decoder, and the connection it has at present. What TunnelTransport does with
/// NIO's channels is done here with the simulated ones.
final class TunnelEnd {
  let id: InstanceID
  let process: Process
  let rules: Rules
  unowned let owner: any TunnelEndOwner
  var machine: TunnelMachine
  private var decoder = FrameDecoder()
  private(set) var connection: Connection?
  private var tick: Timeline.Plan?
  private var isPumping = false
  private(set) var isOver = false

  init(
    id: InstanceID, role: TunnelRole, limits: TunnelLimits, process: Process, rules: Rules, owner: any TunnelEndOwner
  ) {
    self.id = id
    self.process = process
    self.rules = rules
    self.owner = owner
    machine = TunnelMachine(role: role, limits: limits, now: process.now)
  }

  // MARK: Connections

  /// The tunnel's first connection, with what came behind the handshake's frame.
  func start(on connection: Connection, leftover: ByteBuffer) {
    self.connection = connection
    decoder = FrameDecoder()
    received(leftover, on: connection)
    pump()
  }

  /// Another connection carries it on; the handshake's frame of this side was sent.
  func resume(on connection: Connection, peerReceived: UInt64, leftover: ByteBuffer) throws(TunnelFault) {
    let number = rules.contains(.resendOffByOne) ? peerReceived + 1 : peerReceived
    try machine.resume(peerReceived: machine.canResume(peerReceived: number) ? number : peerReceived, at: process.now)
    self.connection = connection
    decoder = FrameDecoder()
    received(leftover, on: connection)
    pump()
  }

  /// What RESUME and RESUMED state.
  var statedReceived: UInt64 { machine.received + (rules.contains(.acknowledgeBeforeDelivery) ? 1 : 0) }

  /// Lets go of the present connection before another takes over.
  func fence() {
    guard let old = connection else { return }
    old.close(from: side)
    cut()
  }

  /// The connection is gone.
  func cut() {
    guard !isOver, connection != nil else { return }
    connection = nil
    tick?.cancel()
    let lastHeard = machine.lastHeard
    machine.cut()
    owner.tunnelWasCut(self, lastHeard: lastHeard)
  }

  /// Nothing more comes of it.
  func giveUp(closing: Bool = true) {
    guard !isOver else { return }
    isOver = true
    tick?.cancel()
    if closing { connection?.close(from: side) }
    connection = nil
  }

  var side: Side { machine.role == .agent ? .agent : .relay }

  /// Whether bytes of this connection are this tunnel's.
  func listens(to connection: Connection) -> Bool { connection === self.connection }

  // MARK: Bytes

  func received(_ bytes: ByteBuffer, on connection: Connection) {
    guard !isOver, listens(to: connection), bytes.readableBytes > 0 else { return }
    var bytes = bytes
    machine.heard(at: process.now)
    do throws(TunnelFault) {
      while let frame = try decoder.next(from: &bytes) {
        if let event = try machine.receive(frame, at: process.now) { owner.tunnel(self, received: event) }
        guard !isOver, process.isAlive else { return }
      }
    } catch {
      return fail(error)
    }
    pump()
  }

  /// Writes what there is to say while the line takes it.
  func pump() {
    guard !isOver, !isPumping, process.isAlive else { return }
    isPumping = true
    defer { isPumping = false }
    var busy = true
    while busy, !isOver {
      busy = false
      while let connection, connection.room(for: side) > 0, let frame = machine.nextFrame(at: process.now) {
        busy = true
        guard process.acts() else { return }
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        connection.send(bytes, from: side)
      }
      while let (stream, bytes) = machine.nextWritable() {
        busy = true
        owner.tunnel(self, freed: bytes, of: stream)
      }
    }
    planTick()
  }

  private func planTick() {
    tick?.cancel()
    guard !isOver, let deadline = machine.nextDeadline else { return }
    tick = process.at(deadline) { [weak self] in self?.look() }
  }

  private func look() {
    guard !isOver, connection != nil else { return }
    do throws(TunnelFault) {
      try machine.tick(at: process.now)
      pump()
    } catch {
      fail(error)
    }
  }

  private func fail(_ fault: TunnelFault) {
    if case .deadPeer = fault { process.trace.note("dead-peer", process.name) }
    owner.tunnelFailed(self, fault)
  }
}
