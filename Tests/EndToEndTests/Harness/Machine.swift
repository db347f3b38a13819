import Foundation
import Synchronization
import Testing

/// Shares the machine among tests that each start several processes: as many as there are places run at once, in the
/// order they came. A test that measures takes every place.
struct Machine: SuiteTrait, TestTrait, TestScoping {
  /// Tests at once. More than cores, for most of a test is waiting.
  static let places = 4

  let share: Int
  var isRecursive: Bool { true }

  func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    await Places.shared.take(share)
    defer { Places.shared.giveBack(share) }
    try await withTaskExecutorPreference(BlockingThreads.shared) { try await function() }
  }
}

extension Trait where Self == Machine {
  /// Runs beside other end-to-end tests.
  static var shared: Machine { Machine(share: 1) }
  /// Runs with the machine to itself.
  static var alone: Machine { Machine(share: Machine.places) }
}

/// A thread for each piece of a test. Swift's own pool has one a core: tests that wait there for a process would leave
/// nothing for the others, however many places there are.
private final class BlockingThreads: TaskExecutor {
  static let shared = BlockingThreads()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread.detachNewThread { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

private final class Places: Sendable {
  static let shared = Places()

  private struct Waiter {
    let share: Int
    let continuation: CheckedContinuation<Void, Never>
  }
  private struct State {
    var free = Machine.places
    var waiting: [Waiter] = []

    /// Those at the head of the line who fit now.
    mutating func admit() -> [Waiter] {
      var admitted: [Waiter] = []
      while let first = waiting.first, first.share <= free {
        free -= first.share
        admitted.append(waiting.removeFirst())
      }
      return admitted
    }
  }
  private let state = Mutex(State())

  func take(_ share: Int) async {
    await withCheckedContinuation { continuation in
      let admitted = state.withLock { state in
        state.waiting.append(Waiter(share: share, continuation: continuation))
        return state.admit()
      }
      for waiter in admitted { waiter.continuation.resume() }
    }
  }

  func giveBack(_ share: Int) {
    let admitted = state.withLock { state in
      state.free += share
      return state.admit()
    }
    for waiter in admitted { waiter.continuation.resume() }
  }
}
