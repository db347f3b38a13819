import SessionModel
import Signing

/// A technician at his terminal: asks the customer for the code, opens channels, types, waits, loses his own connection,
/// comes back with the same line, and closes the session, or forgets to.
final class Technician {
  /// What a technician's last visit, when all is calm, downloads in bytes.
  static let lastDownload = 30_000

  private let world: World
  private let house: Int
  private let key: Fingerprint
  private var chance: Chance
  private var code: JoinCode?
  /// Opened nothing when he tried it.
  private var useless: JoinCode?
  private var channels: [TechnicianChannel] = []
  private var opened: UInt64 = 0
  private var last: TechnicianChannel?
  /// The last visit is over, and was as it should be.
  private(set) var isDone = false

  init(world: World, house: Int, chance: Chance) {
    self.world = world
    self.house = house
    self.chance = chance
    key = SHA256.hash([UInt8(house), 77])
  }

  func start() { world.timeline.after(milliseconds: 1000) { [self] in act() } }

  private var open: [TechnicianChannel] { channels.filter { !$0.isOver } }

  private func act() {
    guard !world.isCalm else { return }
    guard !world.relayHost.isAsleep else {
      world.timeline.after(milliseconds: 500) { [self] in act() }
      return
    }
    channels = open
    let pause: ClosedRange<Int64>
    switch chance.number(0...20) {
    case _ where channels.isEmpty: pause = visit(chance.pick([.shell, .shell, someDownload, someUpload]))
    case 0...9: pause = type(chance.pick([1, 1, 20, 3000]))
    case 10...11 where channels.count < 4: pause = visit(chance.pick([.shell, someDownload, someUpload]))
    case 12: pause = leave(orderly: true)
    case 13: pause = leave(orderly: false)
    case 14: pause = 5000...30_000
    case 15 where chance.oneIn(3): pause = close()
    default: pause = 300...4000
    }
    world.timeline.after(milliseconds: chance.milliseconds(pause)) { [self] in act() }
  }

  private var someDownload: TechnicianChannel.Work { .download(chance.pick([0, 1, 5000, 70_000, 300_000])) }
  private var someUpload: TechnicianChannel.Work { .upload(chance.pick([0, 1, 5000, 70_000, 200_000])) }

  /// Opens a channel, as a line of ssh does.
  private func visit(_ work: TechnicianChannel.Work) -> ClosedRange<Int64> {
    guard let relay = world.answeringRelay, let code = code ?? world.houses[house].agent?.code, code != useless else {
      self.code = nil
      return 2000...5000
    }
    opened += 1
    let channel = TechnicianChannel(
      key: UInt64(house + 1) << 32 | opened, work: work, technicianKey: key, trace: world.trace)
    self.code = code
    if let refusal = relay.request(channel, code: code) {
      world.trace.note("ssh-refused", "\(code): \(refusal)")
      // He asks the customer again, and does not try what did not work: that would lock him out.
      if refusal == SimulatedRelay.unknownCode { useless = code }
      self.code = nil
      return 2000...6000
    }
    world.trace.note("ssh", "\(channel.key) \(work) in \(channel.session?.rawValue ?? "?")")
    channels.append(channel)
    return 300...4000
  }

  private func type(_ bytes: Int) -> ClosedRange<Int64> {
    guard let channel = channels.first(where: { $0.isShell }) ?? channels.first else { return 300...1000 }
    if channel.isShell {
      channel.type(bytes)
      world.answeringRelay?.typed(channel)
    }
    return 100...3000
  }

  private func leave(orderly: Bool) -> ClosedRange<Int64> {
    if orderly {
      if let channel = channels.last { world.answeringRelay?.left(channel, orderly: true) }
    } else {
      // His connection broke, and with it all he had.
      for channel in channels { world.answeringRelay?.left(channel, orderly: false) }
    }
    return 500...6000
  }

  private func close() -> ClosedRange<Int64> {
    if let id = channels.first?.session { world.answeringRelay?.closeSession(id) }
    code = nil
    return 1000...4000
  }

  // MARK: The last visit

  /// No more faults come: he lets what runs come to its end, then comes once more.
  func finish() { world.timeline.after(milliseconds: chance.milliseconds(0...20_000)) { [self] in windUp() } }

  private func windUp() {
    let shells = open.filter(\.isShell)
    for shell in shells { world.answeringRelay?.left(shell, orderly: chance.oneIn(2)) }
    guard open.isEmpty else {
      world.timeline.after(milliseconds: 2000) { [self] in windUp() }
      return
    }
    lastVisit()
  }

  private func lastVisit() {
    if last?.ending == .finished {
      if let id = last?.session { world.answeringRelay?.closeSession(id) }
      world.trace.note("last-visit")
      isDone = true
      return
    }
    if last == nil || last?.isOver == true {
      last = nil
      if visit(.download(Self.lastDownload)).lowerBound == 300 { last = channels.last }
    }
    world.timeline.after(milliseconds: 3000) { [self] in lastVisit() }
  }

  /// Every channel he ever had is over or was carried by what is no more.
  var openChannels: Int { open.count }

  var byteFault: String? { channels.compactMap(\.fault).first }
}
