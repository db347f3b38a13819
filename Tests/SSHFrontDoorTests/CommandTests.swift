import SessionModel
import Foundation
import NIOCore
import Testing

@testable import SSHFrontDoor

@Suite struct CommandTests {
  @Test func `Output, errors and status arrive apart`() throws {
    let fixture = try Fixture()
    let result = try fixture.run(["echo out; echo err >&2; exit 3"])
    #expect(result.status == 3)
    #expect(result.text == "out\n")
    #expect(result.errors == "err\n")
  }

  @Test func `Every exit status arrives as it was`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell(
      """
      ssh_ -M -o ControlPath=$HOME/ctl -fN $HOST || exit 1
      for status in $(seq 0 255); do
        ssh_ -S $HOME/ctl $HOST "exit $status"; got=$?
        [ $got = $status ] || { echo "$status became $got"; exit 1; }
      done
      ssh_ -S $HOME/ctl -O exit $HOST
      """, seconds: 120)
    #expect(result.status == 0, "\(result.text) \(result.errors)")
  }

  @Test func `Death by signal is told as such`() throws {
    let fixture = try Fixture()
    let result = try fixture.run(["kill -TERM $$"], logLevel: "DEBUG2")
    #expect(result.status == 255)
    #expect(result.errors.contains("exit-signal"))
  }

  @Test func `EOF is a half-close in both directions`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("in", bytes: 300_000)
    // The command sees the end of its input, and what it writes afterwards arrives.
    let after = try fixture.run(["wc -c; echo more"], input: path)
    #expect(after.text.split(whereSeparator: \.isWhitespace) == ["300000", "more"])
    // The command closes its output first and still reads: its status tells that it got all.
    let before = try fixture.run(["exec >&- 2>&-; [ $(wc -c) = 300000 ]"], input: path)
    #expect(before.status == 0)
  }

  @Test func `A command whose reader has gone ends at once`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell("ssh_ $HOST yes | head -1; echo ${PIPESTATUS[0]}", seconds: 20)
    #expect(result.status == 0)
    #expect(result.text.hasPrefix("y\n"))
    #expect(fixture.delegate.events.now.readClosed == 1)
  }

  @Test func `A command that takes no input does not hold up its end`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("in", bytes: 8_000_000)
    let result = try fixture.run(["exec <&-; exit 7"], input: path)
    #expect(result.status == 7)
  }

  @Test func `Ten channels at once over one connection`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("in", bytes: 2_000_000)
    let result = try fixture.shell(
      """
      ssh_ -M -o ControlPath=$HOME/ctl -fN $HOST || exit 1
      want=$(sha256sum < \(path))
      for i in $(seq 10); do (got=$(ssh_ -S $HOME/ctl $HOST cat < \(path) | sha256sum); [ "$got" = "$want" ] && echo same) & done
      wait $(jobs -p)
      ssh_ -S $HOME/ctl -O exit $HOST
      """)
    #expect(result.text == String(repeating: "same\n", count: 10), "\(result.errors)")
    #expect(fixture.delegate.events.now.logins.count == 1)
  }

  @Test func `Ten connections at once`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell("for i in $(seq 10); do ssh_ $HOST 'echo here' & done; wait")
    #expect(result.text == String(repeating: "here\n", count: 10), "\(result.errors)")
  }

  @Test func `Only the variables offered are taken, within their limits`() throws {
    let fixture = try Fixture()
    let result = try fixture.run(
      ["true"],
      options: ["SetEnv=LANG=de_DE.UTF-8 LC_TIME=C FIXLINE_PURPOSE=printer LD_PRELOAD=x LC_A/B=y"])
    #expect(result.status == 0)
    let names = fixture.delegate.events.now.requests.first?.environment.map(\.name).sorted()
    #expect(names == ["FIXLINE_PURPOSE", "LANG", "LC_TIME"])
    let long = try fixture.run(
      ["true"], options: ["SetEnv=FIXLINE_PURPOSE=" + String(repeating: "x", count: 1_025)])
    #expect(long.status == 255)
    #expect(long.errors.contains("FIXLINE_PURPOSE is longer than 1024 bytes"))
  }

  @Test func `A terminal's kind and size are told, and its changes`() throws {
    let fixture = try Fixture()
    let script = """
      import os, pty, fcntl, termios, struct, sys, signal
      pid, fd = pty.fork()
      if pid == 0:
          os.environ["TERM"] = "xterm-256color"
          os.execvp(sys.argv[1], sys.argv[1:])
      fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
      seen = b""
      while b"ready" not in seen:
          seen += os.read(fd, 4096)
      fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 122, 0, 0))
      os.kill(pid, signal.SIGWINCH)
      while b"done" not in seen:
          seen += os.read(fd, 4096)
      os.waitpid(pid, 0)
      """
    let command = fixture.client() + ["-t", "482177305@127.0.0.1", "echo ready; read x; echo done"]
    let running = try Command(["python3", "-c", script] + command, directory: fixture.directory)
    let events = fixture.delegate.events
    #expect(events.wait { $0.resized.contains { $0.columns == 122 && $0.rows == 44 } })
    let request = try #require(events.now.requests.first)
    #expect(request.terminal?.term == "xterm-256color")
    running.signal(SIGKILL)
    _ = running.wait()
  }

  @Test func `An idle connection's keepalives are answered`() throws {
    let fixture = try Fixture()
    let options = ["ServerAliveInterval=1", "ServerAliveCountMax=1"]
    let result = try fixture.run(["sleep 4; echo alive"], options: options)
    #expect(result.text == "alive\n")
  }

  @Test func `A forward is passed up and carries bytes both ways`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("in", bytes: 3_000_000)
    let result = try fixture.run([], flags: ["-W", "printer.local:9100"], input: path)
    #expect(result.status == 0)
    #expect(result.output == Array(FileManager.default.contents(atPath: path) ?? Data()))
    #expect(fixture.delegate.events.now.requests.first?.kind == .directTCP(host: "printer.local", port: 9_100))
  }

  @Test func `A notice before the answer is shown, and the answer may come late`() throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@hold"])
    #expect(fixture.delegate.events.wait { $0.held.count == 1 })
    let channel = try #require(fixture.delegate.events.now.held.first)
    channel.notice("waiting for the customer\u{1B}[2J to accept")
    #expect(eventually { running.errorText.contains("to accept") })
    channel.accept()
    channel.exitStatus(9)
    channel.close()
    let result = running.result()
    #expect(result.status == 9)
    #expect(result.errors == "waiting for the customer\\u{1b}[2J to accept\n")
    #expect(fixture.delegate.events.wait { $0.closed == [true] })
  }

  @Test func `On a terminal a notice has a line of its own, whatever stands there`() throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@hold"], flags: ["-tt"])
    #expect(fixture.delegate.events.wait { $0.held.count == 1 })
    let channel = try #require(fixture.delegate.events.now.held.first)
    channel.accept()
    for output in ["prompt# ", "line\r\n"] {
      channel.write(ByteBuffer(string: output), toError: false)
      channel.notice("told")
    }
    channel.notice("told again")
    channel.exitStatus(0)
    channel.close()
    #expect(running.result().text == "prompt# \r\ntold\r\nline\r\ntold\r\ntold again\r\n")
  }

  @Test func `Input waits in silence until it is allowed, and not a byte more comes`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("in", bytes: 4_000_000)
    let running = try fixture.start(["@hold"], input: path)
    let events = fixture.delegate.events
    #expect(events.wait { $0.held.count == 1 })
    let channel = try #require(events.now.held.first)
    channel.accept()
    channel.allowInput(bytes: 1_000)
    #expect(events.wait { $0.inputBytes == 1_000 })
    channel.allowInput(bytes: 2_000_000)
    #expect(events.wait { $0.inputBytes == 2_001_000 })
    channel.allowInput(bytes: 10_000_000)
    #expect(events.wait { $0.inputBytes == 4_000_000 && $0.eofs == 1 })
    channel.exitStatus(0)
    channel.close()
    #expect(running.wait() == 0)
  }
}
