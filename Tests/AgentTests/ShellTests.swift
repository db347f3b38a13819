import NIOCore
import PTY
import SessionModel
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

@Suite struct OutputRingTests {
  @Test("everything is kept while it fits")
  func fits() {
    var ring = OutputRing(capacity: 10)
    ring.append(Array("abc".utf8))
    ring.append(Array("defg".utf8))
    #expect(ring.replay() == Array("abcdefg".utf8))
    #expect(ring.count == 7)
    #expect(ring.room == 3)
  }

  @Test("what was cut begins behind a line's end, or at least at a character")
  func beginnings() {
    var lines = OutputRing(capacity: 12)
    lines.append(Array("one\ntwo\nthree\n".utf8))
    #expect(lines.replay() == Array("two\nthree\n".utf8).suffix(6) || lines.replay() == Array("two\nthree\n".utf8))
    var letters = OutputRing(capacity: 3)
    letters.append(Array("aäöå".utf8))
    #expect(letters.replay() == Array("å".utf8))
  }

  @Test("only the last bytes are kept on demand")
  func keepLast() {
    var ring = OutputRing(capacity: 100)
    ring.append(Array("one\ntwo\n".utf8))
    ring.keepLast(100)
    #expect(ring.replay() == Array("one\ntwo\n".utf8))
    ring.keepLast(5)
    #expect(ring.replay() == Array("two\n".utf8))
    ring.keepLast(0)
    #expect(ring.replay() == [])
    ring.append(Array("three".utf8))
    #expect(ring.replay() == Array("three".utf8))
  }

  @Test("it never holds much more than its capacity and always ends with what came last, whatever the pieces")
  func random() {
    let seed = Seed.current
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      let capacity = Int.random(in: 1...2_000, using: &generator)
      var ring = OutputRing(capacity: capacity)
      var all: [UInt8] = []
      for step in 0..<60 {
        let size = Int.random(in: 0...Int.random(in: 1...900, using: &generator), using: &generator)
        let piece = [UInt8](repeating: UInt8(97 + step % 26), count: size)
        ring.append(piece)
        all += piece
        #expect(ring.replay() == all.suffix(capacity), "FIXLINE_SEED=\(seed)")
        #expect(ring.count <= capacity + 2 * OutputRing.gatheredBytes, "FIXLINE_SEED=\(seed)")
      }
    }
  }
}

@Suite struct OutgoingQueueTests {
  private func piece(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 7, count: count) }

  @Test("pieces leave in order, only into room there is, and reading stops when enough waits")
  func order() {
    var queue = OutgoingQueue()
    queue.append(.standard, piece(100))
    queue.append(.error, piece(50))
    #expect(queue.next(room: 99) == nil)
    #expect(queue.next(room: 100)?.0 == .standard)
    #expect(queue.backlogBytes == 150)
    #expect(queue.next(room: 100)?.0 == .error)
    #expect(queue.isEmpty)
    #expect(queue.backlogBytes == 150)
    queue.freed(149)
    #expect(!queue.isSent)
    queue.freed(1)
    #expect(queue.backlogBytes == 0)
    #expect(queue.isSent)
  }

  @Test("however much the tunnel would take, no more than the limit waits in it")
  func limit() {
    var queue = OutgoingQueue()
    var handed = 0
    while queue.hasRoom { queue.append(.standard, piece(ProcessOutput.readBytes)) }
    queue.append(.standard, piece(ProcessOutput.readBytes))
    while let (_, bytes) = queue.next(room: .max) { handed += bytes.readableBytes }
    #expect(handed == OutgoingQueue.unsentBytes)
    #expect(!queue.hasRoom && !queue.isEmpty)
    queue.freed(ProcessOutput.readBytes)
    #expect(queue.next(room: .max) != nil)
    #expect(queue.next(room: .max) == nil)
  }

  @Test("more freed than was given is no debt")
  func overFreed() {
    var queue = OutgoingQueue()
    queue.append(.standard, piece(10))
    _ = queue.next(room: 10)
    queue.freed(1_000)
    queue.append(.standard, piece(OutgoingQueue.unsentBytes))
    #expect(queue.next(room: .max) != nil)
    #expect(queue.next(room: .max) == nil)
  }
}

@Suite struct ShellEnvironmentTests {
  private func additions(_ variables: [(String, String)]) throws -> [String] {
    ShellEnvironment.additions(
      accepted: variables.map { EnvironmentVariable(name: $0.0, value: $0.1) },
      session: try #require(SessionID("00000001"))
    ).map { "\($0.name)=\($0.value)" }
  }

