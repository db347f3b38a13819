import NIOCore
import SessionModel
import Testing

@testable import TunnelProtocol

/// Two ends on a line in virtual time.
@Suite struct SimulationTests {
  static let gigabit = Line.symmetric(roundTripMilliseconds: 100, megabitsPerSecond: 1000)
  static let frameOverhead = TunnelLimits.frameCostBytes

  @Test func `100 ms times 1 Gbit per second reaches nine tenths of the line`() throws {
    for fromAgent in [true, false] {
      let simulation = Simulation(line: Self.gigabit)
      let stream = try simulation.openStream()
      let writer = fromAgent ? simulation.agent : simulation.relay
      let reader = fromAgent ? simulation.relay : simulation.agent
      writer.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
      simulation.run(milliseconds: 2000)
      let before = reader.received[stream] ?? 0
      simulation.run(milliseconds: 2000)
      let bytes = (reader.received[stream] ?? 0) - before
      #expect(Int64(bytes) * 10 >= 2 * Self.gigabit.bytesPerSecond * 9, "\(bytes / 2) bytes per second")
      // And it got there soon: half of the line's bytes in the first two seconds, doubling from 256 KiB.
      #expect(Int64(before) >= Self.gigabit.bytesPerSecond)
      #expect(writer.machine.retainedBytes <= writer.machine.limits.retainedBytes)
    }
  }

  @Test func `a short fast line is filled too`() throws {
    let line = Line.symmetric(roundTripMilliseconds: 1, megabitsPerSecond: 1000)
    let simulation = Simulation(line: line)
    let stream = try simulation.openStream()
    simulation.agent.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    simulation.run(milliseconds: 500)
    let before = simulation.relay.received[stream] ?? 0
    simulation.run(milliseconds: 500)
    let bytes = (simulation.relay.received[stream] ?? 0) - before
    #expect(Int64(bytes) * 20 >= line.bytesPerSecond * 9)
  }

  @Test func `a slow reader's window stays small`() throws {
    let simulation = Simulation(line: Self.gigabit)
    simulation.relay.defaultPace = .bytesPerSecond(500_000)
    let stream = try simulation.openStream()
    simulation.agent.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    simulation.run(milliseconds: 10_000)
    #expect((simulation.relay.readers[stream]?.taken ?? 0) >= 4_500_000)
    #expect(simulation.relay.mostHeld <= TunnelLimits.standard.initialWindowBytes)
  }

  @Test func `a slow line does not fill up with data that waits`() throws {
    let line = Line.symmetric(roundTripMilliseconds: 40, megabitsPerSecond: 10)
    let simulation = Simulation(line: line)
    let stream = try simulation.openStream()
    simulation.agent.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    simulation.run(milliseconds: 20_000)
    let window = simulation.relay.machine.table.read(stream) { $0.window.size }
    #expect(window == TunnelLimits.standard.initialWindowBytes)
    #expect(Int64(simulation.relay.received[stream] ?? 0) >= line.bytesPerSecond * 18)
  }

  @Test func `a reader that stalls holds its window at most, and another stream does not notice`() throws {
    let line = Line.symmetric(roundTripMilliseconds: 20, megabitsPerSecond: 1000)
    let simulation = Simulation(line: line)
    let stalled = try simulation.openStream()
    simulation.agent.writers[stalled] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    simulation.run(milliseconds: 2000)
    simulation.relay.readers[stalled]?.pace = .stalled
    simulation.run(milliseconds: 2000)
    let bound = TunnelLimits.standard.maximumWindowBytes
    #expect(simulation.relay.mostHeld <= bound)
    #expect(simulation.relay.mostHeld > 1_000_000)
    let held = simulation.relay.mostHeld
    #expect(simulation.agent.machine.sendRoom(stalled) == 0)
    #expect(simulation.agent.machine.retainedBytes == 0)

    let other = try simulation.openStream()
    simulation.agent.writers[other] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    simulation.run(milliseconds: 1000)
    let before = simulation.relay.received[other] ?? 0
    simulation.run(milliseconds: 1000)
    let bytes = (simulation.relay.received[other] ?? 0) - before
    #expect(Int64(bytes) * 10 >= line.bytesPerSecond * 9)
    #expect(simulation.relay.readers[stalled]?.held == held)

    // It goes on where it stopped, byte for byte.
    simulation.relay.readers[stalled]?.pace = .atOnce
    simulation.agent.writers[other] = nil
    simulation.run(milliseconds: 1000)
    let more = (simulation.relay.received[stalled] ?? 0) - (simulation.relay.readers[stalled]?.taken ?? 0)
    #expect(more == 0)
    #expect(simulation.relay.fault == nil && simulation.agent.fault == nil)
  }

