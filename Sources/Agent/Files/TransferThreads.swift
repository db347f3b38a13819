import NIOCore
import NIOPosix
import Synchronization

/// The threads of one file transfer, started as they are needed, ended with it. They are its own: a disk that stalls holds
/// those that wait for it, for as long as it likes, and nobody else's transfer waits with them.
///
/// ```
///            submit                     work is done
///   idle ───────────▶ working(thread) ─────────────────▶ idle, or the next of what waits
///     │                                                     │
///     └───────────────── end ──────▶ gone ◀── end came ─────┘
/// ```
final class TransferThreads: Sendable {
  typealias Work = @Sendable () -> Void

  private struct State {
    /// Threads made so far; those of them that have nothing to do, the one that worked last being last.
    var made: [NIOThreadPool] = []
    var idle: [Int] = []
    /// Work that waits for a thread.
    var waiting: CircularBuffer<Work> = []
    var isEnding = false
    var gone = 0
    var isReported = false
  }

  private let limit: Int
  private let state = Mutex(State())
  private let allGone: @Sendable () -> Void

  /// No thread is started yet. `allGone` is called on any thread, once, when the last one has nothing to do after ``end(_:)``.
  init(limit: Int, allGone: @escaping @Sendable () -> Void) {
    self.limit = limit
    self.allGone = allGone
  }

  /// Does `work` on a thread: the one that was idle the shortest, whose caches are warm, or a new one.
  func submit(_ work: @escaping Work) {
    let found = state.withLock { state -> (thread: NIOThreadPool, index: Int, isNew: Bool)? in
      if let index = state.idle.popLast() { return (state.made[index], index, false) }
      guard state.made.count < limit else {
        state.waiting.append(work)
        return nil
      }
      let thread = NIOThreadPool(numberOfThreads: 1)
      state.made.append(thread)
      return (thread, state.made.count - 1, true)
    }
    guard let (thread, index, isNew) = found else { return }
    if isNew { thread.start() }
    thread.submit { _ in
      work()
      while let next = self.next(for: index) { next() }
    }
  }

  /// What waits for a thread; nil when nothing does, and the thread is idle or may go.
  private func next(for thread: Int) -> Work? {
    let (work, leaving) = state.withLock { state -> (Work?, NIOThreadPool?) in
      if let work = state.waiting.popFirst() { return (work, nil) }
      if state.isEnding { return (nil, state.made[thread]) }
      state.idle.append(thread)
      return (nil, nil)
    }
    if let leaving { leave([leaving]) }
    return work
  }

  /// Does `last`, if anything, and what waits, then ends the threads. Nothing may be submitted after this.
  func end(_ last: Work?) {
    if let last { submit(last) }
    let idle = state.withLock { state in
      state.isEnding = true
      defer { state.idle = [] }
      return state.idle.map { state.made[$0] }
    }
    leave(idle)
  }

  private func leave(_ threads: [NIOThreadPool]) {
    for thread in threads { thread.shutdownGracefully { _ in } }
    let isLast = state.withLock { state in
      state.gone += threads.count
      guard state.isEnding, state.gone == state.made.count, !state.isReported else { return false }
      state.isReported = true
      return true
    }
    if isLast { allGone() }
  }
}
