import Testing

/// A seed says everything about a world.
@Suite struct DeterminismTests {
  @Test(arguments: [1, 7, 42, 123] as [UInt64])
  func `the same seed lives the same life`(_ seed: UInt64) throws {
    let first = try World(Settings(seed: seed))
    let second = try World(Settings(seed: seed))
    let ends = (first.run(), second.run())
    #expect(ends.0 == ends.1)
    #expect(first.trace.hash == second.trace.hash)
    #expect(first.trace.count == second.trace.count)
    #expect(first.events == second.events)
  }

  @Test func `another seed lives another life`() throws {
    let first = try World(Settings(seed: 1))
    let second = try World(Settings(seed: 2))
    _ = (first.run(), second.run())
    #expect(first.trace.hash != second.trace.hash)
  }

  /// Nothing that can go wrong, and nothing worth going through, is left out of the usual seeds.
  @Test func `the first worlds see every fault and every turn`() throws {
    var seen: Set<String> = []
    let wanted = Set(
      Settings.Fault.allCases.map { "fault-\($0.rawValue)" } + [
        "resumed", "cannot-resume", "handshake-timed-out", "dead-peer", "hello-new-run", "restored", "reconciled",
        "settled", "journal", "woke-up", "stranger", "checkpoint-forged", "confirmed", "refused", "closed",
        "last-visit",
      ])
    for seed in UInt64(1)...120 where !wanted.isSubset(of: seen) {
      let world = try World(Settings(seed: seed))
      _ = world.run()
      seen.formUnion(world.trace.tally.keys)
    }
    #expect(wanted.subtracting(seen).isEmpty)
  }
}
