import Foundation
import Testing

@testable import SSHFrontDoor

/// The Python library some tests need.
enum Asyncssh {
  /// Where `Tests/run` found it.
  static let python = ProcessInfo.processInfo.environment["FIXLINE_PYTHON"] ?? "/usr/bin/python3"
  static let isInstalled: Bool = {
    let probe = try? Command([python, "-c", "import asyncssh"], directory: NSTemporaryDirectory())
    return probe?.wait() == 0
  }()
}

/// Clients that no ssh program is, made of asyncssh (which `Tests/run` installs) with its own checks taken out.
@Suite(.enabled(if: Asyncssh.isInstalled, "asyncssh is not installed"))
struct HostileTests {
  /// Everything the scripts share.
  private static let prelude = """
    import asyncio, asyncssh, os, random, sys
    from asyncssh.packet import Boolean, String, UInt32
    port, key = int(sys.argv[1]), sys.argv[2]
    def connect(**more):
        more.setdefault("client_keys", [key])
        return asyncssh.connect("127.0.0.1", port, username="x", known_hosts=None, config=None, agent_path=None, **more)
    """

  private func run(_ fixture: Fixture, _ body: String, _ arguments: [String] = []) throws -> Command.Result {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    let script = Self.prelude + "\nasync def main():\n" + lines.joined(separator: "\n") + "\nasyncio.run(main())\n"
    let words = ["timeout", "--foreground", "120", Asyncssh.python, "-c", script, String(fixture.port), fixture.key]
    return try Command(words + arguments, directory: fixture.directory).result()
  }

  @Test func `A signal sent by the technician arrives, and only a name that is one`() throws {
    let fixture = try Fixture()
    let result = try run(
      fixture,
      """
      c = await connect()
      p = await c.create_process("@deaf")
      for name in ["INT", "USR1", "KILL;rm", "X" * 100, "int", "HUP"]:
          p.send_signal(name)
      c.close()
      await c.wait_closed()
      """)
    #expect(result.status == 0, "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.signals == ["INT", "USR1", "HUP"] })
  }

  @Test func `A forward closed without an EOF, after the machine's own, is over before its connection is`() throws {
    let fixture = try Fixture()
    let result = try run(
      fixture,
      """
      c = await connect()
      for i in range(50):
          reader, writer = await c.open_connection("farewell", 80)
          assert await reader.read() == b"goodbye\\n"
          writer.write(b"half a word")
          writer.channel.close()
          await writer.channel.wait_closed()
      print((await c.run("echo still here")).stdout, end="")
      c.close()
      await c.wait_closed()
      """)
    #expect(result.text == "still here\n", "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.closed.count == 51 && $0.disconnected.count == 1 })
    let events = fixture.delegate.events.now
    #expect(!events.closed.contains(false))
    #expect(events.eofs >= 50)
  }

  @Test func `Overrunning the window ends the connection before it costs memory`() throws {
    let fixture = try Fixture()
    let before = Fixture.residentBytes()
    let result = try run(
      fixture,
      """
      c = await connect()
      p = await c.create_process("@deaf", encoding=None)
      p.channel._send_window = 1 << 40
      try:
          for i in range(200):
              p.stdin.write(bytes(1000000))
              await asyncio.sleep(0)
      except OSError:
          pass
      await asyncio.wait_for(c.wait_closed(), 60)
      print("ended")
      """)
    #expect(result.text == "ended\n", "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.notes.contains { $0.contains("window") } })
    // Other tests run in this process too; what was sent is 200 MB.
    #expect(Fixture.residentBytes() - before < 150 * 1_048_576)
  }

  /// With libssh's own windows it would be 128 MB, and they would fill.
  @Test func `A hundred channels nobody reads may send little, and hold up no other`() throws {
    let fixture = try Fixture()
    let result = try run(
      fixture,
      """
      c = await connect()
      deaf = [await c.create_process("@deaf", encoding=None) for i in range(100)]
      for p in deaf:
          p.stdin.write(bytes(3000000))
      for i in range(10):
          print((await c.run("echo served")).stdout, end="")
      print(sum(3000000 - p.channel.get_write_buffer_size() for p in deaf))
      """)
    let lines = result.text.split(separator: "\n")
    #expect(lines.dropLast() == [Substring](repeating: "served", count: 10)[...], "\(result.errors)")
    let sent = try #require(lines.last.flatMap { Int($0) })
    #expect(sent > 0 && sent <= 100 * SSHLimits.smallestWindowBytes + SSHLimits.wideWindowsBytes)
  }

  @Test func `A client that asks and asks and reads no answer costs no memory`() throws {
    let fixture = try Fixture()
    let result = try run(
      fixture,
      """
      c = await connect()
      c._transport.pause_reading()
      while c._transport.get_write_buffer_size() < 4 << 20:
          for i in range(1000):
              c.send_packet(80, String("keepalive@openssh.com"), Boolean(True))
          await asyncio.sleep(0)
      print("held back")
      c.abort()
      """)
    #expect(result.text == "held back\n", "\(result.errors)")
    #expect(try fixture.run(["echo fine"]).text == "fine\n")
  }

  @Test func `A broken signature ends the connection soon, not at the end of the grace`() throws {
    let fixture = try Fixture()
    let started = ContinuousClock.now
    let result = try run(
      fixture,
      """
      k = asyncssh.read_private_key(key)
      sign = type(k).sign
      def broken(self, data, algorithm):
          signature = bytearray(sign(self, data, algorithm))
          signature[-1] ^= 1
          return bytes(signature)
      type(k).sign = broken
      try:
          await connect(client_keys=[k])
          print("came in")
      except asyncssh.DisconnectError as error:
          print(error.reason)
      """)
    #expect(result.text.hasPrefix("the signature could not be verified"), "\(result.errors)")
    #expect(started.duration(to: .now) < .seconds(20))
    #expect(fixture.delegate.events.now.logins.isEmpty)
  }

