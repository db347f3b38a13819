import Testing

/// Rules of the product, each broken on purpose: the simulation that stays silent about one of these is worth nothing.
///
/// | rule that is broken | seed | what notices |
/// |---|---|---|
/// | a resumed tunnel sends again from one frame too late | 3 | an honest peer finds a frame out of order |
/// | RESUME acknowledges a frame before it was delivered | 3 | an honest peer finds an acknowledgement out of turn |
/// | at a cut the meter counts to now, not to when the agent was last heard | 3 | more is billed than the stopwatch has |
/// | what stops the clock counts to now | 14 | the same |
/// | only a tick looks whether the relay was asleep, not what is told before it | 266 | the same |
/// | the ledger says that an entry is durable before its commit | 1 | an acknowledged entry is gone after a crash |
///
/// `FIXLINE_BROKEN=1` looks for such seeds again, after a change of the simulation.
@Suite struct BrokenRulesTests {
  struct Mutation: CustomTestStringConvertible, Sendable {
    let rule: Rule
    /// A world that notices.
    let seed: UInt64
    /// Part of what it says.
    let says: String
    var testDescription: String { rule.rawValue }
  }

  static let mutations = [
    Mutation(rule: .resendOffByOne, seed: 3, says: "the peer sent frame"),
    Mutation(rule: .acknowledgeBeforeDelivery, seed: 3, says: "out of turn"),
    Mutation(rule: .meterCountsToNow, seed: 3, says: "is billed"),
    Mutation(rule: .stopsCountToNow, seed: 14, says: "is billed"),
    Mutation(rule: .onlyTicksCompareClocks, seed: 266, says: "is billed"),
    Mutation(rule: .acknowledgedBeforeCommit, seed: 1, says: "an acknowledged entry is gone"),
  ]

  @Test(arguments: mutations)
  func `a broken rule is noticed`(_ mutation: Mutation) throws {
    let failure = try World(Settings(seed: mutation.seed), rules: [mutation.rule]).run()
    #expect(failure?.contains(mutation.says) == true, "seed \(mutation.seed) says: \(failure ?? "nothing")")
  }

  @Test func `every rule that can be broken is`() {
    #expect(Set(Self.mutations.map(\.rule)) == Set(Rule.allCases))
  }

  /// For whoever changes the simulation: which seeds notice which broken rule now.
  @Test(.enabled(if: Seeds.isSearching))
  func `search for seeds that notice`() throws {
    for rule in Rule.allCases {
      var found: [String] = []
      for seed in 1...Seeds.count where found.isEmpty {
        if let failure = try World(Settings(seed: seed), rules: [rule]).run() { found.append("\(seed): \(failure)") }
      }
      print("\(rule.rawValue): \(found.joined(separator: " | "))")
    }
  }
}
