import Foundation

/// Runs `body` beside the test on a thread of its own: what spins until the test is over must not take a thread of the
/// tests' pool, where the test itself might be waiting for one.
final class OwnThread: Sendable {
  private let end = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    Thread.detachNewThread { [end] in
      body()
      end.signal()
    }
  }

  /// Comes back when it has ended.
  func join() { end.wait() }
}
