import NIOCore
import SessionModel

/// What goes wrong in a world, and when.
final class Troubles {
  private let world: World
  private var chance: Chance
  private var strangers: [Stranger] = []

  init(world: World, chance: Chance) {
    self.world = world
    self.chance = chance
  }

  func start() { plan() }

  private func plan() {
    world.timeline.after(milliseconds: chance.milliseconds(world.settings.faultGap)) { [self] in
      guard !world.isCalm else { return }
      let fault = chance.pick(world.settings.faults)
      world.trace.note("fault-\(fault.rawValue)")
      happen(fault)
      plan()
    }
  }

  /// Everything is well from now on.
  func end() {
    world.disk.health = .sound
    world.network.unreachableUntil = 0
  }

  private func someConnection() -> Connection? {
    let live = world.network.connections.filter { $0.isOpen(for: .agent) || $0.isOpen(for: .relay) }
    return live.isEmpty ? nil : chance.pick(live)
  }

  private func notice() -> Int64? { chance.oneIn(3) ? nil : chance.milliseconds(0...3000) }

  private func happen(_ fault: Settings.Fault) {
    let later = world.timeline.now
    let house = chance.number(0...world.houses.count - 1)
    switch fault {
    case .cut:
      if let connection = someConnection() {
        world.network.sever(connection, agentNotices: notice(), relayNotices: notice())
      }
    case .cutAtByte:
      someConnection()?.cut(afterBytes: chance.pick([1, 17, 300, 5000, 60_000]), from: someSide())
    case .halfOpen:
      if let connection = someConnection() { world.network.sever(connection, agentNotices: nil, relayNotices: nil) }
    case .stall:
      someConnection()?.stall(someSide(), until: later + chance.milliseconds(500...20_000) * 1_000_000)
    case .unreachable:
      world.network.unreachableUntil = later + chance.milliseconds(1000...40_000) * 1_000_000
      if let connection = someConnection() {
        world.network.sever(connection, agentNotices: notice(), relayNotices: notice())
      }
    case .relayCrash: world.relay?.process.die(within: chance.number(0...40))
    case .relayCrashInWrite: if world.relay != nil { world.disk.dieWithin(writes: chance.number(0...3)) }
    case .relayReboot:
      guard let relay = world.relay else { return }
      for connection in world.network.connections {
        world.network.sever(connection, agentNotices: notice(), relayNotices: nil)
      }
      relay.process.die()
      let origin = chance.milliseconds(1...1_000_000) * 1_000_000
      world.timeline.at(later) { [self] in world.relayHost.reboot(origin: origin) }
    case .agentCrash: world.houses[house].agent?.process.die(within: chance.number(0...20))
    case .diskFull, .failingSync:
      world.disk.health = fault == .diskFull ? chance.pick([.full, .readOnly]) : .failingSync
      world.timeline.after(milliseconds: chance.milliseconds(500...15_000)) { [self] in world.disk.health = .sound }
    case .wallJump: world.relayHost.wallOrigin += chance.milliseconds(-86_400_000...86_400_000)
    case .relaySleep: world.relaySleeps(milliseconds: chance.milliseconds(11_000...30_000))
    case .agentSleep: world.houses[house].host.sleep(milliseconds: chance.milliseconds(500...30_000))
    case .duplicateDial:
      // The agent believes its connection gone; what it had sent on it is still on the way, and comes late.
      guard let tunnel = world.houses[house].agent?.tunnel, let connection = tunnel.connection else { return }
      connection.stall(.agent, until: later + chance.milliseconds(500...8000) * 1_000_000)
      tunnel.pump()
      connection.close(from: .agent)
      tunnel.cut()
    case .lateConnection: world.network.slowDials += 1
    case .stranger:
      guard let agent = world.houses[house].agent else { return }
      let stranger = Stranger(world: world, victim: agent, chance: chance.fork())
      strangers.append(stranger)
      stranger.dial()
    }
  }

  private func someSide() -> Side { chance.oneIn(2) ? .agent : .relay }
}