  @Test(arguments: [1, 10, 11, 255])
  func `Tiny packets are refused, among them the size libssh loops on`(size: Int) throws {
    let fixture = try Fixture()
    let result = try run(
      fixture,
      """
      c = await connect()
      c.data_received = lambda data, datatype=None: None
      c.send_packet(90, String("session"), UInt32(0), UInt32(2097152), UInt32(int(sys.argv[3])))
      while c._transport is not None and not c._transport.is_closing():
          c.send_packet(98, UInt32(43), String("exec"), Boolean(False), String("@source"))
          await asyncio.sleep(0.01)
      print("ended")
      """, [String(size)])
    #expect(result.text == "ended\n", "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.notes.contains { $0.contains("packets of less than 256 bytes") } })
  }

  @Test func `Channels the client never closes count until the connection ends`() throws {
    var limits = SSHLimits()
    limits.channelsPerConnection = 64
    let fixture = try Fixture(limits: limits)
    let result = try run(
      fixture,
      """
      c = await connect()
      for i in range(70):
          try:
              p = await c.create_process("@source")
              send = p.channel.send_packet
              p.channel.send_packet = lambda t, *a, s=send, **k: None if t == 97 else s(t, *a, **k)
          except asyncssh.ChannelOpenError:
              print(i)
              break
      c.abort()
      """)
    #expect(result.text == "64\n", "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.closed.count == 64 })
  }

  /// Packets in any order, whole and broken, on channels that are, were and never were.
  @Test func `Nonsense of every kind leaves the front door standing`() throws {
    let fixture = try Fixture()
    let seed =
      ProcessInfo.processInfo.environment["FIXLINE_SEED"].flatMap { UInt32($0) } ?? UInt32.random(in: .min ... .max)
    let result = try run(
      fixture,
      """
      rnd = random.Random(int(sys.argv[3]))
      for round in range(20):
          c = await connect()
          c.data_received = lambda data, datatype=None: None
          opened = 0
          for i in range(300):
              kind = rnd.choice([90, 90, 98, 98, 98, 98, 94, 96, 97, 97, 93, 95, 80])
              channel = UInt32(rnd.choice([43 + rnd.randrange(opened + 1)] * 8 + [0, 4000000000]))
              if kind == 90:
                  name = rnd.choice(["session"] * 3 + ["direct-tcpip", "x11", "direct-streamlocal@openssh.com"])
                  opened += 1
                  window = UInt32(rnd.choice([0, 1, 2097152, 0xffffffff]))
                  body = [String(name), UInt32(opened), window, UInt32(rnd.choice([0, 1, 10, 11, 32768, 0xffffffff]))]
                  if name == "direct-tcpip":
                      host = String(rnd.choice(["h", "h" * 300, ""]))
                      body += [host, UInt32(rnd.choice([0, 80, 70000])), String("o"), UInt32(1)]
              elif kind == 98:
                  name = rnd.choice(["pty-req", "env", "shell", "exec", "exec", "subsystem", "window-change", "signal",
                      "eow@openssh.com", "x11-req", "auth-agent-req@openssh.com", "exit-status", "break"])
                  body = [channel, String(name), Boolean(rnd.random() < 0.5)]
                  if name == "pty-req":
                      body += [String(rnd.choice(["xterm", "x" * 100, "a\\x1bb"]))]
                      body += [UInt32(rnd.choice([24, 0xffffffff])) for n in range(4)] + [String("")]
                  elif name == "env":
                      body += [String(rnd.choice(["LANG", "LC_X", "PATH", "x" * 1000]))]
                      body += [String(rnd.choice(["v", b"\\xff\\x00z", "y" * 3000]))]
                  elif name == "exec":
                      body += [String(rnd.choice(["@deaf", "@hold", "@source", "", "x" * 140000, "@refuse"]))]
                  elif name == "window-change":
                      body += [UInt32(rnd.randrange(1 << 32)) for n in range(4)]
                  elif name in ("signal", "subsystem"):
                      body += [String(rnd.choice(["INT", "sftp", "x" * 100]))]
                  if rnd.random() < 0.05:
                      body = body[:-1]
              elif kind == 94:
                  body = [channel, String(bytes(rnd.choice([0, 1, 100, 30000])))]
              elif kind == 95:
                  body = [channel, UInt32(1), String(bytes(100))]
              elif kind == 93:
                  body = [channel, UInt32(rnd.choice([0, 1, 1000, 0xffffffff]))]
              elif kind == 80:
                  name = rnd.choice(["tcpip-forward", "no-more-sessions@openssh.com", "hostkeys-prove-00@openssh.com"])
                  body = [String(name), Boolean(True), String("h"), UInt32(1)]
              else:
                  body = [channel]
              c.send_packet(kind, *body)
              if rnd.random() < 0.05:
                  await asyncio.sleep(0)
          c.abort()
      print("done")
      """, [String(seed)])
    #expect(result.text == "done\n", "FIXLINE_SEED=\(seed) \(result.errors)")
    let door = fixture.door
    #expect(eventually { door.connectionCount == 0 }, "FIXLINE_SEED=\(seed)")
    #expect(try fixture.run(["echo fine"]).text == "fine\n", "FIXLINE_SEED=\(seed)")
    let events = fixture.delegate.events.now
    #expect(events.disconnected.count == events.logins.count - 1 || events.disconnected.count == events.logins.count)
  }
}
