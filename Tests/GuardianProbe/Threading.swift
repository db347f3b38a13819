import Glibc
import Synchronization

/// A second thread, for what the agent does from several.
final class OneThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: pthread_t

  init(_ run: @escaping @Sendable () -> Void) {
    let body = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
    var made = pthread_t()
    let status = unsafe pthread_create(
      &made, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, body)
    Probe.check(status == 0, "a thread could be made")
    thread = made
  }

  func join() { _ = pthread_join(thread, nil) }
}
