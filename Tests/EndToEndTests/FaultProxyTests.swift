import Glibc
import NIOCore
import Testing

/// The proxy does to bytes what it says, and else nothing: without this the tests behind it might have met no fault at all.
@Suite("Harness: fault proxy", .shared) struct FaultProxyTests {
  /// A proxy before a `targets.py` of that kind.
  private func proxy(_ kind: Target.Kind, _ body: (FaultProxy) throws -> Void) throws {
    let target = try Child.start(
      [Programs.python, Programs.script("targets.py"), kind.rawValue], environment: Programs.variables(home: "/"),
      directory: "/")
    defer { target.kill() }
    try target.expect("}")
    let proxy = try FaultProxy(to: unwrap(JSON(parsing: target.output.text)["port"]?.int, "the target's port"))
    defer { proxy.close() }
    do { try body(proxy) } catch { throw Failure("\(error)\n\(proxy.counts)") }
  }

  private func exchange(_ proxy: FaultProxy, bytes: Int = 100_000) throws {
    let sent = (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let socket = try PlainSocket(to: proxy.port)
    #expect(socket.read(1).bytes == Array("+".utf8))
    // The target keeps all before it answers.
    #expect(socket.send(sent))
    socket.finish()
    let back = socket.read()
    #expect(back.bytes == sent && back.end == .ended, "\(back.bytes.count) of \(bytes) bytes, \(back.end)")
  }

  @Test("without a fault everything arrives as it was sent, and nothing is kept")
  func plain() throws {
    try proxy(.answer) { proxy in
      for _ in 0..<5 { try exchange(proxy, bytes: 3_000_000) }
      try waitUntil("no connection", seen: { "\(proxy.counts)" }) { proxy.counts.open == 0 }
      #expect(proxy.counts.passed == 5 && proxy.counts.bytes == [.agent: 15_000_000, .relay: 15_000_005])
    }
  }

  @Test("single bytes, and bytes that come late, are the same bytes")
  func shapes() throws {
    try proxy(.answer) { proxy in
      proxy.portion(1)
      try exchange(proxy, bytes: 5000)
      proxy.portion(nil)
      proxy.delay(.milliseconds(40))
      let start = ContinuousClock.now
      try exchange(proxy)
      // The greeting, and the answer to what was sent after it.
      #expect(ContinuousClock.now - start >= .milliseconds(120))
    }
  }

  @Test("a cut comes after exactly the bytes it was planned for", arguments: [0, 1, 17, 4096, 1_000_003])
  func cutToTheByte(count: Int) throws {
    try proxy(.flood) { proxy in
      for cut in FaultProxy.Cut.allCases {
        proxy.plan(.init(after: count, of: .relay, act: .cut(cut)))
        let got = try PlainSocket(to: proxy.port).read()
        #expect(got.end == (cut == .close ? .ended : .reset))
        // A reset may overtake bytes.
        #expect(cut == .close ? got.bytes.count == count : got.bytes.count <= count)
      }
      // Whoever comes later has no fault any more.
      #expect(try PlainSocket(to: proxy.port).read(5_000_000).bytes.count == 5_000_000)
      try waitUntil("no connection", seen: { "\(proxy.counts)" }) { proxy.counts.open == 0 }
    }
  }

  @Test("a cut at one side leaves the other with a connection that says nothing", arguments: FaultProxy.Side.allCases)
  func oneSided(side: FaultProxy.Side) throws {
    try proxy(.answer) { proxy in
      let socket = try PlainSocket(to: proxy.port)
      #expect(socket.read(1).bytes == Array("+".utf8))
      proxy.all(.cut(.reset, at: [side]))
      #expect(socket.read(quietFor: 300).end == (side == .agent ? .reset : .stillOpen))
      if side == .relay {
        #expect(proxy.counts.open == 1)
        socket.send([1, 2, 3])
        socket.finish()
        #expect(socket.read().end != .stillOpen)
      }
    }
  }

  @Test("a half-close ends one direction behind its last byte; the other goes on")
  func halfClosed() throws {
    try proxy(.answer) { proxy in
      proxy.plan(.init(after: 1234, of: .agent, act: .halfClose))
      let socket = try PlainSocket(to: proxy.port)
      #expect(socket.send([UInt8](repeating: 7, count: 1234)))
      let back = socket.read()
      #expect(back.bytes.count == 1235 && back.end == .ended, "\(back.bytes.count) bytes, \(back.end)")
    }
  }

  @Test("what is held comes later, and whole; an end that came meanwhile comes behind it")
  func held() throws {
    try proxy(.answer) { proxy in
      proxy.plan(.init(after: 10, of: .relay, act: .hold))
      let sent = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
      let socket = try PlainSocket(to: proxy.port)
      #expect(socket.send(sent))
      socket.finish()
      let first = socket.read(quietFor: 300)
      #expect(first.bytes.count == 10 && first.end == .stillOpen)
      proxy.release()
      let rest = socket.read()
      #expect(first.bytes + rest.bytes == Array("+".utf8) + sent && rest.end == .ended)
    }
  }

  @Test("who dials while the network is down is refused or hears nothing, and is passed on when it is back")
  func receptions() throws {
    try proxy(.answer) { proxy in
      let before = try PlainSocket(to: proxy.port)
      #expect(before.read(1).bytes.count == 1)
      proxy.down()
      #expect(before.read().end == .reset)
      #expect(try PlainSocket(to: proxy.port).read().end != .stillOpen)
      proxy.release()
      let held = try PlainSocket(to: proxy.port)
      #expect(held.read(1).bytes.count == 1)
      proxy.vanish()
      let silent = try PlainSocket(to: proxy.port)
      held.finish()
      #expect(silent.read(quietFor: 200).end == .stillOpen && held.read(quietFor: 200).end == .stillOpen)
      proxy.release()
      #expect(held.read().end == .ended)
      #expect(silent.read(quietFor: 200).end == .stillOpen)
      try exchange(proxy)
      #expect(proxy.counts.dialled == 5 && proxy.counts.passed == 3, "\(proxy.counts)")
    }
  }
}
