import NIOCore
import SessionModel
import TLSChannel
import TunnelProtocol

/// The first frame of each direction.
extension TunnelHandler {
  /// TLS is through: the agent speaks first.
  func introduce(_ peer: TLSPeer) {
    guard case .securing = state, let context else { return }
    state = .introducing(peer)
    switch part {
    case .relay: return
    case .agent(.hello(let hello, _, _), _):
      do throws(Malformation) {
        write(try hello.frame(), context)
      } catch {
        conclude(.fault(.malformed(.hello, error)))
        context.close(promise: nil)
      }
    case .agent(.resume(let tunnel, _), _):
      write(tunnel.identity.resume(received: tunnel.machine.received).frame(), context)
    }
  }

  func greet(_ frame: Frame, _ peer: TLSPeer) throws(TunnelFault) {
    switch (part, frame.type) {
    case (.relay(let introduction, let registry), .hello): try answer(frame, peer, introduction, registry)
    case (.relay(let introduction, let registry), .resume): try takeUp(frame, peer, introduction, registry)
    case (.agent(.hello(let hello, let verify, let delegate), let promise), .welcome):
      guard let (tunnel, welcome) = try judge(frame, peer, hello, verify, delegate) else { return }
      carry(tunnel)
      tunnel.begin(.welcome(welcome))
      promise.succeed()
    case (.agent(.resume(let tunnel, let verify), let promise), .resumed):
      guard let received = try judge(frame, tunnel, verify) else { return }
      try tunnel.resume(on: self, peerReceived: received)
      carry(tunnel)
      promise.succeed()
    case (_, .goAway):
      do throws(Malformation) {
        farewell = try GoAway(payload: frame.payload)
      } catch {
        throw .malformed(.goAway, error)
      }
      context?.close(promise: nil)
      conclude(.closed)
    default: throw .unexpected(frame.type)
    }
  }

  // MARK: The relay's part

  private func answer(
    _ frame: Frame, _ peer: TLSPeer, _ introduction: RelayIntroduction, _ registry: TunnelRegistry
  ) throws(TunnelFault) {
    guard let context else { return }
    let hello: Hello
    do throws(Malformation) {
      hello = try Hello(payload: frame.payload)
    } catch {
      throw .malformed(.hello, error)
    }
    guard TunnelVersion.agreed(with: hello) != nil else {
      let reason = GoAway(.version, "this relay speaks version \(TunnelVersion.current); update the agent")
      return leave(reason, .goAway(reason))
    }
    let welcome: Welcome
    do {
      welcome = try introduction.welcome(hello, peer, exporterValue())
      write(try welcome.frame(), context)
    } catch {
      return refuse(error)
    }
    let tunnel = Tunnel(
      role: .relay,
      identity: TunnelIdentity(welcome: welcome, agentInstance: hello.instance, agentKey: peer.spki),
      resumeWindowSeconds: welcome.resumeWindowSeconds, peer: peer, connection: self,
      delegate: introduction.delegate(eventLoop))
    registry.add(tunnel)
    carry(tunnel)
    tunnel.begin(.hello(hello))
  }

  private func takeUp(
    _ frame: Frame, _ peer: TLSPeer, _ introduction: RelayIntroduction, _ registry: TunnelRegistry
  ) throws(TunnelFault) {
    guard let context else { return }
    let resume: Resume
    do throws(Malformation) {
      resume = try Resume(payload: frame.payload)
    } catch {
      throw .malformed(.resume, error)
    }
    let tunnel: Tunnel
    switch registry.find(resume, by: peer) {
    case .success(let found): tunnel = found
    case .failure(let refusal):
      wanted = registry.owner(of: resume)
      return leave(refusal.goAway, .resumeRefused(refusal))
    }
    // From here on nothing of the old connection counts: what RESUMED says was received stays true.
    tunnel.fence()
    do {
      var resumed = Resumed(
        instance: tunnel.identity.relayInstance, tunnel: tunnel.identity.tunnel, received: tunnel.machine.received,
        signature: [])
      resumed.signature = try introduction.sign(
        resumed.signedBytes(exporter: try exporterValue(), agentSPKI: peer.spki))
      write(try resumed.frame(), context)
    } catch {
      return refuse(error)
    }
    carry(tunnel)
    try tunnel.resume(on: self, peerReceived: resume.received)
  }

  private func refuse(_ error: any Error) {
    switch error {
    case let refusal as TunnelRefusal: leave(refusal.reason, .goAway(refusal.reason))
    case let error as TLSError: abort(.tls(error))
    default:
      let reason = GoAway(.unspecified, "this relay cannot take the connection now; try again later")
      leave(reason, .io("no answer could be made: \(error)"))
    }
  }

  // MARK: The agent's part

  /// A WELCOME came: the new tunnel, or nil when the connection is being ended.
  private func judge(
    _ frame: Frame, _ peer: TLSPeer, _ hello: Hello, _ verify: (Welcome, [UInt8]) -> Bool,
    _ delegate: any TunnelDelegate
  ) throws(TunnelFault) -> (Tunnel, Welcome)? {
    let welcome: Welcome
    do throws(Malformation) {
      welcome = try Welcome(payload: frame.payload)
    } catch {
      throw .malformed(.welcome, error)
    }
    guard (TunnelVersion.oldest...TunnelVersion.current).contains(welcome.version) else {
      let reason = GoAway(.version, "this agent speaks version \(TunnelVersion.current)")
      leave(reason, .goAway(reason))
      return nil
    }
    guard let exporter = exporterOrEnd() else { return nil }
    guard verify(welcome, exporter) else {
      leave(GoAway(.refused, "the relay's signing key is not the one expected"), .welcomeRefused)
      return nil
    }
    let tunnel = Tunnel(
      role: .agent,
      identity: TunnelIdentity(welcome: welcome, agentInstance: hello.instance, agentKey: nil),
      resumeWindowSeconds: welcome.resumeWindowSeconds, peer: peer, connection: self, delegate: delegate)
    return (tunnel, welcome)
  }

  /// A RESUMED came: what the relay received, or nil when the connection is being ended.
  private func judge(
    _ frame: Frame, _ tunnel: Tunnel, _ verify: (Resumed, [UInt8]) -> Bool
  ) throws(TunnelFault) -> UInt64? {
    let resumed: Resumed
    do throws(Malformation) {
      resumed = try Resumed(payload: frame.payload)
    } catch {
      throw .malformed(.resumed, error)
    }
    guard let exporter = exporterOrEnd() else { return nil }
    guard tunnel.identity.matches(resumed), verify(resumed, exporter) else {
      // Without a good-bye: the relay that has the tunnel, if this is it after all, keeps it.
      abort(.welcomeRefused)
      return nil
    }
    // The owner may have given it up while the connection was made.
    guard tunnel.isCut else {
      leave(GoAway(.unspecified), .closed)
      return nil
    }
    return resumed.received
  }

  private func exporterOrEnd() -> [UInt8]? {
    do throws(TLSError) {
      return try exporterValue()
    } catch {
      abort(.tls(error))
      return nil
    }
  }

  private func exporterValue() throws(TLSError) -> [UInt8] {
    try tls.exportKeyingMaterial(
      label: SignatureLengths.exporterLabel, context: [], length: SignatureLengths.exporterBytes)
  }
}
