import Synchronization

/// What happened, in order, from any thread; and a way to wait until it satisfies somebody.
public final class Events<Element: Sendable>: Sendable {
  private struct Waiter {
    let number: Int
    let isSatisfied: @Sendable ([Element]) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var all: [Element] = []
    var waiters: [Waiter] = []
    var lastNumber = 0
  }

  private let state = Mutex(State())

  /// Nothing has happened yet.
  public init() {}

  /// Something happened; whoever waits for it goes on.
  public func add(_ element: Element) {
    let satisfied = state.withLock { state in
      state.all.append(element)
      let satisfied = state.waiters.filter { $0.isSatisfied(state.all) }
      state.waiters.removeAll { $0.isSatisfied(state.all) }
      return satisfied
    }
    for waiter in satisfied { waiter.continuation.resume() }
  }

  /// What has happened so far.
  public var all: [Element] { state.withLock { $0.all } }

  /// Returns as soon as everything that has happened satisfies `condition`, or when the test's time limit is over.
  @discardableResult
  public func wait(until condition: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if condition(state.all) || Task.isCancelled { return true }
          state.waiters.append(Waiter(number: number, isSatisfied: condition, continuation: continuation))
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume()
    }
    return all
  }
}
