import Foundation
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import SSHFrontDoor

/// A connection that is served by an event loop while it is quiet.
@Suite(.serialized) struct SharingTests {
  /// A client whose keystrokes and answers are lines: `type N` types so many and checks each answer.
  private static let typist = """
    coproc C { ssh_ $HOST @loop; }
    type() { for i in $(seq $1); do
      echo "key $i" >&${C[1]}; read -r line <&${C[0]}; [ "$line" = "key $i" ] || echo "key $i: $line"; done; }
    """

  @Test func `Keystrokes are served on the loop`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell("\(Self.typist); type 300; exec {C[1]}>&-; wait $C_PID; echo over $?")
    #expect(result.text == "over 0\n", "\(result.errors)")
    let events = fixture.delegate.events
    #expect(events.wait { $0.closed == [true] })
    #expect(events.now.loopInputs > 200, "\(events.now.loopInputs) of 300")
  }

  @Test func `Much is left to the connection's own thread, and keystrokes come back afterwards`() throws {
    let fixture = try Fixture()
    let path = try fixture.makeFile("bulk", bytes: 33_554_432)
    let copy = fixture.directory + "/copy"
    #expect(try fixture.start(["@loop"], input: path, output: copy).wait() == 0)
    #expect(try fixture.hash(copy) == fixture.hash(path))
    let events = fixture.delegate.events
    #expect(events.now.loopBytes < 33_554_432 / 4, "\(events.now.loopBytes)")
    let before = events.now.loopInputs
    let result = try fixture.shell(
      """
      \(Self.typist); type 20
      head -c 3000000 /dev/zero | tr '\\0' x >&${C[1]} & head -c 3000000 <&${C[0]} | wc -c; wait $!
      type 100; exec {C[1]}>&-; wait $C_PID; echo over $?
      """)
    #expect(result.text == "3000000\nover 0\n", "\(result.errors)")
    #expect(events.now.loopInputs > before + 60)
  }

  @Test func `Nothing is lost when loop, thread and others write at once`() throws {
    let fixture = try Fixture()
    let result = try fixture.shell(
      """
      (for i in $(seq 200); do echo "key $i"; sleep 0.002; done) | ssh_ $HOST @storm > $HOME/out || echo failed
      sort $HOME/out | uniq -c | awk '$1 != 1' ; sort -u $HOME/out | wc -l
      """)
    let expected = 200 + StormChannel.writers * StormChannel.lines
    #expect(result.text == "\(expected)\n", "\(result.errors)")
  }

  @Test func `Questions, a break and the end are the thread's also then`() throws {
    let fixture = try Fixture()
    // A second channel on the connection, while the first is served on the loop.
    let result = try fixture.shell(
      """
      ssh_ -M -o ControlPath=$HOME/ctl -fN $HOST || exit 1
      coproc C { ssh_ -S $HOME/ctl $HOST @loop; }
      for i in $(seq 50); do echo $i >&${C[1]}; read -r line <&${C[0]}
        [ "$(ssh_ -S $HOME/ctl $HOST "echo $line")" = $i ] || echo "wrong at $i"; done
      echo done; kill -9 $(ssh_ -S $HOME/ctl -O check $HOST 2>&1 | sed 's/.*pid=\\([0-9]*\\).*/\\1/')
      """)
    #expect(result.text == "done\n", "\(result.errors)")
    #expect(fixture.delegate.events.wait { $0.closed.contains(false) && $0.disconnected.count == 1 })
  }

  @Test func `A front door stops also with a connection on the loop`() throws {
    let fixture = try Fixture()
    let running = try fixture.start(["@loop"], input: "/dev/zero", output: "/dev/null")
    let typing = try fixture.start(["@loop"], flags: ["-tt"])
    #expect(fixture.delegate.events.wait { $0.inputBytes > 1_000_000 })
    #expect(fixture.door.stop())
    #expect(running.wait() != 0)
    #expect(typing.wait() != 0)
  }

  // MARK: Parts

  @Test func `Pace tells keystrokes from a transfer`() {
    let start = ContinuousClock.now
    func after(_ milliseconds: Int64) -> ContinuousClock.Instant { start.advanced(by: .milliseconds(milliseconds)) }
    var pace = Pace(bytes: 0, at: start)
    func isQuiet(_ bytes: UInt64, _ milliseconds: Int64) -> Bool { pace.isQuiet(bytes: bytes, at: after(milliseconds)) }
    for turn in 1...100 { #expect(isQuiet(UInt64(turn) * 100, Int64(turn) * 10)) }
    // Much in one go, and much in many small ones.
    #expect(!isQuiet(10_000 + Pace.quietBytes + 1, 1_001))
    #expect(!isQuiet(10_000 + Pace.quietBytes + 2, 1_010))
    #expect(isQuiet(10_000 + Pace.quietBytes + 3, 1_011))
    var bytes = 100_000 as UInt64
    #expect(!isQuiet(bytes, 1_500))
    #expect(isQuiet(bytes, 1_600))
    for turn in 1...16 { #expect(isQuiet(bytes + UInt64(turn) * 1_000, 2_000 + Int64(turn) / 4)) }
    bytes += 18_000
    #expect(!isQuiet(bytes, 2_005))
    #expect(!isQuiet(bytes, 2_014))
    #expect(isQuiet(bytes, 2_015))
  }

  @Test func `A socket's watch answers once for each time it is asked, and lets go of the socket`() throws {
    var ends: [CInt] = [-1, -1]
    #expect(unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let answers = Watched(0)
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    var watch = SocketWatch.start(descriptor: ends[0], loop: loop) {
      loop.assertInEventLoop()
      answers.change { $0 += 1 }
    }
    try #require(watch != nil)
    #expect(eventually { watch?.ask() ?? false })
    #expect(answers.now == 0)
    var byte = 1 as UInt8
    #expect(unsafe write(ends[1], &byte, 1) == 1)
    #expect(answers.wait { $0 == 1 })
    // Not read, so it is readable still.
    for round in 2...20 {
      #expect(watch?.ask() == true)
      #expect(answers.wait { $0 == round })
    }
    #expect(unsafe read(ends[0], &byte, 1) == 1)
    #expect(watch?.ask() == true)
    #expect(watch?.ask() == true)
    usleep(20_000)
    #expect(answers.now == 20)
    // Asked still: without a reference of the kernel's the other end sees the close.
    watch = nil
    close(ends[0])
    #expect(unsafe read(ends[1], &byte, 1) == 0)
    close(ends[1])
  }
}
