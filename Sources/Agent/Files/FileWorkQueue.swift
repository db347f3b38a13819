import Mailbox
import SFTPProtocol
import Synchronization

/// One transfer's work, between its event loop and the threads of ``TransferThreads``. Tasks go in in order; `RequestSchedule`
/// says which may be done at once. What came of them goes into a mailbox, and the loop is woken once for many.
///
/// ```
///   loop ── submit ──▶ schedule ── start ──▶ thread: perform ── post ──▶ mailbox ── drain ──▶ loop
///                         ▲                      │
///                         └────── finish ────────┘
/// ```
final class FileWorkQueue: Sendable {
  /// One more thread is taken when so many tasks wait for each that there is: one thread keeps up with memory, and when a
  /// disk makes it wait, tasks gather.
  static let tasksPerThread = 2
  private struct State {
    var schedule = RequestSchedule<FileTask>()
    var threads = 0
    var isOver = false
  }

  private let state = Mutex(State())
  private let mailbox = Mailbox<FileCompletion>()
  private let threads: TransferThreads
  private let performer: FilePerformer
  /// Wakes the loop; called on any thread.
  private let wake: @Sendable () -> Void

  init(threads: TransferThreads, performer: FilePerformer, wake: @escaping @Sendable () -> Void) {
    self.threads = threads
    self.performer = performer
    self.wake = wake
  }

  /// Behind all others.
  func submit(_ task: FileTask) {
    let needsThread = state.withLock { state in
      state.schedule.add(task, isSharable: task.job.work.isSharable)
      return Self.needsThread(&state)
    }
    if needsThread { runOnThread() }
  }

  /// What was finished since the last time.
  func drain(into completions: inout [FileCompletion]) { mailbox.drain(into: &completions) }

  /// Nothing more is started, copies are broken off, and `resources` are let go of by a thread, since closing can wait for
  /// a disk.
  func end(letGoOf resources: [FileResource?]) {
    performer.stop()
    let dropped = state.withLock { state in
      state.isOver = true
      return state.schedule.removeWaiting()
    }
    let holdsSomething = resources.contains { $0 != nil } || !dropped.isEmpty
    guard holdsSomething else { return threads.end(nil) }
    threads.end { withExtendedLifetime((resources, dropped)) {} }
  }

  /// Counts one more thread where one would find work.
  private static func needsThread(_ state: inout State) -> Bool {
    guard state.schedule.canStart, state.threads < FileWorkers.threadsPerTransfer,
      state.threads == 0 || state.schedule.waitingCount >= tasksPerThread * state.threads
    else { return false }
    state.threads += 1
    return true
  }

  private func runOnThread() { threads.submit { self.run() } }

  private func run() {
    var isFirst = true
    while let task = next(afterOne: !isFirst) {
      isFirst = false
      post(performer.perform(task))
    }
  }

  /// The next task for this thread; nil when there is none, and the thread is no longer counted.
  private func next(afterOne: Bool) -> FileTask? {
    let (task, needsThread) = state.withLock { state -> (FileTask?, Bool) in
      if afterOne { state.schedule.finish() }
      guard !state.isOver, let task = state.schedule.start() else {
        state.threads -= 1
        return (nil, false)
      }
      return (task, Self.needsThread(&state))
    }
    if needsThread { runOnThread() }
    return task
  }

  private func post(_ completion: FileCompletion) {
    if mailbox.post(completion) { wake() }
  }
}
