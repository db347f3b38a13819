import Foundation
import Glibc
import NIOCore
import Testing

@testable import SSHFrontDoor

@Suite struct RefusalTests {
  @Test func `Listening on the relay is refused`() throws {
    let fixture = try Fixture()
    let result = try fixture.run([], flags: ["-N", "-R", "0:127.0.0.1:1"], options: ["ExitOnForwardFailure=yes"])
    #expect(result.status == 255)
    #expect(result.errors.contains("remote port forwarding failed"))
  }

  private static let remoteForwardLine = "Fixline: -R is not offered here; use -L to reach the machine's network."

  @Test func `Why -R is refused is said once per connection, on stderr, and the command runs`() throws {
    let fixture = try Fixture()
    let single = try fixture.run(["echo ran"], flags: ["-R", "0:127.0.0.1:1", "-R", "0:127.0.0.1:2"])
    #expect(single.text == "ran\n")
    #expect(single.errors.components(separatedBy: Self.remoteForwardLine).count == 2, "\(single.errors)")
    let control = ["ControlPath=\(fixture.directory)/ctl"]
    #expect(try fixture.run([], flags: ["-M", "-f", "-N", "-R", "0:127.0.0.1:1"], options: control).status == 0)
    #expect(try fixture.run(["true"], options: control).errors == Self.remoteForwardLine + "\n")
    #expect(try fixture.run(["true"], options: control).errors.isEmpty)
    _ = try fixture.run([], flags: ["-O", "exit"], options: control)
  }

  @Test func `On a terminal it is said there, and to a subsystem not at all`() throws {
    let fixture = try Fixture()
    let terminal = try fixture.run(["true"], flags: ["-tt", "-R", "0:127.0.0.1:1"])
    #expect(terminal.text == Self.remoteForwardLine + "\r\n")
    let subsystem = try fixture.run(["sftp"], flags: ["-s", "-R", "0:127.0.0.1:1"])
    #expect(subsystem.errors.contains("no subsystem sftp here"))
    #expect(!subsystem.errors.contains("Fixline:") && subsystem.text.isEmpty)
  }

  @Test func `A command that is refused hears nothing else`() throws {
    let fixture = try Fixture(refusal: { _ in "the customer declined" })
    let result = try fixture.run(["true"], flags: ["-R", "0:127.0.0.1:1"])
    #expect(result.errors.contains("the customer declined") && !result.errors.contains("Fixline:"))
  }

  @Test func `X11 and agent forwarding are refused, and the command runs`() throws {
    let fixture = try Fixture()
    // The fixture's client keeps away from agents; the first setting counts.
    let words = fixture.client().map { $0 == "IdentityAgent=none" ? "IdentityAgent=SSH_AUTH_SOCK" : $0 }
    let script = words.map { "'\($0)'" }.joined(separator: " ")
    let agent = try Command(
      [
        "ssh-agent", "sh", "-c",
        "DISPLAY=:9 \(script) -o ForwardX11Trusted=yes -Y -A x@127.0.0.1 'echo ran'",
      ], directory: fixture.directory
    ).result()
    #expect(agent.text == "ran\n", "\(agent.errors)")
    #expect(agent.errors.contains("Fixline: X11 forwarding is not offered here; programs run without a display.\n"))
    #expect(agent.errors.contains("Fixline: agent forwarding is not offered here; use ssh -J"))
  }

  @Test func `A refused subsystem says why and ends`() throws {
    let fixture = try Fixture()
    let result = try Command(
      fixture.client("sftp") + ["482177305@127.0.0.1"], directory: fixture.directory
    ).result()
    #expect(result.status == 255)
    #expect(result.errors.contains("no subsystem sftp here"))
  }

  @Test func `A refused command or shell says why on stderr and ends with 255`() throws {
    let fixture = try Fixture(refusal: { _ in "the customer declined" })
    let exec = try fixture.run(["true"])
    #expect(exec.status == 255)
    #expect(exec.text.isEmpty)
    #expect(exec.errors == "the customer declined\n")
    let shell = try fixture.run([])
    #expect(shell.status == 255)
    #expect(shell.errors.contains("the customer declined\n"))
    let terminal = try fixture.run([], flags: ["-tt"])
    #expect(terminal.status == 255)
    #expect(terminal.text == "the customer declined\r\n")
  }

  @Test func `A refused forward is an open failure`() throws {
    let fixture = try Fixture(refusal: { _ in "no" })
    let result = try fixture.run([], flags: ["-W", "10.0.0.1:80"], logLevel: "INFO")
    #expect(result.status == 255)
    #expect(result.errors.contains("administratively prohibited"))
    let curious = try fixture.run([], flags: ["-v", "-W", "10.0.0.1:80"], logLevel: "DEBUG")
    #expect(curious.errors.contains("Remote: Fixline: no"))
  }

  @Test func `A forward to a socket file is refused`() throws {
    let fixture = try Fixture()
    let local = fixture.directory + "/local.sock"
    let running = try fixture.start([], flags: ["-N", "-L", "\(local):/run/docker.sock"])
    defer {
      running.signal(SIGTERM)
      _ = running.wait()
    }
    #expect(fixture.delegate.events.wait { $0.logins.count == 1 })
    let script = """
      import socket, time, sys
      s = socket.socket(socket.AF_UNIX)
      while True:
          try:
              s.connect(sys.argv[1]); break
          except OSError:
              time.sleep(0.05)
      print(s.recv(10))
      """
    let probe = try Command(["timeout", "20", "python3", "-c", script, local], directory: fixture.directory).result()
    #expect(probe.text == "b''\n")
    #expect(fixture.delegate.events.now.requests.isEmpty)
  }

  @Test func `Channels beyond the limit are refused and the rest go on`() throws {
    var limits = SSHLimits()
    limits.channelsPerConnection = 2
    let fixture = try Fixture(limits: limits)
    let control = ["ControlPath=\(fixture.directory)/ctl"]
    #expect(try fixture.run([], flags: ["-M", "-f", "-N"], options: control).status == 0)
    let held = try (0..<2).map { _ in try fixture.start(["@hold"], options: control) }
    #expect(fixture.delegate.events.wait { $0.held.count == 2 })
    // The client then takes a connection of its own.
    let third = try fixture.run(["echo in"], options: control, logLevel: "INFO")
    #expect(third.errors.contains("Session open refused by peer"))
    #expect(third.text == "in\n")
    #expect(fixture.delegate.events.now.logins.count == 2)
    let channels = fixture.delegate.events.now.held
    for channel in channels { channel.refuse("that will do") }
    for command in held { #expect(command.result().errors.contains("that will do")) }
    #expect(try fixture.run(["echo again"], options: control).text == "again\n")
    _ = try fixture.run([], flags: ["-O", "exit"], options: control)
  }
}
