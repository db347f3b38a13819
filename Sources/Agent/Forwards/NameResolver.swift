import NIOCore
import NIOPosix

/// Looks names up off the event loop: so many at once, so many waiting, each within a time. On the event loop.
///
/// ```
///   waiting ──a thread is free──▶ running ──answer──▶ (gone)
///      │ cancel, time is up          │ cancel, time is up
///      ▼                             ▼
///    (gone)                       abandoned ──answer──▶ (gone): only then is its thread free
/// ```
/// No system call looks a name up that could be called off; so the threads are few and bounded, and theirs alone.
final class NameResolver {
  /// Blocks until it knows. Gives at most `limit` addresses.
  typealias Lookup =
    @Sendable (_ host: String, _ port: UInt16, _ limit: Int) throws(LookupFailure) -> [SocketAddress]
  typealias Answer = (Result<[SocketAddress], LookupFailure>) -> Void

  /// A question, to call it off with.
  struct Request: Hashable {
    fileprivate let number: Int
  }

  private struct Waiting {
    let request: Request
    let host: String
    let port: UInt16
  }

  private struct Asked {
    let answer: Answer
    let timer: Scheduled<Void>
  }

  private let limits: ForwardLimits
  private let loop: any EventLoop
  private let lookup: Lookup
  /// Made with the first look-up: a session without names to look up has no such threads.
  private var pool: NIOThreadPool?
  private var lastNumber = 0
  private var waiting: CircularBuffer<Waiting> = []
  /// Those somebody waits for, running or not.
  private var asked: [Request: Asked] = [:]
  /// Threads in use.
  private(set) var running = 0

  init(limits: ForwardLimits, loop: any EventLoop, lookup: @escaping Lookup) {
    self.limits = limits
    self.loop = loop
    self.lookup = lookup
  }

  /// Asks for the addresses of a name; `answer` is called once, unless the question is called off, and not before this
  /// has returned. Nil when too many wait.
  func resolve(_ host: String, port: UInt16, answer: @escaping Answer) -> Request? {
    guard waiting.count < limits.waitingLookups else { return nil }
    lastNumber += 1
    let request = Request(number: lastNumber)
    let limit = limits.lookupMilliseconds
    let timer = loop.assumeIsolated().scheduleTask(in: .milliseconds(limit)) { [weak self] () -> Void in
      self?.answer(request, .failure(.timedOut(milliseconds: limit)))
    }
    asked[request] = Asked(answer: answer, timer: timer)
    waiting.append(Waiting(request: request, host: host, port: port))
    startWaiting()
    return request
  }

  /// Nobody waits for the answer any more.
  func cancel(_ request: Request) {
    asked.removeValue(forKey: request)?.timer.cancel()
    waiting.removeAll { $0.request == request }
  }

  /// Hands its threads over, to be ended when they have nothing to do any more. A program that exits need not.
  func giveUpThreads() -> NIOThreadPool? {
    defer { pool = nil }
    return pool
  }

  private func answer(_ request: Request, _ result: Result<[SocketAddress], LookupFailure>) {
    guard let asked = asked[request] else { return }
    cancel(request)
    asked.answer(result)
  }

  private func startWaiting() {
    while running < limits.lookupsAtOnce, let next = waiting.popFirst() {
      running += 1
      let bound = NIOLoopBound(self, eventLoop: loop)
      let (loop, lookup, limit) = (loop, lookup, limits.maximumAddresses)
      threads().submit { state in
        let result = Self.run(state) { () throws(LookupFailure) in try lookup(next.host, next.port, limit) }
        loop.execute { bound.value.finished(next.request, result) }
      }
    }
  }

  private static func run(
    _ state: NIOThreadPool.WorkItemState, _ body: () throws(LookupFailure) -> [SocketAddress]
  ) -> Result<[SocketAddress], LookupFailure> {
    switch state {
    case .cancelled: return .failure(.unable)
    case .active:
      do throws(LookupFailure) {
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }
  }

  private func finished(_ request: Request, _ result: Result<[SocketAddress], LookupFailure>) {
    running -= 1
    answer(request, result)
    startWaiting()
  }

  private func threads() -> NIOThreadPool {
    if let pool { return pool }
    let pool = NIOThreadPool(numberOfThreads: limits.lookupsAtOnce)
    pool.start()
    self.pool = pool
    return pool
  }
}
