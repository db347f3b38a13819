import SessionModel
import Glibc
import PTY

/// Many sessions, commands, signals, hangups, closings and ends in an order drawn from a seed.
enum StormScenario {
  struct Generator: RandomNumberGenerator {  // SplitMix64
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  struct Running {
    let session: ProbeSession
    var started: [SpawnedProcess] = []
  }

  static let commands = [
    "exit 3", "sleep 31400", "echo hello; cat", "kill -9 $$", Hardship.setsid, Hardship.nohup + " wait", "yes",
    "kill -STOP $$", Hardship.stubborn, "exec 0<&- 1>&- 2>&-; sleep 31401", "(sleep 31402 &) ; exit 9",
  ]

  static func run(_ guardian: Guardian) throws {
    let given = unsafe getenv("FIXLINE_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
    let seed = given ?? UInt64.random(in: .min ... .max)
    Probe.say("FIXLINE_SEED=\(seed)")
    var generator = Generator(state: seed)
    let before = Processes.descriptorCount(getpid())
    var sessions: [Running] = []
    for _ in 0..<600 {
      switch Int.random(in: 0..<20, using: &generator) {
      case 0..<2 where sessions.count < 6:
        sessions.append(Running(session: try ProbeSession(guardian)))
      case 2..<12 where !sessions.isEmpty:
        let index = sessions.indices.randomElement(using: &generator) ?? 0
        let script = commands.randomElement(using: &generator) ?? ""
        let size = Bool.random(using: &generator) ? TerminalSize(columns: 80, rows: 24) : nil
        sessions[index].started.append(try sessions[index].session.spawn(shell: script, terminal: size))
      case 12..<15:
        guard let running = sessions.randomElement(using: &generator),
          let process = running.started.randomElement(using: &generator)
        else { continue }
        let name = ["INT", "TERM", "KILL", "USR1", "HUP"].randomElement(using: &generator) ?? ""
        running.session.keeper.signal(process: process.pid, name: name)
      case 15..<18:
        guard let running = sessions.randomElement(using: &generator),
          let process = running.started.randomElement(using: &generator)
        else { continue }
        running.session.keeper.hangUp(process: process.pid)
        if case .bytes = Probe.readSome(process.output) {}
      case 18..<19 where !sessions.isEmpty:
        finish(sessions.remove(at: sessions.indices.randomElement(using: &generator) ?? 0))
      case _:
        for running in sessions { running.session.takeEvents() }
      }
    }
    for running in sessions { finish(running) }
    sessions = []
    Probe.check(Processes.descriptorCount(getpid()) == before, "no descriptor leaks")
    Probe.check(Probe.wait { Processes.children(guardian.pid).isEmpty }, "no keeper is left")
  }

  private static func finish(_ running: Running) {
    let session = running.session
    session.end()
    Probe.check(session.left.isEmpty, "no process is left: \(session.left)")
    Probe.check(session.ended?.survivors == 0, "\(String(describing: session.ended))")
    let exited = session.exits.map(\.pid).sorted()
    Probe.check(exited == running.started.map(\.pid).sorted(), "each process has exactly one exit")
    for process in running.started {
      close(process.output)
      if let error = process.error {
        close(error)
        close(process.input)
      }
    }
  }
}
