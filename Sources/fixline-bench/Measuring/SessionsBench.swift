import Foundation

/// What it costs a relay that many sessions are open and at work, while nothing happens but time going by and a line of
/// text now and then.
struct SessionsBench: Sendable {
  /// Between two lines while technicians are at work. Shorter than a checkpoint's interval: each finds new time to state.
  static let pause = Duration.seconds(4)
  /// How long before the first look: every session has its row in the ledger by then, and the log was taken over once.
  static let settling = Duration.seconds(16)
  /// How long after the last line until the last checkpoint has been answered.
  static let calming = Duration.seconds(7)
  /// Checkpoints there have to be, of those there would be at one every five seconds.
  static let leastShare = 0.8
  /// Seconds from one checkpoint of a session to the next.
  static let checkpointSeconds = 5.0

  let crowd: Crowd
  let programs: FixlinePrograms
  let plan: BenchPlan

  /// At work and with twice the text, turn about, so that a machine that slows down or speeds up does it to both; and then
  /// quiet: quiet time is not stated before a byte ends it.
  func load() async throws -> SessionLoad {
    let settled = speaking(every: Self.pause)
    try await Task.sleep(for: plan.sessionSeconds < 10 ? .seconds(plan.sessionSeconds) : Self.settling)
    settled.cancel()
    let before = crowd.ledgerBytes()
    var (atWork, busy): ([SessionLoad.Stretch], [SessionLoad.Stretch]) = ([], [])
    for turn in 0..<plan.sessionTurns {
      if turn.isMultiple(of: 2) { atWork.append(try await watch(speaking: Self.pause)) }
      busy.append(try await watch(speaking: Self.pause / 2))
      if !turn.isMultiple(of: 2) { atWork.append(try await watch(speaking: Self.pause)) }
    }
    let after = crowd.ledgerBytes()
    let active = try await crowd.active(programs)
    guard active == crowd.count else {
      throw BenchFailure("\(active) of \(crowd.count) sessions are active at the end")
    }
    let work = SessionLoad.Stretch(mean: atWork)
    let due = Double(crowd.count) * work.seconds / Self.checkpointSeconds
    guard Double(work.checkpoints) >= due * Self.leastShare else {
      throw BenchFailure("\(work.checkpoints) checkpoints were made where \(Int(due)) are due")
    }
    try await Task.sleep(for: Self.calming)
    var quiet: [SessionLoad.Stretch] = []
    for _ in 0..<plan.sessionTurns { quiet.append(try await watch(speaking: nil)) }
    return SessionLoad(
      sessions: crowd.count, atWork: work, busy: .init(mean: busy), quiet: .init(mean: quiet), ledgerBefore: before,
      ledgerAfter: after)
  }

  private func watch(speaking pause: Duration?) async throws -> SessionLoad.Stretch {
    let speaker = pause.map(speaking(every:))
    defer { speaker?.cancel() }
    let relay = crowd.relay.process
    let told = crowd.told()
    let start = ContinuousClock.now
    let before = (all: relay.cpuSeconds, loops: relay.loopSeconds)
    try await Task.sleep(for: .seconds(plan.sessionSeconds))
    let after = (all: relay.cpuSeconds, loops: relay.loopSeconds)
    let seconds = (ContinuousClock.now - start).inSeconds
    guard let all = before.all, let end = after.all, before.loops.count == 2, after.loops.count == 2 else {
      throw BenchFailure("the relay ended, or has not the two event loops it should have")
    }
    return SessionLoad.Stretch(
      seconds: seconds, whole: (end - all) / seconds, core: (after.loops[0] - before.loops[0]) / seconds,
      tunnels: (after.loops[1] - before.loops[1]) / seconds, checkpoints: crowd.told() - told)
  }

  private func speaking(every pause: Duration) -> Task<Void, any Error> {
    let crowd = crowd
    return Task.detached {
      while !Task.isCancelled {
        try crowd.speak()
        try await Task.sleep(for: pause)
      }
    }
  }
}
