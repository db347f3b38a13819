import Foundation

/// A value that changes under a lock and can be waited for.
final class Watched<Value: Sendable>: @unchecked Sendable {  // Every access to `value` holds `condition`.
  private let condition = NSCondition()
  private var value: Value

  init(_ value: Value) { self.value = value }

  @discardableResult
  func change<Result>(_ body: (inout Value) -> Result) -> Result {
    condition.lock()
    defer { condition.unlock() }
    defer { condition.broadcast() }
    return body(&value)
  }

  var now: Value {
    condition.lock()
    defer { condition.unlock() }
    return value
  }

  /// Waits until it holds; false when that took too long.
  func wait(seconds: Double = 20, until holds: (Value) -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while !holds(value) {
      if !condition.wait(until: deadline) { return holds(value) }
    }
    return true
  }
}

/// Whether something becomes true within a while, for what cannot be waited for.
func eventually(seconds: Int = 20, _ holds: () throws -> Bool) rethrows -> Bool {
  let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
  while try !holds() {
    if ContinuousClock.now > deadline { return false }
    sched_yield()
  }
  return true
}
