import Metering
import TunnelProtocol

/// Everything about a world that its seed decides before it begins. Each seed has its own mixture: a world that suffers from
/// everything at once hides what one fault alone would show.
struct Settings: CustomStringConvertible {
  /// What can go wrong.
  enum Fault: String, CaseIterable {
    case cut
    case cutAtByte
    case halfOpen
    case stall
    case unreachable
    case relayCrash
    case relayCrashInWrite
    case relayReboot
    case agentCrash
    case diskFull
    case failingSync
    case wallJump
    case relaySleep
    case agentSleep
    case duplicateDial
    case lateConnection
    case stranger
  }

  let seed: UInt64
  let line: Line
  /// The faults of this world, more than once when they are to be frequent.
  let faults: [Fault]
  /// Between two faults, in milliseconds.
  let faultGap: ClosedRange<Int64>
  /// How long things go wrong, in milliseconds; then they have to come to an end.
  let troubleMilliseconds: Int64
  let tunnel: TunnelLimits
  let session: SessionLimits
  let agents: Int
  /// How fast a technician reads, in milliseconds from a byte's arrival.
  let readingDelays: ClosedRange<Int64>
  /// The second agent answers wrongly.
  let hasLiar: Bool

  init(seed: UInt64) {
    var chance = Chance(seed: seed)
    self.seed = seed
    let latency = chance.pick([Int64(200_000), 5_000_000, 20_000_000, 80_000_000])
    line = Line(
      latencyNanoseconds: latency, jitterNanoseconds: chance.pick([0, latency / 4, latency * 2]),
      bytesPerSecond: chance.pick([200_000, 2_000_000, 50_000_000]),
      bufferBytes: chance.pick([8 * 1024, 96 * 1024]), pieceBytes: chance.pick([64, 1500, 1 << 20, 1 << 20]))
    let kinds = chance.number(1...5)
    var faults: [Fault] = []
    for _ in 0..<kinds {
      let fault = chance.pick(Fault.allCases)
      for _ in 0..<chance.number(1...3) { faults.append(fault) }
    }
    self.faults = faults
    faultGap = chance.pick([1000...8000, 3000...20_000, 10_000...40_000])
    troubleMilliseconds = chance.milliseconds(40_000...120_000)
    var tunnel = TunnelLimits.standard
    tunnel.initialWindowBytes = chance.pick([8 * 1024, 64 * 1024])
    tunnel.floorWindowBytes = 4 * 1024
    tunnel.maximumWindowBytes = 256 * 1024
    tunnel.tunnelWindowBytes = 256 * 1024
    tunnel.retainedBytes = chance.pick([64 * 1024, 256 * 1024])
    tunnel.retainedReserveBytes = 64 * 1024
    tunnel.sendBufferBytes = 32 * 1024
    tunnel.acknowledgeBytes = 16 * 1024
    tunnel.deadPeerMilliseconds = chance.pick([5000, 15_000])
    self.tunnel = tunnel
    session = SessionLimits(
      mergeGapMilliseconds: chance.pick([15_000, 40_000]), resumeWindowMilliseconds: chance.pick([25_000, 60_000]),
      idleLimitMilliseconds: chance.pick([20_000, 30_000, 600_000]))
    agents = chance.oneIn(3) ? 2 : 1
    readingDelays = chance.pick([0...0, 0...50, 0...2000])
    hasLiar = agents == 2 && chance.oneIn(2)
  }

  var description: String {
    let names = Set(faults.map(\.rawValue)).sorted().joined(separator: " ")
    return
      "seed \(seed): faults [\(names)] every \(faultGap) ms for \(troubleMilliseconds) ms, latency \(line.latencyNanoseconds / 1000) us, pieces \(line.pieceBytes), agents \(agents), windows \(tunnel.initialWindowBytes)"
  }
}
