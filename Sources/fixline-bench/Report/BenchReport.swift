/// All that a run found.
struct BenchReport: Sendable {
  let machine: MachineFacts
  let plan: BenchPlan
  var results: [ConditionResult] = []
  var stalls: [Stall] = []
  var interruptions: [Interruptions] = []
  var retentions: [Retention] = []
  var load: SessionLoad?
  /// What ended a whole part before its measurements, or in the midst of them.
  var troubles: [String] = []

  /// Every failure with its place; measurements that failed alike share a line.
  var failures: [String] {
    var lines = troubles
    for result in results {
      for setUp in SetUpName.allCases {
        var places: [(line: String, measurements: [String])] = []
        for measurement in Metric.allCases {
          guard let line = result.outcomes[measurement]?[setUp]?.failure else { continue }
          if let place = places.firstIndex(where: { $0.line == line }) {
            places[place].measurements.append(measurement.rawValue)
          } else {
            places.append((line, [measurement.rawValue]))
          }
        }
        lines += places.map {
          "\(setUp.rawValue), \(result.condition.name), \($0.measurements.joined(separator: ", ")): \($0.line)"
        }
      }
    }
    for stall in stalls {
      if case .failure(let failure) = stall.result { lines.append("fixline, \(stall.kind.rawValue): \(failure.line)") }
    }
    for interrupted in interruptions {
      if case .failure(let failure) = interrupted.result {
        lines.append("fixline, \(interrupted.measurement.rawValue) over a line that breaks: \(failure.line)")
      }
    }
    for retention in retentions {
      if case .failure(let failure) = retention.result {
        lines.append("fixline, \(retention.measurement.rawValue) with and without resumption: \(failure.line)")
      }
    }
    return lines
  }

  /// The lines to keep to.
  var acceptance: [Acceptance] { Acceptance.lines(self) }
}
