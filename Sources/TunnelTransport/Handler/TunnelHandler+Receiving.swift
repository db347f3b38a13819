public import NIOCore
import SessionModel
import TLSChannel
import TunnelProtocol

extension TunnelHandler {
  /// Takes what TLS decrypted, frame by frame.
  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    let now = BootClock.now()
    isReceiving = true
    machine.heard(at: now)
    do throws(TunnelFault) {
      while !isOver, let frame = try decoder.next(from: &bytes) { try receive(frame, at: now) }
    } catch {
      leave(GoAway(.fault, error.description), .fault(error))
    }
  }

  /// Writes what the burst of frames brought about.
  public func channelReadComplete(context: ChannelHandlerContext) {
    isReceiving = false
    delegate?.tunnelPaused(self)
    pump()
  }

  private var isOver: Bool {
    if case .over = state { return true }
    return false
  }

  private func receive(_ frame: Frame, at now: MonotonicInstant) throws(TunnelFault) {
    switch state {
    case .securing, .over: return
    case .introducing(let peer): try greet(frame, peer)
    case .established:
      guard let event = try machine.receive(frame, at: now) else { return }
      if case .goAway(let reason) = event { farewell = reason }
      delegate?.tunnel(self, received: event)
    }
  }

  // MARK: Introduction

  /// TLS is through: the agent speaks first.
  func introduce(_ peer: TLSPeer) {
    guard case .securing = state, let context else { return }
    state = .introducing(peer)
    switch part {
    case .relay: return
    case .agent(let hello, _):
      do throws(Malformation) {
        writeAtOnce(try hello.frame(), context)
      } catch {
        conclude(.fault(.malformed(.hello, error)))
        context.close(promise: nil)
      }
    }
  }

  private func greet(_ frame: Frame, _ peer: TLSPeer) throws(TunnelFault) {
    switch (part, frame.type) {
    case (.relay(let welcome), .hello): try answer(frame, peer, welcome)
    case (.relay, .resume):
      leave(
        GoAway(.unspecified, "this relay cannot take a tunnel up again; connect anew"), .fault(.unexpected(.resume)))
    case (.agent(_, let verify), .welcome): try judge(frame, peer, verify)
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

  /// The relay's part: a HELLO came.
  private func answer(
    _ frame: Frame, _ peer: TLSPeer, _ welcome: @Sendable (Hello, TLSPeer, [UInt8]) throws -> Welcome
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
    do {
      writeAtOnce(try welcome(hello, peer, exporterValue()).frame(), context)
    } catch let refusal as TunnelRefusal {
      return leave(refusal.reason, .goAway(refusal.reason))
    } catch let error as TLSError {
      return abort(.tls(error))
    } catch {
      let reason = GoAway(.unspecified, "this relay cannot take the connection now; try again later")
      return leave(reason, .io("no WELCOME could be made: \(error)"))
    }
    establish(peer, .hello(hello))
  }

  /// The agent's part: a WELCOME came.
  private func judge(
    _ frame: Frame, _ peer: TLSPeer, _ verify: @Sendable (Welcome, [UInt8]) -> Bool
  ) throws(TunnelFault) {
    let welcome: Welcome
    do throws(Malformation) {
      welcome = try Welcome(payload: frame.payload)
    } catch {
      throw .malformed(.welcome, error)
    }
    let exporter: [UInt8]
    do throws(TLSError) {
      exporter = try exporterValue()
    } catch {
      return abort(.tls(error))
    }
    guard (TunnelVersion.oldest...TunnelVersion.current).contains(welcome.version) else {
      let reason = GoAway(.version, "this agent speaks version \(TunnelVersion.current)")
      return leave(reason, .goAway(reason))
    }
    guard verify(welcome, exporter) else {
      return leave(GoAway(.refused, "the relay's signing key is not the one expected"), .welcomeRefused)
    }
    establish(peer, .welcome(welcome))
  }

  private func exporterValue() throws(TLSError) -> [UInt8] {
    try tls.exportKeyingMaterial(
      label: SignatureLengths.exporterLabel, context: [], length: SignatureLengths.exporterBytes)
  }

  private func establish(_ peer: TLSPeer, _ greeting: TunnelGreeting) {
    grace?.cancel()
    grace = nil
    // The peer's silence counts from here, not from when the connection began.
    machine = TunnelMachine(role: part.role, limits: machine.limits, now: BootClock.now())
    state = .established(peer)
    delegate?.tunnelEstablished(self, peer: peer, greeting: greeting)
    changed()
  }
}
