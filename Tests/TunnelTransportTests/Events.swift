import Synchronization

/// What happened, in order, from any thread; and a way to wait until it satisfies somebody.
final class Events<Element: Sendable>: Sendable {
  private struct Waiter {
    let isSatisfied: @Sendable ([Element]) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var all: [Element] = []
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())

  func add(_ element: Element) {
    let satisfied = state.withLock { state in
      state.all.append(element)
      let satisfied = state.waiters.filter { $0.isSatisfied(state.all) }
      state.waiters.removeAll { $0.isSatisfied(state.all) }
      return satisfied
    }
    for waiter in satisfied { waiter.continuation.resume() }
  }

  var all: [Element] { state.withLock { $0.all } }

  /// Returns as soon as everything that has happened satisfies `condition`. The test's time limit bounds the wait.
  @discardableResult
  func wait(until condition: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
    await withCheckedContinuation { continuation in
      let isSatisfied = state.withLock { state in
        if condition(state.all) { return true }
        state.waiters.append(Waiter(isSatisfied: condition, continuation: continuation))
        return false
      }
      if isSatisfied { continuation.resume() }
    }
    return all
  }
}
