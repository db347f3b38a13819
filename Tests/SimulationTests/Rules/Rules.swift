/// A rule of the product that a test may break on purpose, to show that the simulation notices.
enum Rule: String, CaseIterable {
  case resendOffByOne
  case acknowledgeBeforeDelivery
  case meterCountsToNow
  case stopsCountToNow
  case onlyTicksCompareClocks
  case acknowledgedBeforeCommit
}

/// The rules that are broken in a world: none, but for the tests of the simulation itself.
typealias Rules = Set<Rule>
