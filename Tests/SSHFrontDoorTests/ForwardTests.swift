import Foundation
import Glibc
import NIOCore
import SessionModel
import Testing

@testable import SSHFrontDoor

/// Connections through the stock client's `-L` and `-W`.
@Suite(.serialized) struct ForwardTests {
  /// Opens `count` connections to the socket file at once, each in a thread. `body` has the connected socket `s` and the
  /// connection's number `i`; every line it gives is printed.
  private func start(_ fixture: Fixture, _ path: String, count: Int, _ body: String) throws -> Command {
    let script = """
      import hashlib, os, socket, sys, threading, time
      def rest(s):
          data = bytearray()
          while True:
              try:
                  more = s.recv(65536)
              except ConnectionError:
                  return bytes(data)
              if not more: return bytes(data)
              data += more
      def one(i):
          s = socket.socket(socket.AF_UNIX)
          while True:
              try:
                  s.connect(sys.argv[1]); break
              except OSError:
                  time.sleep(0.02)
          for line in body(i, s): print(line, flush=True)
          s.close()
      def body(i, s):
      \(body.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      threads = [threading.Thread(target=one, args=(i,)) for i in range(\(count))]
      for t in threads: t.start()
      for t in threads: t.join()
      """
    return try Command(["timeout", "100", "python3", "-c", script, path], directory: fixture.directory)
  }

  /// Waits for them all.
  private func connect(_ fixture: Fixture, _ path: String, count: Int, _ body: String) throws -> Command.Result {
    try start(fixture, path, count: count, body).result()
  }

  private func forward(
    _ fixture: Fixture, to target: String, flags: [String] = ["-N"], command: [String] = [], logLevel: String = "ERROR",
    _ body: (String, Command) throws -> Void
  ) throws {
    let path = fixture.directory + "/forward.sock"
    let running = try fixture.start(
      command, flags: flags + ["-L", "\(path):\(target)"], logLevel: logLevel, seconds: 110)
    defer {
      running.signal(SIGTERM)
      _ = running.wait()
    }
    try body(path, running)
  }

  @Test func `A hundred connections with half-closes carry every byte both ways`() throws {
    let fixture = try Fixture()
    try forward(fixture, to: "echo:80") { path, _ in
      let result = try connect(
        fixture, path, count: 120,
        """
        sent = os.urandom(150_000 + 1_000 * i)
        half = threading.Thread(target=lambda: (s.sendall(sent), s.shutdown(socket.SHUT_WR)))
        half.start()
        got = rest(s)
        half.join()
        yield "same" if hashlib.sha256(got).digest() == hashlib.sha256(sent).digest() else f"{i}: {len(got)}"
        """)
      #expect(result.text == String(repeating: "same\n", count: 120), "\(result.errors)")
    }
    #expect(fixture.delegate.events.wait { $0.closed.count == 120 && $0.eofs == 120 })
  }

  @Test func `The machine may end its half first and still receives all of the other`() throws {
    let fixture = try Fixture()
    try forward(fixture, to: "farewell:80") { path, _ in
      let result = try connect(
        fixture, path, count: 100,
        """
        yield rest(s).decode().strip()
        s.sendall(bytes(50_000))
        s.shutdown(socket.SHUT_WR)
        """)
      #expect(result.text == String(repeating: FarewellChannel.words, count: 100), "\(result.errors)")
      #expect(fixture.delegate.events.wait { $0.closed.count == 100 })
    }
    let events = fixture.delegate.events.now
    #expect(events.inputBytes == 5_000_000 && events.eofs == 100)
    #expect(!events.closed.contains(false))
  }

  @Test func `-W carries a file there and back`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("file", bytes: 20_000_000)
    let copy = fixture.directory + "/copy"
    #expect(try fixture.start([], flags: ["-W", "echo:80"], input: path, output: copy).wait() == 0)
    #expect(try fixture.hash(copy) == fixture.hash(path))
  }

  @Test func `Answers may come late and in any order while other channels go on`() throws {
    let fixture = try Fixture()
    let control = "ControlPath=\(fixture.directory)/ctl"
    try forward(fixture, to: "hangs:80", flags: ["-N", "-M", "-o", control]) { path, _ in
      let waiting = try start(fixture, path, count: 100, "yield rest(s).decode().strip()")
      let events = fixture.delegate.events
      #expect(events.wait(seconds: 60) { $0.held.count == 100 })
      #expect(try fixture.run(["echo served"], options: [control]).text == "served\n")
      for (index, channel) in events.now.held.enumerated().reversed() {
        if index % 2 == 0 {
          channel.accept()
          channel.write(ByteBuffer(string: FarewellChannel.words))
          channel.close()
        } else {
          channel.refuse("nobody there")
        }
      }
      let result = waiting.result()
      let lines = result.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      #expect(lines.filter { $0 == "goodbye" }.count == 50, "\(result.errors)")
      #expect(lines.filter(\.isEmpty).count == 50)
    }
    #expect(fixture.delegate.events.now.logins.count == 1)
  }

  @Test func `Refused connections are told on the terminal at a pace it bears`() throws {
    let fixture = try Fixture(refusal: { kind in
      if case .directTCP = kind { "10.0.0.1:81 refuses\u{1B}[2J connections" } else { nil }
    })
    try forward(fixture, to: "10.0.0.1:81", flags: ["-tt"], command: ["@deaf"]) { path, running in
      #expect(fixture.delegate.events.wait { $0.held.count == 1 })
      _ = try connect(fixture, path, count: 40, "yield len(rest(s))")
      // Every one of them is accounted for.
      let line = #/Fixline: 10\.0\.0\.1:81 refuses\\u\{1b\}\[2J connections(?: \(and (\d+) more\))?\r\n/#
      var lines = 0
      let isAllTold = eventually {
        let matches = running.outputText.matches(of: line)
        lines = matches.count
        return matches.reduce(0) { $0 + 1 + ($1.1.flatMap { Int($0) } ?? 0) } == 40
      }
      #expect(isAllTold, "\(running.outputText)")
      #expect(lines < 20)
    }
  }

  @Test func `Without a terminal only ssh's own line tells of a refusal`() throws {
    let fixture = try Fixture(refusal: { kind in if case .directTCP = kind { "nobody there" } else { nil } })
    try forward(fixture, to: "10.0.0.1:81", flags: [], command: ["@deaf"], logLevel: "INFO") { path, running in
      #expect(fixture.delegate.events.wait { $0.held.count == 1 })
      _ = try connect(fixture, path, count: 3, "yield len(rest(s))")
      #expect(eventually { running.errorText.contains("administratively prohibited") })
      #expect(!running.errorText.contains("nobody there") && running.outputText.isEmpty)
    }
  }

  @Test func `Many uploads nobody takes leave room for the rest of the connection`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("bulk", bytes: 4_000_000)
    let result = try fixture.shell(
      """
      ssh_ -M -o ControlPath=$HOME/ctl -fN $HOST || exit 1
      for i in $(seq 16); do ssh_ -S $HOME/ctl $HOST @deaf < \(path) & stalled="$stalled $!"; done
      ssh_ -S $HOME/ctl $HOST "echo served"
      [ "$(ssh_ -S $HOME/ctl $HOST cat < \(path) | sha256sum)" = "$(sha256sum < \(path))" ] && echo same
      kill $stalled
      ssh_ -S $HOME/ctl $HOST "echo served"
      ssh_ -S $HOME/ctl -O exit $HOST
      """)
    #expect(result.text == "served\nsame\nserved\n", "\(result.errors)")
    #expect(fixture.delegate.events.now.logins.count == 1)
  }
}
