import Foundation
import Glibc
import NIOCore
import Testing

@testable import SSHFrontDoor

@Suite(.serialized) struct BulkTests {
  @Test(arguments: [[], ["RekeyLimit=1M"]])
  func `Much goes each way unharmed, also while keys are exchanged`(options: [String]) throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("bulk", bytes: 67_108_864)
    let expected = try fixture.hash(path)
    let upload = try fixture.run(["sha256sum"], options: options, input: path)
    #expect(upload.text == expected, "\(upload.errors)")
    let copy = fixture.directory + "/copy"
    #expect(try fixture.start(["cat \(path)"], options: options, output: copy).wait() == 0)
    #expect(try fixture.hash(copy) == expected)
    // And both at once.
    #expect(try fixture.start(["cat"], options: options, input: path, output: copy).wait() == 0)
    #expect(try fixture.hash(copy) == expected)
  }

  @Test func `A technician who stops reading costs little memory and nobody else anything`() throws {
    print("T 1 \(ContinuousClock.now)")
    let fixture = try Fixture()
    print("T 2 \(ContinuousClock.now)")
    let running = try fixture.start(["@source"], output: "/dev/null")
    print("T 3 \(ContinuousClock.now)")
    let events = fixture.delegate.events
    print("T 4 \(ContinuousClock.now)")
    #expect(events.wait { $0.drainedBytes > 50_000_000 })
    print("T 5 \(ContinuousClock.now)")
    let before = Fixture.residentBytes()
    print("T 6 \(ContinuousClock.now)")
    let client = try EndingTests.child(of: running.pid)
    print("T 7 \(ContinuousClock.now)")
    kill(client, SIGSTOP)
    // It comes to rest: what was drained stops growing, while others are served.
    print("T 9 \(ContinuousClock.now)")
    var last = -1
    print("T 10 \(ContinuousClock.now)")
    while last != events.now.drainedBytes {
    print("T 11 \(ContinuousClock.now)")
      last = events.now.drainedBytes
    print("T 12 \(ContinuousClock.now)")
      #expect(try fixture.run(["echo served"]).text == "served\n")
    print("T 13 \(ContinuousClock.now)")
    }
    print("T 14 \(ContinuousClock.now)")
    #expect(Fixture.residentBytes() - before < 32 * 1_048_576)
    print("T 15 \(ContinuousClock.now)")
    kill(client, SIGCONT)
    print("T 16 \(ContinuousClock.now)")
    #expect(events.wait { $0.drainedBytes > last + 50_000_000 }, "it goes on where it stood")
    print("T 17 \(ContinuousClock.now)")
    kill(client, SIGKILL)
    print("T 18 \(ContinuousClock.now)")
    _ = running.wait()
    print("T 19 \(ContinuousClock.now)")
    #expect(events.wait { $0.closed.contains(false) })
  }

  @Test func `A channel nobody reads holds up no other on its connection`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("bulk", bytes: 4_000_000)
    let result = try fixture.shell(
      """
      ssh_ -M -o ControlPath=$HOME/ctl -fN $HOST || exit 1
      ssh_ -S $HOME/ctl $HOST @hold < \(path) & stalled=$!
      ssh_ -S $HOME/ctl $HOST @source > $HOME/pipe & unread=$!
      exec 9< $HOME/pipe
      got=$(ssh_ -S $HOME/ctl $HOST cat < \(path) | sha256sum); [ "$got" = "$(sha256sum < \(path))" ] && echo same
      kill $stalled $unread
      ssh_ -S $HOME/ctl -O exit $HOST
      """.replacingOccurrences(of: "ssh_ -M", with: "mkfifo $HOME/pipe; ssh_ -M"))
    #expect(result.text == "same\n", "\(result.errors)")
  }
}