  @Test func `ten readers that stall after they grew hold the tunnel's share at most`() throws {
    let simulation = Simulation(line: Self.gigabit)
    simulation.checksBytes = false
    var streams: [StreamID] = []
    for _ in 0..<10 {
      // One after the other, so that each has the line to itself and grows as far as it can.
      let stream = try simulation.openStream()
      simulation.agent.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
      simulation.run(milliseconds: 1500)
      simulation.relay.readers[stream]?.pace = .stalled
      streams.append(stream)
    }
    simulation.run(milliseconds: 1000)
    let limits = TunnelLimits.standard
    let cap = limits.tunnelWindowBytes + streams.count * limits.floorWindowBytes
    #expect(simulation.relay.mostHeld <= cap, "\(simulation.relay.mostHeld) bytes held")
    // Up to a quarter of each window had been read and not given back yet.
    #expect(simulation.relay.mostHeld > limits.tunnelWindowBytes * 3 / 4)
    #expect(simulation.relay.machine.share.used <= limits.tunnelWindowBytes)
    for stream in streams {
      #expect((simulation.relay.readers[stream]?.held ?? 0) >= limits.floorWindowBytes * 3 / 4 - 64)
    }

    // An eleventh still works.
    let other = try simulation.openStream()
    simulation.agent.writers[other] = SimulatedEnd.Writer(remaining: 1_000_000, closes: true)
    simulation.run(milliseconds: 5000)
    #expect(simulation.relay.received[other] == 1_000_000)
  }

  @Test func `who types never waits behind downloads`() throws {
    let line = Line.symmetric(roundTripMilliseconds: 20, megabitsPerSecond: 100)
    let simulation = Simulation(line: line)
    simulation.agent.line.bufferBytes = 65_536
    for _ in 0..<9 {
      let bulk = try simulation.openStream()
      simulation.agent.writers[bulk] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
    }
    let shell = try simulation.openStream()
    simulation.run(milliseconds: 2000)
    var worst: Int64 = 0
    for key in 0..<100 {
      let before = simulation.relay.received[shell] ?? 0
      simulation.agent.machine.send(shell, .standard, Simulation.piece(at: before, atMost: 1))
      let sent = simulation.now
      simulation.run(milliseconds: 200) { (simulation.relay.received[shell] ?? 0) > before }
      #expect((simulation.relay.received[shell] ?? 0) == key + 1)
      worst = max(worst, simulation.now.nanoseconds - sent.nanoseconds)
      simulation.run(milliseconds: 30)
    }
    // One way, the line's buffer, and a frame or two: not nine backlogs.
    let bound = line.latencyNanoseconds + line.nanoseconds(for: 65_536 + 2 * 32_768 + 100)
    #expect(worst <= bound, "\(worst) ns")
  }

  @Test func `downloads share the line evenly`() throws {
    let line = Line.symmetric(roundTripMilliseconds: 20, megabitsPerSecond: 400)
    let simulation = Simulation(line: line)
    simulation.checksBytes = false
    var streams: [StreamID] = []
    for _ in 0..<4 {
      let stream = try simulation.openStream()
      simulation.agent.writers[stream] = SimulatedEnd.Writer(remaining: Int.max, closes: false)
      streams.append(stream)
    }
    simulation.run(milliseconds: 4000)
    let amounts = streams.map { simulation.relay.received[$0] ?? 0 }
    let least = amounts.min() ?? 0
    let most = amounts.max() ?? 0
    #expect(least * 10 >= most * 8, "\(amounts)")
  }

  @Test func `a line that is cut is noticed within 15 s while active, and within 30 s while idle`() throws {
    for (isActive, bound) in [(true, Int64(15_000)), (false, 30_001)] {
      let simulation = Simulation(line: .symmetric(roundTripMilliseconds: 50, megabitsPerSecond: 10))
      simulation.relay.machine.activePinging = isActive
      simulation.run(milliseconds: 7_300)
      simulation.relay.line.isCut = true
      simulation.agent.line.isCut = true
      let cut = simulation.now
      simulation.run(milliseconds: 60_000) { simulation.relay.fault != nil }
      let heard = simulation.relay.machine.lastHeard
      let silence = simulation.now.milliseconds(since: heard)
      #expect(silence >= 15_000 && silence <= bound, "\(silence) ms")
      #expect(heard <= cut.advanced(byMilliseconds: 25))
      #expect(simulation.relay.fault == .deadPeer(afterMilliseconds: silence))
    }
  }

  @Test func `an idle tunnel lives for ever and measures the round trip`() throws {
    let simulation = Simulation(line: .symmetric(roundTripMilliseconds: 80, megabitsPerSecond: 10))
    simulation.run(milliseconds: 3_600_000)
    #expect(simulation.relay.fault == nil && simulation.agent.fault == nil)
    let trip = simulation.relay.machine.roundTripNanoseconds ?? 0
    #expect(trip >= 80_000_000 && trip < 81_000_000)
  }
}
