import Foundation
import Glibc
import NIOCore
import Testing

@testable import SSHFrontDoor

/// A connection whose small output is sent by the thread that brings it.
@Suite(.serialized) struct BriefTurnTests {
  /// A channel whose client reads, and writes nothing.
  private func listen(_ fixture: Fixture, output: String) throws -> (SSHChannel, Command) {
    let running = try fixture.start(["@deaf"], output: output)
    #expect(fixture.delegate.events.wait { !$0.held.isEmpty })
    return (try #require(fixture.delegate.events.now.held.first), running)
  }

  /// Writes, has it sent, and waits until it is.
  /// - Returns: whether the calling thread has sent it.
  private func send(_ bytes: ByteBuffer, on channel: SSHChannel, _ fixture: Fixture) -> Bool {
    let events = fixture.delegate.events
    let before = events.now.drainedBytes
    channel.write(bytes, waking: false)
    channel.wake()
    #expect(events.wait { $0.drainedBytes == before + bytes.readableBytes })
    return events.now.drainer == pthread_self()
  }

  @Test func `A keystroke's answer is sent by who brings it, much by the connection's own thread`() throws {
    let fixture = try Fixture()
    let copy = fixture.directory + "/copy"
    let (channel, running) = try listen(fixture, output: copy)
    var expected = ""
    func lines(_ count: Int) -> Int {
      (0..<count).count { number in
        expected += "line \(number)\n"
        return send(ByteBuffer(string: "line \(number)\n"), on: channel, fixture)
      }
    }
    // The connection's thread may be at work itself now and then: as when the client opens its window again, and oftener
    // while the machine has much else to do. Then another round tells.
    func areSentHere() -> Bool { (0..<5).contains { _ in lines(200) > 150 } }
    #expect(areSentHere())
    let much = String(repeating: "x", count: BriefOutput.bytesAtOnce) + "\n"
    for _ in 0..<50 { #expect(!send(ByteBuffer(string: much), on: channel, fixture)) }
    expected += String(repeating: much, count: 50)
    #expect(areSentHere())
    channel.exitStatus(0)
    channel.close()
    #expect(running.wait() == 0)
    #expect(try String(contentsOfFile: copy, encoding: .utf8) == expected)
  }

  @Test func `A transfer passes unharmed`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("bulk", bytes: 33_554_432)
    let copy = fixture.directory + "/copy"
    #expect(try fixture.start(["@carrier"], input: path, output: copy).wait() == 0)
    #expect(try fixture.hash(copy) == fixture.hash(path))
  }

  @Test func `Nothing is lost when many threads write at once`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell(
      """
      seq -f 'key %g' 200 | ssh_ $HOST @storm > $HOME/out || echo failed
      sort $HOME/out | uniq -d; wc -l < $HOME/out
      for w in 0 1 2 3; do grep "writer $w" $HOME/out | sort -C -n -k 4 || echo "order of $w"; done
      """)
    #expect(result.text == "\(200 + StormChannel.writers * StormChannel.lines)\n", "\(result.errors)")
  }

  @Test func `A front door stops also while others take turns`() throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@carrier"], input: "/dev/zero", output: "/dev/null")
    #expect(fixture.delegate.events.wait { $0.inputBytes > 1_000_000 })
    #expect(fixture.door.stop())
    #expect(running.wait() != 0)
  }

  @Test func `A little is sent by who brings it, much is not`() {
    let start = ContinuousClock.now
    var output = BriefOutput()
    func takes(_ bytes: Int, _ milliseconds: Int64) -> Bool {
      output.takes(bytes, at: start.advanced(by: .milliseconds(milliseconds)))
    }
    // Somebody types: always.
    for key in 0..<1_000 { #expect(takes(1, Int64(key))) }
    // A screen at once is sent, more is not, and counts for nothing.
    #expect(!takes(BriefOutput.bytesAtOnce + 1, 2_000))
    // Many small pieces in a short time are a transfer, too.
    for _ in 0..<4 { #expect(takes(BriefOutput.bytesAtOnce, 2_001)) }
    #expect(!takes(1, 2_002))
    #expect(!takes(1, 2_010))
    #expect(takes(1, 2_011))
    #expect(takes(0, 2_011))
  }
}
