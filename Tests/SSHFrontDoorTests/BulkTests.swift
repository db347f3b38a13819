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

  @Test func `A technician who stops reading costs nobody else anything`() throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@source"], output: "/dev/null")
    let events = fixture.delegate.events
    #expect(events.wait { $0.drainedBytes > 50_000_000 })
    let client = try EndingTests.child(of: running.pid)
    kill(client, SIGSTOP)
    // It comes to rest, while others are served: those few bytes are all that is drained between two looks.
    var last = events.now.drainedBytes
    let isAtRest = eventually {
      let text = try? fixture.run(["echo served"]).text
      #expect(text == "served\n")
      defer { last = events.now.drainedBytes }
      return events.now.drainedBytes - last < 1_000
    }
    #expect(isAtRest)
    kill(client, SIGCONT)
    #expect(events.wait { $0.drainedBytes > last + 50_000_000 }, "it goes on where it stood")
    kill(client, SIGKILL)
    _ = running.wait()
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
