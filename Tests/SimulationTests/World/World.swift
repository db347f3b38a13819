import Ledger
import Metering
import NIOCore
import SessionModel
import Signing
import TunnelProtocol

@testable import Relay

/// One simulated world: a relay, its disk, one or two agents with their customers, technicians, the network between them, one
/// clock, and everything that can go wrong, all from one seed.
///
/// First there is trouble for a while; nothing false may happen then. After that no more faults come, and everything has to
/// end: links come back, streams and sessions end, and a last visit works.
final class World {
  static let plan = PlanTerms(
    id: "standard", name: "Standard", currency: "EUR",
    json: [
      "id": "standard", "name": "Standard", "currency": "EUR", "rate_per_hour": "60.00", "first": "15m", "then": "5m",
    ])
  /// More events than any world needs: who gets there runs in circles.
  static let maximumEvents = 400_000

  /// What delays a word between relay and agent for longer than ``Metering/AgentMeasure`` reckons with: the one case in which
  /// an honest agent may refuse.
  static let delaying: Set<Settings.Fault> = [.stall, .agentSleep, .relaySleep, .duplicateDial]

  /// A computer with an agent on it.
  struct House {
    let host: Host
    let keys: Keys
    let isLiar: Bool
    var agent: SimulatedAgent?
  }

  let settings: Settings
  let rules: Rules
  let timeline = Timeline()
  let trace: Trace
  let network: Network
  let disk: SimulatedDisk
  let relayKeys: Keys
  let strangerKeys: Keys
  let relayHost: Host
  var publicKeys: [Fingerprint: Ed25519PublicKey] = [:]
  var chance: Chance
  private(set) var relay: SimulatedRelay?
  private(set) var houses: [House] = []
  private(set) var technicians: [Technician] = []
  /// No more faults come.
  private(set) var isCalm = false
  /// The first thing that went wrong with the product.
  private(set) var failure: String?
  private(set) var stopwatches: [SessionID: Stopwatch] = [:]
  private(set) var sessionKeys: [SessionID: Fingerprint] = [:]
  /// The most active time each agent signed for, in milliseconds.
  private(set) var mostSigned: [SessionID: Int64] = [:]
  private(set) var receipts: [SessionID: Int64] = [:]
  /// Sessions with time that their agent did not confirm.
  private(set) var refused: Set<SessionID> = []
  private var runs = 0
  private(set) var events = 0

  init(_ settings: Settings, rules: Rules = []) throws {
    self.settings = settings
    self.rules = rules
    var chance = Chance(seed: settings.seed ^ 0xABCD_EF01)
    trace = Trace(timeline: timeline)
    network = Network(timeline: timeline, trace: trace, line: settings.line, chance: chance.fork())
    guard let disk = SimulatedDisk(chance: chance.fork()) else { throw CannotBuild() }
    self.disk = disk
    if rules.contains(.acknowledgedBeforeCommit) { disk.acknowledgeEarly() }
    relayKeys = try Keys(1)
    strangerKeys = try Keys(2)
    publicKeys[strangerKeys.fingerprint] = strangerKeys.key.publicKey
    relayHost = Host(name: "relay", timeline: timeline, driftPartsPerMillion: 0, origin: 5_000_000_000)
    for number in 0..<settings.agents {
      let keys = try Keys(UInt8(10 + number))
      publicKeys[keys.fingerprint] = keys.key.publicKey
      houses.append(
        House(
          host: Host(
            name: "agent \(number)", timeline: timeline, driftPartsPerMillion: chance.pick([-100, 0, 100]),
            origin: chance.milliseconds(0...1_000_000) * 1_000_000), keys: keys,
          isLiar: settings.hasLiar && number == 1))
    }
    self.chance = chance
    trace.note("world", "\(settings)")
  }

  struct CannotBuild: Error {}

  // MARK: Running

  /// Lives the world's life; what went wrong, or nil.
  func run() -> String? {
    startRelay()
    for number in houses.indices { startAgent(number) }
    for number in houses.indices {
      let technician = Technician(world: self, house: number, chance: chance.fork())
      technicians.append(technician)
      technician.start()
    }
    let troubles = Troubles(world: self, chance: chance.fork())
    troubles.start()
    run(milliseconds: settings.troubleMilliseconds) { false }
    trace.note("calm")
    isCalm = true
    troubles.end()
    network.slowDials = 0
    for technician in technicians { technician.finish() }
    let wait = 4 * settings.session.resumeWindowMilliseconds + 4 * settings.session.mergeGapMilliseconds + 240_000
    run(milliseconds: wait) { self.isOver }
    if failure == nil { failure = Invariants(world: self).unfinished }
    if failure == nil { failure = Invariants(world: self).violated(atEnd: true) }
    return failure
  }

  private func run(milliseconds: Int64, until done: () -> Bool) {
    let end = timeline.now + milliseconds * 1_000_000
    let invariants = Invariants(world: self)
    while failure == nil, timeline.step(until: end) {
      events += 1
      if events % 64 == 0, let found = invariants.exceeded { failed(found) }
      if events % 256 == 0, done() { return }
      if events > Self.maximumEvents { failed("more than \(Self.maximumEvents) events: it runs in circles") }
    }
  }

