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
    tunnels[tunnel.identity.tunnel] = tunnel
    tunnel.onEnd = { [weak self] in self?.ended($0, $1) }
  }

  private func ended(_ tunnel: Tunnel, _ closure: TunnelClosure) {
    tunnels[tunnel.identity.tunnel] = nil
    guard case .goAway(let reason) = closure, reason.code == .replaced else { return }
    replaced.append(tunnel.identity.tunnel)
    if replaced.count > TransportLimits.rememberedReplacements { replaced.removeFirst() }
  }

  /// Whose tunnel `resume` means; nil when there is none.
  func owner(of resume: Resume) -> Fingerprint? { tunnels[resume.tunnel]?.peer.spki }

  /// The tunnel that `resume` means, or why it is refused. Nothing is changed.
  func find(_ resume: Resume, by peer: TLSPeer) -> Result<Tunnel, ResumeRefusal> {
    guard let tunnel = tunnels[resume.tunnel] else {
      return .failure(replaced.contains(resume.tunnel) ? .replaced : .unknownTunnel)
    }
    // It is on its way out: whoever took its place is not to be displaced by it.
    switch tunnel.ownClosure {
    case nil: break
    case .goAway(let reason) where reason.code == .replaced: return .failure(.replaced)
    default: return .failure(.unknownTunnel)
    }
    if let refusal = tunnel.identity.refusal(of: resume, key: peer.spki, machine: tunnel.machine) {
      return .failure(refusal)
    }
    return .success(tunnel)
  }
}
