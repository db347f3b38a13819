import Foundation
import Glibc
import Testing

/// Somebody dies, or the line does, at a random moment of everything a technician does: what arrives is whole, the record
/// is true, and nothing is left behind.
@Suite("Chaos", .shared) struct ChaosTests {
  /// Who it is.
  enum Victim: String, CaseIterable, Sendable { case relay, agent, ssh, line }

  /// Runs of each pair; FIXLINE_CHAOS_RUNS=N for more. There are 28 pairs.
  static let runs = ProcessInfo.processInfo.environment["FIXLINE_CHAOS_RUNS"].flatMap { Int($0) } ?? 3
  /// What a transfer moves, in bytes.
  static let bytes = 8 << 20

  /// One machine's life under one kind of death.
  private struct Scene {
    let place: Place
    let proxy: FaultProxy
    let state: String
    let workload: Workload
    let victim: Victim
    let target: Target?
    let traces: Traces
    /// The agent of now, and its code.
    var agent: AgentProcess
    var code: String
    var dice: Dice
    /// Of the session of now: since it began, while the relay was away, while a client ran.
    var watch: Stopwatch
    var away = 0.0
    var busy = 0.0
    var deaths = 0
    var sessions = 1

    /// The place with the code of now.
    var here: Place { place.with(code: code) }

    /// Bytes to pass before it strikes: somewhere in the work, which for a shell is a few lines.
    mutating func moment() -> Int { dice.roll(1..<(workload == .shell ? 15_000 : ChaosTests.bytes)) }

    private var passed: Int { proxy.counts.bytes.values.reduce(0, +) }

    /// Starts the work, lets the victim die in the middle of it, and sees the work through.
    mutating func run() throws {
      try workload.clear(place)
      let start = passed
      let moment = moment()
      let work = Stopwatch()
      let client = try workload.start(here, target: target)
      // It may be done before: then somebody dies at the end of it, or in idleness.
      try waitUntil("the moment", within: .seconds(30), seen: { client.seen }) {
        passed - start >= moment || client.exit != nil
      }
      deaths += 1
      switch victim {
      case .line:
        proxy.all(.cut(try dice.pick(FaultProxy.Cut.allCases), at: try dice.pick([[.agent, .relay], [.agent]])))
        try workload.finish(client, here)
        busy += work.seconds
      case .ssh:
        killGroup(client, SIGKILL)
        client.signal(SIGKILL)
        try client.wait()
        busy += work.seconds
        // Nobody is there: what it ran has to go, but for a shell, which waits.
        if workload != .shell { try traces.expectNoChild(of: agent) }
        try repeated()
      case .relay:
        busy += work.seconds
        let outage = Stopwatch()
        try place.shop.killRelay()
        try client.wait(within: .seconds(20))
        try waitUntil("the machine's return", seen: { place.shop.story }) {
          try place.shop.sessions().contains {
            $0["state"]?.string == "suspended" && $0["suspended_reasons"] == .list([.text("no-channel")])
          }
        }
        away += outage.seconds
        try repeated()
      case .agent:
        let id = try place.shop.openSession()
        busy += work.seconds
        let worked = watch.seconds
        let family = try Processes.descendants(of: agent.child.pid)
        agent.child.signal(SIGKILL)
        try agent.child.wait()
        try Processes.waitUntilGone(family)
        agent = try place.shop.agent(["--state", state], port: proxy.port)
        code = try agent.code()
        try client.wait(within: .seconds(20))
        let bill = try place.shop.bill(of: id)
        guard bill.active <= worked, bill.active >= busy - slack else {
          throw Failure("\(worked) s, \(busy) s of work: \(bill)")
        }
        (watch, busy, sessions) = (Stopwatch(), 0, sessions + 1)
        try repeated()
      }
    }

    /// The same work again, undisturbed. What the one before left is in its way, as it is in life.
    private mutating func repeated() throws {
      try workload.clear(place)
      let work = Stopwatch()
      let client = try workload.start(here, target: target, again: victim != .agent)
      try workload.finish(client, here)
      busy += work.seconds
    }

    /// What a death may cost of the bill, with the login of the clients around it, in seconds.
    var slack: Double {
      switch victim {
      case .relay, .agent: RelayDeathTests.bound + 1
      case .line: 2.5
      case .ssh: 1.5
      }
    }
  }

  @Test(
    "whoever dies, whatever is going on",
    arguments: Victim.allCases, Workload.allCases)
  func anybody(victim: Victim, workload: Workload) throws {
    try withShop { shop in
      let proxy = try FaultProxy(to: shop.relay.tlsPort)
      defer { proxy.close() }
      let state = try shop.scratch.directory("agent-state")
      setMode(state, 0o700)
      let place = try Place(shop, agent: ["--state", state], port: proxy.port)
      let target = workload == .forward ? try Target(.answer, for: shop) : nil
      try workload.prepare(place, bytes: Self.bytes)
      let watch = Stopwatch()
      // What the first command and the first transfer leave of their own stays.
      _ = try place.alice.ssh(place.code, ["true"])
      _ = try place.alice.sftp(place.code, "get \(place.machine)/in \(place.desk)/out")
      let traces = try Traces(place)
      let salt = workload.hashValueForDice * 4 + (Victim.allCases.firstIndex(of: victim) ?? 0)
      var scene = Scene(
        place: place, proxy: proxy, state: state, workload: workload, victim: victim, target: target, traces: traces,
        agent: place.agent, code: place.code, dice: Dice(salt: salt), watch: watch)
      do {
        for _ in 0..<Self.runs { try scene.run() }
        // Nothing is open but the session: as many descriptors as in the beginning, and no process.
        try traces.expectNoChild(of: scene.agent)
        try traces.expectNoDescriptors(agent: scene.agent)
        let total = scene.watch.seconds
        let bill = try shop.close(by: place.alice)
        print(
          "\(victim) died \(scene.deaths) times in \(workload): \(total) s, away \(scene.away) s, \(bill.active) s billed"
        )
        let least = scene.busy - scene.slack * Double(scene.deaths)
        #expect(bill.active <= total - scene.away && bill.active >= least, "FIXLINE_SEED=\(scene.dice.seed): \(bill)")
        #expect(try shop.sessions().count == scene.sessions)
        try Traces.expectNoProcess(place)
        try place.prepare("[ -z \"$(ls machine | grep -vx -e in -e out)\" ]; rm -rf machine/*")
      } catch { throw Failure("FIXLINE_SEED=\(scene.dice.seed), death \(scene.deaths): \(error)") }
    }
  }
}