  @Test("a technician's language gets in and nothing else")
  func language() throws {
    #expect(
      try additions([
        ("LANG", "fi_FI.UTF-8"), ("LC_ALL", "C"), ("LD_PRELOAD", "/tmp/x.so"), ("PATH", "/tmp"), ("BASH_ENV", "/tmp/x"),
        ("LC_", "x"), ("LC_all", "x"), ("LC_X=Y", "x"), ("TERM", "x"), ("FIXLINE_SESSION", "zzzzzzzz"), ("", ""),
      ]) == ["LANG=fi_FI.UTF-8", "LC_ALL=C", "FIXLINE_SESSION=00000001"])
  }

  @Test("a name given twice counts once, values with control characters and too many are left out")
  func bounds() throws {
    #expect(try additions([("LANG", "a"), ("LANG", "b")]) == ["LANG=b", "FIXLINE_SESSION=00000001"])
    #expect(try additions([("LANG", "a\nb"), ("LC_ALL", "\u{1b}")]) == ["FIXLINE_SESSION=00000001"])
    let long = String(repeating: "x", count: ShellEnvironment.maximumValueBytes + 1)
    #expect(try additions([("LANG", long)]) == ["FIXLINE_SESSION=00000001"])
    let many = (0..<100).map { ("LC_" + String(repeating: "A", count: $0 % 20 + 1), "x") }
    #expect(try additions(many).count <= ShellEnvironment.maximumAccepted + 1)
  }

  @Test(
    "a terminal's kind is a plain name",
    arguments: [
      ("xterm-256color", "xterm-256color"), ("screen.xterm", "screen.xterm"), ("", "dumb"), ("../../x", "dumb"),
      (".x", "dumb"), ("a b", "dumb"), ("x\u{1b}", "dumb"), (String(repeating: "x", count: 65), "dumb"),
    ])
  func term(name: String, used: String) {
    #expect(ShellEnvironment.term(name) == used)
  }
}

@Suite struct ProcessEndingTests {
  @Test("on pipes the end comes after the exit and both ends of output, in any order")
  func pipes() {
    let exit = ProcessEnding.Event.exited(.status(3))
    let orders: [[ProcessEnding.Event]] = [
      [exit, .laneEnded(.standard), .laneEnded(.error)], [.laneEnded(.error), exit, .laneEnded(.standard)],
      [.laneEnded(.standard), .laneEnded(.error), exit],
    ]
    for order in orders {
      var ending = ProcessEnding(isTerminal: false)
      #expect(order.map { ending.handle($0) }.last == .complete(.status(3)))
      #expect(ending.handle(.laneEnded(.standard)) == .none)
    }
  }

  @Test("the end of output is told before the exit when it comes before it")
  func silent() {
    var ending = ProcessEnding(isTerminal: false)
    #expect(ending.handle(.laneEnded(.standard)) == .none)
    #expect(ending.handle(.laneEnded(.error)) == .finishWriting)
  }

  @Test("a terminal that stays open after the exit is done when it is quiet")
  func terminal() {
    let cause = ProcessExit.Cause.signal(number: 15, name: "TERM", coreDumped: false)
    var ending = ProcessEnding(isTerminal: true)
    #expect(ending.handle(.quiet) == .none)
    #expect(ending.handle(.exited(cause)) == .awaitQuiet)
    #expect(ending.isDraining)
    #expect(!ending.isComplete)
    #expect(ending.handle(.quiet) == .complete(cause))
    #expect(ending.isComplete && !ending.isDraining)
    #expect(ending.handle(.laneEnded(.standard)) == .none)
  }

  @Test("on pipes quiet means nothing: a child may still write")
  func quietPipes() {
    var ending = ProcessEnding(isTerminal: false)
    #expect(ending.handle(.exited(.status(0))) == .none)
    #expect(ending.handle(.quiet) == .none)
  }

  @Test("a lost keeper ends what runs as a failure, and what has exited as it was")
  func lost() {
    var running = ProcessEnding(isTerminal: true)
    #expect(running.handle(.lost) == .fail)
    var draining = ProcessEnding(isTerminal: false)
    _ = draining.handle(.exited(.status(1)))
    #expect(draining.handle(.lost) == .complete(.status(1)))
  }
}
