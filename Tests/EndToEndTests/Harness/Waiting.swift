import Foundation

/// What went wrong in a test's own machinery, or a wait that was not met: one text that says what was seen.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Rung whenever a child of the tests prints, exits or is heard of in any other way, so that waits look again at once.
enum Bell {
  private static let condition = NSCondition()

  /// Wakes everybody who waits.
  static func ring() {
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Returns at the next ring, and at the latest after `longestMilliseconds`: the kernel does not ring for what changes
  /// in /proc or on disk.
  static func wait(longestMilliseconds: Int) {
    condition.lock()
    _ = condition.wait(until: Date(timeIntervalSinceNow: Double(longestMilliseconds) / 1000))
    condition.unlock()
  }
}

/// How often what does not ring is looked at, in milliseconds.
private let glanceMilliseconds = 20

/// Comes back once `condition` holds; throws with what was `seen` when it does not within `limit`.
func waitUntil(
  _ what: String, within limit: Duration = .seconds(20), seen: () -> String = { "" }, _ condition: () throws -> Bool
) throws {
  let end = ContinuousClock.now + limit
  while try !condition() {
    guard ContinuousClock.now < end else { throw Failure("waited \(limit) for \(what). Seen: \(seen())") }
    Bell.wait(longestMilliseconds: glanceMilliseconds)
  }
}

/// Throws when `condition` stops holding at any look within `duration`. For what must *not* happen.
func expectThroughout(_ what: String, for duration: Duration, _ condition: () throws -> Bool) throws {
  let end = ContinuousClock.now + duration
  while ContinuousClock.now < end {
    guard try condition() else { throw Failure("did not stay so: \(what)") }
    Bell.wait(longestMilliseconds: glanceMilliseconds)
  }
}
