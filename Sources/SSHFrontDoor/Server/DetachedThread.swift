import CLibSSH

/// A thread that nobody joins; who needs to know its end is told by the body itself.
enum DetachedThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread with all signals blocked; false when the system gives none.
  static func start(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
    // The new thread takes over this reference; when there is none it is given back.
    let reference = unsafe Unmanaged.passRetained(Body(body))
    let result = unsafe fixline_ssh_start_thread(
      stackBytes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, reference.toOpaque())
    if result != 0 { unsafe reference.release() }
    return result == 0
  }
}