  /// Every technician has had his last visit, and nothing is left of any.
  private var isOver: Bool {
    technicians.allSatisfy(\.isDone) && Invariants(world: self).unfinished == nil
  }

  func failed(_ reason: String) {
    guard failure == nil else { return }
    trace.note("FAILED", reason)
    failure = reason
  }

  // MARK: Programs

  private func startRelay() {
    runs += 1
    let process = Process(name: "relay", host: relayHost, trace: trace)
    let relay = SimulatedRelay(world: self, process: process, chance: chance.fork())
    process.died = { [self] in relayDied() }
    self.relay = relay
    trace.note("relay-starts")
    relay.start()
  }

  private func relayDied() {
    guard let dead = relay else { return }
    relay = nil
    disk.crash()
    for channel in dead.channels.sorted(by: { $0.key < $1.key }).map(\.value) {
      channel.end(.broken("the relay is gone"))
    }
    for session in dead.sessions.values.sorted(by: { $0.id < $1.id }) {
      for number in session.channels.keys.sorted() { session.channels[number]?.end(.broken("the relay is gone")) }
    }
    for id in stopwatches.keys.sorted() { watch(id) { $0.relayDied(at: relayHost.now) } }
    for connection in network.connections { connection.close(from: .relay) }
    if let found = Invariants(world: self).violated(atEnd: false) { failed(found) }
    timeline.after(milliseconds: chance.milliseconds(200...8000)) { [self] in startRelay() }
  }

  func startAgent(_ number: Int) {
    runs += 1
    let process = Process(name: "agent \(number)", host: houses[number].host, trace: trace)
    let agent = SimulatedAgent(
      world: self, process: process, keys: houses[number].keys, isLiar: houses[number].isLiar, chance: chance.fork())
    process.died = { [self] in
      for connection in network.connections where connection.owner(.agent) === agent { connection.close(from: .agent) }
      houses[number].agent = nil
      timeline.after(milliseconds: chance.milliseconds(500...15_000)) { [self] in startAgent(number) }
    }
    houses[number].agent = agent
    trace.note("agent-starts", "\(number)")
    agent.start()
  }

  /// The relay, when it answers.
  var answeringRelay: SimulatedRelay? { relayHost.isAsleep ? nil : relay }

  func relaySleeps(milliseconds: Int64) {
    for id in stopwatches.keys.sorted() { watch(id) { $0.slept(true, at: relayHost.now) } }
    relayHost.sleep(milliseconds: milliseconds) { [self] in
      for id in stopwatches.keys.sorted() { watch(id) { $0.slept(false, at: relayHost.now) } }
    }
  }

  // MARK: What the world sees

  /// An honest side was told that its peer broke the protocol.
  func honestFault(_ fault: TunnelFault, _ key: Fingerprint?) {
    guard houses.contains(where: { $0.keys.fingerprint == key }) else { return }
    failed("between honest peers: \(fault)")
  }

  func refusal(_ id: SessionID, _ key: Fingerprint, _ what: String) {
    trace.note("refused", what)
    refused.insert(id)
    guard houses.contains(where: { $0.keys.fingerprint == key && !$0.isLiar }) else { return }
    if Self.delaying.isDisjoint(with: settings.faults) { failed("an honest agent refused: \(what)") }
  }

  func isLiar(_ session: SessionID) -> Bool {
    houses.contains { $0.keys.fingerprint == sessionKeys[session] && $0.isLiar }
  }

  func sessionBegan(_ id: SessionID, on key: Fingerprint) {
    sessionKeys[id] = key
    stopwatches[id] = Stopwatch(idleLimitMilliseconds: settings.session.idleLimitMilliseconds, heard: relayHost.now)
  }

  /// Tells the stopwatch of a session what happened.
  func watch(_ id: SessionID, _ body: (inout Stopwatch) -> Void) {
    guard var watch = stopwatches[id] else { return }
    let before = watch.possibleNanoseconds
    body(&watch)
    stopwatches[id] = watch
    if watch.possibleNanoseconds != before {
      trace.note(
        "stopwatch", "\(id) \(watch.certainNanoseconds / 1_000_000)...\(watch.possibleNanoseconds / 1_000_000)")
    }
  }

  func heard(_ key: Fingerprint, isNew: Bool) {
    for id in sessions(of: key) { watch(id) { $0.heard(at: relayHost.now, isNew: isNew) } }
  }

  func linkDown(_ key: Fingerprint) {
    for id in sessions(of: key) { watch(id) { $0.linkDown(at: relayHost.now) } }
  }

  /// Sessions that are not over, in order.
  private func sessions(of key: Fingerprint) -> [SessionID] {
    sessionKeys.filter { $0.value == key && stopwatches[$0.key]?.isClosed == false }.keys.sorted()
  }

  func signed(_ statement: CheckpointStatement) {
    mostSigned[statement.session] = max(mostSigned[statement.session] ?? 0, statement.activeMilliseconds)
  }

  func receipt(_ session: SessionID, activeMilliseconds: Int64) { receipts[session] = activeMilliseconds }
}
