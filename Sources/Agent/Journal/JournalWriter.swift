import NIOCore
import NIOPosix
import Signing
import Synchronization

/// Where a journal is kept. Calls block until what they promise is durable.
protocol JournalStore: Sendable {
  /// Adds at the end. After a failure only ``replace(with:)`` may follow.
  func append(_ bytes: [UInt8]) throws(SigningError)
  /// Replaces the whole.
  func replace(with bytes: [UInt8]) throws(SigningError)
}

extension PrivateLog: JournalStore {}

/// Writes the journal on a thread of its own: a disk that stands still delays no keystroke.
///
/// ```
///            append, replace                     all written
///   idle ───────────────────▶ writing ─────────────────────────▶ idle
///                                │ a write fails
///                                ▼
///                             broken: nothing is appended ──replace──▶ writing
/// ```
final class JournalWriter: Sendable {
  /// Bytes that may wait for the disk to be appended.
  static let maximumWaitingBytes = 256 * 1024

  /// What somebody should hear of the writing; each once, until the other.
  enum News: Equatable, Sendable {
    case failed(SigningError)
    case recovered
  }

  private struct State {
    var replacement: [UInt8]?
    /// Behind the replacement, if there is one.
    var appended: [UInt8] = []
    var isWriting = false
    var isBroken = false
    var hasToldFailure = false
  }

  private let store: any JournalStore
  private let tell: @Sendable (News) -> Void
  private let thread = NIOThreadPool(numberOfThreads: 1)
  private let state = Mutex(State())

  /// Starts the thread. `tell` is called on it.
  init(_ store: any JournalStore, tell: @escaping @Sendable (News) -> Void) {
    self.store = store
    self.tell = tell
    thread.start()
  }

  deinit { thread.shutdownGracefully { _ in } }

  /// Adds `bytes` at the end. False when that cannot be, and the whole has to be given instead: a write has failed, or too
  /// much waits for the disk.
  func append(_ bytes: [UInt8]) -> Bool {
    post { state in
      guard !state.isBroken, state.appended.count + bytes.count <= Self.maximumWaitingBytes else { return false }
      state.appended += bytes
      return true
    }
  }

  /// Replaces the whole by `bytes`; what waited is part of it.
  func replace(with bytes: [UInt8]) {
    _ = post { state in
      state.replacement = bytes
      state.appended = []
      state.isBroken = false
      return true
    }
  }

  /// Succeeds when everything posted before is written, or has failed.
  func flushed(on loop: any EventLoop) -> EventLoopFuture<Void> { thread.runIfActive(eventLoop: loop) {} }

  private func post(_ change: (inout State) -> Bool) -> Bool {
    let (isTaken, isIdle) = state.withLock { state -> (Bool, Bool) in
      guard change(&state) else { return (false, false) }
      defer { state.isWriting = true }
      return (true, !state.isWriting)
    }
    if isIdle { thread.submit { _ in self.writeAll() } }
    return isTaken
  }

  private func writeAll() {
    while let (replacement, appended) = takeWork() {
      do throws(SigningError) {
        if let replacement { try store.replace(with: replacement) }
        if !appended.isEmpty { try store.append(appended) }
        succeeded()
      } catch {
        failed(error)
      }
    }
  }

  private func takeWork() -> (replacement: [UInt8]?, appended: [UInt8])? {
    state.withLock { state in
      guard state.replacement != nil || !state.appended.isEmpty else {
        state.isWriting = false
        return nil
      }
      defer { (state.replacement, state.appended) = (nil, []) }
      return (state.replacement, state.appended)
    }
  }

  private func succeeded() {
    let isNews = state.withLock { state in
      defer { state.hasToldFailure = false }
      return state.hasToldFailure
    }
    if isNews { tell(.recovered) }
  }

  private func failed(_ error: SigningError) {
    let isNews = state.withLock { state in
      if state.replacement == nil {
        state.isBroken = true
        state.appended = []
      }
      defer { state.hasToldFailure = true }
      return !state.hasToldFailure
    }
    if isNews { tell(.failed(error)) }
  }
}
