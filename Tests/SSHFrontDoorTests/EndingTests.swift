import Foundation
import Glibc
import NIOCore
import Testing

@testable import SSHFrontDoor

@Suite struct EndingTests {
  @Test func `A channel closed by the technician is orderly`() throws {
    let fixture = try Fixture()
    #expect(try fixture.run(["true"]).status == 0)
    #expect(fixture.delegate.events.wait { $0.closed == [true] && $0.disconnected.count == 1 })
  }

  @Test(arguments: [SIGKILL, SIGTERM])
  func `A client that is ended leaves a broken connection`(signal: Int32) throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@hold"])
    #expect(fixture.delegate.events.wait { $0.held.count == 1 })
    kill(try Self.child(of: running.pid), signal)
    _ = running.wait()
    #expect(fixture.delegate.events.wait { $0.closed == [false] && $0.disconnected.count == 1 })
    // What is told to the channel afterwards goes nowhere, and a late listener is told at once.
    let channel = try #require(fixture.delegate.events.now.held.first)
    channel.write(ByteBuffer(string: "anybody?"))
    channel.close()
    channel.setDelegate(QuietChannel(events: fixture.delegate.events))
    #expect(fixture.delegate.events.now.closed == [false, false])
  }

  @Test func `A removed key's connections are ended, and no others`() throws {
    let fixture = try Fixture()
    let other = try fixture.makeKey("other", type: "ed25519")
    try fixture.allow(other)
    let ended = try fixture.start(["@hold"])
    let kept = try fixture.start(["@deaf"], key: other)
    #expect(fixture.delegate.events.wait { $0.held.count == 2 })
    let key = try Fixture.publicKey(fixture.key)
    fixture.delegate.allowed.change { _ = $0.remove(key) }
    fixture.door.disconnect { $0.key == key }
    let result = ended.result()
    #expect(result.status == 255)
    #expect(result.errors.contains("your key was removed from this relay"))
    let channel = try #require(fixture.delegate.events.now.held.first { $0.login.key != key })
    channel.write(ByteBuffer(string: "kept\n"))
    channel.close()
    #expect(kept.result().text == "kept\n")
    #expect(try fixture.run(["true"]).status == 255)
  }

  @Test func `A retired connection ends once nothing is open on it for a while, and keeps exit statuses`()
    throws
  {
    let fixture = try Fixture()
    let resting = try fixture.start([], flags: ["-N"], user: "resting")
    let working = try fixture.start(["@hold"])
    #expect(fixture.delegate.events.wait { $0.held.count == 1 && $0.logins.count == 2 })
    let started = ContinuousClock.now
    fixture.door.retire(reason: "session k3x9q7mt is closed") { _ in true }
    let result = resting.result()
    #expect(result.status == 255)
    #expect(result.errors.contains("session k3x9q7mt is closed"))
    #expect(started.duration(to: .now) >= .milliseconds(SSHLimits.retirementMilliseconds))
    #expect(fixture.door.connectionCount == 1)
    let channel = try #require(fixture.delegate.events.now.held.first)
    channel.accept()
    channel.write(ByteBuffer(string: "still here\n"))
    channel.exitStatus(7)
    channel.close()
    let kept = working.result()
    #expect(kept.status == 7 && kept.text == "still here\n", "\(kept)")
  }

  @Test func `Stopping ends every connection, also those that do not read, and is bounded`() throws {
    let fixture = try Fixture()
    let running = try (0..<3).map { _ in try fixture.start(["@source"], output: "/dev/null") }
    let silent = try fixture.connect()
    defer { close(silent) }
    #expect(fixture.delegate.events.wait { $0.requests.count == 3 && $0.drainedBytes > 30_000_000 })
    for command in running { kill(try Self.child(of: command.pid), SIGSTOP) }
    let started = ContinuousClock.now
    #expect(fixture.door.stop())
    #expect(started.duration(to: .now) < .milliseconds(SSHLimits.stopMilliseconds))
    #expect(fixture.door.connectionCount == 0)
    #expect(fixture.delegate.events.now.closed == [false, false, false])
    #expect(fixture.delegate.events.now.disconnected.count == 3)
    for command in running {
      kill(try Self.child(of: command.pid), SIGKILL)
      _ = command.wait()
    }
    #expect(fixture.door.stop())
  }

  @Test func `A front door opens once`() throws {
    let fixture = try Fixture()
    #expect(throws: SSHFrontDoorError.self) { try fixture.door.start(listeningDescriptor: dup(0)) }
    let fresh = SSHFrontDoor(
      configuration: SSHFrontDoorConfiguration(hostKey: fixture.hostKey, greeting: ""), delegate: fixture.delegate)
    #expect(fresh.stop())
    #expect(throws: SSHFrontDoorError.self) { try fresh.start(listeningDescriptor: dup(0)) }
  }

  /// The client under `timeout`.
  static func child(of pid: pid_t) throws -> pid_t {
    let text = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
    return try #require(pid_t(text.split(separator: " ").first ?? ""))
  }
}
