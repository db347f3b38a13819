import NIOCore
import TestSupport
import Testing
import TunnelProtocol

@testable import Agent

@Suite struct ForwardMachineTests {
  private typealias Machine = ForwardMachine
  private typealias Event = ForwardMachine.Event
  private typealias Action = ForwardMachine.Action

  private static func address(_ text: String) throws -> SocketAddress { try SocketAddress(ipAddress: text, port: 80) }

  private func machine(_ host: String = "printer.lan", _ limits: ForwardLimits = .standard) throws -> Machine {
    Machine(try ForwardTarget(host: host, port: 80), limits: limits)
  }

  /// Everything asked for while these events come.
  private func actions(_ machine: inout Machine, _ events: [Event]) -> [Action] {
    events.flatMap { machine.handle($0) }
  }

  private func connected() throws -> Machine {
    var machine = try machine("192.0.2.7")
    #expect(
      actions(&machine, [.begin, .connected]) == [
        .connect(try Self.address("192.0.2.7")), .accept(dialled: "192.0.2.7:80"),
      ])
    return machine
  }

  private static let reset = StreamEnd(.failed, "192.0.2.7:80: connection reset by the target")

  @Test func `each way of a connection has its answers, in order`() throws {
    let table: [(String, [Event], [Action])] = [
      (
        "the technician ends first",
        [.inputFinished, .written, .targetFinished, .handedOver, .sent],
        [.shutDownWriting, .finishWriting, .release, .end(StreamEnd(.finished))]
      ),
      (
        "the target ends first",
        [.targetFinished, .handedOver, .inputFinished, .written, .sent],
        [.finishWriting, .shutDownWriting, .release, .end(StreamEnd(.finished))]
      ),
      (
        "both end, and neither side is done",
        [.inputFinished, .targetFinished, .sent],
        []
      ),
      (
        "both end, the target's bytes are handed over first",
        [.inputFinished, .targetFinished, .handedOver, .written, .sent],
        [.finishWriting, .shutDownWriting, .release, .end(StreamEnd(.finished))]
      ),
      ("nothing was ended, so nothing is told", [.written, .handedOver, .sent, .connected, .begin, .timeUp], []),
      ("a reset waits for what came before it", [.targetReset], [.release]),
      ("a reset is told behind it", [.targetReset, .sent], [.release, .end(Self.reset)]),
      (
        "a reset while the target's last bytes wait",
        [.targetFinished, .targetReset, .handedOver, .sent],
        [.release, .end(Self.reset)]
      ),
      (
        "a reset behind this side's end is none of the target's end of file",
        [.inputFinished, .written, .targetReset, .sent],
        [.shutDownWriting, .release, .end(Self.reset)]
      ),
      (
        "gone behind this side's end is the target's end of file",
        [.inputFinished, .written, .targetGone, .handedOver, .sent],
        [.shutDownWriting, .finishWriting, .release, .end(StreamEnd(.finished))]
      ),
      (
        "gone behind both ends is no news",
        [.inputFinished, .written, .targetFinished, .targetGone, .handedOver, .sent],
        [.shutDownWriting, .finishWriting, .release, .end(StreamEnd(.finished))]
      ),
      (
        "gone while the technician may write is a reset",
        [.targetFinished, .handedOver, .targetGone, .sent],
        [.finishWriting, .release, .end(Self.reset)]
      ),
      (
        "gone with bytes unwritten is a reset",
        [.inputFinished, .targetGone, .sent],
        [.release, .end(Self.reset)]
      ),
      ("the stream's end lets go and says nothing", [.streamOver, .sent, .targetGone, .streamOver], [.release]),
      ("also while the last bytes are sent", [.targetReset, .streamOver, .sent], [.release, .release]),
      (
        "nothing follows the end",
        [.targetReset, .sent, .streamOver, .targetFinished, .inputFinished, .written],
        [.release, .end(Self.reset)]
      ),
    ]
    for (name, events, expected) in table {
      var machine = try connected()
      #expect(actions(&machine, events) == expected, "\(name)")
    }
  }

  @Test func `bytes are taken until the technician ends, and read until the target does`() throws {
    var machine = try machine()
    #expect(!machine.takesInput && !machine.readsTarget)
    machine = try connected()
    #expect(machine.takesInput && machine.readsTarget)
    _ = machine.handle(.inputFinished)
    #expect(!machine.takesInput && machine.readsTarget)
    _ = machine.handle(.targetFinished)
    #expect(!machine.takesInput && !machine.readsTarget)
    #expect(!machine.isOver)
    _ = machine.handle(.streamOver)
    #expect(machine.isOver)
  }

  @Test func `an address that fails goes on to the next, in the order they came`() throws {
    let first = try Self.address("2001:db8::1")
    let second = try Self.address("192.0.2.7")
    var machine = try machine()
    #expect(machine.handle(.begin) == [.resolve])
    #expect(machine.handle(.resolved([first, second])) == [.connect(first)])
    #expect(machine.handle(.failed(.networkUnreachable)) == [.connect(second)])
    #expect(machine.handle(.connected) == [.accept(dialled: "192.0.2.7:80")])

    machine = try self.machine()
    _ = actions(&machine, [.begin, .resolved([first, second])])
    #expect(machine.handle(.connected) == [.accept(dialled: "[2001:db8::1]:80")])
  }

  @Test func `a name with a thousand addresses costs as many attempts as the limit says`() throws {
    let addresses = try (0..<1_000).map { try Self.address("10.0.\($0 / 250).\($0 % 250 + 1)") }
    var machine = try machine()
    _ = machine.handle(.begin)
    var last = machine.handle(.resolved(addresses))
    var tried: [SocketAddress] = []
    while case .some(.connect(let address)) = last.first, last.count == 1 {
      tried.append(address)
      last = machine.handle(.failed(.refused))
    }
    #expect(tried == Array(addresses.prefix(8)))
    #expect(last == [.release, .end(StreamEnd(.failed, "printer.lan:80: connection refused (8 addresses tried)"))])
  }

  @Test func `of several failures the one that says most is told`() throws {
    let addresses = try ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(Self.address)
    let table: [([ConnectFailure], String)] = [
      ([.refused, .noAnswer(milliseconds: 10_000), .noRoute], "connection refused"),
      ([.noRoute, .networkUnreachable, .noAnswer(milliseconds: 10_000)], "no answer within 10 s"),
      ([.networkUnreachable, .networkUnreachable, .networkUnreachable], "network unreachable"),
      ([.system(24), .noRoute, .networkUnreachable], "no route to host"),
    ]
    for (failures, line) in table {
      var machine = try machine()
      _ = actions(&machine, [.begin, .resolved(addresses)])
      let last = actions(&machine, failures.map { .failed($0) }).last
      #expect(last == .end(StreamEnd(.failed, "printer.lan:80: \(line) (3 addresses tried)")))
    }
  }

  @Test func `failures are told in the field's words`() throws {
    let table: [(String, [Event], String)] = [
      ("10.0.0.1", [.begin, .failed(.refused)], "10.0.0.1:80: connection refused"),
      ("10.0.0.1", [.begin, .failed(.noAnswer(milliseconds: 10_000))], "10.0.0.1:80: no answer within 10 s"),
      ("10.0.0.1", [.begin, .timeUp], "10.0.0.1:80: no answer within 20 s"),
      ("[2001:db8::1]", [.begin, .failed(.networkUnreachable)], "[2001:db8::1]:80: network unreachable"),
      ("10.0.0.1", [.begin, .failed(.noRoute)], "10.0.0.1:80: no route to host"),
      ("printer.lan", [.begin, .unresolved(.noSuchHost)], "printer.lan: no such host"),
      ("printer.lan", [.begin, .resolved([])], "printer.lan: no such host"),
      (
        "printer.lan", [.begin, .unresolved(.timedOut(milliseconds: 10_000))],
        "printer.lan: no answer from the name servers within 10 s"
      ),
      ("printer.lan", [.begin, .timeUp], "printer.lan: no answer from the name servers within 20 s"),
    ]
    for (host, events, line) in table {
      var machine = try machine(host)
      #expect(actions(&machine, events).suffix(2) == [.release, .end(StreamEnd(.failed, line))])
      #expect(machine.isOver)
    }
  }

  @Test func `a stream that is over while its target is looked for lets go, and late news mean nothing`() throws {
    let address = try Self.address("192.0.2.7")
    for events in [[Event.begin], [.begin, .resolved([address, address])]] {
      var machine = try machine()
      _ = actions(&machine, events)
      #expect(machine.handle(.streamOver) == [.release])
      #expect(actions(&machine, [.resolved([address]), .connected, .failed(.refused), .timeUp]) == [])
    }
  }

  @Test func `whatever the order of events, a stream ends once and nothing follows`() throws {
    let seed = Seed.current
    var generator = SeededGenerator(seed: seed)
    let address = try Self.address("192.0.2.7")
    let events: [Event] = [
      .begin, .resolved([address, address]), .unresolved(.busy), .connected, .failed(.refused), .timeUp,
      .inputFinished, .written, .targetFinished, .targetReset, .targetGone, .handedOver, .sent, .streamOver,
    ]
    for _ in 0..<5_000 {
      var machine = try machine(Bool.random(using: &generator) ? "192.0.2.7" : "printer.lan")
      var told: [Action] = []
      for _ in 0..<30 {
        let before = machine
        let more = machine.handle(events.randomElement(using: &generator) ?? .begin)
        #expect(!before.isOver || (more.isEmpty && before == machine), "FIXLINE_SEED=\(seed)")
        told += more
      }
      let ends = told.indices.filter { if case .end = told[$0] { true } else { false } }
      #expect(ends.count <= 1 && ends.allSatisfy { $0 == told.count - 1 }, "FIXLINE_SEED=\(seed)")
      let accepts = told.count { if case .accept = $0 { true } else { false } }
      #expect(accepts <= 1, "FIXLINE_SEED=\(seed)")
      #expect(told.count { $0 == .finishWriting } <= accepts, "FIXLINE_SEED=\(seed)")
      #expect(told.count { $0 == .shutDownWriting } <= accepts, "FIXLINE_SEED=\(seed)")
      if machine.isOver { #expect(told.contains(.release), "FIXLINE_SEED=\(seed)") }
    }
  }
}
