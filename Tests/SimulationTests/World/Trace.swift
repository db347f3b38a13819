/// What happened in a world, line by line: a running hash of all of it, and the last lines for whoever has to understand a
/// failure. Two runs of one seed have the same hash.
final class Trace {
  static let linesKept = 120

  private let timeline: Timeline
  private var recent: [String] = []
  private var next = 0
  /// FNV-1a over all lines.
  private(set) var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  private(set) var count = 0
  /// How often each kind of event was noted; what the coverage test looks at.
  private(set) var tally: [String: Int] = [:]

  init(timeline: Timeline) { self.timeline = timeline }

  /// Notes what happened. `kind` is counted, `details` are not.
  func note(_ kind: String, _ details: String = "") {
    tally[kind, default: 0] += 1
    count += 1
    let line = "\(timeline.now / 1000) \(kind) \(details)"
    for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    if recent.count < Self.linesKept {
      recent.append(line)
    } else {
      recent[next] = line
      next = (next + 1) % Self.linesKept
    }
  }

  /// The last lines, oldest first; times in microseconds since the world began.
  var tail: [String] { Array(recent[next...] + recent[..<next]) }
}
