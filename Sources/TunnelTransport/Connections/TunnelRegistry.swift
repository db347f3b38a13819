import SessionModel
import TLSChannel
import TunnelProtocol

/// A relay's tunnels by their identifiers: where a RESUME finds the one it means. On their event loop.
final class TunnelRegistry {
  private var tunnels: [InstanceID: Tunnel] = [:]
  /// Tunnels that were taken over by another run of their agent, oldest first: whoever comes for one is told so.
  private var replaced: [InstanceID] = []

  /// Keeps a tunnel until it is over.
  func add(_ tunnel: Tunnel) {
    tunnels[tunnel.id] = tunnel
    tunnel.onEnd = { [weak self] in self?.ended($0, $1) }
  }

  private func ended(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    tunnels[tunnel.id] = nil
    guard case .goAway(let reason) = closure, reason.code == .replaced else { return }
    replaced.append(tunnel.id)
    if replaced.count > TransportLimits.rememberedReplacements { replaced.removeFirst() }
  }

  /// The tunnel that `resume` means, or why it is refused. Nothing is changed.
  func find(_ resume: Resume, by peer: TLSPeer) -> Result<Tunnel, ResumeRefusal> {
    guard let tunnel = tunnels[resume.tunnel] else {
      return .failure(replaced.contains(resume.tunnel) ? .replaced : .unknownTunnel)
    }
    // The key is the only proof: an identifier that was overheard or guessed opens nothing.
    if tunnel.peer.spki != peer.spki { return .failure(.otherKey) }
    if tunnel.agentInstance != resume.instance { return .failure(.otherRun) }
    if tunnel.version != resume.version { return .failure(.otherVersion) }
    if !tunnel.machine.canResume(peerReceived: resume.received) { return .failure(.impossibleNumber(resume.received)) }
    return .success(tunnel)
  }
}
