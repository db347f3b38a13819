import Foundation
import Glibc
import NIOCore
import Testing

/// Somebody dies, or the line does, at a random moment of everything a technician does: what arrives is whole, the record
/// is true, and nothing is left behind.
@Suite("Chaos", .shared) struct ChaosTests {
  /// Who it is.
  enum Victim: String, CaseIterable, Sendable { case relay, agent, ssh, line }

  /// What happens to a line.
  private enum Trouble: CaseIterable { case cut, cutAtAgent, halfClose, stall, trickle, delay }

  /// Deaths in each of the 32 pairs, so that the suite has more than sixty; FIXLINE_CHAOS_RUNS=N for more.
  static let runs = ProcessInfo.processInfo.environment["FIXLINE_CHAOS_RUNS"].flatMap { Int($0) } ?? 2
  /// What a transfer moves, in bytes.
  static let bytes = 8 << 20

  /// One machine's life under one kind of death.
  private struct Scene {
    let place: Place
    let proxy: FaultProxy
    let state: String
    var workload: Workload
    var victim: Victim
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
    /// Sessions that are over, and the last of them.
    var sessions = 0
    var over: String?
    /// What the deaths in it, and the logins of its clients, may have cost of its bill, in seconds.
    var lost = Scene.login
    private static let login = 1.5

    /// The place with the code of now.
    var here: Place { place.with(code: code) }

    /// Bytes to pass before it strikes: somewhere in the work, which for a shell is a few lines.
    mutating func moment() -> Int { dice.roll(1..<(workload == .shell ? 15_000 : ChaosTests.bytes)) }

    private var passed: Int { proxy.counts.bytes.values.reduce(0, +) }

    /// Whether the machine knows of the customer's yes: what dies before it leaves no session to survive (LostAnswerTests).
    private var agreed: Bool {
      let last = agent.events.last { $0["event"]?.string == "session" }
      return last?["state"]?.string != "closed" && last?["session"]?.string != over
    }

    /// Starts the work, lets the victim die in the middle of it, and sees the work through.
    mutating func run() throws {
      try workload.clear(place)
      proxy.delay(.nanoseconds(0))
      let start = passed
      let moment = moment()
      let work = Stopwatch()
      let client = try workload.start(here, target: target)
      // It may be done before: then somebody dies at the end of it, or in idleness.
      try waitUntil("the moment", within: .seconds(30), seen: { client.seen }) {
        agreed && passed - start >= moment || client.exit != nil
      }
      deaths += 1
      lost += slack
      switch victim {
      case .line:
        try disturb()
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
        try hold(bill, against: worked)
        begin(after: bill)
        try repeated()
      }
      try settle()
    }

    /// Something happens to the line that it can survive.
    private mutating func disturb() throws {
      let side = try dice.pick(FaultProxy.Side.allCases)
      func wait() throws {
        try expectThroughout("the line is bad", for: .milliseconds(dice.roll(50..<1000))) { true }
      }
      switch try dice.pick(Trouble.allCases) {
      case .cut: proxy.all(.cut(try dice.pick(FaultProxy.Cut.allCases)))
      case .cutAtAgent: proxy.all(.cut(try dice.pick(FaultProxy.Cut.allCases), at: [.agent]))
      case .halfClose: proxy.all(.halfClose, of: [side])
      case .stall:
        proxy.all(.hold)
        try wait()
        proxy.release()
      case .trickle:
        proxy.portion(1)
        try wait()
        proxy.portion(nil)
      case .delay: proxy.delay(.milliseconds(Int64(dice.roll(1..<50))))
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

    /// Looks at what is left when nothing is open but the session, ends it, and holds the bill against the stopwatch. The
    /// machine then has another code.
    private mutating func settle() throws {
      try traces.expectNoChild(of: agent)
      try traces.expectNoDescriptors(agent: agent)
      let total = watch.seconds
      let bill = try place.shop.close(by: place.alice)
      print("\(victim) in \(workload), death \(deaths): \(total) s, away \(away) s, \(bill.active) s billed")
      try hold(bill, against: total)
      try Traces.expectNoProcess(place)
      begin(after: bill)
      try waitUntil("another code", seen: { agent.child.seen }) {
        let ready = agent.events.last { $0["event"]?.string == "ready" }
        guard let next = ready?["code"]?.string, next != code else { return false }
        code = next
        return true
      }
    }

    /// One session is over, the next is another's affair.
    private mutating func begin(after bill: Bill) {
      sessions += 1
      over = bill.record["id"]?.string
      (watch, away, busy, lost) = (Stopwatch(), 0, 0, Scene.login)
    }

    /// What is left when all is done.
    func end() throws {
      guard try place.shop.sessions().count == sessions else {
        throw Failure("\(try place.shop.sessions().count) sessions instead of \(sessions)")
      }
      // No file but those that were meant.
      try place.prepare("[ -z \"$(ls machine | grep -vx -e in -e out)\" ]")
    }

    /// Never more than was there, and less only by what the deaths may cost.
    private func hold(_ bill: Bill, against total: Double) throws {
      guard bill.active <= total - away, bill.active >= busy - lost else {
        throw Failure("\(total) s, \(away) s away, \(busy) s busy, \(lost) s may be lost: \(bill)")
      }
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

  /// A machine, a technician and their relay, with a session that is open and nothing in it.
  private func scene(_ workload: Workload, _ victim: Victim, salt: Int, _ body: (inout Scene) throws -> Void) throws {
    try withShop { shop in
      let proxy = try FaultProxy(to: shop.relay.tlsPort)
      defer { proxy.close() }
      let state = try shop.scratch.directory("agent-state")
      setMode(state, 0o700)
      let place = try Place(shop, agent: ["--state", state], port: proxy.port)
      let target = try Target(.answer, for: shop)
      try workload.prepare(place, bytes: Self.bytes)
      let watch = Stopwatch()
      // What the first command and the first transfer leave of their own stays.
      _ = try place.alice.ssh(place.code, ["true"])
      _ = try place.alice.sftp(place.code, "get \(place.machine)/in \(place.desk)/out")
      var scene = Scene(
        place: place, proxy: proxy, state: state, workload: workload, victim: victim, target: target,
        traces: try Traces(place), agent: place.agent, code: place.code, dice: Dice(salt: salt), watch: watch)
      do {
        try body(&scene)
        try scene.end()
      } catch {
        throw Failure(
          "FIXLINE_SEED=\(scene.dice.seed), death \(scene.deaths), \(scene.victim) in \(scene.workload): \(error)")
      }
    }
  }

  @Test("whoever dies, whatever is going on", arguments: Victim.allCases, Workload.allCases)
  func anybody(victim: Victim, workload: Workload) throws {
    let salt = workload.hashValueForDice * 4 + (Victim.allCases.firstIndex(of: victim) ?? 0)
    try scene(workload, victim, salt: salt) { scene in
      for _ in 0..<Self.runs { try scene.run() }
    }
  }

  @Test("one after the other, in any order", arguments: 0..<2)
  func everybody(number: Int) throws {
    try scene(.put, .line, salt: 1000 + number) { scene in
      for _ in 0..<(3 * Self.runs) {
        scene.victim = try scene.dice.pick(Victim.allCases)
        scene.workload = try scene.dice.pick(Workload.allCases)
        try scene.run()
      }
    }
  }
}
