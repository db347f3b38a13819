import NIOCore
import SessionModel
import Signing
import TLSChannel
import TestSupport
import Testing
import TunnelProtocol
import TunnelTransport

/// From TCP to an established tunnel, and the ways that fail.
@Suite(.timeLimit(.minutes(1))) struct IntroductionTests {
  @Test func bothSidesAreIntroduced() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await TestRelay.start { atRelay }
    try await relay.dial(atAgent)
    await atRelay.established()
    await atAgent.established()
    guard case .established(let peer, .hello(let hello)) = atRelay.events.all.first,
      case .established(let relayPeer, .welcome(let welcome)) = atAgent.events.all.first
    else {
      Issue.record("\(atRelay.events.all) \(atAgent.events.all)")
      return
    }
    #expect(peer.spki == (try TestRelay.agent.get().spki))
    #expect(hello == TestRelay.hello)
    #expect(relayPeer.spki == (try TestRelay.identity.get().spki))
    #expect(welcome.shop == "Test shop")
    #expect(try await atRelay.run { tunnel, _ in tunnel.remoteAddress } == "127.0.0.1")
    try await relay.channel.close()
  }

  @Test func aRelayThatCannotProveItsSigningKeyIsLeft() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await TestRelay.start(
      { atRelay },
      welcome: { hello, peer, exporter in
        // What somebody between the two could offer at best: a WELCOME signed for another connection.
        try TestRelay.welcome(hello, peer, exporter.map { $0 ^ 1 })
      })
    try await relay.dial(atAgent)
    #expect(await atAgent.closure() == .welcomeRefused)
    guard case .goAway(let reason) = await atRelay.closure() else {
      Issue.record("\(atRelay.events.all)")
      return
    }
    #expect(reason.code == .refused)
    try await relay.channel.close()
  }

  @Test func aRefusalReachesTheAgent() async throws {
    struct Unknown: Error {}
    for (error, code) in [
      (TunnelRefusal(GoAway(.busy, "try later")) as any Error, GoAway.Code.busy), (Unknown(), .unspecified),
    ] {
      let atRelay = Side()
      let atAgent = Side()
      let relay = try await TestRelay.start({ atRelay }, welcome: { _, _, _ in throw error })
      try await relay.dial(atAgent)
      guard case .goAway(let reason) = await atAgent.closure() else {
        Issue.record("\(atAgent.events.all)")
        return
      }
      #expect(reason.code == code)
      #expect(!reason.text.contains("Unknown"))
      #expect(await atRelay.closure() != nil)
      try await relay.channel.close()
    }
  }

  @Test func anAgentOfAnotherVersionIsTold() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await TestRelay.start { atRelay }
    var hello = TestRelay.hello
    hello.minimumVersion = TunnelVersion.current + 1
    hello.maximumVersion = TunnelVersion.current + 5
    try await relay.dial(atAgent, hello: hello)
    guard case .goAway(let reason) = await atAgent.closure() else {
      Issue.record("\(atAgent.events.all)")
      return
    }
    #expect(reason.code == .version && !reason.redial)
    try await relay.channel.close()
  }

  @Test func aWrongPinIsToldOnBothSides() async throws {
    let atRelay = Side()
    let atAgent = Side()
    let relay = try await TestRelay.start { atRelay }
    let wrong = SHA256.hash([9])
    try await relay.dial(atAgent, pin: wrong)
    let got = try TestRelay.identity.get().spki
    #expect(await atAgent.closure() == .tls(.wrongPin(expected: wrong, got: got)))
    #expect(await atRelay.closure() == .tls(.peerRefusedCertificate))
    try await relay.channel.close()
  }

  @Test func whoSaysNothingIsDroppedAfterTheGrace() async throws {
    var transport = TransportLimits()
    transport.handshakeGraceMilliseconds = 300
    let atRelay = Side()
    let relay = try await TestRelay.start({ atRelay }, transport: transport)
    // Once without a word of TLS, once without HELLO.
    let silent = try await ClientBootstrapTest.connect(port: relay.port)
    #expect(await atRelay.closure() == .handshakeTimedOut)
    try await silent.closeFuture.get()
    let secured = Events<RawEvent>()
    let raw = try await relay.dialRaw(secured)
    try await raw.closeFuture.get()
    await atRelay.events.wait { $0.count == 2 }
    #expect(atRelay.closures == 2)
    try await relay.channel.close()
  }

  @Test func anotherFirstFrameThanHELLOIsRefused() async throws {
    let resume = Resume(instance: TestRelay.instance, tunnel: TestRelay.instance, received: 0).frame()
    for frame in [
      resume,
      Frame(type: .ping, payload: ByteBuffer(integer: UInt64(1))), Frame(type: .hello, payload: ByteBuffer()),
      Frame(type: .control, number: 1, payload: ByteBuffer(string: "x")),
    ] {
      let atRelay = Side()
      let relay = try await TestRelay.start { atRelay }
      let events = Events<RawEvent>()
      let raw = try await relay.dialRaw(events)
      var bytes = ByteBuffer()
      frame.write(into: &bytes)
      raw.writeAndFlush(bytes, promise: nil)
      switch (frame.type, await atRelay.closure()) {
      case (.resume, .resumeRefused(.unknownTunnel)): break
      case (.ping, .fault), (.hello, .fault), (.control, .fault): break
      case (_, let other): Issue.record("\(String(describing: other))")
      }
      await events.wait { if case .ended = $0.last { true } else { false } }
      // The peer was told, in a GOAWAY frame, before the end.
      var answer = ByteBuffer()
      for case .bytes(let piece) in events.all { answer.writeImmutableBuffer(piece) }
      var decoder = FrameDecoder()
      #expect(try decoder.next(from: &answer)?.type == .goAway)
      try await relay.channel.close()
    }
  }

  @Test func connectionsAreCountedPerAddressAndInAll() async throws {
    for limits in [
      ListenerLimits(maximumConnections: 100, perAddress: 2), ListenerLimits(maximumConnections: 2, perAddress: 100),
    ] {
      let sides = Events<Side>()
      let refusals = Events<String>()
      let relay = try await TestRelay.start(
        {
          let side = Side()
          sides.add(side)
          return side
        }, limits: limits, refused: { refusals.add("\($0): \($1)") })
      let first = Side()
      let second = Side()
      let third = Side()
      try await relay.dial(first)
      try await relay.dial(second)
      await first.established()
      await second.established()
      // It may be gone before the dialler has anybody to tell.
      if (try? await relay.dial(third)) != nil {
        switch await third.closure() {
        case .tls(.closedDuringHandshake), .io: break
        case let other: Issue.record("\(String(describing: other))")
        }
      }
      #expect(sides.all.count == 2)
      await refusals.wait { !$0.isEmpty }
      #expect(refusals.all.first?.hasPrefix("127.0.0.1: ") == true && refusals.all.first?.contains("2 conn") == true)
      try await first.run { tunnel, _ in tunnel.close() }
      #expect(await first.closure() == .closed)
      for side in sides.all where side.closures == 1 { #expect(await side.closure() == .closed) }
      // The place is free as soon as the relay's end is gone too.
      var last: TunnelClosure? = .closed
      for _ in 0..<1_000 {
        let next = Side()
        guard (try? await relay.dial(next)) != nil else { continue }
        await next.events.wait { !$0.isEmpty }
        if case .closed(let closure) = next.events.all[0] { last = closure } else { last = nil }
        if last == nil { break }
      }
      #expect(last == nil)
      try await relay.channel.close()
    }
  }
}
