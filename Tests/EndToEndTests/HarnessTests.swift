import Glibc
import SessionModel
import Signing
import TLSChannel
import Testing
import TunnelProtocol

/// The harness sees what happens: without this a test that passes might have looked at nothing.
@Suite("Harness", .shared) struct HarnessTests {
  private func start(_ script: String, input: Child.Input = .nothing) throws -> Child {
    try Child.start(["sh", "-c", script], environment: Programs.variables(home: "/"), directory: "/", input: input)
  }

  @Test("exit statuses, signals, both outputs and the directory are seen")
  func ends() throws {
    let child = try start("pwd; echo err >&2; exit 7")
    defer { child.kill() }
    #expect(try child.wait() == .status(7))
    #expect(child.output.text == "/\n" && child.error.text == "err\n")
    let killed = try start("kill -9 $$")
    defer { killed.kill() }
    #expect(try killed.wait() == .signal(9))
  }

  @Test("nothing of the tests' own is inherited: descriptors, ignored signals, variables")
  func nothingInherited() throws {
    let child = try start("ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status; env | sort | cut -d= -f1")
    defer { child.kill() }
    try child.wait()
    let lines = child.output.text.split(separator: "\n").map(String.init)
    // 0, 1, 2 and the folder that ls has open.
    #expect(lines.first == "4", "\(child.seen)")
    let ignored = lines.first { $0.hasPrefix("SigIgn") }?.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
    // 32 and 33 are the C library's own.
    #expect((ignored ?? .max) & 0x7FFF_FFFF == 0, "\(child.seen)")
    #expect(!child.output.text.contains("FIXLINE"), "\(child.seen)")
  }

  @Test("a terminal is one, has the size asked for, and tells of a new one")
  func terminal() throws {
    let child = try start(
      "trap 'stty size' WINCH; tty >/dev/null && stty size && echo armed; while :; do sleep 0.05; done",
      input: .terminal(columns: 91, rows: 17))
    defer { child.kill() }
    try child.expect("armed")
    #expect(child.output.text.contains("17 91"))
    child.resize(columns: 33, rows: 44)
    try child.expect("44 33")
    try child.type("\u{3}")
    #expect(try child.wait() == .signal(2))
  }

  @Test("input arrives and ends; a child that does not read does not end the tests")
  func input() throws {
    let child = try start("cat", input: .pipe)
    defer { child.kill() }
    try child.type("a\nb\n")
    try child.expect("b\n")
    child.endInput()
    #expect(try child.wait() == .status(0))
    let deaf = try start("exec 0<&-; echo closed; sleep 30", input: .pipe)
    defer { deaf.kill() }
    try deaf.expect("closed")
    #expect(throws: Failure.self) { try deaf.write([UInt8](repeating: 0, count: 1 << 20)) }
  }

  @Test("a wait that is not met says what was seen, and kill takes the whole group")
  func limits() throws {
    let token = Int.random(in: 1_000_000...9_999_999)
    let child = try start("echo here; sleep \(token) & wait")
    do {
      try child.expect("elsewhere", within: .milliseconds(300))
      Issue.record("the wait was met")
    } catch {
      #expect("\(error)".contains("elsewhere") && "\(error)".contains("here"))
    }
    #expect(Processes.matching("sleep \(token)").values.contains { $0.hasPrefix("sleep") })
    child.kill()
    try Processes.waitUntilGone("sleep \(token)")
  }

  @Test("a raw tunnel between two of them works, and a lie is found out")
  func rawTunnel() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let key = try Ed25519PrivateKey.generate()
    let relayIdentity = try TLSIdentity.loadOrCreateRelay(directory: scratch.path, hostName: "localhost")
    let agentIdentity = try TLSIdentity.loadOrCreateAgent(directory: nil)
    var random = SystemRandomNumberGenerator()
    let (instance, id) = (InstanceID(using: &random), InstanceID(using: &random))
    let session = SessionID(using: &random)
    let (relay, port) = try RawTunnel.relay(identity: relayIdentity) { exporter, peer in
      let signed = Welcome.signedBytes(
        exporter: exporter, version: TunnelVersion.current, instance: instance, tunnel: id, agentSPKI: peer.spki)
      return Welcome(
        instance: instance, tunnel: id, signingKey: key.publicKey.rawBytes, signature: try key.sign(signed),
        resumeWindowSeconds: 600, shop: "Shop")
    }
    defer { relay.close() }
    let agent = try RawTunnel.agent(
      port: port, pin: relayIdentity.spki, identity: agentIdentity,
      hello: Hello(instance: instance, software: "test", language: "en", allowances: .all))
    defer { agent.close() }
    let welcome = try Welcome(payload: try agent.greeting().payload)
    let signed = welcome.signedBytes(exporter: agent.exporter, agentSPKI: agentIdentity.spki)
    #expect(key.publicKey.isValid(signature: welcome.signature, for: signed))
    #expect(relay.peerKey == agentIdentity.signingKey?.publicKey.rawBytes)
    _ = try relay.greeting()
    try relay.behave { _ = try? $0.open(StreamOpening(session: session, kind: .shell)) }
    let stream = try agent.event("the stream") { if case .open(let stream, _) = $0 { stream } else { nil } }
    try agent.behave { _ = $0.accept(stream) }
    _ = try relay.event("the grant") { if case .accepted(stream) = $0 { true } else { nil } }
    try agent.lie(.data, stream: stream.rawValue, number: 9, [1])
    try waitUntil("the lie to be found out", seen: { relay.seen }) { relay.seen.contains("frame 9") }
  }
}
