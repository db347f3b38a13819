import NIOCore
import Synchronization

/// Lines on their way from the event loop to standard output, which may be a terminal that stands still (Ctrl-S) or a
/// pipe nobody reads: the main thread writes and may wait, the loop never does.
final class OutputQueue: Sendable {
  /// Lines waiting, at most. What is over is left out and counted.
  static let maximumLines = 4_096
  /// How long the end of the program waits for the main thread to write what is left, in milliseconds.
  static let finishGraceMilliseconds: Int64 = 2_000

  /// How the program ends.
  struct Ending: Hashable, Sendable {
    var code: ExitCode
    /// For standard error.
    var line: String?
  }

  /// What there is to write.
  struct Batch: Sendable {
    var lines: [String] = []
    /// Lines left out before these.
    var leftOut = 0
    /// Nothing comes after this batch.
    var ending: Ending?
    /// The status line is another, or has to be written again.
    var hasNewStatus = false

    var isEmpty: Bool { lines.isEmpty && ending == nil && !hasNewStatus }
  }

  private struct State {
    var batch = Batch()
    var status = StatusLine()
    var waiter: EventLoopPromise<Batch>?
    /// For whoever waits until everything is written.
    var idle: EventLoopPromise<Void>?
  }

  private let loop: any EventLoop
  private let state = Mutex(State())

  init(loop: any EventLoop) { self.loop = loop }

  /// A line, or several with line feeds between them.
  func say(_ text: String) {
    deliver { state in
      if state.batch.lines.count < Self.maximumLines {
        state.batch.lines.append(text)
      } else {
        state.batch.leftOut += 1
      }
    }
  }

  /// The last thing said. Only the first call counts.
  func finish(_ ending: Ending) {
    deliver { state in
      if state.batch.ending == nil { state.batch.ending = ending }
    }
  }

  /// What there is, as soon as there is something. For one caller at a time.
  func next() -> EventLoopFuture<Batch> {
    let promise = loop.makePromise(of: Batch.self)
    let (ready, idle) = state.withLock { state -> (Batch?, EventLoopPromise<Void>?) in
      var idle: EventLoopPromise<Void>?
      if state.batch.isEmpty || state.batch.ending != nil { swap(&idle, &state.idle) }
      guard !state.batch.isEmpty else {
        state.waiter = promise
        return (nil, idle)
      }
      defer { state.batch = Batch() }
      return (state.batch, idle)
    }
    if let ready { promise.succeed(ready) }
    idle?.succeed()
    return promise.futureResult
  }

  /// Whether everything that was said is written. Until something is said again nobody but the caller writes on the terminal.
  var isIdle: Bool { state.withLock { $0.waiter != nil } }

  /// Done when it is idle once, or the program ends.
  func whenIdle() -> EventLoopFuture<Void> {
    state.withLock { state in
      if state.waiter != nil { return loop.makeSucceededVoidFuture() }
      let promise = state.idle ?? loop.makePromise(of: Void.self)
      state.idle = promise
      return promise.futureResult
    }
  }

  // MARK: - The status line

  /// The line to stand below everything said; nil for none.
  func setStatus(_ text: String?) { changeStatus { $0.set(text) } }

  /// Something else is about to write on the terminal: no status line is written or erased until ``releaseStatus()``.
  /// - Returns: what erases the one that stands there.
  func holdStatus() -> String { state.withLock { $0.status.hold() } }

  /// The terminal is free again.
  func releaseStatus() { changeStatus { $0.release() } }

  /// For whoever writes: what takes the status line away before something is said.
  func eraseStatus() -> String { state.withLock { $0.status.erase() } }

  /// For whoever writes: what brings the status line up to date behind everything said.
  func paintStatus() -> String { state.withLock { $0.status.paint() } }

  private func changeStatus(_ change: (inout StatusLine) -> Bool) {
    deliver { state in
      if change(&state.status) { state.batch.hasNewStatus = true }
    }
  }

  private func deliver(_ change: (inout State) -> Void) {
    let woken = state.withLock { state -> (EventLoopPromise<Batch>, Batch)? in
      change(&state)
      guard let waiter = state.waiter, !state.batch.isEmpty else { return nil }
      defer { (state.waiter, state.batch) = (nil, Batch()) }
      return (waiter, state.batch)
    }
    if let (waiter, batch) = woken { waiter.succeed(batch) }
  }
}
