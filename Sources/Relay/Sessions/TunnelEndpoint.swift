import Mailbox
import NIOCore
import SessionModel
import TLSChannel
import TunnelProtocol
import TunnelTransport

/// One agent's tunnel at the relay, confined to its event loop: joins streams and channels, passes everything that is not
/// a channel's bytes to the core.
///
/// ```
/// fresh ──established──▶ open ──closed (once)──▶ over: every stream's channel is told, later commands are refused
///                         │ ▲
///                     cut ▼ │ resumed: streams stay, commands are kept by the tunnel
///                        open
/// ```
final class TunnelEndpoint: TunnelDelegate {
  private let core: RelayCore
  private var tunnel: Tunnel?
  private var port: TunnelPort?
  private var bridges: [StreamID: ChannelBridge] = [:]
  private var commands: [TunnelCommand] = []
  /// Those that were sent something since the tunnel paused.
  private var unwoken: [ChannelBridge] = []

  init(core: RelayCore) { self.core = core }

  // MARK: From the tunnel

  func tunnelEstablished(_ tunnel: Tunnel, greeting: TunnelGreeting) {
    guard case .hello(let hello) = greeting else { return }
    self.tunnel = tunnel
    let port = TunnelPort(loop: tunnel.eventLoop, endpoint: self, lastHeard: tunnel.lastHeard)
    self.port = port
    let peer = tunnel.peer
    let arrival = MachineArrival(
      port: port, instance: hello.instance, spki: peer.spki, publicKey: peer.ed25519PublicKey ?? [],
      language: hello.language, software: hello.software, allowances: hello.allowances,
      heldSessions: hello.heldSessions, address: tunnel.remoteAddress)
    core.post { $0.machineArrived(arrival) }
  }

  func tunnel(_ tunnel: Tunnel, received event: TunnelEvent) {
    switch event {
    case .open(let stream, _):
      // Agents open nothing; the machine checks parity already, this is for a format that would allow it one day.
      tunnel.end(stream, StreamEnd(code: .refused, text: "this relay accepts no streams"))
    case .accepted(let stream):
      bridges[stream]?.streamAccepted()
    case .data(let stream, let lane, let bytes):
      guard let bridge = bridges[stream] else { return }
      bridge.streamSent(bytes, lane: lane)
      if unwoken.last !== bridge { unwoken.append(bridge) }
    case .eof(let stream):
      bridges[stream]?.streamEOF()
    case .message(let stream, let message):
      bridges[stream]?.streamSaid(message)
    case .ended(let stream, let end):
      bridges.removeValue(forKey: stream)?.streamEnded(end)
    case .control(let message):
      guard let port else { return }
      core.post { $0.machineSaid(message, on: port) }
    case .goAway(let reason):
      // The connection closes next; whether the customer wanted that is said only here.
      guard let port, reason.code == .customer else { return }
      core.post { $0.customerLeft(port) }
    }
  }

  func tunnelPaused(_ tunnel: Tunnel) {
    // Also when it was only an answered ping.
    port?.heard(at: tunnel.lastHeard)
    for bridge in unwoken { bridge.streamPaused() }
    unwoken.removeAll(keepingCapacity: true)
  }

  func tunnel(_ tunnel: Tunnel, stream: StreamID, freed bytes: Int) {
    bridges[stream]?.streamFreed(bytes: bytes)
  }

  func tunnelCut(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    tunnelPaused(tunnel)
    guard let port else { return }
    let lastHeard = tunnel.lastHeard
    port.heard(at: lastHeard)
    let reason = closure.description
    core.post { $0.machineCut(port, reason: reason, lastHeard: lastHeard) }
  }

  func tunnelResumed(_ tunnel: Tunnel) {
    guard let port else { return }
    port.heard(at: tunnel.lastHeard)
    let address = tunnel.remoteAddress
    core.post { $0.machineResumed(port, address: address) }
  }

  func tunnelClosed(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    tunnelPaused(tunnel)
    let lastHeard = tunnel.lastHeard
    self.tunnel = nil
    let orphans = bridges.values
    bridges = [:]
    for bridge in orphans { bridge.linkLost(closure) }
    guard let port else { return }
    core.post { $0.machineLeft(port, closure, lastHeard: lastHeard) }
    self.port = nil
  }

  // MARK: From the rest of the relay

  func perform(from mailbox: Mailbox<TunnelCommand>) {
    mailbox.drain(into: &commands)
    for command in commands { perform(command) }
    commands.removeAll(keepingCapacity: true)
  }

  private func perform(_ command: TunnelCommand) {
    guard let tunnel else {
      if case .open(_, let bridge) = command { bridge.linkLost(.closed) }
      return
    }
    switch command {
    case .open(let opening, let bridge): open(opening, bridge, on: tunnel)
    case .send(let bridge, let bytes): if let stream = bridge.stream { tunnel.send(stream, .standard, bytes) }
    case .consumed(let bridge, let bytes): if let stream = bridge.stream { tunnel.consumed(stream, bytes: bytes) }
    case .finishWriting(let bridge): if let stream = bridge.stream { tunnel.finishWriting(stream) }
    case .message(let bridge, let message): if let stream = bridge.stream { tunnel.post(message, on: stream) }
    case .end(let bridge, let end):
      guard let stream = bridge.stream else { return }
      bridges[stream] = nil
      // Also when the machine ended it before: what the technician left unread is given back by this.
      tunnel.end(stream, end)
    case .control(let message): tunnel.post(message)
    case .activePinging(let active): tunnel.activePinging = active
    case .leave(let reason): tunnel.goAway(reason, thenClose: true)
    }
  }

  private func open(_ opening: StreamOpening, _ bridge: ChannelBridge, on tunnel: Tunnel) {
    do {
      let stream = try tunnel.open(opening)
      bridges[stream] = bridge
      bridge.opened(stream)
    } catch {
      bridge.streamEnded(StreamEnd(code: .limit, text: "This cannot be started: \(error)."))
    }
  }
}
